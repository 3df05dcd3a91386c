"""Histograms of a statistic over cells or pairs, one outline a group, all over the same bins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from colonnade.analysis.activity import Activity
from colonnade.figures.style import GREY, legend_of_figure, say, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure


def draw_histograms(
    axes: Axes,
    samples: Mapping[str, np.ndarray],
    colours: Mapping[str, str],
    *,
    bins: int,
    logarithmic: bool = False,
    step: float = 0.0,
    zero_is_silence: bool = False,
) -> None:
    """Draw the samples of each group over common bins, each as a fraction of its own number.

    Values that are multiples of ``step``, as rates are of one spike a window, get bins with equally many of these.
    With ``zero_is_silence`` a group whose values are all 0 is left out.
    """
    filled = {
        name: values for name, values in samples.items() if values.size and not (zero_is_silence and not values.any())
    }
    if not filled:
        say(axes, "no spikes")
        axes.set(xlim=(0, 1), ylim=(0, 1))
        return
    low = min(values.min() for values in filled.values())
    high = max(values.max() for values in filled.values())
    if logarithmic:
        from matplotlib.ticker import LogLocator, NullFormatter

        edges = np.geomspace(max(low, 1e-3), max(high, 1e-3) * 1.001, bins + 1)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(numticks=4))
        axes.xaxis.set_minor_formatter(NullFormatter())
    elif step > 0:
        width = step * max(1.0, np.ceil((high - low) / step / bins))
        edges = low - step / 2 + width * np.arange(np.ceil((high - low) / width) + 2)
    else:
        edges = np.linspace(low, high, bins + 1) if high > low else np.linspace(low - 0.5, low + 0.5, bins + 1)
    highest = 0.0
    for name, values in filled.items():
        heights = np.histogram(values, edges)[0] / values.size
        colour = colours.get(name, GREY)
        axes.stairs(heights, edges, fill=True, color=colour, alpha=0.3 / len(filled), linewidth=0)
        axes.stairs(heights, edges, color=colour, linewidth=0.8)
        highest = max(highest, heights.max())
    for name, values in filled.items():
        axes.plot(
            np.median(values), 1.0, "v", color=colours.get(name, GREY), markersize=3.5,
            transform=axes.get_xaxis_transform(), clip_on=False,
        )  # fmt: skip
    axes.set_ylim(0, highest * 1.08)
    axes.yaxis.set_major_locator(ticks(4))
    if not logarithmic:
        axes.xaxis.set_major_locator(ticks(4))


def samples_by_group(
    activities: Sequence[Activity], measure: Callable[[Activity], np.ndarray]
) -> dict[str, np.ndarray]:
    """Return what ``measure`` gives for the cells of each group, by group, sorted by name."""
    found: dict[str, list[np.ndarray]] = {}
    for activity in activities:
        for name in activity.group_names:
            found.setdefault(name, []).append(measure(activity.group(name)))
    return {name: np.concatenate(found[name]) for name in sorted(found)}


def name_groups(figure: Figure | SubFigure, groups: Iterable[str], colours: Mapping[str, str]) -> None:
    """Name the groups above all axes of ``figure``, if there are several."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], linestyle="none", marker="s", color=colours.get(name, GREY), label=name) for name in groups
    ]
    if len(handles) > 1:
        legend_of_figure(figure, handles)
