"""Read SONATA results with h5py alone, and say where two of them differ."""

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

SAME_STEP_MS = 1e-6  # both add up the same steps, so a spike of the same step differs by rounding alone


def spikes(path: Path) -> dict[tuple[str, int], np.ndarray]:
    """Return the sorted spike times (ms) of every cell that fired, by population and node id."""
    trains = {}
    with h5py.File(path) as file:
        for population, group in file["spikes"].items():
            ids, times = group["node_ids"][()], group["timestamps"][()]
            for node in np.unique(ids):
                trains[population, int(node)] = np.sort(times[ids == node])
    return trains


def spike_differences(ours: dict, theirs: dict) -> list[str]:
    """Return one line for each cell whose spikes are not the same, to the step."""
    lines = []
    for cell in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(cell, np.array([])), theirs.get(cell, np.array([]))
        if len(mine) != len(other):
            common = min(len(mine), len(other))
            apart = np.flatnonzero(np.abs(mine[:common] - other[:common]) > SAME_STEP_MS)
            first = int(apart[0]) if len(apart) else common
            lines.append(
                f"{cell}: {len(mine)} spikes, peer {len(other)}; first difference at spike {first}: "
                f"{mine[first : first + 1]} against {other[first : first + 1]} ms"
            )
        elif len(mine) and np.abs(mine - other).max() > SAME_STEP_MS:
            at = int(np.argmax(np.abs(mine - other)))
            lines.append(f"{cell}: spike {at} at {mine[at]} ms, peer {other[at]} ms")
    return lines


@dataclass
class Traces:
    """A report: ``time`` (start, stop, step in ms) and of each node its elements and its values (T, elements)."""

    time: tuple[float, float, float]
    elements: dict[int, list[tuple[int, float]]]
    values: dict[int, np.ndarray]


def report(path: Path) -> dict[str, Traces]:
    """Return the traces of each population in a report file."""
    with h5py.File(path) as file:
        return {population: _traces(group) for population, group in file["report"].items()}


def _traces(group: h5py.Group) -> Traces:
    mapping, values = group["mapping"], group["data"][()]
    pointer = mapping["index_pointer"][()].astype(int)
    ids, positions = mapping["element_ids"][()], mapping["element_pos"][()]
    elements, data = {}, {}
    for row, node in enumerate(mapping["node_ids"][()]):
        part = slice(pointer[row], pointer[row + 1])
        elements[int(node)] = list(
            zip(ids[part].tolist(), np.round(positions[part].astype(float), 5).tolist(), strict=True)
        )
        data[int(node)] = values[:, part]
    return Traces(tuple(np.round(mapping["time"][()], 9).tolist()), elements, data)
