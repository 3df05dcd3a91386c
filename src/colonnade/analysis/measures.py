"""The statistics of a cell's spike train, one line each; tables, figures, schema and report follow from this list."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from colonnade.analysis.activity import Activity
from colonnade.analysis.trains import (
    fano_factors,
    interval_cv,
    local_variation,
    mean_intervals,
    neighbouring_interval_cv,
    rates,
)
from colonnade.errors import InputError


@dataclass(frozen=True)
class Measure:
    """A statistic of a cell.

    ``key`` names it in configs and, with the ``unit``, the columns of tables: ``rate`` in ``hz`` is ``rate_hz`` in
    cells.csv, and ``rate_mean_hz``, ``rate_low_hz``, ``rate_high_hz`` in populations.csv. ``label`` stands on axes,
    ``title`` in the report. ``function(activity, count_window)`` returns a value a cell (N,), NaN where a cell has too
    few spikes; ``count_window`` in ms is what counts of spikes are taken in. ``samples`` gives what a distribution
    shows where that is not the cells' values. ``cell_column`` is the column of cells.csv where it is another one.
    """

    key: str
    label: str
    title: str
    unit: str
    function: Callable[[Activity, float], np.ndarray]
    samples: Callable[[Activity], np.ndarray] | None = None
    counted: str = "cells"
    logarithmic: bool = False
    cell_column: str | None = None

    @property
    def column(self) -> str:
        """The measure's column in cells.csv."""
        return self.cell_column or "_".join(filter(None, (self.key, self.unit)))

    def column_of(self, statistic: str) -> str:
        """Return the column of ``statistic`` (mean, low, high) in populations.csv."""
        return "_".join(filter(None, (self.key, statistic, self.unit)))

    def distribution(self, activity: Activity, count_window: float) -> np.ndarray:
        """Return the values whose distribution is shown, without NaN."""
        values = self.samples(activity) if self.samples else self.function(activity, count_window)
        return values[~np.isnan(values)]


MEASURES = {
    measure.key: measure
    for measure in (
        Measure("rate", "firing rate (Hz)", "Rate (Hz)", "hz", lambda cells, _: rates(cells)),
        Measure(
            "isi", "interspike interval (ms)", "Interval (ms)", "ms", lambda cells, _: mean_intervals(cells),
            samples=Activity.intervals, counted="intervals", logarithmic=True, cell_column="isi_mean_ms",
        ),
        Measure("cv", "CV of intervals", "CV", "", lambda cells, _: interval_cv(cells)),
        Measure("cv2", "CV2 of intervals", "CV2", "", lambda cells, _: neighbouring_interval_cv(cells)),
        Measure("lv", "LV of intervals", "LV", "", lambda cells, _: local_variation(cells)),
        Measure("fano", "Fano factor", "Fano factor", "", fano_factors),
    )
}  # fmt: skip


def measure(key: str) -> Measure:
    """Return the measure called ``key``; InputError with the nearest name where there is none."""
    if key not in MEASURES:
        raise InputError("unknown measure", key="measures", value=key, options=MEASURES)
    return MEASURES[key]
