"""Three dimensions on paper: a parallel view with y upright, and the box around what is seen."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from colonnade.figures.style import GREY, PALE, SMALL, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ARROW = {"arrowstyle": "-|>", "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0, "color": GREY, "mutation_scale": 5}
_NARROW = 2.6  # inches


def view(elevation: float, azimuth: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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


def draw_scale_bar(axes: Axes, points: np.ndarray) -> None:
    """Draw a bar of a round length in um below the lower left corner of ``points`` (K, 2)."""
    low, span = points.min(axis=0), np.ptp(points, axis=0)
    length = float(ticks(4).tick_values(0, max(span.max(), 1.0))[1])
    y = low[1] - 0.04 * max(span[1], 1.0)
    axes.plot([low[0], low[0] + length], [y, y], color="black", linewidth=1.2, solid_capstyle="butt")
    axes.annotate(f"{length:g} µm", (low[0], y), xytext=(0, -2), textcoords="offset points", va="top", fontsize=SMALL)


def draw_directions(axes: Axes, points: np.ndarray, right: np.ndarray, up: np.ndarray) -> None:
    """Draw arrows along x, y and z below the lower right corner of ``points`` (K, 2)."""
    low, high = points.min(axis=0), points.max(axis=0)
    length = 0.09 * max(np.ptp(points, axis=0).max(), 1.0)
    foot = np.array([high[0] - length, low[1] - 1.4 * length])
    axes.update_datalim([foot - length, foot + length])
    for direction, name in enumerate("xyz"):
        way = length * np.array([right[direction], up[direction]])
        axes.annotate("", foot + way, foot, arrowprops=_ARROW, annotation_clip=False)
        axes.text(*(foot + 1.35 * way), name, fontsize=SMALL, color=GREY, ha="center", va="center")


def draw_box(axes: Axes, low: np.ndarray, high: np.ndarray, right: np.ndarray, up: np.ndarray) -> None:
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
