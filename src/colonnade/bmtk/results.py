"""Results under the names by which BMTK's scripts read them: ``SpikeTrains`` and ``CompartmentReport``."""

import os
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from colonnade.errors import InputError, UnsupportedError
from colonnade.sonata.nwb_spikes import read_nwb_spikes
from colonnade.sonata.reports import Report, read_report
from colonnade.sonata.spikes import SpikeTrains as Trains
from colonnade.sonata.spikes import read_spikes, write_spikes, write_spikes_csv
from colonnade.spikes.poisson import check_mode, check_units

if TYPE_CHECKING:
    import pandas as pd

ORDERS = {"time": "time", "by_time": "time", "id": "id", "by_id": "id", "node_id": "id", "gid": "id",
          "none": None, "na": None}  # fmt: skip
SONATA_COLUMNS = {
    "element_ids",
    "element_id",
    "element_pos",
    "index_pointer",
    "index_pointers",
    "node_ids",
    "gids",
    "time",
}
PRECISION = 1e-5  # ms, within which two spikes are the same


class SortOrder(Enum):
    """In which order spikes are, or are to be."""

    none = "none"
    by_id = "by_id"
    by_time = "by_time"
    unknown = "unknown"


sort_order = SortOrder  # BMTK's name


class ReadableTrains:
    """What can be asked of the spikes of some populations, times in ms.

    ``_trains`` are the spikes by population, ``_default`` is the population that is meant where none is named.
    """

    _trains: dict[str, Trains]
    _default: str | None

    @property
    def populations(self) -> list[str]:
        return list(self._trains)

    def units(self, population: str | None = None) -> str:
        """Return the unit of the times."""
        self._chosen(population)
        return "ms"

    def node_ids(self, population: str | None = None) -> np.ndarray:
        """Return the ids (N,) of the nodes that spike, ascending."""
        return np.unique(self._chosen(population).node_ids)

    def nodes(self, populations: str | Sequence[str] | None = None) -> list[tuple[str, int]]:
        """Return population and id of each node that spikes."""
        names = self._names(populations)
        return [(name, node) for name in names for node in np.unique(self._trains[name].node_ids).tolist()]

    def n_spikes(self, population: str | None = None) -> int:
        """Return the number of spikes of a population; ``len`` is that of all of them."""
        return len(self._chosen(population))

    def sort_order(self, population: str | None = None) -> SortOrder:
        """Return the order in which the spikes of a population are."""
        train = self._chosen(population)
        for order, column in ((SortOrder.by_time, train.timestamps), (SortOrder.by_id, train.node_ids)):
            if (column[1:] >= column[:-1]).all():
                return order
        return SortOrder.none

    def time_range(self, populations: str | Sequence[str] | None = None) -> tuple[float, float] | None:
        """Return the times of the first and the last spike; None without spikes."""
        times = np.concatenate([*(self._trains[name].timestamps for name in self._names(populations)), np.zeros(0)])
        return (float(times.min()), float(times.max())) if len(times) else None

    def get_times(
        self, node_id: int, population: str | None = None, time_window: Sequence[float] | None = None
    ) -> np.ndarray:
        """Return the times (S,) of the spikes of a node, ascending, within ``time_window`` (both ends included)."""
        train = self._chosen(population)
        times = np.sort(train.timestamps[train.node_ids == node_id])
        return times if time_window is None else times[(times >= time_window[0]) & (times <= time_window[1])]

    def to_dataframe(
        self,
        populations: str | Sequence[str] | None = None,
        sort_order: str | None = "none",
        with_population_col: bool = True,
        node_ids: Sequence[int] | None = None,
        time_window: Sequence[float] | None = None,
    ) -> "pd.DataFrame":
        """Return a table of ``timestamps``, ``population`` and ``node_ids``, a row a spike."""
        import pandas as pd  # half a second, which only tables need

        columns = list(zip(*(self._rows(name, sort_order, node_ids, time_window) for name in self._names(populations)),
                           strict=True)) or [[], [], []]  # fmt: skip
        names = ("timestamps", "population", "node_ids")
        table = pd.DataFrame({name: np.concatenate([*parts]) if parts else [] for name, parts in
                              zip(names, columns, strict=True)})  # fmt: skip
        return table if with_population_col else table.drop(columns="population")

    def spikes(
        self,
        populations: str | Sequence[str] | None = None,
        time_window: Sequence[float] | None = None,
        sort_order: str | None = "none",
        node_ids: Sequence[int] | None = None,
    ) -> Iterator[tuple[float, str, int]]:
        """Yield time, population and node id of each spike."""
        for name in self._names(populations):
            times, _names, nodes = self._rows(name, sort_order, node_ids, time_window)
            yield from zip(times.tolist(), [name] * len(times), nodes.tolist(), strict=True)

    def to_sonata(
        self, path: str | os.PathLike, mode: str = "w", sort_order: str | None = "by_time", compression: str = "gzip"
    ) -> None:
        """Write all spikes as a SONATA file, in place of one that is there."""
        check_mode(mode)
        write_spikes(path, list(self._trains.values()), _order(sort_order))

    def to_csv(self, path: str | os.PathLike, mode: str = "w", sort_order: str | None = "by_time") -> None:
        """Write all spikes as ``timestamps population node_ids``."""
        check_mode(mode)
        write_spikes_csv(path, list(self._trains.values()), _order(sort_order))

    def close(self) -> None:
        """Do nothing: a file is read, and written, whole."""

    flush = close

    def is_equal(
        self,
        other: "ReadableTrains",
        populations: str | Sequence[str] | None = None,
        err: float = PRECISION,
        time_window: Sequence[float] | None = None,
    ) -> bool:
        """Return whether both have the same spikes, in any order, with times at most ``err`` ms apart."""
        if populations is None and set(self.populations) != set(other.populations):
            return False
        names = self.populations if populations is None else np.atleast_1d(populations).tolist()
        for name in names:
            if (name in self.populations) != (name in other.populations):
                return False
            if name in self.populations:
                (mine, _, nodes), (theirs, _, others) = (
                    each._rows(name, "by_id", None, time_window) for each in (self, other)
                )
                if not (np.array_equal(nodes, others) and (np.abs(mine - theirs) <= err).all()):
                    return False
        return True

    def is_subset(self, other: "ReadableTrains", err: float = PRECISION, strict: bool = False) -> bool:
        """Return whether ``other`` has each spike, with times at most ``err`` ms apart; ``strict``: and more."""
        for name, node in self.nodes():
            theirs = other.get_times(node, name) if name in other.populations else np.zeros(0)
            mine = self.get_times(node, name)
            near = np.searchsorted(theirs, mine - err)
            if (near >= len(theirs)).any() or (theirs[near] > mine + err).any():
                return False
        return not strict or len(other) > len(self)

    def __eq__(self, other: object) -> bool:
        return self.is_equal(other) if isinstance(other, ReadableTrains) else NotImplemented

    __hash__ = None

    def __le__(self, other: "ReadableTrains") -> bool:
        return self.is_subset(other)

    def __lt__(self, other: "ReadableTrains") -> bool:
        return self.is_subset(other, strict=True)

    def __len__(self) -> int:
        return sum(map(len, self._trains.values()))

    def _rows(self, name: str, sort_order, node_ids, time_window) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        train, order = self._trains[name], _order(sort_order)
        train = train.ordered(order) if order else train
        kept = np.ones(len(train), bool) if node_ids is None else np.isin(train.node_ids, np.atleast_1d(node_ids))
        if time_window is not None:
            kept &= (train.timestamps >= time_window[0]) & (train.timestamps <= time_window[1])
        return train.timestamps[kept], np.full(kept.sum(), name, object), train.node_ids[kept]

    def _names(self, populations) -> list[str]:
        if populations is None:
            return self.populations
        names = [populations] if isinstance(populations, str) else list(populations)
        for name in names:
            if name not in self._trains:
                raise InputError("no spikes of this population", key="population", value=name, options=self._trains)
        return names

    def _chosen(self, population: str | None) -> Trains:
        name = population or self._default
        if name is None and len(self._trains) == 1:
            name = self.populations[0]
        if name is None:
            raise InputError("there are several populations", key="population", options=self._trains)
        return self._trains[self._names(name)[0]]


