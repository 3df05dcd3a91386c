"""Connections between groups: a table of blocks, or a circle of chords."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from colonnade.errors import InputError
from colonnade.figures.kind import GROUP_BY, FigureKind, names
from colonnade.figures.style import (
    GREY,
    SMALL,
    colours_of,
    hatch_empty,
    height_of,
    in_lines,
    ink_on,
    say,
    sequential,
    short,
    ticks,
    width_of_names,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result

MEASURES = {
    "synapses": "synapses",
    "convergence": "synapses onto a target cell",
    "probability": "connection probability",
}
_GAP = 0.04  # of the circle, in all
_INNER = 0.94
_LINE = 0.115  # height of a line of text, in radii of the circle


@dataclass(frozen=True)
class GroupConnections:
    """Connections between G groups: numbers (G, G) from the groups of the rows to those of the columns.

    ``synapses`` and ``pairs`` (connected ones), ``sizes`` (G,) the cells of each group.
    """

    groups: list[str]
    sizes: np.ndarray
    synapses: np.ndarray
    pairs: np.ndarray

    def values(self, measure: str) -> np.ndarray:
        """Return the ``measure`` (G, G): NaN where a group has no partner that could be connected."""
        if measure == "synapses":
            return self.synapses.astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            if measure == "convergence":
                return self.synapses / self.sizes[None, :]
            possible = self.sizes[:, None] * (self.sizes[None, :] - np.eye(len(self.sizes)))
            return np.where(possible > 0, self.pairs / possible, np.nan)


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the connections between the groups of ``result`` with the settings of the config."""
    group_by = settings.get("group_by", "pop_name")
    colours = colours_of(result.group_names(group_by), settings.get("colours"))
    found = group_connections(result, group_by, settings.get("edges"))
    measure = settings.get("measure", "convergence")
    if not found.groups:
        axes = figure.subplots()
        axes.set_axis_off()
        say(axes, "no connections")
    elif settings.get("style", "block") == "chord":
        draw_chords(figure, found, colours)
    else:
        draw_blocks(figure, found, colours, measure=measure)


def group_connections(result: Result, group_by: str, chosen=None) -> GroupConnections:
    """Return the connections between all groups that the ``chosen`` edge populations (default: all) join."""
    wirings = [
        (
            result.wiring(edges),
            result.groups(edges.source_population, group_by),
            result.groups(edges.target_population, group_by),
        )
        for edges in result.edge_populations(chosen)
    ]
    used = {name for _, sources, targets in wirings for name in (*sources.tolist(), *targets.tolist())}
    groups = [name for name in result.group_names(group_by) if name in used]
    place = {name: number for number, name in enumerate(groups)}
    synapses, pairs = (np.zeros((len(groups), len(groups)), dtype=np.int64) for _ in range(2))
    for wired, sources, targets in wirings:
        of_source = np.array([place[name] for name in sources.tolist()], dtype=int)
        of_target = np.array([place[name] for name in targets.tolist()], dtype=int)
        at = of_source[wired.source], of_target[wired.target]
        np.add.at(synapses, at, wired.synapses)
        np.add.at(pairs, at, wired.synapses > 0)
    everyone = np.concatenate([result.groups(name, group_by) for name in result.nodes] or [np.empty(0, dtype=str)])
    sizes = np.array([np.count_nonzero(everyone == name) for name in groups], dtype=float)
    return GroupConnections(groups, sizes, synapses, pairs)


