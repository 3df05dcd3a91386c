"""Edge files written block by block: appended in the order of the targets, indexed both ways, never held whole."""

import contextlib
import os
from collections.abc import Iterator, Mapping

import h5py
import numpy as np

from colonnade.sonata.hdf5 import create_hdf5

CHUNK = 1 << 13  # rows of an HDF5 chunk: 64 kB of ids
RUNS_AT_ONCE = 1 << 22  # ranges of edges which are sorted in memory at a time (100 MB)
SOURCES_AT_ONCE = 1 << 16  # so that numpy sorts them as 16-bit numbers, which is ten times faster
ID_COLUMNS = {
    "source_node_id": np.uint64,
    "target_node_id": np.uint64,
    "edge_type_id": np.uint32,
    "edge_group_id": np.uint16,
    "edge_group_index": np.uint32,
}


class EdgeWriter:
    """Appends edges to one population of an open SONATA file.

    ``n_sources`` and ``n_targets`` are the largest node ids plus 1: the lengths of the two indices.
    """

    def __init__(self, population: h5py.Group, n_sources: int, n_targets: int, compression: str | int | None = None):
        self._population, self._compression = population, compression
        self._ids = {name: self._dataset(population, name, dtype) for name, dtype in ID_COLUMNS.items()}
        self._groups: dict[int, dict[str, h5py.Dataset]] = {}
        self._group_sizes: dict[int, int] = {}
        self._edges_into = np.zeros(n_targets, dtype=np.int64)
        self._runs_from = np.zeros(n_sources, dtype=np.int64)
        self._last = (-1, -1)  # source and target of the last edge written

    def __len__(self) -> int:
        return len(self._ids["source_node_id"])

    def append(
        self,
        source_ids: np.ndarray,
        target_ids: np.ndarray,
        type_ids: np.ndarray,
        group_ids: np.ndarray,
        attributes: Mapping[int, Mapping[str, np.ndarray]],
    ) -> None:
        """Append E edges whose targets are in order and not below those before.

        All four id arrays are (E,); ``attributes[g]`` has a value for each edge with ``group_ids == g``, in their
        order. A group is made at its first use.
        """
        if not len(source_ids):
            return
        if target_ids[0] < self._last[1] or (np.diff(target_ids.astype(np.int64)) < 0).any():
            raise ValueError("edges must come sorted by target")
        group_index = np.zeros(len(source_ids), dtype=np.uint32)
        for number, values in attributes.items():
            self.add_group(number, {name: column.dtype for name, column in values.items()})
            members = np.flatnonzero(group_ids == number)
            group_index[members] = self._group_sizes[number] + np.arange(len(members), dtype=np.uint32)
            self._group_sizes[number] += len(members)
            for name, stored in self._groups[number].items():
                _extend(stored, values[name])
        for name, values in zip(ID_COLUMNS, (source_ids, target_ids, type_ids, group_ids, group_index), strict=True):
            _extend(self._ids[name], values)
        self._edges_into += np.bincount(target_ids.astype(np.int64), minlength=len(self._edges_into))
        starts = np.r_[source_ids[0] != self._last[0], source_ids[1:] != source_ids[:-1]]
        self._runs_from += np.bincount(source_ids[starts].astype(np.int64), minlength=len(self._runs_from))
        self._last = (int(source_ids[-1]), int(target_ids[-1]))

    def add_group(self, number: int, columns: Mapping[str, np.dtype]) -> None:
        """Make a group with these attributes, if it is not there."""
        if number not in self._groups:
            group = self._population.create_group(str(number))
            self._groups[number] = {name: self._dataset(group, name, dtype) for name, dtype in columns.items()}
            self._group_sizes[number] = 0

    def write_indices(self) -> None:
        """Write ``target_to_source`` and ``source_to_target``; call it once, after the last edge."""
        indices = self._population.create_group("indices")
        by_target = indices.create_group("target_to_source")
        ends = np.cumsum(self._edges_into)
        used = self._edges_into > 0
        by_target["node_id_to_range"] = _ranges_of_nodes(used.astype(np.int64))
        by_target["range_to_edge_id"] = np.column_stack([ends - self._edges_into, ends])[used].astype(np.uint64)
        by_source = indices.create_group("source_to_target")
        by_source["node_id_to_range"] = _ranges_of_nodes(self._runs_from)
        ranges = by_source.create_dataset(
            "range_to_edge_id", shape=(int(self._runs_from.sum()), 2), dtype=np.uint64, compression=self._compression
        )
        self._write_runs(ranges)
        for index in (by_target, by_source):
            index["node_id_to_ranges"] = index["node_id_to_range"]  # a link: libsonata's name

    def _write_runs(self, ranges: h5py.Dataset) -> None:
        """Write the ranges of edges by source, as many sources at a time as RUNS_AT_ONCE allows."""
        before = np.cumsum(self._runs_from) - self._runs_from
        first = 0
        while first < len(before):
            last = int(np.searchsorted(before, before[first] + RUNS_AT_ONCE))
            last = min(max(last, first + 1), len(before), first + SOURCES_AT_ONCE)
            runs = [(s[m], b[m], e[m]) for s, b, e in self._runs() for m in [(s >= first) & (s < last)]]
            if runs:
                sources, begins, ends = (np.concatenate(part) for part in zip(*runs, strict=True))
                order = np.argsort((sources - first).astype(np.uint16), kind="stable")
                at = int(before[first])
                ranges[at : at + len(order)] = np.column_stack([begins[order], ends[order]]).astype(np.uint64)
            first = last

    def _runs(self, step: int = 1 << 20) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yield sources, first and last-plus-one edges of all runs of edges that leave one source."""
        stored = self._ids["source_node_id"]
        open_run = None
        for offset in range(0, len(stored), step):
            sources = stored[offset : offset + step].astype(np.int64)
            starts = np.r_[0, np.flatnonzero(np.diff(sources)) + 1]
            begins, values = starts + offset, sources[starts]
            if open_run is not None:
                if open_run[0] == values[0]:
                    begins[0] = open_run[1]
                else:
                    values, begins = np.r_[open_run[0], values], np.r_[open_run[1], begins]
            open_run = values[-1], begins[-1]
            yield values[:-1], begins[:-1], begins[1:]
        if open_run is not None:
            yield np.array([open_run[0]]), np.array([open_run[1]]), np.array([len(stored)])

    def _dataset(self, group: h5py.Group, name: str, dtype) -> h5py.Dataset:
        dtype = h5py.string_dtype() if np.dtype(dtype).kind in "OUS" else dtype
        return group.create_dataset(
            name, shape=(0,), maxshape=(None,), dtype=dtype, chunks=(CHUNK,), compression=self._compression
        )


def _extend(stored: h5py.Dataset, values: np.ndarray) -> None:
    size = len(stored)
    stored.resize(size + len(values), axis=0)
    stored[size:] = values


def _ranges_of_nodes(counts: np.ndarray) -> np.ndarray:
    """Return for each node the half-open range of its rows, (0, 0) for a node that has none."""
    ends = np.cumsum(counts)
    ranges = np.column_stack([ends - counts, ends])
    ranges[counts == 0] = 0
    return ranges.astype(np.uint64)


@contextlib.contextmanager
def edge_writer(
    path: str | os.PathLike,
    name: str,
    source_population: str,
    target_population: str,
    n_sources: int,
    n_targets: int,
    seed: int | None = None,
    compression: str | int | None = None,
    attributes: Mapping[str, object] | None = None,
) -> Iterator[EdgeWriter]:
    """Create an edge file with the population ``name``; its indices are written and the file appears on success.

    ``attributes`` become attributes of the population, such as the dL with which synapse sites were drawn.
    """
    with create_hdf5(path, seed) as file:
        population = file.create_group(f"edges/{name}")
        population.attrs.update(attributes or {})
        writer = EdgeWriter(population, n_sources, n_targets, compression)
        population["source_node_id"].attrs["node_population"] = source_population
        population["target_node_id"].attrs["node_population"] = target_population
        yield writer
        writer.write_indices()


def write_gap_numbers(path: str | os.PathLike, pairs: np.ndarray, seed: int) -> None:
    """Write the file by which BMTK pairs the halves of gap junctions; ``pairs`` (J, 2) are source and target ids."""
    with create_hdf5(path, seed) as file:
        numbers = np.arange(2 * len(pairs)).reshape(-1, 2)
        for name, values in (("source_ids", pairs[:, 0]), ("target_ids", pairs[:, 1]),
                             ("src_gap_ids", numbers[:, 0]), ("trg_gap_ids", numbers[:, 1])):  # fmt: skip
            file[name] = values.astype(np.int64)
