"""The spikes of chosen cells in a time window, silent cells included: what every spike statistic starts from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from colonnade.errors import InputError

# Simulators write spike times as multiples of dt that are off by rounding: a spike this fraction of a bin before an
# edge belongs to the bin that starts there. The same value as elephant's BinnedSpikeTrain uses.
EDGE_TOLERANCE = 1e-8


@dataclass(frozen=True)
class Activity:
    """Spikes of N cells between two times.

    ``node_ids`` (N,) are the cells in the order of rows, silent ones too; ``groups`` (N,) is the name that each cell
    is counted and coloured under, such as its ``pop_name``. ``rows`` (S,) and ``times`` (S,) in ms are the spikes,
    sorted by row, then time. ``window`` is (start, stop) in ms; a spike at ``stop`` is outside.
    """

    population: str
    node_ids: np.ndarray
    groups: np.ndarray
    rows: np.ndarray
    times: np.ndarray
    window: tuple[float, float]

    @property
    def duration(self) -> float:
        """Length of the window in ms."""
        return self.window[1] - self.window[0]

    def fitting(self, width: float) -> float:
        """Return the width in ms of a bin that is to be ``width`` ms wide, but at most the window."""
        return min(width, self.duration)

    @property
    def group_names(self) -> list[str]:
        """Names of the groups, in the order of their first cells: that of the config."""
        return list(dict.fromkeys(self.groups.tolist()))

    def counts(self) -> np.ndarray:
        """Return the number of spikes of each cell, (N,)."""
        return np.bincount(self.rows, minlength=len(self.node_ids))

    def trains(self) -> list[np.ndarray]:
        """Return N arrays of spike times in ms, each sorted."""
        return np.split(self.times, np.cumsum(self.counts())[:-1]) if len(self.node_ids) else []

    def intervals(self) -> np.ndarray:
        """Return all interspike intervals in ms, cell after cell, (I,)."""
        same_cell = np.diff(self.rows) == 0
        return np.diff(self.times)[same_cell]

    def group(self, name: str) -> "Activity":
        """Return the part of the cells which belong to the group ``name``."""
        return self.cells(self.groups == name)

    def cells(self, chosen: np.ndarray) -> "Activity":
        """Return the part of the cells for which ``chosen`` (N,) is true."""
        chosen = np.asarray(chosen, dtype=bool)
        new_row = np.cumsum(chosen) - 1
        kept = chosen[self.rows]
        return Activity(
            self.population,
            self.node_ids[chosen],
            self.groups[chosen],
            new_row[self.rows[kept]],
            self.times[kept],
            self.window,
        )

    def bin_edges(self, width: float) -> np.ndarray:
        """Return the edges in ms of the whole bins of ``width`` ms that fit in the window, (B + 1,)."""
        return bin_edges(self.window, width)

    def binned(self, width: float) -> np.ndarray:
        """Return spike counts (N, B) in bins of ``width`` ms; a remainder at the window's end is left out."""
        n_bins = len(self.bin_edges(width)) - 1
        column = bin_index(self.times, self.window[0], width)
        inside = (column >= 0) & (column < n_bins)
        flat = np.bincount(self.rows[inside] * n_bins + column[inside], minlength=len(self.node_ids) * n_bins)
        return flat.reshape(len(self.node_ids), n_bins)


def bin_edges(window: tuple[float, float], width: float) -> np.ndarray:
    """Return the edges (B + 1,) of the whole bins of ``width`` that fit in ``window``, all in ms."""
    if not width > 0:
        raise InputError("a bin has to have a width", value=width, expected="ms above 0")
    n_bins = int(np.floor((window[1] - window[0]) / width + EDGE_TOLERANCE))
    if n_bins < 1:
        raise InputError(
            f"no bin of {width:g} ms fits into the window", value=list(window), expected=f"at least {width:g} ms"
        )
    return window[0] + width * np.arange(n_bins + 1)


def bin_index(times: np.ndarray, start: float, width: float) -> np.ndarray:
    """Return the bin (S,) that each of ``times`` (S,) falls in, counted from ``start``."""
    return np.floor((np.asarray(times, dtype=float) - start) / width + EDGE_TOLERANCE).astype(np.int64)


def activity(
    timestamps: Sequence[float],
    node_ids: Sequence[int],
    *,
    cells: Iterable[int] | None = None,
    groups: Sequence[str] | None = None,
    population: str = "",
    window: tuple[float, float] | None = None,
) -> Activity:
    """Return the ``Activity`` of ``cells`` from spikes in any order.

    ``timestamps`` (S,) in ms and ``node_ids`` (S,) are the spikes. ``cells`` (N,) names the cells to keep, silent ones
    too (default: those which spike); ``groups`` (N,) their groups (default: the population's name). ``window`` is
    (start, stop) in ms, by default from 0 to the last spike.
    """
    times = np.asarray(timestamps, dtype=float)
    ids = np.asarray(node_ids, dtype=np.int64)
    if times.shape != ids.shape or times.ndim != 1:
        raise InputError(f"{times.size} timestamps for {ids.size} node ids", expected="one node id for each spike")
    kept_cells = np.unique(ids) if cells is None else np.asarray(list(cells), dtype=np.int64)
    names = np.full(len(kept_cells), population or "cells") if groups is None else np.asarray(groups, dtype=str)
    if names.shape != kept_cells.shape:
        raise InputError(f"{names.size} groups for {kept_cells.size} cells", expected="one group for each cell")
    order = np.argsort(kept_cells, kind="stable")
    if np.any(np.diff(kept_cells[order]) == 0):
        raise InputError("a cell is named twice", key="cells")
    start, stop = _checked_window(window, times)
    place = np.searchsorted(kept_cells[order], ids).clip(max=max(len(kept_cells) - 1, 0))
    kept = (times >= start) & (times < stop)
    kept &= kept_cells[order][place] == ids if len(kept_cells) else False
    rows, times = order[place[kept]] if len(kept_cells) else np.empty(0, dtype=np.int64), times[kept]
    by_cell = np.lexsort((times, rows))
    return Activity(population, kept_cells, names, rows[by_cell], times[by_cell], (start, stop))


def _checked_window(window, times: np.ndarray) -> tuple[float, float]:
    """Return (start, stop) in ms; without a window, one which holds every spike."""
    if window is None:
        return 0.0, float(np.nextafter(times.max(), np.inf)) if times.size else 1.0
    start, stop = (float(edge) for edge in window)
    if not stop > start:
        raise InputError("the window is empty", key="window", value=list(window), expected="[start, stop] in ms")
    return start, stop
