"""Spike trains: read from SONATA, CSV and NWB files, written to the first two."""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np

from colonnade.errors import InputError, MissingFile, in_file
from colonnade.files import atomic_write
from colonnade.sonata.hdf5 import create_hdf5, dataset, open_hdf5, population_groups, text, whole_ids
from colonnade.sonata.nwb_spikes import is_nwb, read_nwb_spikes
from colonnade.sonata.spike_trains import Order, SpikeTrains

SORTING = {"none": 0, "by_id": 1, "by_time": 2}
UNNAMED_COLUMNS = {2: ["timestamps", "node_ids"], 3: ["timestamps", "population", "node_ids"]}
SORTING_OF = {None: "none", "id": "by_id", "time": "by_time"}
MS_PER_UNIT = {
    "ms": 1.0,
    "msec": 1.0,
    "millisecond": 1.0,
    "milliseconds": 1.0,
    "s": 1000.0,
    "sec": 1000.0,
    "second": 1000.0,
    "seconds": 1000.0,
    "us": 0.001,
}


def read_spikes(path: str | os.PathLike, population: str | None = None) -> dict[str, SpikeTrains]:
    """Read a SONATA, CSV or NWB spike file, by population; all times in ms.

    A file without population names (the first SONATA layout, or a CSV without that column) gives its spikes under
    ``population``, or under "" where none is asked for. In CSV the columns are ``timestamps population node_ids``,
    or ``gid spike-times`` with the times of one cell a line, separated by commas. For NWB see ``read_nwb_spikes``.
    """
    if not Path(path).is_file():
        raise MissingFile("there is no such file", file=path, expected="a SONATA (.h5), CSV or NWB spike file")
    with in_file(path):
        if not h5py.is_hdf5(path):
            trains = _read_csv(path, population)
        else:
            trains = (read_nwb_spikes if is_nwb(path) else _read_sonata)(path, population)
    for train in trains.values():
        if not np.isfinite(train.timestamps).all():
            raise InputError("has a spike time that is not a number", file=path, key=train.population)
    return trains


def _read_sonata(path, population: str | None) -> dict[str, SpikeTrains]:
    with open_hdf5(path) as file:
        root = file.get("spikes")
        if root is None:
            raise InputError("has no group /spikes", file=path)
        if "timestamps" in root:
            ids = whole_ids(root, "gids" if "gids" in root else "node_ids")
            return {population or "": SpikeTrains(population or "", ids, _times(root))}
        return {
            name: SpikeTrains(name, whole_ids(group, "node_ids"), _times(group))
            for name, group in population_groups(file, "spikes", population).items()
        }


def _times(group: h5py.Group) -> np.ndarray:
    timestamps = dataset(group, "timestamps")
    units = text(timestamps.attrs.get("units", "ms"))
    if units not in MS_PER_UNIT:
        raise InputError(
            "is an unknown unit of time",
            file=group.file.filename,
            key=f"{timestamps.name}@units",
            value=units,
            options=MS_PER_UNIT,
        )
    factor = MS_PER_UNIT[units]
    return timestamps[()] if factor == 1.0 else timestamps[()] * factor


def _read_csv(path, population: str | None) -> dict[str, SpikeTrains]:
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = [line for line in file.read().splitlines() if line.strip()]
    if not lines:
        raise InputError("is empty", file=path, expected="columns timestamps population node_ids")
    header = lines[0].strip()
    if header.split() == ["gid", "spike-times"]:
        return _read_lines_of_times(path, population or "")
    separator = next((mark for mark in (",", ";") if mark in header), None)  # None: spaces and tabs
    rows = [[cell.strip() for cell in line.split(separator)] for line in lines]
    named = any(letter.isalpha() for letter in rows[0][0]) if rows else False
    columns = rows[0] if named else UNNAMED_COLUMNS.get(len(rows[0]) if rows else 3, [])
    rows = rows[1:] if named else rows
    expected = "columns timestamps population node_ids"
    for name in ("timestamps", "node_ids"):
        if name not in columns:
            raise InputError("is missing from the header", file=path, key=name, value=header, expected=expected)
    for number, row in enumerate(rows, start=1 + named):
        if len(row) != len(columns):
            raise InputError("has a wrong number of columns", file=path, key=f"line {number}", expected=expected)
    table = dict(zip(columns, zip(*rows, strict=True) if rows else [()] * len(columns), strict=True))
    try:
        times = np.array([float(cell) for cell in table["timestamps"]])
        ids = np.array([_whole(cell) for cell in table["node_ids"]], dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise InputError(f"cannot be read as spikes ({error})", file=path, expected=expected) from error
    if (ids < 0).any():
        raise InputError("has a negative node id", file=path, key="node_ids", value=int(ids.min()))
    if "population" not in table:
        return {population or "": SpikeTrains(population or "", ids, times)}
    names = np.array(table["population"], dtype=object)
    known = list(dict.fromkeys(names))
    if population is not None and known and population not in known:
        raise InputError("has no spikes of that population", file=path, value=population, options=known)
    chosen = known if population is None else [population]
    return {name: SpikeTrains(name, ids[names == name], times[names == name]) for name in chosen}


def _whole(cell: str) -> int:
    """Return the whole number that a cell such as ``3`` or ``3.0`` holds; ValueError for another."""
    number = float(cell)
    if number != int(number):
        raise ValueError(f"{cell} is no node id")
    return int(cell) if "." not in cell and "e" not in cell.lower() else int(number)


def _read_lines_of_times(path, population: str) -> dict[str, SpikeTrains]:
    ids, times = [], []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file.readlines()[1:], start=2):
            if not line.strip():
                continue
            gid, _, rest = line.strip().partition(" ")
            try:
                cell_times = [float(part) for part in rest.split(",") if part.strip()]
                ids.append(np.full(len(cell_times), int(gid)))
            except ValueError as error:
                raise InputError(
                    f"is not a gid and its spike times ({error})",
                    file=path,
                    key=f"line {number}",
                    expected="0 12.5,20.1,33.0",
                ) from error
            times.append(cell_times)
    flat = np.concatenate([*times, np.zeros(0)])
    return {population: SpikeTrains(population, np.concatenate([*ids, np.zeros(0, int)]), flat)}


