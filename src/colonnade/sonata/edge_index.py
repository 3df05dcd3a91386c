"""Which edges belong to chosen nodes: by the index of an edge file, or by going through its ids block by block."""

import os
from collections.abc import Iterator

import h5py
import numpy as np

from colonnade.sonata.hdf5 import dataset, open_hdf5, population_groups, whole_ids

# The two spellings of the index in use: BMTK's and the SONATA guide's.
ID_TO_RANGE = ("node_id_to_range", "node_id_to_ranges")
RANGE_TO_EDGE = ("range_to_edge_id", "range_to_edge_ids")
BLOCK = 1 << 20  # edges whose ids are held at once: 16 MB


class TargetIndex:
    """The edges of a file by target: node n has the ``spans`` (R, 2) of ``ranges[n]`` (N, 2), each of them first and
    last-plus-one rows."""

    def __init__(self, ranges: np.ndarray, spans: np.ndarray):
        self._ranges, self._spans = ranges, spans

    def counts(self) -> np.ndarray:
        """Return the number of edges into each node (N,)."""
        ends = np.cumsum(np.append(0, self._spans[:, 1] - self._spans[:, 0]))
        return ends[self._ranges[:, 1]] - ends[self._ranges[:, 0]]

    def rows_into(self, node_ids: np.ndarray) -> np.ndarray:
        """Return the rows (K,), increasing, of all edges into ``node_ids``."""
        wanted = np.unique(np.asarray(node_ids, np.int64))
        wanted = self._ranges[wanted[(wanted >= 0) & (wanted < len(self._ranges))]]
        return np.sort(_counted(self._spans[_counted(wanted)]))

    @classmethod
    def of(cls, group: h5py.Group) -> "TargetIndex | None":
        """Return the index of a population of edges; None where there is none that tells each edge exactly once.

        One of more spans than nodes, of a file that is not sorted by target, is not read either: it would need as much
        memory as the ids.
        """
        index = group.get("indices/target_to_source")
        parts = [None if index is None else _first(index, names) for names in (ID_TO_RANGE, RANGE_TO_EDGE)]
        if any(part is None or part.shape[1:] != (2,) for part in parts) or len(parts[1]) > len(parts[0]):
            return None
        ranges, spans = (part[()].astype(np.int64) for part in parts)
        if _tile(ranges, len(spans)) and _tile(spans, len(dataset(group, "target_node_id"))):
            return cls(ranges, spans)
        return None


def read_target_index(edges_file: str | os.PathLike, population: str) -> TargetIndex | None:
    """Return the index of a file from targets to edges; None where there is none that can be used."""
    with open_hdf5(edges_file) as file:
        return TargetIndex.of(population_groups(file, "edges", population)[population])


def rows_into(edges_file: str | os.PathLike, population: str, node_ids: np.ndarray) -> np.ndarray:
    """Return the rows (increasing) of all edges into ``node_ids``, found by the index of the file if it has one."""
    index = read_target_index(edges_file, population)
    if index is not None:
        return index.rows_into(node_ids)
    found = [begin + np.flatnonzero(np.isin(targets, node_ids))
             for begin, targets in id_blocks(edges_file, population, "target_node_id")]  # fmt: skip
    return np.concatenate([np.zeros(0, np.int64), *found])


def id_blocks(edges_file: str | os.PathLike, population: str, *names: str) -> Iterator[tuple]:
    """Yield the first row of each block of edges, and the ids in it: a column (B,) uint64 for each of ``names``."""
    with open_hdf5(edges_file) as file:
        group = population_groups(file, "edges", population)[population]
        for begin in range(0, len(dataset(group, names[0])), BLOCK):
            yield begin, *(whole_ids(group, name, slice(begin, begin + BLOCK)) for name in names)


def order_by_source(edges_file: str | os.PathLike, population: str, count: int) -> np.ndarray:
    """Return the place (E,) of each of ``count`` edges in the file's index from sources; without one, its row."""
    with open_hdf5(edges_file) as file:
        index = population_groups(file, "edges", population)[population].get("indices/source_to_target")
        spans = None if index is None else _first(index, RANGE_TO_EDGE)
        rows = np.arange(count) if spans is None else np.concatenate(
            [*(np.arange(b, e) for b, e in spans[()].astype(np.int64)), np.zeros(0, np.int64)])  # fmt: skip
    places = np.arange(count)
    if len(rows) == count and len(np.unique(rows)) == count and (not count or rows.max() < count):
        places[rows] = np.arange(count)
    return places


def _first(group: h5py.Group, names: tuple[str, ...]) -> h5py.Dataset | None:
    return next((group[name] for name in names if name in group), None)


def _tile(pairs: np.ndarray, count: int) -> bool:
    """Return whether the pairs (R, 2) of first and last plus one tell each of ``count`` numbers exactly once."""
    if (pairs < 0).any() or (pairs[:, 1] < pairs[:, 0]).any():
        return False
    filled = pairs[pairs[:, 1] > pairs[:, 0]]
    filled = filled[np.argsort(filled[:, 0])]
    return np.array_equal(np.append(filled[:, 0], count), np.append(0, filled[:, 1]))


def _counted(pairs: np.ndarray) -> np.ndarray:
    """Return all numbers of the pairs (R, 2) of first and last plus one, one pair after the other."""
    lengths = pairs[:, 1] - pairs[:, 0]
    before = np.cumsum(lengths) - lengths
    return np.repeat(pairs[:, 0] - before, lengths) + np.arange(lengths.sum())