def draw_blocks(
    figure: Figure | SubFigure, found: GroupConnections, colours: Mapping[str, str], *, measure: str = "convergence"
) -> list[Axes]:
    """Draw a block for each pair of groups, source in the rows, in which its ``measure`` stands. Returns the axes."""
    if measure not in MEASURES:
        raise InputError("no such measure", key="measure", value=measure, options=MEASURES)
    axes = figure.subplots()
    values = found.values(measure)
    kept_rows = np.flatnonzero(found.synapses.any(axis=1))
    kept_columns = np.flatnonzero(found.synapses.any(axis=0))
    shown = values[np.ix_(kept_rows, kept_columns)]
    if not shown.size:
        axes.set_axis_off()
        say(axes, "no connections")
        return [axes]
    hatch_empty(axes)
    image = axes.imshow(shown, cmap=sequential(), vmin=0, vmax=np.nanmax(shown) or 1.0, aspect="auto")
    box = axes.get_window_extent()
    room = min(box.width / shown.shape[1] / 3.2, box.height / shown.shape[0]) / axes.get_figure(root=True).dpi * 72
    for (row, column), value in np.ndenumerate(shown) if room > 1.2 * SMALL else ():
        if np.isfinite(value) and value:
            ink = ink_on(image.to_rgba(value))
            axes.text(column, row, _short(value), ha="center", va="center", fontsize=SMALL, color=ink)
    room = 0.8 * box.width / axes.get_figure(root=True).dpi * 72 / max(len(kept_columns), 1)
    turned = width_of_names(found.groups[each] for each in kept_columns) > room
    for axis, kept in ((axes.xaxis, kept_columns), (axes.yaxis, kept_rows)):
        axis.set_ticks(range(len(kept)), [short(found.groups[each], found.groups) for each in kept])
        for label, each in zip(axis.get_ticklabels(), kept, strict=True):
            label.set_color(colours.get(found.groups[each], GREY))
    axes.tick_params(axis="x", rotation=90 if turned else 0, length=0)
    axes.tick_params(axis="y", length=0)
    axes.set(xlabel="target group", ylabel="source group")
    bar = figure.colorbar(image, ax=axes, aspect=30, pad=0.02)
    bar.set_label(in_lines(MEASURES[measure], 0.65 * height_of(figure)))
    bar.outline.set_linewidth(0.6)
    bar.ax.yaxis.set_major_locator(ticks(4))
    return [axes]


def draw_chords(figure: Figure | SubFigure, found: GroupConnections, colours: Mapping[str, str]) -> list[Axes]:
    """Draw the groups as arcs of a circle and the connections as ribbons in the colour of their source.

    An arc is as long as the synapses that leave and reach its group; a ribbon is as wide, at both ends, as its synapses
    and touches the arc at its source, but leaves a gap at its target. Returns the axes.
    """
    from matplotlib.patches import PathPatch, Wedge

    axes = figure.subplots()
    axes.set_aspect("equal", adjustable="box")
    axes.set_axis_off()
    axes.set(xlim=(-1.35, 1.35), ylim=(-1.2, 1.2))
    synapses = found.synapses.astype(float)
    weights = synapses.sum(axis=0) + synapses.sum(axis=1)
    if not weights.any():
        say(axes, "no connections")
        return [axes]
    shares = weights / weights.sum() * (1 - _GAP)
    gap = _GAP / max(np.count_nonzero(weights), 1)
    starts = np.cumsum(np.append(0.0, shares + gap * (weights > 0)))[:-1]
    scale = (1 - _GAP) / weights.sum()
    cursor = starts.copy()
    ends: dict[tuple[int, int, str], tuple[float, float]] = {}
    for group in range(len(found.groups)):
        partners = [*range(group, len(found.groups)), *range(group)]
        for other in partners:  # ribbons leave in the order in which their targets stand around the circle
            for key, width in (
                ((group, other, "out"), synapses[group, other]),
                ((other, group, "in"), synapses[other, group]),
            ):
                ends[key] = (cursor[group], cursor[group] + width * scale)
                cursor[group] += width * scale
    for source, target in sorted(np.argwhere(synapses), key=lambda pair: -synapses[tuple(pair)]):
        leaves, arrives = ends[source, target, "out"], ends[source, target, "in"]
        colour = colours.get(found.groups[source], GREY)
        ribbon = _ribbon(leaves, arrives, _INNER, _INNER - 0.06)
        axes.add_patch(PathPatch(ribbon, facecolor=colour, alpha=0.55, edgecolor="white", linewidth=0.3))
    middles = {}
    for group, name in enumerate(found.groups):
        if weights[group]:
            begin, end = 90 - 360 * (starts[group] + shares[group]), 90 - 360 * starts[group]
            colour = colours.get(name, GREY)
            axes.add_patch(Wedge((0, 0), 1.0, begin, end, width=0.05, facecolor=colour, linewidth=0))
            middles[name] = np.deg2rad((begin + end) / 2)
    for side in (1, -1):
        _name_arcs(axes, {name: at for name, at in middles.items() if (np.cos(at) >= 0) == (side > 0)}, colours, side)
    axes.text(
        -1.35, -1.2, f"{int(synapses.sum()):,} synapses, ribbons in the colour of their source", fontsize=SMALL,
        color=GREY, va="top",
    )  # fmt: skip
    return [axes]


