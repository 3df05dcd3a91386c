"""Distributions over cells: rate, interspike interval, CV and other statistics of spike trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from colonnade.analysis.activity import Activity
from colonnade.analysis.measures import MEASURES, measure
from colonnade.figures.histograms import draw_histograms, samples_by_group, silent_groups
from colonnade.figures.kind import GROUP_BY, POPULATIONS, WINDOW, FigureKind, integer, number
from colonnade.figures.source import activities_and_colours, chosen_settings, group_names
from colonnade.figures.style import width_of, width_of_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the distributions of ``result`` with the settings of the config."""
    activities, colours = activities_and_colours(result, settings)
    draw_distributions(figure, activities, colours, **chosen_settings(settings, "measures", "bins", "count_window"))


def draw_distributions(
    figure: Figure | SubFigure,
    activities: Sequence[Activity],
    colours: Mapping[str, str],
    *,
    measures: Sequence[str] = ("rate", "isi", "cv"),
    bins: int = 20,
    count_window: float = 100.0,
) -> list[Axes]:
    """Draw a histogram of each measure, one row a group, a mark at the group's median. Returns the axes."""
    names = group_names(activities)
    beside = width_of_names(names) if len(names) > 1 else 0.0  # right of the last ones
    share = (width_of(figure) - beside) / len(measures)
    widths = [share] * (len(measures) - 1) + [share + beside]
    parts = figure.subfigures(1, len(measures), squeeze=False, width_ratios=widths)[0]
    silent = silent_groups(activities)
    all_axes = []
    for part, key in zip(parts, measures, strict=True):
        shown = measure(key)
        samples = samples_by_group(activities, lambda part, shown=shown: shown.distribution(part, count_window))
        step = 1000.0 / activities[0].duration if key == "rate" and activities else 0.0
        all_axes += draw_histograms(
            part, samples, colours, xlabel=shown.label, ylabel=f"fraction of {shown.counted}", bins=bins,
            logarithmic=shown.logarithmic, step=step, zero_is_silence=key == "rate", named=key == measures[-1],
            silent=silent,
        )  # fmt: skip
    return all_axes


KIND = FigureKind(
    "distributions",
    shows="Histograms over cells, a mark at the median of each group.",
    use="to compare how regular and how active the cells of the groups are",
    draw=from_result,
    reads=("nodes", "spikes"),
    height=50.0,
    width="page",
    properties={
        "population": POPULATIONS,
        "group_by": GROUP_BY,
        "window": WINDOW,
        "measures": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"enum": list(MEASURES)},
            "default": ["rate", "isi", "cv"],
            "description": "What is shown, one histogram each.",
        },
        "bins": integer("Number of bins.", 20, least=1),
        "count_window": number("Window in which the Fano factor counts spikes, ms.", 100.0, above=0),
    },
)
