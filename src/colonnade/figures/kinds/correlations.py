"""Distribution of the pairwise correlations of spike counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from colonnade.analysis.activity import Activity
from colonnade.analysis.synchrony import correlation_matrix, pairs, sampled_cells
from colonnade.figures.histograms import draw_histograms, samples_by_group, silent_groups
from colonnade.figures.kind import GROUP_BY, POPULATIONS, WINDOW, FigureKind, integer, number
from colonnade.figures.source import activities_and_colours, chosen_settings
from colonnade.figures.style import PALE
from colonnade.streams import stream

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the correlations in ``result`` with the settings of the config."""
    activities, colours = activities_and_colours(result, settings)
    chosen = chosen_settings(settings, "bin", "bins", "most_cells")
    draw_correlations(figure, activities, colours, seed=settings.get("seed", 0), **chosen)


def draw_correlations(
    figure: Figure | SubFigure,
    activities: Sequence[Activity],
    colours: Mapping[str, str],
    *,
    bin: float = 10.0,
    bins: int = 40,
    most_cells: int = 200,
    seed: int = 0,
) -> list[Axes]:
    """Draw the distribution of the pairwise correlations of spike counts in bins of ``bin`` ms. Returns the axes.

    Of a group with more than ``most_cells`` cells a random sample stands for all, from the stream of ``seed``.
    """

    def correlations_within(part: Activity):
        rng = stream(seed, "correlations", part.population, part.group_names[0])
        return pairs(correlation_matrix(sampled_cells(part, most_cells, rng), part.fitting(bin)))

    samples = samples_by_group(activities, correlations_within)
    label = f"correlation of spike counts ({bin:g} ms)"
    rows = draw_histograms(
        figure, samples, colours, xlabel=label, ylabel="fraction of pairs", bins=bins,
        silent=silent_groups(activities), too_few="no pair of cells that spike",
    )  # fmt: skip
    for axes in rows:
        axes.axvline(0, color=PALE, linewidth=0.6, zorder=0)
    return rows


KIND = FigureKind(
    "correlations",
    shows="Histogram of the pairwise correlations of spike counts.",
    use="to show how synchronous the cells of each group are",
    draw=from_result,
    reads=("nodes", "spikes"),
    height=50.0,
    properties={
        "population": POPULATIONS,
        "group_by": GROUP_BY,
        "window": WINDOW,
        "bin": number("Bin of the spike counts, ms.", 10.0, above=0),
        "bins": integer("Number of bins of the histogram.", 40, least=1),
        "most_cells": integer("Largest number of cells of a group; above it, a random sample.", 200, least=2),
    },
)