def _name_arcs(axes: Axes, middles: Mapping[str, float], colours: Mapping[str, str], side: int) -> None:
    """Write names beside the middles (angles) of their arcs on the right (``side`` 1) or left, a line apart or more."""
    names = sorted(middles, key=lambda name: np.sin(middles[name]))
    wanted = [1.06 * np.sin(middles[name]) for name in names]
    heights = list(wanted)
    for row in range(1, len(names)):
        heights[row] = max(heights[row], heights[row - 1] + _LINE)
    too_high = max((height - want for height, want in zip(heights, wanted, strict=True)), default=0.0)
    for name, height in zip(names, np.array(heights) - too_high / 2, strict=True):
        colour, x = colours.get(name, GREY), side * np.sqrt(max(1.06**2 - height**2, 0.0))
        foot = 1.01 * np.cos(middles[name]), 1.01 * np.sin(middles[name])
        axes.plot([foot[0], x], [foot[1], height], color=colour, linewidth=0.4)
        axes.annotate(
            short(name, colours), (x, height), (2 * side, 0), textcoords="offset points", fontsize=SMALL, color=colour,
            va="center", ha="left" if side > 0 else "right",
        )  # fmt: skip


def _ribbon(leaves: tuple[float, float], arrives: tuple[float, float], near: float, far: float):
    """Return the path from an arc of the radius ``near`` to one of the radius ``far``; arcs in shares of the circle."""
    from matplotlib.path import Path

    first, second = _arc(*leaves, near), _arc(*arrives, far)
    across, bend = [(0.0, 0.0)], [Path.CURVE3, Path.CURVE3]
    if leaves[1] == arrives[0]:  # from a group to itself: a hump over arcs side by side, about as high as it is wide
        span = 2 * np.pi * (arrives[1] - leaves[0])
        back = _arc(leaves[0], arrives[1], near * max(0.0, 1 - 1.5 * span), steps=3)[1:2]
        points = [*first, *second, *back, first[0]]
        return Path(points, [Path.MOVETO, *[Path.LINETO] * (len(first) + len(second) - 1), *bend])
    points = [*first, *across, *second, *across, first[0]]
    lines = [Path.LINETO] * (len(first) - 1)
    return Path(points, [Path.MOVETO, *lines, *bend, *lines, *bend])


def _arc(begin: float, end: float, radius: float, steps: int = 24) -> list[tuple[float, float]]:
    angles = np.pi / 2 - 2 * np.pi * np.linspace(begin, end, steps)
    return list(zip((radius * np.cos(angles)).tolist(), (radius * np.sin(angles)).tolist(), strict=True))


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


KIND = FigureKind(
    "connectivity_diagram",
    shows="Connections between the groups of cells, as blocks with numbers or as chords of a circle.",
    use="to show at a glance who talks to whom, when single cells do not matter",
    draw=from_result,
    reads=("nodes", "edges"),
    height=65.0,
    properties={
        "group_by": GROUP_BY,
        "edges": names("Name of the edge population (SOURCE_to_TARGET), or a list of names. Default: all."),
        "style": {"enum": ["block", "chord"], "default": "block", "description": "Blocks, or chords of a circle."},
        "measure": {
            "enum": list(MEASURES),
            "default": "convergence",
            "description": "What a block shows: synapses in all, synapses onto a target cell, connection probability.",
        },
    },
)
