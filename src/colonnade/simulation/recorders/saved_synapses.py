"""The synapses of a simulation as edge files: each with its place, weight and delay (BMTK's module SaveSynapses)."""

import collections
import itertools
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from colonnade.errors import InputError, UnsupportedError
from colonnade.simulation.network.gap_junctions import COLUMN as GAP_COLUMN
from colonnade.simulation.network.populations import Network
from colonnade.simulation.network.synapses import GAP, Kept, Placed
from colonnade.simulation.ranks import Ranks
from colonnade.sonata.config import SimulationConfig
from colonnade.sonata.edge_writer import edge_writer
from colonnade.sonata.edges import EdgePopulation, read_edges
from colonnade.sonata.types import read_types, write_types

log = logging.getLogger(__name__)
MODULES = ("SaveSynapses", "save_synapses")
KINDS = ON_SECTIONS, ON_POINTS, GAPS = range(3)  # groups of the file; BMTK has the first two
CARRIED = ("delay", "model_template", "dynamics_params")
APPLIED = ("nsyns", "weight_function")  # columns of edge types that are in the weights and rows already
# Of a synapse, whose edge is a row of the file that it comes from.
ROW = np.dtype([("target", np.int64), ("edge", np.int64), ("section", np.int32), ("group", np.uint8), ("x", float),
                ("weight", float)])  # fmt: skip
AT_ONCE = 500_000  # synapses that rank 0 takes from all ranks at once: 20 MB, and their attributes


def save_folders(config: SimulationConfig) -> dict[str, Path]:
    """Return the folder of each report of the module ``SaveSynapses``: ``network_dir``, below the output folder."""
    folders = {}
    for name, entry in config.reports.items():
        if entry.get("module") in MODULES:
            if entry.get("single_file"):
                raise UnsupportedError("one file for all edges is not written", file=config.path,
                                       key=f"reports.{name}.single_file", value=entry["single_file"])  # fmt: skip
            folders[name] = config.output_path(str(entry.get("network_dir") or name))
    return folders


class SavedSynapses:
    """Files of all synapses of a network, ``<source>_<target>_edges.h5`` and ``..._edge_types.csv`` in ``folder``.

    They stand for the files of the network that they come from: the same synapses at the same places, one a row, with
    their final weights. Edges of virtual cells without an input have no synapses, and are left out. Each rank holds
    its own synapses; rank 0 takes those of some targets after the other, the same ones on any number of ranks.
    """

    def __init__(self, folder: Path, network: Network, kept: list[Kept], ranks: Ranks):
        self._network, self._folder, self._ranks = network, Path(folder), ranks
        self._edges: list[tuple[str, EdgePopulation, np.ndarray, np.ndarray]] = []
        names: dict[str, int] = {}
        for edges in network.edges:
            name = f"{edges.source_population}_{edges.target_population}"
            names[name] = names.get(name, 0) + 1
            name = name if names[name] == 1 else f"{name}_{names[name]}"
            if ranks.is_first:
                self._check(name, edges)
            parts = [part for part in kept if part.edges is edges]
            near = _rows(edges, [part.placed for part in parts])
            far = _rows(edges, [part.efferent for part in parts if part.efferent is not None])
            self._edges.append((name, edges, near, far))

    def write(self) -> None:
        """Write the files, on the first rank; all ranks have to call it."""
        for name, edges, near, far in self._edges:
            blocks = self._blocks(edges, near, far)
            if not self._ranks.is_first:
                collections.deque(blocks, maxlen=0)  # which sends them
                continue
            first = next(blocks, None)
            if first is None:
                log.warning("%s: its edges have no synapses in this simulation; none are saved", edges.name)
                continue
            self._write(self._paths(name), edges, itertools.chain([first], blocks))

    def _blocks(self, edges: EdgePopulation, near: np.ndarray, far: np.ndarray) -> Iterator[tuple | None]:
        """Yield the synapses of all ranks and the halves of gap junctions on their sources, by target and edge, some
        targets at a time, on the first rank; ``None`` on the others."""
        counts = self._ranks.gather(np.bincount(near["target"], minlength=self._size(edges.target_population)))
        begin = 0
        for end in self._ranks.broadcast(_ends(sum(counts)) if counts else None):
            slices = [part[slice(*np.searchsorted(part["target"], (begin, end)))] for part in (near, far)]
            parts = self._ranks.gather(slices)
            yield None if parts is None else tuple(_ordered(np.concatenate(each)) for each in zip(*parts, strict=True))
            begin = end

    def _size(self, population: str) -> int:
        """Return the highest node id of a population plus 1."""
        return int(self._network.populations[population].nodes.node_ids.max()) + 1

    def _paths(self, name: str) -> tuple[Path, Path]:
        return self._folder / f"{name}_edges.h5", self._folder / f"{name}_edge_types.csv"

    def _check(self, name: str, edges: EdgePopulation) -> None:
        """Raise ``InputError`` where a file would replace one of the network, or cannot hold the edges."""
        config = self._network.config
        read = {path.resolve() for files in (*config.nodes, *config.edges) for path in (files.elements, files.types)
                if path is not None}  # fmt: skip
        for path in self._paths(name):
            if path.resolve() in read:
                raise InputError("would replace a file of the network", file=config.path, key="network_dir",
                                 value=str(path), expected="another folder")  # fmt: skip
            if config.output.get("overwrite_output_dir") is False and path.exists():
                raise InputError("is there already, and output.overwrite_output_dir is false", file=config.path,
                                 key="network_dir", value=str(path), expected="another folder")  # fmt: skip
        if edges.attributes.dynamics and "dynamics_params" in _stored(edges):
            raise UnsupportedError("edges with names and with values of dynamics_params are not saved", file=edges.file,
                                   key="dynamics_params")  # fmt: skip

    def _write(self, paths: tuple[Path, Path], edges: EdgePopulation, blocks: Iterator[tuple]) -> None:
        sizes = [self._size(name) for name in (edges.source_population, edges.target_population)]
        seeds, used = self._network.config.seeds, set()
        with edge_writer(paths[0], edges.name, edges.source_population, edges.target_population, *sizes, seeds) as file:
            for near, far in blocks:
                places, row = np.unique(near["edge"], return_inverse=True)
                read = read_edges(edges.file, edges.types_file, edges.name, places)[0]
                ids = [column[row] for column in (read.source_ids, read.target_ids, read.type_ids)]
                file.append(*ids, *_attributes(read, row, near, far))
                used |= set(ids[2].tolist())
        types = read_types(edges.types_file, "edge_type_id")
        table = [
            {"edge_type_id": int(number)}
            | {name: types.values(name, np.array([number]))[0] for name in types.columns if name not in APPLIED}
            for number in (types.ids if len(types.ids) else sorted(used))
        ]
        write_types(paths[1], "edge_type_id", table)


