"""Histograms of a statistic over cells or pairs, one row a group, all over the same bins."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from colonnade.analysis.activity import Activity
from colonnade.figures.style import FONT_SIZE, GREY, SMALL, in_lines, say, short, ticks, width_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

_ROOM_FOR_TICKS = 9.0  # pt, the least height of a row with numbers at both its ends


def draw_histograms(
    figure: Figure | SubFigure,
    samples: Mapping[str, np.ndarray],
    colours: Mapping[str, str],
    *,
    xlabel: str,
    ylabel: str,
    bins: int,
    logarithmic: bool = False,
    step: float = 0.0,
    zero_is_silence: bool = False,
    named: bool = True,
    silent: Collection[str] = (),
    too_few: str = "too few spikes",
) -> list[Axes]:
    """Draw the samples of each group in a row of its own, each as a fraction of its number, a mark at its median.

    All rows have the same bins and the same scales, so that they can be compared; outlines on top of each other could
    not be read from three groups on. Values that are multiples of ``step``, as rates are of one spike a window, get
    bins with equally many of these. With ``zero_is_silence`` a group whose values are all 0 has an empty row.
    ``named`` writes the groups' names beside the rows. A group without a sample is ``silent``, or had ``too_few`` of
    what there is a sample of. Returns the axes.
    """
    filled = {
        name: values for name, values in samples.items() if values.size and not (zero_is_silence and not values.any())
    }
    if not filled:
        axes = figure.subplots()
        say(axes, "no spikes" if set(samples) <= set(silent) else too_few)
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel=xlabel, ylabel=ylabel)
        return [axes]
    rows = list(figure.subplots(len(samples), 1, sharex=True, sharey=True, squeeze=False)[:, 0])
    height = 0.8 * rows[0].get_window_extent().height / figure.get_figure(root=True).dpi * 72
    edges = _edges(list(filled.values()), bins, logarithmic, step)
    heights = {name: np.histogram(values, edges)[0] / values.size for name, values in filled.items()}
    for axes, name in zip(rows, samples, strict=True):
        colour = colours.get(name, GREY)
        if name in filled:
            axes.stairs(heights[name], edges, fill=True, color=colour, alpha=0.35, linewidth=0)
            axes.stairs(heights[name], edges, color=colour, linewidth=0.8)
            _mark_median(axes, float(np.median(filled[name])), colour, size=min(4.0, 0.3 * height))
        else:
            say(axes, "no spikes" if zero_is_silence or name in silent else too_few)
        if named and len(samples) > 1:
            axes.annotate(
                short(name, samples), (1, 0.5), xycoords="axes fraction", xytext=(3, 0), textcoords="offset points",
                va="center", fontsize=SMALL, color=colour, annotation_clip=False,
            )  # fmt: skip
    highest = max(values.max() for values in heights.values())
    _scale(rows, highest, logarithmic, height=height, most=4 if width_of(figure) > 110 else 2)
    rows[-1].set_xlabel(in_lines(xlabel, 0.75 * width_of(figure)))
    if len(rows) == 1:
        rows[0].set_ylabel(ylabel)
    else:
        figure.supylabel(ylabel, fontsize=FONT_SIZE)
    return rows


def _edges(samples: Sequence[np.ndarray], bins: int, logarithmic: bool, step: float) -> np.ndarray:
    """Return the edges of the bins which all groups share."""
    low, high = min(values.min() for values in samples), max(values.max() for values in samples)
    if logarithmic:
        return np.geomspace(max(low, 1e-3), max(high, 1e-3) * 1.001, bins + 1)
    if step > 0:
        width = step * max(1.0, np.ceil((high - low) / step / bins))
        return low - step / 2 + width * np.arange(np.ceil((high - low) / width) + 2)
    return np.linspace(low, high, bins + 1) if high > low else np.linspace(low - 0.5, low + 0.5, bins + 1)


def _mark_median(axes: Axes, median: float, colour: str, *, size: float) -> None:
    """Draw a mark that stands on the axes' upper end, above all bars."""
    from matplotlib.markers import CARETDOWN

    upper = axes.get_xaxis_transform()
    axes.plot(median, 1.0, marker=CARETDOWN, color=colour, markersize=size, transform=upper, clip_on=False, zorder=3)


def _scale(rows: Sequence[Axes], highest: float, logarithmic: bool, *, height: float, most: int) -> None:
    """Give the rows, which share their axes, limits and ticks, ``most`` below.

    Rows of a low ``height`` (pt) have a number at their top.
    """
    bottom = rows[-1]
    bottom.set_ylim(0, highest * 1.08)
    bottom.yaxis.set_major_locator(ticks(4 if height > 4 * _ROOM_FOR_TICKS else 1))
    for axes in rows[:-1] if height < 2 * _ROOM_FOR_TICKS else ():
        axes.tick_params(labelleft=False)
    if height < _ROOM_FOR_TICKS:
        bottom.yaxis.get_major_locator().set_params(prune="lower")
    if logarithmic:
        from matplotlib.ticker import LogLocator, NullFormatter

        bottom.set_xscale("log")
        bottom.xaxis.set_major_locator(LogLocator(numticks=4))
        bottom.xaxis.set_minor_formatter(NullFormatter())
    else:
        bottom.xaxis.set_major_locator(ticks(most))


def samples_by_group(
    activities: Sequence[Activity], measure: Callable[[Activity], np.ndarray]
) -> dict[str, np.ndarray]:
    """Return what ``measure`` gives for the cells of each group, by group."""
    found: dict[str, list[np.ndarray]] = {}
    for activity in activities:
        for name in activity.group_names:
            found.setdefault(name, []).append(measure(activity.group(name)))
    return {name: np.concatenate(found[name]) for name in found}


def silent_groups(activities: Sequence[Activity]) -> set[str]:
    """Return the names of the groups without a spike."""
    spiking = {str(name) for activity in activities for name in activity.groups[activity.rows]}
    return {name for activity in activities for name in activity.group_names} - spiking