class SpikeTrains(ReadableTrains):
    """The spikes of some populations, times in ms: read whole from a file, in its order, or added piece by piece.

    ``population``, or ``default_population``, is the one that is meant where none is named.
    """

    def __init__(self, population: str | None = None, default_population: str | None = None, units: str = "ms"):
        check_units(units)
        self._parts: dict[str, list[Trains]] = {}
        self._default = population or default_population

    @classmethod
    def load(
        cls,
        path: str | os.PathLike,
        file_type: str | None = None,
        population: str | Sequence[str] | None = None,
        trial: str | None = None,
        default_population: str | None = None,
    ) -> "SpikeTrains":
        """Read a SONATA (.h5), CSV or NWB file; ``file_type`` (sonata, h5, hdf5, csv, nwb) may say which, and need not.

        Only ``population`` is read, one or several, all if it is None; trains without a population in the file get its
        name. ``default_population`` is the one that is meant where none is named. Of several trials of NWB 1.0,
        ``trial`` names one.
        """
        kind = str(file_type or ("nwb" if trial else "sonata")).lower()
        if kind not in ("sonata", "h5", "hdf5", "csv", "nwb"):
            raise UnsupportedError("spikes of this type are not read", key="file_type", value=file_type,
                                   options=("sonata", "csv", "nwb"))  # fmt: skip
        wanted = [] if population is None else np.atleast_1d(population).tolist()
        spikes = cls(default_population=default_population or (wanted[0] if len(wanted) == 1 else None))
        trains = read_nwb_spikes(path, trial=trial) if kind == "nwb" else read_spikes(path)
        trains = {name or spikes._default or "": train for name, train in trains.items()}
        for name in [*wanted, *([default_population] if default_population else [])]:
            if name not in trains:
                raise InputError("no spikes of this population", file=path, key="population", value=name,
                                 options=trains)  # fmt: skip
        spikes._parts = {name: [train] for name, train in trains.items() if not wanted or name in wanted}
        return spikes

    from_sonata = from_csv = load

    @classmethod
    def from_nwb(
        cls, path: str | os.PathLike, population: str | None = None, trial: str | None = None
    ) -> "SpikeTrains":
        """Read the units of an NWB 2 file, or a trial of an NWB 1.0 file."""
        return cls.load(path, "nwb", population, trial)

    @property
    def _trains(self) -> dict[str, Trains]:
        for name, parts in self._parts.items():
            if len(parts) > 1:
                columns = zip(*((part.node_ids, part.timestamps) for part in parts), strict=True)
                self._parts[name] = [Trains(name, *map(np.concatenate, columns))]
        return {name: parts[0] for name, parts in self._parts.items()}

    def add_spikes(self, node_ids, timestamps, population: str | None = None) -> None:
        """Add spikes at times (S,) in ms, of one node or of S nodes."""
        name = population or self._default
        if name is None:
            raise InputError("is missing", key="population", expected="the name of the spiking population")
        times = np.atleast_1d(np.asarray(timestamps, float))
        if not (np.isfinite(times) & (times >= 0)).all():
            raise InputError("has a time that is negative or no number", key="timestamps", expected="ms, 0 or later")
        ids = np.asarray(node_ids)
        ids = np.full(len(times), ids) if ids.ndim == 0 else ids
        self._parts.setdefault(name, []).append(Trains(name, ids, times))

    def add_spike(self, node_id: int, timestamp: float, population: str | None = None) -> None:
        """Add one spike at a time in ms."""
        self.add_spikes(node_id, timestamp, population)

    def merge(self, other: "ReadableTrains") -> None:
        """Add all spikes of ``other``."""
        for name, train in other._trains.items():
            self._parts.setdefault(name, []).append(train)


