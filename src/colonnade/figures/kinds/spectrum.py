"""Power spectrum of each group's rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from colonnade.analysis.activity import Activity
from colonnade.analysis.time_course import power_spectrum
from colonnade.figures.kind import GROUP_BY, POPULATIONS, WINDOW, FigureKind, number
from colonnade.figures.source import activities_and_colours, chosen_settings, parts_by_group
from colonnade.figures.style import (
    FONT_SIZE,
    GREY,
    PALE,
    SMALL,
    height_of,
    legend_above,
    panels,
    say,
    short,
    ticks,
    width_of,
    width_of_names,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result

_MOST_LINES = 4  # that can be followed where they cross, with colour blindness, too
_ROOM_FOR_A_TICK = 20.0  # pt of a row, its name included
_LEAST_WIDTH = 65.0  # pt, of axes for one of more


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
    """Draw the power density of each rate (bins of ``bin`` ms, segments of ``segment`` ms). Returns the axes.

    More lines than can be followed are drawn in axes of their own each, with the others in grey behind.
    """
    curves = {}
    for name, part in parts_by_group(activities):
        if part.times.size and part.duration >= 2 * bin:
            frequency, power = power_spectrum(part, bin, segment)
            shown = (frequency > 0) & (frequency <= max_frequency)
            curves[name, part.population] = frequency[shown], power[shown]
    apart = len(curves) > _MOST_LINES
    least = max(_LEAST_WIDTH, width_of_names(name for name, _ in curves) + 10.0)
    all_axes = panels(figure, len(curves) if apart else 1, int(width_of(figure) / least))
    for place, ((name, _), curve) in enumerate(curves.items()):
        axes = all_axes[place if apart else 0]
        for other in curves.values() if apart else ():
            axes.semilogy(*other, color=PALE, linewidth=0.4)
        axes.semilogy(*curve, color=colours.get(name, GREY), label=short(name, colours))
        if apart:
            axes.set_title(short(name, colours), loc="left", fontsize=SMALL, color=colours.get(name, GREY), pad=2)
    labels = "frequency (Hz)", "power density of rate (Hz²/Hz)"
    all_axes[0].set_xlim(0, max_frequency)
    if apart:
        figure.supxlabel(labels[0], fontsize=FONT_SIZE)
        figure.supylabel(labels[1], fontsize=FONT_SIZE)
        all_axes[0].xaxis.set_major_locator(ticks(2))
        rows = len({axes.get_subplotspec().rowspan.start for axes in all_axes})
        most = max(1, int(height_of(figure) / rows / _ROOM_FOR_A_TICK))
        all_axes[0].set_yticks(_decades([power for _, power in curves.values()], most))
    else:
        all_axes[0].set(xlabel=labels[0], ylabel=labels[1])
    if not curves:
        say(all_axes[0], "no spikes")
    elif not apart and len(curves) > 1:
        legend_above(all_axes[0])
    return all_axes


def _decades(powers: Sequence[np.ndarray], most: int) -> list[float]:
    """Return up to ``most`` of the powers of ten within the range of ``powers``, even steps apart, the last first."""
    found = np.concatenate(powers)
    logarithms = np.log10(found[found > 0])
    within = np.arange(np.ceil(logarithms.min()), np.floor(logarithms.max()) + 1) if len(logarithms) else np.empty(0)
    return (10.0 ** within[:: -max(1, -(-len(within) // most))]).tolist()


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
