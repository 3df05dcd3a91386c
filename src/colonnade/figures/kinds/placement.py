"""Where the cells are: somata in 3-D, coloured by group."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from colonnade.figures.kind import GROUP_BY, POPULATIONS, FigureKind, number
from colonnade.figures.source import chosen_settings
from colonnade.figures.style import GREY, PALE, SMALL, colours_of, legend_above, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result

_ARROW = {"arrowstyle": "-|>", "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0, "color": GREY, "mutation_scale": 5}

_VECTOR_CELLS = 20_000
_NARROW = 2.6  # inches
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
    right, up, towards = _view(elevation, azimuth)
    _draw_box(axes, low, high, right, up)

    owners = np.repeat(list(placed), [len(points) for points in placed.values()])
    depth = everything @ towards
    near = (depth - depth.min()) / (np.ptp(depth) or 1.0)
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
        legend_above(axes, [axes.plot([], [], "o", color=colours.get(name, GREY), label=name)[0] for name in placed])
    return [axes]


def _view(elevation: float, azimuth: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the unit vectors (3,) that point to the right and up on paper, and towards the viewer, in x, y, z."""
    e, a = np.deg2rad(elevation), np.deg2rad(azimuth)
    # The viewer walks around the upright axis y, from x towards -z, so that x, y and z stay right-handed.
    towards = np.array([np.cos(e) * np.cos(a), np.sin(e), -np.cos(e) * np.sin(a)])
    right = np.array([-np.sin(a), 0.0, -np.cos(a)])
    return right, np.cross(towards, right), towards


def _range(name: str, low: float, high: float, *, short: bool) -> str:
    """Return what is written along an edge: its range, or in a narrow figure its length."""
    text = f"{name} {round(high - low)} µm" if short else f"{name} {round(low)} to {round(high)} µm"
    return text.replace("-", "\N{MINUS SIGN}")


def _draw_box(axes: Axes, low: np.ndarray, high: np.ndarray, right: np.ndarray, up: np.ndarray) -> None:
    """Draw the edges of the box from ``low`` to ``high`` (3,), and name the range along one edge of each direction."""
    for direction, name in enumerate("xyz"):
        others = [axis for axis in range(3) if axis != direction]
        edges = []
        for corner in itertools.product((0, 1), repeat=2):
            start = low.copy()
            start[others] = np.where(corner, high[others], low[others])
            stop = start.copy()
            stop[direction] = high[direction]
            edges.append(np.array([[start @ right, start @ up], [stop @ right, stop @ up]]))
        # The edge whose name has room: the lowest one, or for the upright direction the one on the right.
        edges.sort(key=(lambda edge: -edge[:, 0].sum()) if name == "y" else (lambda edge: edge[:, 1].sum()))
        for edge in edges[1:]:
            axes.plot(*edge.T, color=PALE, linewidth=0.5, zorder=0)
        start, stop = edges[0]
        axes.annotate("", stop, start, arrowprops=_ARROW, zorder=0)
        on_the_left = name != "y" and (start + stop)[0] < (low + high) @ right
        axes.annotate(
            _range(name, low[direction], high[direction], short=axes.figure.bbox.width / axes.figure.dpi < _NARROW),
            (start + stop) / 2,
            (-4 if on_the_left else 4, 0 if name == "y" else -4),
            textcoords="offset points",
            ha="right" if on_the_left else "left",
            va="center" if name == "y" else "top",
            fontsize=SMALL,
        )


KIND = FigureKind(
    "placement",
    shows="Somata in 3-D.",
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
