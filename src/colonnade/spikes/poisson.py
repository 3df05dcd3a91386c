"""Poisson spike trains: constant rates, rates given at points in time, and rates as functions of time."""

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from colonnade.errors import InputError, UnsupportedError
from colonnade.sonata.hdf5 import open_hdf5, population_groups
from colonnade.sonata.nodes import read_node_ids
from colonnade.sonata.spikes import Order, SpikeTrains, write_spikes, write_spikes_csv
from colonnade.streams import stream
from colonnade.user_functions import where_defined

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_SEED = 0
LARGEST_RATE = 1e5  # Hz, of a function; what a config holds has its limits there
RATE_STEP = 1e-4  # s, between the points at which a rate that is a function is read
ORDERS = {"time": "time", "by_time": "time", "id": "id", "by_id": "id", "none": None, None: None}


class SpikeGenerator:
    """Spike trains that are put together piece by piece and then saved; times in ms."""

    def __init__(self, population: str | None = None, seed: int | None = None, output_units: str = "ms"):
        check_units(output_units)
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer | None) or (seed or 0) < 0:
            raise InputError("is no seed", key="seed", value=seed, expected="a whole number >= 0")
        self.population, self.seed = population, DEFAULT_SEED if seed is None else int(seed)
        self._parts: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}

    def add_spikes(self, node_ids, timestamps, population: str | None = None) -> None:
        """Add given spikes: times (S,) in ms of one node or of S nodes."""
        times = np.atleast_1d(np.asarray(timestamps, dtype=float))
        if not (np.isfinite(times) & (times >= 0)).all():
            raise InputError("has a time that is negative or no number", key="timestamps", expected="ms, 0 or later")
        ids = np.broadcast_to(np.asarray(node_ids, dtype=np.uint64), times.shape)
        self._parts.setdefault(self._named(population), []).append((ids, times))

    def add_spike(self, node_id: int, timestamp: float, population: str | None = None) -> None:
        """Add one spike at a time in ms."""
        self.add_spikes(node_id, timestamp, population)

    def _named(self, population: str | None) -> str:
        name = population or self.population
        if name is None:
            raise InputError("is missing", key="population", expected="the name of the spiking population")
        return name

    @property
    def populations(self) -> list[str]:
        return list(self._parts)

    def trains(self) -> list[SpikeTrains]:
        """Return all spikes by population, sorted by time."""
        return [
            SpikeTrains(name, *(np.concatenate(column) for column in zip(*parts, strict=True))).ordered("time")
            for name, parts in self._parts.items()
        ]

    def get_times(self, node_id: int, population: str | None = None) -> np.ndarray:
        """Return the spike times (S,) of one node in ms, sorted."""
        name = self._named(population)
        times = [t[ids == node_id] for ids, t in self._parts.get(name, [])]
        return np.sort(np.concatenate([*times, np.zeros(0)]))

    def to_dataframe(self) -> "pd.DataFrame":
        """Return a table with the columns ``timestamps`` (ms), ``population`` and ``node_ids``, sorted by time."""
        import pandas as pd  # half a second, which only tables need

        frames = [train.frame() for train in self.trains()] or [SpikeTrains("", [], []).frame()]
        return pd.concat(frames).sort_values(["timestamps", "node_ids"], kind="stable", ignore_index=True)

    def to_sonata(
        self, path: str | os.PathLike, mode: str = "w", sort_order: str | None = "by_time", compression: str = "gzip"
    ) -> None:
        """Write a SONATA file, in place of one that is there; ``sort_order`` is by_time, by_id or none."""
        check_mode(mode)
        write_spikes(path, self.trains(), _order(sort_order), self.seed)

    def to_csv(self, path: str | os.PathLike, mode: str = "w", sort_order: str | None = "by_time") -> None:
        """Write ``timestamps population node_ids``, separated by spaces; times in ms."""
        check_mode(mode)
        write_spikes_csv(path, self.trains(), _order(sort_order))

    def __len__(self) -> int:
        return sum(len(times) for parts in self._parts.values() for _, times in parts)


class PoissonSpikeGenerator(SpikeGenerator):
    """Independent Poisson spike trains.

    Each node draws from a stream of its own, named after the population, the node id and how often the node was added
    before: more nodes leave the others' spikes as they are, and so does a later end.
    """

    def __init__(self, population: str | None = None, seed: int | None = None, output_units: str = "ms"):
        super().__init__(population, seed, output_units)
        self._times_added: dict[tuple[str, int], int] = {}

    def add(
        self,
        node_ids: Iterable[int] | int | str | os.PathLike,
        firing_rate: float | Iterable[float] | Callable[[np.ndarray], np.ndarray],
        population: str | None = None,
        times: Iterable[float] | float = (0.0, 1.0),
        abs_ref: float = 0.0,
        tau_ref: float = 0.0,
    ) -> None:
        """Add the spikes of some nodes.

        ``node_ids`` are numbers, or the path of a SONATA nodes file for all of its nodes. ``times`` (s) are start and
        end, or the end alone. ``firing_rate`` (Hz) is one rate; or an array, with a rate at each of as many ``times``,
        linear in between; or a function that takes times (n,) in s and returns rates (n,), read each 0.1 ms.
        ``abs_ref`` (s) is a dead time after each spike, for one rate only, which stays the mean rate.
        """
        if isinstance(node_ids, str | os.PathLike):
            node_ids, population = _ids_in(node_ids, population or self.population)
        name, ids = self._named(population), _checked_ids(node_ids)
        draw = _train(firing_rate, _checked_times(times), abs_ref, tau_ref)
        for node_id in ids.tolist():
            again = self._times_added.get((name, node_id), 0)
            self._times_added[name, node_id] = again + 1
            spikes = 1000.0 * draw(lambda *part, key=(name, node_id, again): stream(self.seed, "poisson", *key, *part))
            self._parts.setdefault(name, []).append((np.full(len(spikes), node_id, dtype=np.uint64), spikes))
        self._parts.setdefault(name, [(np.zeros(0, dtype=np.uint64), np.zeros(0))])