class CompartmentReport:
    """A report of values of sections over time; rows are read when they are asked for."""

    def __init__(
        self,
        path: str | os.PathLike,
        mode: str = "r",
        population: str | None = None,
        default_population: str | None = None,
    ):
        if mode != "r":
            raise UnsupportedError("reports are written by simulations, and only read here", key="mode", value=mode)
        self.path, self._default = Path(path), population or default_population
        self._reports = read_report(self.path)
        if self._default is not None:
            self._report(None)

    @classmethod
    def load(cls, report: "str | os.PathLike | CompartmentReport", mode: str = "r", **options) -> "CompartmentReport":
        """Read the head of a report; one that is loaded is itself."""
        return report if isinstance(report, cls) else cls(report, mode, **options)

    @property
    def populations(self) -> list[str]:
        return list(self._reports)

    @property
    def default_population(self) -> str:
        """The population that is meant where none is named. Raises ``InputError`` where there are several."""
        return self._report(None).population

    def get_population(self, population: str, default=None) -> "CompartmentReport":
        """Return the report of one population alone."""
        return CompartmentReport(self.path, population=population) if population in self._reports else default

    def __getitem__(self, population: str) -> "CompartmentReport":
        return CompartmentReport(self.path, population=self._report(population).population)

    def units(self, population: str | None = None) -> str:
        return self._report(population).units

    def variable(self, population: str | None = None) -> str:
        return self._report(population).variable

    def tstart(self, population: str | None = None) -> float:
        return float(self._report(population).time_range[0])

    def tstop(self, population: str | None = None) -> float:
        return float(self._report(population).time_range[1])

    def dt(self, population: str | None = None) -> float:
        return float(self._report(population).time_range[2])

    def n_steps(self, population: str | None = None) -> int:
        return int(self._report(population).shape[0])

    def time_trace(self, population: str | None = None) -> np.ndarray:
        """Return the times (T,) in ms from the start on, a step apart; BMTK spreads them from start to stop."""
        start, _, dt = self._report(population).time_range
        return start + dt * np.arange(self.n_steps(population))

    def node_ids(self, population: str | None = None) -> np.ndarray:
        return self._report(population).node_ids

    def element_ids(self, node_id: int | None = None, population: str | None = None) -> np.ndarray:
        """Return the section ids (E,) of a node's columns, of all where none is named."""
        report = self._report(population)
        return report.element_ids[slice(None) if node_id is None else report.columns(node_id)]

    def element_pos(self, node_id: int | None = None, population: str | None = None) -> np.ndarray:
        """Return the places (E,) along the sections of a node's columns, of all where none is named."""
        report = self._report(population)
        return report.element_pos[slice(None) if node_id is None else report.columns(node_id)]

    def n_elements(self, node_id: int | None = None, population: str | None = None) -> int:
        return len(self.element_ids(node_id, population))

    def time(self, population: str | None = None) -> np.ndarray:
        """Return start, stop and step (3,) in ms."""
        return np.array(self._report(population).time_range)

    def index_pointer(self, population: str | None = None) -> np.ndarray:
        """Return the first column (N,) of each node, and the number of all columns."""
        return self.get_column("index_pointer", population)

    def get_column(self, column_name: str, population: str | None = None) -> np.ndarray:
        """Return what the mapping of the report says of each column, under a name, (E,)."""
        return self._report(population).mapping(column_name)

    def custom_columns(self, population: str | None = None) -> dict[str, np.ndarray]:
        """Return what the mapping says of each column beyond SONATA's own, (E,) by name."""
        names = self._report(population).mapping_names()
        return {name: self.get_column(name, population) for name in names if name not in SONATA_COLUMNS}

    def data(
        self,
        node_id: int | None = None,
        population: str | None = None,
        time_window: Sequence[float] | None = None,
        sections: str | int | Sequence[int] = "all",
    ) -> np.ndarray:
        """Return the values (T, E) of a node, of all without one.

        ``sections`` are section ids, all, or origin, the first column alone. ``time_window`` is in ms, without its end.
        """
        report = self._report(population)
        rows = slice(None)
        if time_window is not None:
            start, _, dt = report.time_range
            rows = slice(*(max(0, round((time - start) / dt)) for time in time_window))
        values = report.values(node_id, rows)
        if node_id is None:
            return values
        if sections == "origin":
            return values[:, :1]
        if isinstance(sections, str) and sections != "all":
            raise InputError("are no sections", key="sections", value=sections, options=("all", "origin"))
        if isinstance(sections, str):
            return values
        return values[:, np.isin(self.element_ids(node_id, population), np.atleast_1d(sections))]

    def to_dataframe(self, node_ids: Sequence[int] | None = None, population: str | None = None) -> "pd.DataFrame":
        """Return a table with the time (ms) as its index and a column (node id, section id, place) each."""
        import pandas as pd  # half a second, which only tables need

        report = self._report(population)
        wanted = report.node_ids if node_ids is None else np.atleast_1d(node_ids)
        parts, heads = [], []
        for node in wanted.tolist():
            parts.append(report.values(node))
            places = zip(self.element_ids(node, population), self.element_pos(node, population), strict=True)
            heads += [(node, int(section), float(place)) for section, place in places]
        index = pd.Index(self.time_trace(population), name="time")
        columns = pd.MultiIndex.from_tuples(heads, names=["node_id", "element_id", "element_pos"])
        return pd.DataFrame(np.concatenate(parts, axis=1), index=index, columns=columns)

    def _report(self, population: str | None) -> Report:
        name = population or self._default
        if name is None and len(self._reports) == 1:
            name = self.populations[0]
        if name not in self._reports:
            raise InputError("no such population in the report", file=self.path, key="population", value=name,
                             options=self._reports)  # fmt: skip
        return self._reports[name]


def _order(name: str | None):
    name = getattr(name, "value", name)  # BMTK's names are members of an enumeration
    if name is not None and name not in ORDERS:
        raise InputError("is no order", key="sort_order", value=name, options=ORDERS)
    return ORDERS.get(name)
