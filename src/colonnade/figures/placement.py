"""Where the cells are: somata in 3-D, coloured by group."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from colonnade.analysis.result import Result
from colonnade.figures.source import given
from colonnade.figures.style import GREY, SMALL, colours_of, say, ticks

SIZE = ("column", 80.0)

_VECTOR_CELLS = 20_000


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw where the cells of ``result`` are, with the settings of the config."""
    group_by = settings.get("group_by", "pop_name")
    found: dict[str, list[np.ndarray]] = {}
    for population in result.populations(settings.get("population")):
        points, names = result.positions(population), result.groups(population, group_by)
        for name in np.unique(names).tolist() if points is not None else []:
            found.setdefault(name, []).append(points[names == name])
    positions = {name: np.concatenate(parts) for name, parts in found.items()}
    colours = colours_of(result.group_names(group_by), settings.get("colours"))
    draw_placement(figure, positions, colours, **given(settings, "elevation", "azimuth"))


def draw_placement(
    figure: Figure | SubFigure,
    positions: Mapping[str, np.ndarray],
    colours: Mapping[str, str],
    *,
    elevation: float = 20.0,
    azimuth: float = -50.0,
) -> list[Axes]:
    """Draw the somata of each group, ``positions`` (N, 3) in um, with y upright and the same scale on all axes.

    ``elevation`` and ``azimuth`` in degrees say where the viewer stands. Returns the axes.
    """
    placed = {name: points for name, points in sorted(positions.items()) if len(points)}
    if not placed:
        axes = figure.subplots()
        axes.set_axis_off()
        say(axes, "no cell has a position")
        return [axes]
    axes = figure.add_subplot(projection="3d", computed_zorder=False)
    everything = np.concatenate(list(placed.values()))
    low, high = everything.min(axis=0), everything.max(axis=0)
    span = np.maximum(high - low, 0.1 * max((high - low).max(), 1.0))
    middle = (high + low) / 2
    for name, points in placed.items():
        # Matplotlib's upright axis is its third; the cortex's depth is y.
        axes.scatter(
            points[:, 0], points[:, 2], points[:, 1], s=float(np.clip(900 / len(everything), 1.5, 9.0)),
            color=colours.get(name, GREY), edgecolor="white", linewidth=0.2, label=name, depthshade=True,
            rasterized=len(everything) > _VECTOR_CELLS,
        )  # fmt: skip
    axes.set(
        xlim=(middle[0] - span[0] * 0.55, middle[0] + span[0] * 0.55),
        ylim=(middle[2] - span[2] * 0.55, middle[2] + span[2] * 0.55),
        zlim=(middle[1] - span[1] * 0.55, middle[1] + span[1] * 0.55),
    )
    axes.set_box_aspect(span[[0, 2, 1]], zoom=0.9)
    axes.set_proj_type("ortho")
    axes.view_init(elev=elevation, azim=azimuth)
    axes.set_xlabel("x (µm)", labelpad=-6)
    axes.set_ylabel("z (µm)", labelpad=-6)
    axes.set_zlabel("y (µm)", labelpad=-1)
    for axis, size in zip((axes.xaxis, axes.yaxis, axes.zaxis), span[[0, 2, 1]], strict=True):
        axis.set_major_locator(ticks(3 if size < 0.7 * span.max() else 5))
        axis.set_tick_params(pad=1 if axis is axes.zaxis else -3, labelsize=SMALL)
        axis.set_pane_color((1, 1, 1, 0))
        axis.line.set_linewidth(0.6)
    axes.grid(visible=True)
    if len(placed) > 1:
        axes.legend(loc="upper left", bbox_to_anchor=(0.0, 1.0), markerscale=1.5)
    return [axes]
