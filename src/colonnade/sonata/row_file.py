"""Rows that go straight to their places in an HDF5 file: for results that grow, and for runs that go on later."""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np

from colonnade.errors import InputError

ZEROS = 1 << 20  # bytes at once
PIECE = 1 << 24  # bytes read at once


@dataclass
class _Table:
    """A dataset (T, E) in the file: where its first row is, and how many rows are written and counted in the sum."""

    place: int
    shape: tuple[int, int]
    dtype: np.dtype
    rows: int = 0
    summed: int = 0
    sum: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    @classmethod
    def of(cls, dataset: h5py.Dataset) -> "_Table":
        return cls(dataset.id.get_offset() or 0, dataset.shape, dataset.dtype)

    @property
    def row_bytes(self) -> int:
        return self.shape[1] * self.dtype.itemsize


class RowFile:
    """Datasets of a file at ``path``, filled row by row.

    HDF5 makes the file, with all it needs to be valid, then closes it; the rows are written past it at the known
    offsets. So a full disk is an ``OSError`` before the first step, memory does not grow with the length of the run,
    and a killed run leaves no half-open HDF5 file.
    """

    def __init__(self, path: Path, tables: dict[str, _Table]):
        self.path, self._tables = Path(path), tables

    @classmethod
    def create(cls, path: Path, fill: Callable[[h5py.File], list[h5py.Dataset]]) -> "RowFile":
        """Make the file; ``fill(file)`` lays it out and returns its datasets, made by ``row_dataset``."""
        with h5py.File(path, "w") as file:
            tables = {dataset.name: _Table.of(dataset) for dataset in fill(file)}
        with open(path, "r+b", buffering=0) as file:
            for table in tables.values():
                if size := table.shape[0] * table.row_bytes:
                    _reserve(file.fileno(), table.place, size)
        return cls(path, tables)

    @classmethod
    def reopen(cls, path: Path, done: dict[str, tuple[int, str]]) -> "RowFile":
        """Open a file to go on after the rows that ``done`` counts."""
        with h5py.File(path, "r") as file:
            tables = {name: _Table.of(file[name]) for name in done}
        for name, table in tables.items():
            table.rows = done[name][0]
        return cls(path, tables)

    def write(self, name: str, rows: np.ndarray) -> None:
        """Append ``rows`` (n, E) to the dataset ``name``."""
        table = self._tables[name]
        rows = np.ascontiguousarray(rows, dtype=table.dtype)
        if rows.shape[1:] != table.shape[1:] or table.rows + len(rows) > table.shape[0]:
            raise ValueError(f"{rows.shape} rows do not fit after row {table.rows} of {table.shape[0]}")
        if rows.size:
            self._write(table.place + table.rows * table.row_bytes, memoryview(rows).cast("B"))
        table.rows += len(rows)

    def take(self, path: Path, done: dict[str, tuple[int, str]]) -> None:
        """Take the first rows, as many as ``done`` counts, from the same datasets of another file."""
        other = RowFile.reopen(path, done)
        for name, there in other._tables.items():
            here = self._tables[name]
            for begin, piece in other._pieces(there, 0):
                self._write(here.place + begin, memoryview(piece))
            here.rows = there.rows

    def done(self) -> dict[str, tuple[int, str]]:
        """Return how many rows of each dataset are safely on the disk, and the SHA-256 of them."""
        self._sync()
        for table in self._tables.values():
            for _, piece in self._pieces(table, table.summed):
                table.sum.update(piece)
            table.summed = table.rows
        return {name: (table.rows, table.sum.hexdigest()) for name, table in self._tables.items()}

    def finish(self) -> None:
        """Bring the file to its end. Raises ``ValueError`` if rows are missing."""
        self._sync()
        for name, table in self._tables.items():
            if table.rows != table.shape[0]:
                raise ValueError(f"{table.rows} of {table.shape[0]} rows of {name} were written")

    def _sync(self) -> None:
        with open(self.path, "r+b", buffering=0) as file:
            os.fsync(file.fileno())

    def _pieces(self, table: _Table, first: int) -> Iterator[tuple[int, bytes]]:
        """Yield (place from the first row on, bytes) of the rows written, from row ``first`` on."""
        begin, end = first * table.row_bytes, table.rows * table.row_bytes
        with open(self.path, "rb", buffering=0) as file:
            while begin < end:
                piece = os.pread(file.fileno(), min(PIECE, end - begin), table.place + begin)
                if not piece:
                    raise InputError("the file is too short", file=self.path)
                yield begin, piece
                begin += len(piece)

    def _write(self, place: int, left: memoryview) -> None:
        with open(self.path, "r+b", buffering=0) as file:
            while len(left):
                written = os.pwrite(file.fileno(), left, place)
                place, left = place + written, left[written:]


def check_rows(path: Path, done: dict[str, tuple[int, str]]) -> None:
    """Raise ``InputError`` if the file's rows are not those that ``done`` counts and sums up."""
    try:
        file = RowFile.reopen(path, done)
    except (OSError, KeyError, RuntimeError) as error:
        raise InputError(f"cannot be read ({error})", file=path) from None
    if file.done() != {name: tuple(each) for name, each in done.items()}:
        raise InputError("its rows are not those that were written", file=path)


def row_dataset(group: h5py.Group, name: str, shape: tuple[int, int], dtype: str) -> h5py.Dataset:
    """Return a new dataset in one piece, whose place in the file is known at once."""
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.CONTIGUOUS)
    properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    properties.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    properties.set_obj_track_times(False)
    space = h5py.h5s.create_simple(shape)
    kind = h5py.h5t.py_create(np.dtype(dtype))
    return h5py.Dataset(h5py.h5d.create(group.id, name.encode(), kind, space, properties))


def _reserve(file: int, place: int, size: int) -> None:
    """Take room on the disk; raises ``OSError`` where there is none. What holds zeros takes it anywhere."""
    if hasattr(os, "posix_fallocate"):  # not on macOS
        os.posix_fallocate(file, place, size)
        return
    for begin in range(place, place + size, ZEROS):
        os.pwrite(file, bytes(min(ZEROS, place + size - begin)), begin)