def _rows(edges: EdgePopulation, parts: list[Placed]) -> np.ndarray:
    """Return synapses or halves of gap junctions of one edge population as rows ``ROW``, by target and edge."""
    rows = np.empty(sum(map(len, parts)), ROW)
    end = 0
    for part in parts:
        begin, end = end, end + len(part)
        some = rows[begin:end]
        some["target"], some["edge"] = edges.target_ids[part.edge], edges.places(part.edge)
        some["section"], some["x"], some["weight"] = part.section, part.x, part.weight
        some["group"] = np.where(part.model == GAP, GAPS, np.where(part.model >= 0, ON_SECTIONS, ON_POINTS))
    return _ordered(rows)


def _ordered(rows: np.ndarray) -> np.ndarray:
    return rows[np.lexsort((rows["edge"], rows["target"]))]


def _ends(counts: np.ndarray) -> list[int]:
    """Return where each block of targets ends, which have ``counts`` (N,) synapses: at most ``AT_ONCE``, or one target.

    There is none where there are no synapses.
    """
    ends, before, begin = [], np.cumsum(np.append(0, counts)), 0
    while before[begin] < before[-1]:
        begin = max(begin + 1, int(np.searchsorted(before, before[begin] + AT_ONCE, side="right")) - 1)
        ends.append(begin)
    return ends


def _attributes(
    edges: EdgePopulation, row: np.ndarray, near: np.ndarray, far: np.ndarray
) -> tuple[np.ndarray, dict[int, dict]]:
    """Return the groups (K,) of the synapses ``near`` (K,), whose edges are those at ``row`` (K,), and their columns.

    ``far`` are the other halves of the gap junctions among them, in the same order. Edges without a text that others
    have are in groups of their own, numbered from ``len(KINDS)`` on.
    """
    stored = _stored(edges)
    carried = {name: edges.values(name)[row] for name in CARRIED if name in stored}
    dynamics = edges.attributes.dynamics
    carried |= {f"dynamics_params/{name}": edges.attributes.dynamics_values(name)[row] for name in dynamics}
    is_gap = near["group"] == GAPS
    groups = near["group"].astype(np.uint16)
    for place, name in enumerate(CARRIED):
        if name in carried and carried[name].dtype.kind == "O":
            is_absent = np.array([value is None for value in carried[name]], bool)
            groups[is_absent & ~is_gap] += len(KINDS) << place
    attributes = {}
    for group in np.unique(groups).tolist():
        part, (without, kind) = groups == group, divmod(group, len(KINDS))
        columns = {"syn_weight": near["weight"][part]}
        if kind != ON_POINTS:
            columns |= {"sec_id": near["section"][part].astype(np.int64), "sec_x": near["x"][part]}
        if kind == GAPS:
            columns |= {"efferent_section_id": far["section"].astype(np.int64), "efferent_section_pos": far["x"]}
        else:
            absent = [name for place, name in enumerate(CARRIED) if without >> place & 1]
            columns |= {name: _plain(values[part]) for name, values in carried.items() if name not in absent}
        if GAP_COLUMN in stored:
            columns[GAP_COLUMN] = np.full(part.sum(), kind == GAPS, np.uint8)
        attributes[group] = columns
    return groups, attributes


def _stored(edges: EdgePopulation) -> set[str]:
    """Return the names of attributes that edges have in the HDF5 file, one by one."""
    return {name for names in edges.attributes.group_columns.values() for name in names}


def _plain(values: np.ndarray) -> np.ndarray:
    """Return a column as it can be written: numbers, or texts."""
    if values.dtype.kind != "O":
        return values.astype(float) if values.dtype.kind in "iufb" else values
    if all(isinstance(value, bool | int | float | np.number | np.bool_) for value in values):
        return values.astype(float)
    return np.array([str(value) for value in values], object)
