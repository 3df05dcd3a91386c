"""HDF5 as SONATA wants it: opened with an error that names the file, created with the magic number and the version."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import h5py
import numpy as np

from colonnade.errors import InputError, MissingFile
from colonnade.files import atomic_write

MAGIC = 0x0A7A
VERSION = (0, 1)


@contextlib.contextmanager
def open_hdf5(path: str | os.PathLike) -> Iterator[h5py.File]:
    """Open an HDF5 file for reading; raise ``MissingFile`` or ``InputError`` with its name where that fails."""
    if not Path(path).is_file():
        raise MissingFile("there is no such file", file=path, expected="a SONATA HDF5 file")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise InputError(f"cannot be read as HDF5 ({error})", file=path) from error
    with file:
        yield file


@contextlib.contextmanager
def create_hdf5(path: str | os.PathLike, seed: int | Sequence[int] | None = None) -> Iterator[h5py.File]:
    """Create a SONATA HDF5 file that appears whole or not at all; ``seed`` becomes a root attribute."""
    with atomic_write(path) as temporary, h5py.File(temporary, "w") as file:
        write_head(file, seed)
        yield file


def write_head(file: h5py.File, seed: int | Sequence[int] | None = None) -> None:
    """Write the root attributes ``magic`` and ``version``, and ``seed``: one number, or several that differ."""
    file.attrs["magic"] = np.uint32(MAGIC)
    file.attrs["version"] = np.array(VERSION, dtype=np.uint32)
    seeds = [seed] if isinstance(seed, int | np.integer) else list(seed or ())
    if seeds:
        file.attrs["seed"] = np.uint64(seeds[0]) if len(seeds) == 1 else np.array(seeds, np.uint64)


def recorded_seeds(paths: Iterable[str | os.PathLike]) -> tuple[int, ...]:
    """Return the different seeds that HDF5 files record, in the order of ``paths``; other files have none."""
    found: dict[int, None] = {}
    for path in paths:
        if h5py.is_hdf5(path):
            with h5py.File(path, "r") as file:
                seeds = np.atleast_1d(file.attrs.get("seed", ()))
                found |= dict.fromkeys(seeds.tolist() if np.issubdtype(seeds.dtype, np.integer) else ())
    return tuple(found)


def text(value) -> str:
    """Return an HDF5 string, which h5py gives as str, bytes or a 0-d array, as str."""
    if isinstance(value, np.ndarray):
        value = value.item() if value.size == 1 else value.tolist()
    return value.decode() if isinstance(value, bytes) else str(value)


def population_groups(file: h5py.File, root: str, population: str | None) -> dict[str, h5py.Group]:
    """Return the groups below ``/nodes``, ``/edges`` or ``/spikes``; only the one named where a name is given."""
    if root not in file:
        raise InputError(f"has no group /{root}", file=file.filename, expected=f"populations below /{root}")
    groups = {name: group for name, group in file[root].items() if isinstance(group, h5py.Group)}
    if population is None:
        return groups
    if population not in groups:
        raise InputError(
            f"has no population of that name below /{root}", file=file.filename, value=population, options=groups
        )
    return {population: groups[population]}


def dataset(group: h5py.Group, name: str) -> h5py.Dataset:
    """Return a dataset that SONATA demands; raise ``InputError`` with the names that are there where it is missing."""
    if name not in group:
        raise InputError("is missing", file=group.file.filename, key=f"{group.name}/{name}", options=group)
    return group[name]


def chosen_rows(stored: h5py.Dataset, rows: slice | np.ndarray) -> np.ndarray:
    """Read a slice, or an increasing array of rows; h5py takes a second a million for the latter."""
    if isinstance(rows, slice):
        return stored[rows]
    if not len(rows):
        return stored[:0]
    rows = np.asarray(rows, dtype=np.int64)
    return stored[rows[0] : rows[-1] + 1][rows - rows[0]]
