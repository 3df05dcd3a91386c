"""Distributions over cells: rate, interspike interval, CV and other statistics of spike trains."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from colonnade.analysis.activity import Activity
from colonnade.analysis.result import Result
from colonnade.analysis.trains import fano_factors, interval_statistics, rates
from colonnade.errors import InputError
from colonnade.figures.histograms import draw_histograms, name_groups, samples_by_group
from colonnade.figures.source import activities_and_colours, given

SIZE = ("page", 50.0)

MEASURES = {
    "rate": "firing rate (Hz)",
    "isi": "interspike interval (ms)",
    "cv": "CV of intervals",
    "cv2": "CV2 of intervals",
    "lv": "LV of intervals",
    "fano": "Fano factor",
}
_LOGARITHMIC = {"isi"}


def values_of(activity: Activity, measure: str, *, count_window: float = 100.0) -> np.ndarray:
    """Return the values of ``measure`` (a key of ``MEASURES``): one a cell, or one an interval for ``isi``; no NaN.

    ``count_window`` in ms is what the Fano factor counts in.
    """
    if measure not in MEASURES:
        raise InputError("unknown measure", key="measures", value=measure, options=MEASURES)
    if measure == "rate":
        return rates(activity)
    if measure == "isi":
        return activity.intervals()
    values = fano_factors(activity, count_window) if measure == "fano" else interval_statistics(activity)[measure]
    return values[~np.isnan(values)]


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the distributions of ``result`` with the settings of the config."""
    activities, colours = activities_and_colours(result, settings)
    draw_distributions(figure, activities, colours, **given(settings, "measures", "bins", "count_window"))


def draw_distributions(
    figure: Figure | SubFigure,
    activities: Sequence[Activity],
    colours: Mapping[str, str],
    *,
    measures: Sequence[str] = ("rate", "isi", "cv"),
    bins: int = 20,
    count_window: float = 100.0,
) -> list[Axes]:
    """Draw a histogram of each measure, one outline a group, a mark at the group's median. Returns the axes."""
    all_axes = list(figure.subplots(1, len(measures), squeeze=False)[0])
    for axes, measure in zip(all_axes, measures, strict=True):
        samples = samples_by_group(
            activities, lambda part, measure=measure: values_of(part, measure, count_window=count_window)
        )
        counted = "fraction of intervals" if measure == "isi" else "fraction of cells"
        step = 1000.0 / activities[0].duration if measure == "rate" and activities else 0.0
        draw_histograms(axes, samples, colours, bins=bins, logarithmic=measure in _LOGARITHMIC, step=step)
        axes.set(xlabel=MEASURES[measure], ylabel=counted)
    name_groups(figure, samples, colours)
    return all_axes
