"""Power of the rate of each group over time and frequency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from colonnade.analysis.activity import Activity
from colonnade.analysis.time_course import spectrogram
from colonnade.figures.kind import GROUP_BY, POPULATIONS, WINDOW, FigureKind, number
from colonnade.figures.source import activities_and_colours, chosen_settings, parts_by_group
from colonnade.figures.style import FONT_SIZE, GREY, SMALL, height_of, panels, say, sequential, short, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result

_LEAST_HEIGHT = 28.0  # pt, of a row with its name
_ROOM_BELOW = 25.0  # pt
_DECADES = 3.0  # below the greatest power


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the spectrogram of the rates in ``result`` with the settings of the config."""
    activities, colours = activities_and_colours(result, settings)
    chosen = chosen_settings(settings, "bin", "segment", "step", "max_frequency")
    draw_spectrogram(figure, activities, colours, **chosen)


def draw_spectrogram(
    figure: Figure | SubFigure,
    activities: Sequence[Activity],
    colours: Mapping[str, str],
    *,
    bin: float = 1.0,
    segment: float = 200.0,
    step: float = 20.0,
    max_frequency: float = 100.0,
) -> list[Axes]:
    """Draw the power density of the rate of each group in segments of ``segment`` ms, every ``step`` ms, in axes each.

    They stand one below the other, in several columns where the rows would be too low. The colours are logarithmic and
    the same in all axes, from a thousandth of the greatest power. Returns the axes.
    """
    from matplotlib.colors import LogNorm

    parts = [(name, part) for name, part in parts_by_group(activities)]
    most_rows = max(1, int((height_of(figure) - _ROOM_BELOW) / _LEAST_HEIGHT))
    columns = max(1, -(-len(parts) // most_rows))
    rows = panels(figure, max(len(parts), 1), columns)
    drawn = [
        (axes, spectrogram(part, bin, segment, step)) if part.times.size else (axes, None)
        for axes, (_, part) in zip(rows, parts, strict=False)
    ]
    shown = [
        power[(frequency > 0) & (frequency <= max_frequency)]
        for _, found in drawn
        if found
        for _, frequency, power in [found]
    ]
    highest = max((power.max(initial=0.0) for power in shown), default=0.0)
    window = activities[0].window if activities else (0.0, 1.0)
    if columns == 1:
        rows[-1].set_xlabel("time (ms)")
    else:
        figure.supxlabel("time (ms)", fontsize=FONT_SIZE)
    figure.supylabel("frequency (Hz)", fontsize=FONT_SIZE)
    image = None
    for axes, found in drawn:
        if found is None or not highest:
            say(axes, "no spikes")
            continue
        times, frequency, power = found
        kept = (frequency > 0) & (frequency <= max_frequency)
        image = axes.imshow(
            np.maximum(power[kept], highest / 10**_DECADES), origin="lower", aspect="auto", interpolation="none",
            cmap=sequential(), norm=LogNorm(highest / 10**_DECADES, highest),
            extent=(*_edges(times, window[1] - window[0]), *_edges(frequency[kept], max_frequency)),
        )  # fmt: skip
    rows[-1].set(xlim=window, ylim=(0, max_frequency))
    rows[-1].yaxis.set_major_locator(ticks(2))
    rows[-1].xaxis.set_major_locator(ticks(5 if columns == 1 else 2))
    for axes, (name, _) in zip(rows, parts, strict=False):
        if len(parts) > 1:
            axes.set_title(short(name, colours), loc="left", fontsize=SMALL, color=colours.get(name, GREY), pad=2)
    if image is not None:
        bar = figure.colorbar(image, ax=rows, aspect=30, pad=0.02, shrink=0.8)
        bar.set_label("power density of rate (Hz²/Hz)")
        bar.outline.set_linewidth(0.6)
        bar.ax.minorticks_off()
    return rows


def _edges(middles: np.ndarray, whole: float) -> tuple[float, float]:
    """Return where equal fields around ``middles`` begin and end; a single one is as wide as the ``whole`` axis."""
    half = (middles[1] - middles[0] if len(middles) > 1 else whole) / 2
    return middles[0] - half, middles[-1] + half


KIND = FigureKind(
    "spectrogram",
    shows="Power of the rate of each group over time and frequency.",
    use="when an oscillation begins, ends or changes its frequency during the run",
    draw=from_result,
    reads=("nodes", "spikes"),
    height=70.0,
    properties={
        "population": POPULATIONS,
        "group_by": GROUP_BY,
        "window": WINDOW,
        "bin": number("Bin of the rate, ms.", 1.0, above=0),
        "segment": number("Length of a segment, ms; 1000 divided by it is the resolution in Hz.", 200.0, above=0),
        "step": number("Time between the beginnings of segments, ms.", 20.0, above=0),
        "max_frequency": number("Highest frequency shown, Hz.", 100.0, above=0),
    },
)