def check_units(units: str) -> None:
    """Raise ``UnsupportedError`` for times in anything but ms."""
    if str(units).lower() not in ("ms", "millisecond", "milliseconds"):
        raise UnsupportedError("times of spikes are in ms", key="units", value=units, expected="ms")


def check_mode(mode: str) -> None:
    """Raise ``UnsupportedError`` for a mode that adds to a file."""
    if mode != "w":
        raise UnsupportedError("spikes are not added to a file; merge them", key="mode", value=mode, expected="w")


def _train(firing_rate, times: np.ndarray, abs_ref: float, tau_ref: float) -> Callable:
    """Return a function which draws the times (s) of one train from the streams that it is given."""
    if tau_ref:
        raise UnsupportedError("a relative refractory period cannot be drawn", key="tau_ref", value=tau_ref)
    if callable(firing_rate):
        grid = np.linspace(times[0], times[-1], int(np.ceil((times[-1] - times[0]) / RATE_STEP - 1e-9)) + 1)
        rates, times = _checked_rates(firing_rate(grid.copy()), grid, where_defined(firing_rate)), grid
    elif np.ndim(firing_rate):
        rates = _checked_rates(firing_rate, times)
    else:
        rate = _checked_rates([firing_rate], [0])[0]
        if not 0 <= abs_ref * rate < 1:
            raise InputError("leaves no time for this rate", key="abs_ref", value=abs_ref, expected="0 to 1/rate (s)")
        return lambda streams: _constant(streams(), rate, times[0], times[-1], abs_ref)
    if abs_ref:
        raise UnsupportedError("a dead time needs a constant rate", key="abs_ref", value=abs_ref)
    return lambda streams: _thinned(streams, rates, times)


def _constant(rng: np.random.Generator, rate: float, start: float, stop: float, dead: float = 0.0) -> np.ndarray:
    """Draw spikes by their intervals, so that a later stop appends to the same train."""
    if rate == 0:
        return np.zeros(0)
    after = np.zeros(1)  # s from the start; one sum over all intervals, so that its rounding does not tell the stop
    while start + after[-1] <= stop:
        expected = rate * (stop - start - after[-1])
        intervals = dead + rng.exponential(1 / rate - dead, int(expected + 4 * np.sqrt(expected)) + 16)
        after = np.concatenate([after[:-1], np.cumsum(np.append(after[-1], intervals))])
    train = start + after[1:]
    return train[train <= stop]


def _thinned(streams: Callable, rates: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Draw a train at the highest rate and keep each spike with its share of it (Lewis and Shedler 1979)."""
    highest = rates.max()
    train = _constant(streams(), highest, times[0], times[-1])
    return train[streams("thinning").random(len(train)) * highest < np.interp(train, times, rates)]


def _ids_in(nodes_file, population: str | None) -> tuple[np.ndarray, str]:
    if population is None:
        with open_hdf5(nodes_file) as file:
            names = list(population_groups(file, "nodes", None))
        if len(names) != 1:
            raise InputError(
                "has several populations", file=nodes_file, value=names, expected="population= one of them"
            )
        population = names[0]
    return read_node_ids(nodes_file, population), population


def _checked_ids(node_ids) -> np.ndarray:
    ids = np.atleast_1d(np.asarray(list(node_ids) if isinstance(node_ids, Iterable) else node_ids))
    if len(ids) and (ids.ndim != 1 or ids.dtype.kind not in "iu" or ids.min() < 0):
        raise InputError("are no node ids", key="node_ids", value=ids.tolist()[:10], expected="whole numbers >= 0")
    return ids.astype(np.int64)


def _checked_times(times) -> np.ndarray:
    array = np.asarray(list(times) if isinstance(times, Iterable) else [0.0, times], dtype=float)
    if len(array) < 2 or not np.isfinite(array).all() or array[0] < 0 or (np.diff(array) <= 0).any():
        raise InputError(
            "is no stretch of time",
            key="times",
            value=array.tolist()[:10],
            expected="increasing times in s, the first >= 0",
        )
    return array


def _checked_rates(rates, times, where: str = "") -> np.ndarray:
    """Return rates as an array; ``where`` tells of the function that gave them, whose rates have a limit."""
    try:
        array = np.asarray(rates, dtype=float)
    except (TypeError, ValueError):
        array = np.full(1, np.nan)
    if array.shape != np.shape(times):
        raise InputError(
            f"has {array.size} rates for {len(times)} times{where}", key="firing_rate", expected="as many of both"
        )
    wrong = ~(np.isfinite(array) & (array >= 0))
    if wrong.any():
        raise InputError(f"is no rate{where}", key="firing_rate", value=array[wrong].tolist()[:10], expected=">= 0 Hz")
    if where and array.max(initial=0) > LARGEST_RATE:
        raise InputError(f"is no rate of a cell{where}", key="firing_rate", value=array.max().item(),
                         expected=f"at most {LARGEST_RATE:g} Hz")  # fmt: skip
    return array


def _order(name: str | None) -> Order:
    name = getattr(name, "value", name)  # BMTK's names are members of an enumeration
    if name not in ORDERS:
        raise InputError("is no order", key="sort_order", value=name, options=[str(each) for each in ORDERS if each])
    return ORDERS[name]
