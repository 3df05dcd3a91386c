"""Rate of the cells over time and depth, and beside it the mean rate of each group over depth."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from colonnade.analysis.activity import Activity
from colonnade.analysis.time_course import rate_map
from colonnade.analysis.trains import rates
from colonnade.figures.kind import GROUP_BY, WINDOW, FigureKind, number, text
from colonnade.figures.style import (
    GREY,
    MARKERS,
    colours_of,
    hatch_empty,
    legend_of_figure,
    say,
    sequential,
    short,
    ticks,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result

AXES = ("x", "y", "z")


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the rate map of ``result`` with the settings of the config."""
    group_by = settings.get("group_by", "pop_name")
    (population,) = result.populations(settings.get("population") or result.simulated[:1])
    activity = result.activity(population, group_by, settings.get("window"))
    places = result.positions(population)
    axis = settings.get("axis", "y")
    depth = np.full(len(activity.node_ids), np.nan) if places is None else places[:, AXES.index(axis)]
    colours = colours_of(result.group_names(group_by), settings.get("colours"))
    draw_rate_map(
        figure, activity, depth, colours, axis=axis, bin=settings.get("bin", 20.0), layer=settings.get("layer", 20.0)
    )


def draw_rate_map(
    figure: Figure | SubFigure,
    activity: Activity,
    depth: np.ndarray,
    colours: Mapping[str, str],
    *,
    axis: str = "y",
    bin: float = 20.0,
    layer: float = 20.0,
) -> list[Axes]:
    """Draw the mean rate of the cells in fields of ``bin`` ms and ``layer`` um; ``depth`` (N,) is each cell's place.

    Hatched fields hold no cell. Beside the map: the mean rate over the whole window of each group in each layer.
    Returns the axes.
    """
    placed = np.isfinite(depth)
    if not placed.any():
        axes = figure.subplots()
        axes.set_axis_off()
        say(axes, "no cell has a position")
        return [axes]
    activity, depth = activity.cells(placed), depth[placed]
    times, layers, rate = rate_map(activity, depth, activity.fitting(bin), layer)
    left, right = figure.subplots(1, 2, sharey=True, gridspec_kw={"width_ratios": [3, 1]})
    hatch_empty(left)
    image = left.pcolormesh(
        times, layers, rate, cmap=sequential(), vmin=0, vmax=np.nanmax(rate) or 1.0, rasterized=rate.size > 20_000
    )
    if not activity.times.size:
        say(left, "no spikes")
    left.set(xlabel="time (ms)", ylabel=f"{axis} (µm)", xlim=(times[0], times[-1]), ylim=(layers[0], layers[-1]))
    left.xaxis.set_major_locator(ticks(4))
    left.yaxis.set_major_locator(ticks(5))
    bar = figure.colorbar(image, ax=left, location="top", aspect=40, pad=0.02)
    bar.set_label("rate of a cell (Hz)")
    bar.outline.set_linewidth(0.6)
    bar.ax.xaxis.set_major_locator(ticks(4))
    handles, highest = [], 0.0
    middles = (layers[:-1] + layers[1:]) / 2
    for name, marker in zip(activity.group_names, itertools.cycle(MARKERS), strict=False):
        own = activity.groups == name
        inside = np.digitize(depth[own], layers) - 1
        values, cells = rates(activity.group(name)), np.bincount(inside, minlength=len(middles))
        with np.errstate(invalid="ignore"):
            mean = np.bincount(inside, values, minlength=len(middles))[: len(middles)] / cells[: len(middles)]
        highest = max(highest, float(np.nanmax(mean)))
        handles += right.plot(
            mean, middles, "-", marker=marker, color=colours.get(name, GREY), markersize=2, label=short(name, colours)
        )
    right.set_xlabel("mean (Hz)")
    right.set_xlim(0, 1.1 * highest or 1.0)
    right.xaxis.set_major_locator(ticks(2))
    if len(handles) > 1:
        legend_of_figure(figure, handles)
    return [left, right]


KIND = FigureKind(
    "rate_map",
    shows="Rate of the cells over time and depth, and the mean rate of each group over depth.",
    use="to see whether activity starts in a layer, travels, or depends on depth",
    draw=from_result,
    reads=("nodes", "spikes"),
    height=65.0,
    properties={
        "population": text("Name of the network whose cells are shown. Default: the first that is simulated."),
        "group_by": GROUP_BY,
        "window": WINDOW,
        "axis": {"enum": list(AXES), "default": "y", "description": "Axis of the positions that is the depth."},
        "bin": number("Width of a field, ms.", 20.0, above=0),
        "layer": number("Height of a field, um.", 20.0, above=0),
    },
)