def write_spikes(
    path: str | os.PathLike,
    trains: Iterable[SpikeTrains],
    sort: Order = "time",
    seed: int | Sequence[int] | None = None,
) -> None:
    """Write a SONATA spike file: times in ms, sorted within each population; ``seed`` becomes a root attribute."""
    trains = list(trains)
    with spike_writer(path, {train.population: len(train) for train in trains}, sort, seed) as append:
        append(trains)


@contextlib.contextmanager
def spike_writer(
    path: str | os.PathLike, sizes: Mapping[str, int], sort: Order = "time", seed: int | Sequence[int] | None = None
) -> Iterator[Callable[[Iterable[SpikeTrains]], None]]:
    """Create a SONATA spike file of populations with the given numbers of spikes, and give the function to append some.

    Trains are sorted among themselves alone: those which are appended later must come later in the order, too.
    """
    sorting = h5py.enum_dtype(SORTING, basetype=np.uint8)
    with create_hdf5(path, seed) as file:
        root, written = file.create_group("spikes"), dict.fromkeys(sizes, 0)
        for population, size in sizes.items():
            group = root.create_group(population)
            group.attrs.create("sorting", SORTING[SORTING_OF[sort]], dtype=sorting)
            for name, dtype in (("timestamps", np.float64), ("node_ids", np.uint64)):
                column = group.create_dataset(None, (size,), dtype)
                column[-1:] = 0  # takes its room in the file, as one written at once would
                group[name] = column
                if name == "timestamps":
                    column.attrs["units"] = "ms"

        def append(trains: Iterable[SpikeTrains]) -> None:
            for train in trains:
                train = train.ordered(sort)
                begin = written[train.population]
                written[train.population] = end = begin + len(train)
                for name in ("timestamps", "node_ids"):
                    root[train.population][name][begin:end] = getattr(train, name)

        yield append


def write_spikes_csv(path: str | os.PathLike, trains: Iterable[SpikeTrains], sort: Order = "time") -> None:
    """Write ``timestamps population node_ids``, separated by spaces, times in ms, sorted over all populations."""
    with csv_writer(path, sort) as append:
        append(trains)


@contextlib.contextmanager
def csv_writer(path: str | os.PathLike, sort: Order = "time") -> Iterator[Callable[[Iterable[SpikeTrains]], None]]:
    """Create a table as ``write_spikes_csv`` does, and give the function to append spikes, as ``spike_writer`` does."""
    with atomic_write(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write("timestamps population node_ids\n")

        def append(trains: Iterable[SpikeTrains]) -> None:
            rows = _rows(list(trains), sort)
            file.writelines(f"{time!r} {name} {node_id}\n" for time, name, node_id in rows)

        yield append


def _rows(trains: list[SpikeTrains], sort: Order) -> Iterator[tuple[float, str, int]]:
    """Yield time, population and node id of all spikes, sorted over the populations."""
    sizes = [len(train) for train in trains]
    times = np.concatenate([*(train.timestamps for train in trains), np.zeros(0)])
    ids = np.concatenate([*(train.node_ids for train in trains), np.zeros(0, dtype=np.uint64)])
    names = np.repeat(np.array([train.population for train in trains], dtype=object), sizes)
    order = np.arange(len(times))
    if sort is not None:
        ranks = np.unique(names.astype(str), return_inverse=True)[1]
        order = np.lexsort((ranks, ids, times) if sort == "time" else (ranks, times, ids))
    return zip(times[order].tolist(), names[order], ids[order].tolist(), strict=True)
