"""Where the cells are: somata in 3-D, coloured by group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from colonnade.figures.kind import GROUP_BY, POPULATIONS, FigureKind, number
from colonnade.figures.projection import draw_box, view
from colonnade.figures.source import chosen_settings
from colonnade.figures.style import GREY, colours_of, legend_of_figure, say, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result

_VECTOR_CELLS = 20_000
_AROUND_ONE = 10.0  # um, half the box around a single place


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw where the cells of ``result`` are, with the settings of the config."""
    group_by = settings.get("group_by", "pop_name")
    found: dict[str, list[np.ndarray]] = {}
    for population in result.populations(settings.get("population")):
        points, names = result.positions(population), result.groups(population, group_by)
        for name in dict.fromkeys(names.tolist()) if points is not None else []:
            own = points[names == name]
            found.setdefault(name, []).append(own[np.isfinite(own).all(axis=1)])
    positions = {name: np.concatenate(parts) for name, parts in found.items()}
    colours = colours_of(result.group_names(group_by), settings.get("colours"))
    draw_placement(figure, positions, colours, **chosen_settings(settings, "elevation", "azimuth"))


def draw_placement(
    figure: Figure | SubFigure,
    positions: Mapping[str, np.ndarray],
    colours: Mapping[str, str],
    *,
    elevation: float = 20.0,
    azimuth: float = -50.0,
) -> list[Axes]:
    """Draw the somata of each group, ``positions`` (N, 3) in um, with y upright and the same scale in all directions.

    The view is parallel, without perspective; ``elevation`` and ``azimuth`` in degrees say where the viewer stands.
    Cells further away are paler. Around them is the box that holds them, whose arrows point to greater values. Returns
    the axes.
    """
    from matplotlib.colors import to_rgba

    axes = figure.subplots()
    axes.set_axis_off()
    placed = {name: points for name, points in positions.items() if len(points)}
    if not placed:
        say(axes, "no cell has a position")
        return [axes]
    axes.set_aspect("equal", adjustable="box")
    everything = np.concatenate(list(placed.values()))
    low, high = everything.min(axis=0), everything.max(axis=0)
    if np.array_equal(low, high):
        low, high = low - _AROUND_ONE, high + _AROUND_ONE
    right, up, towards = view(elevation, azimuth)
    draw_box(axes, low, high, right, up)

    owners = np.repeat(list(placed), [len(points) for points in placed.values()])
    depth = everything @ towards
    near = 1.0 - (depth.max() - depth) / (np.ptp(depth) or 1.0)
    order = np.argsort(depth, kind="stable")
    shades = np.array([to_rgba(colours.get(name, GREY)) for name in owners])
    shades[:, 3] = 0.35 + 0.65 * near
    axes.scatter(
        (everything @ right)[order],
        (everything @ up)[order],
        s=float(np.clip(900 / len(everything), 1.5, 9.0)),
        color=shades[order],
        edgecolor="white",
        linewidth=0.2,
        rasterized=len(everything) > _VECTOR_CELLS,
    )
    if len(placed) > 1:
        handles = [
            axes.plot([], [], "o", color=colours.get(name, GREY), label=short(name, colours))[0] for name in placed
        ]
        legend_of_figure(figure, handles)
    return [axes]


KIND = FigureKind(
    "placement",
    shows="Somata in 3-D.",
    use="to show the shape of a network in a still picture",
    draw=from_result,
    reads=("nodes",),
    height=80.0,
    properties={
        "population": POPULATIONS,
        "group_by": GROUP_BY,
        "elevation": number("Height of the viewer, degrees.", 20.0, above=-90.001, most=90),
        "azimuth": number("Direction of the viewer, degrees.", -50.0),
    },
)
