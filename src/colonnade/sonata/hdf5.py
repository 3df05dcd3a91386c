"""HDF5 as SONATA wants it: opened with an error that names the file, created with the magic number and the version."""

import contextlib
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import h5py
import numpy as np

from colonnade.errors import InputError, MissingFile
from colonnade.files import atomic_write

MAGIC = 0x0A7A
VERSION = (0, 1)
DEPTH = 6  # of groups in a SONATA file: /edges/NAME/0/dynamics_params, and a little more
READ_AT_ONCE = 1 << 20  # rows of a dataset of which some are wanted: 8 MB of ids
WORTH_A_LEAP = 1 << 13  # rows that are not read, if none of so many is wanted: an HDF5 chunk of ours
# What h5py and NumPy raise where the bytes of a file are not what they should be.
UNREADABLE = (OSError, RuntimeError, KeyError, ValueError, TypeError, IndexError, OverflowError, MemoryError,
              AttributeError)  # fmt: skip


@contextlib.contextmanager
def open_hdf5(path: str | os.PathLike, parts: Iterable[str] | None = None) -> Iterator[h5py.File]:
    """Open an HDF5 file for reading; raise ``MissingFile`` or ``InputError`` with its name where that fails.

    What cannot be read of it in the block, because it is damaged or no SONATA, is an ``InputError``, too; links that
    lead out of the file are refused, anywhere or, where only ``parts`` of the file are read, in these.
    """
    if not Path(path).is_file():
        raise MissingFile("there is no such file", file=path, expected="a SONATA HDF5 file")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise InputError(f"cannot be read as HDF5 ({error})", file=path) from error
    try:
        with file:
            _refuse_links(file, path, parts)
            yield file
    except UNREADABLE as error:
        if isinstance(error, MemoryError) or str(error):
            raise InputError(f"is damaged, or not as SONATA has it ({error})", file=path) from error
        raise


def _refuse_links(group: h5py.Group, path, parts: Iterable[str] | None = None, depth: int = 0) -> None:
    """Raise ``InputError`` for a link to another file, or to nothing, in ``group`` or in these of its parts."""
    for name in group if parts is None else [part for part in parts if part in group]:
        link = group.get(name, getlink=True)
        if isinstance(link, h5py.ExternalLink):
            raise InputError("is a link to another file, which is not followed", file=path, key=f"{group.name}/{name}",
                             value=link.filename, expected="the data themselves")  # fmt: skip
        if isinstance(link, h5py.SoftLink) and not _leads_somewhere(group, name):
            raise InputError("is a link to nothing", file=path, key=f"{group.name}/{name}", value=link.path)
        if depth < DEPTH and group.get(name, getclass=True) is h5py.Group:
            _refuse_links(group[name], path, None, depth + 1)


def _leads_somewhere(group: h5py.Group, name: str) -> bool:
    try:
        return group[name] is not None
    except (KeyError, OSError, RuntimeError):
        return False


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
            with open_hdf5(path) as file:
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


def whole_ids(group: h5py.Group, name: str, rows: slice | np.ndarray = slice(None)) -> np.ndarray:
    """Return a dataset of ids (N,) as uint64; ``InputError`` for one that is negative or no whole number."""
    stored = dataset(group, name)
    ids = chosen_rows(stored, rows)
    if ids.ndim != 1 or ids.dtype.kind not in "iuf":
        raise InputError("is no list of ids", file=group.file.filename, key=stored.name, value=str(ids.dtype))
    if ids.dtype.kind != "u":
        bad = ~((ids >= 0) & (ids == np.floor(ids)) & (ids < 2.0**63))
        if bad.any():
            row = int(np.argmax(bad)) + (rows.start or 0) if isinstance(rows, slice) else int(rows[np.argmax(bad)])
            raise InputError("is no id", file=group.file.filename, key=f"{stored.name}[{row}]",
                             value=ids[bad][0].item(), expected="a whole number, 0 or more")  # fmt: skip
    return ids.astype(np.uint64, copy=False)


def chosen_rows(stored: h5py.Dataset, rows: slice | np.ndarray) -> np.ndarray:
    """Read a slice, or an increasing array of rows; for these, little more than what is returned is held at a time.

    h5py itself takes a second a million for the latter.
    """
    if isinstance(rows, slice):
        return stored[rows]
    if not len(rows):
        return stored[:0]
    rows = np.asarray(rows, dtype=np.int64)
    if rows[-1] - rows[0] < READ_AT_ONCE:
        return stored[rows[0] : rows[-1] + 1][rows - rows[0]]
    cuts = np.flatnonzero((np.diff(rows) > WORTH_A_LEAP) | (np.diff(rows // READ_AT_ONCE) > 0)) + 1
    bounds, taken = [0, *cuts.tolist(), len(rows)], None
    for begin, end in itertools.pairwise(bounds):
        piece = rows[begin:end]
        block = stored[piece[0] : piece[-1] + 1][piece - piece[0]]
        if taken is None:
            taken = np.empty((len(rows), *block.shape[1:]), block.dtype)
        taken[begin:end] = block
    return taken
