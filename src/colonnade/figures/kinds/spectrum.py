"""Power spectrum of each group's rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from colonnade.analysis.activity import Activity
from colonnade.analysis.time_course import power_spectrum
from colonnade.figures.kind import GROUP_BY, POPULATIONS, WINDOW, FigureKind, number
from colonnade.figures.source import activities_and_colours, chosen_settings, parts_by_group
from colonnade.figures.style import GREY, legend_above, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the spectrum of the rates in ``result`` with the settings of the config."""
    activities, colours = activities_and_colours(result, settings)
    draw_spectrum(figure, activities, colours, **chosen_settings(settings, "bin", "segment", "max_frequency"))


def draw_spectrum(
    figure: Figure | SubFigure,
    activities: Sequence[Activity],
    colours: Mapping[str, str],
    *,
    bin: float = 1.0,
    segment: float = 500.0,
    max_frequency: float = 100.0,
) -> list[Axes]:
    """Draw the power density of each rate (bins of ``bin`` ms, segments of ``segment`` ms). Returns the axes."""
    axes = figure.subplots()
    parts = parts_by_group(activities)
    axes.set(xlabel="frequency (Hz)", ylabel="power density of rate (Hz²/Hz)", xlim=(0, max_frequency))
    drawn = 0
    for name, part in parts:
        if not part.times.size or part.duration < 2 * bin:
            continue
        frequency, power = power_spectrum(part, bin, segment)
        shown = (frequency > 0) & (frequency <= max_frequency)
        axes.semilogy(frequency[shown], power[shown], color=colours.get(name, GREY), label=name)
        drawn += 1
    if not drawn:
        say(axes, "no spikes")
    elif len(parts) > 1:
        legend_above(axes)
    return [axes]


KIND = FigureKind(
    "spectrum",
    shows="Power spectrum of the rate of each group.",
    use="to find rhythms in the activity of a group",
    draw=from_result,
    reads=("nodes", "spikes"),
    height=55.0,
    properties={
        "population": POPULATIONS,
        "group_by": GROUP_BY,
        "window": WINDOW,
        "bin": number("Bin of the rate, ms.", 1.0, above=0),
        "segment": number("Length of a segment, ms; 1000 divided by it is the resolution in Hz.", 500.0, above=0),
        "max_frequency": number("Highest frequency shown, Hz.", 100.0, above=0),
    },
)
