"""Matrix of the synapses from each cell to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from colonnade.analysis.connectivity import Wiring
from colonnade.figures.kind import GROUP_BY, FigureKind, integer, names
from colonnade.figures.style import GREY, SMALL, colours_of, name_rows, say, sequential, short, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the connectivity matrix of the network of ``result`` with the settings of the config."""
    group_by = settings.get("group_by", "pop_name")
    colours = colours_of(result.group_names(group_by), settings.get("colours"))
    wirings = [
        (
            result.wiring(edges),
            result.groups(edges.source_population, group_by),
            result.groups(edges.target_population, group_by),
        )
        for edges in result.edge_populations(settings.get("edges"))
    ]
    draw_connectivity_matrix(figure, wirings, colours, most=settings.get("most_cells", 400))


def draw_connectivity_matrix(
    figure: Figure | SubFigure,
    wirings: Sequence[tuple[Wiring, Sequence[str], Sequence[str]]],
    colours: Mapping[str, str],
    *,
    most: int = 400,
) -> list[Axes]:
    """Draw the number of synapses from each source (row) to each target (column), one block below the other.

    Each of ``wirings`` comes with the group of each source (N,) and target (M,); cells are sorted by group. With more
    than ``most`` cells on a side, neighbours are averaged. Returns the axes.
    """
    if not wirings:
        axes = figure.subplots()
        axes.set_axis_off()
        say(axes, "no connections")
        return [axes]
    sizes = [max(len(wired.source_ids), 1) for wired, _, _ in wirings]
    share = [max(size / sum(sizes), 0.15) for size in sizes]
    all_axes = list(figure.subplots(len(wirings), 1, squeeze=False, gridspec_kw={"height_ratios": share})[:, 0])
    sorted_wirings = [_sorted_by_group(*each) for each in wirings]
    matrices = [wired.matrix(most) for wired, _, _ in sorted_wirings]
    most_synapses = max((matrix.max(initial=0.0) for matrix, _, _ in matrices), default=0.0) or 1.0
    image = None
    for axes, (wired, sources, targets), (matrix, rows, columns) in zip(
        all_axes, sorted_wirings, matrices, strict=True
    ):
        image = axes.imshow(
            matrix, cmap=sequential(), vmin=0, vmax=most_synapses, aspect="auto", interpolation="none",
            extent=(-0.5, columns[-1] - 0.5, rows[-1] - 0.5, -0.5),
        )  # fmt: skip
        for side in ("top", "right"):
            axes.spines[side].set_visible(True)
        name_rows(axes.yaxis, wired.source_ids)
        name_rows(axes.xaxis, wired.target_ids)
        _mark_groups(axes, sources, colours, vertical=True)
        _mark_groups(axes, targets, colours, vertical=False, named=axes is all_axes[0])
        axes.tick_params(labelbottom=axes is all_axes[-1])
    all_axes[-1].set_xlabel("node id of the target")
    if len(all_axes) == 1:
        all_axes[0].set_ylabel("node id of the source")
    else:
        figure.supylabel("node id of the source", fontsize="medium")
    bar = figure.colorbar(image, ax=all_axes, shrink=0.8, aspect=30, pad=0.03)
    bar.set_label("synapses per pair")
    bar.outline.set_linewidth(0.6)
    bar.ax.yaxis.set_major_locator(ticks(5))
    return all_axes


def _sorted_by_group(wired: Wiring, sources: Sequence[str], targets: Sequence[str]):
    rows, columns = _by_group(sources), _by_group(targets)
    new_row, new_column = np.argsort(rows), np.argsort(columns)
    moved = Wiring(
        wired.source_ids[rows],
        wired.target_ids[columns],
        new_row[wired.source],
        new_column[wired.target],
        wired.synapses,
        wired.same_population,
    )
    return moved, np.asarray(sources)[rows], np.asarray(targets)[columns]


def _by_group(names: Sequence[str]) -> np.ndarray:
    """Return the order in which the cells of a group stand together, the groups as their first cells stand, (N,)."""
    place = {name: place for place, name in enumerate(dict.fromkeys(names))}
    return np.argsort([place[name] for name in names], kind="stable")


def _mark_groups(axes: Axes, groups: np.ndarray, colours: Mapping[str, str], *, vertical: bool, named: bool = True):
    """Draw a line where a group ends, and beside (rows) or above (columns) the matrix the names that have room."""
    starts = np.flatnonzero(np.append(True, groups[1:] != groups[:-1]))
    names = groups[starts]
    edges = np.append(starts, len(groups))
    for edge in edges[1:-1]:
        (axes.axhline if vertical else axes.axvline)(edge - 0.5, color=GREY, linewidth=0.5)
    box = axes.get_window_extent()
    side = (box.height if vertical else box.width) / axes.get_figure(root=True).dpi * 72 * 0.8
    for name, first, last in zip(names, edges[:-1], edges[1:], strict=True):
        room = side * (last - first) / len(groups)
        along = room > len(short(name, colours)) * 0.62 * SMALL
        if not named or not (along or (vertical and room > 1.3 * SMALL)):
            continue
        middle = (first + last - 1) / 2
        axes.annotate(
            short(name, colours),
            (1, middle) if vertical else (middle, 1),
            xycoords=("axes fraction", "data") if vertical else ("data", "axes fraction"),
            xytext=(3, 0) if vertical else (0, 2),
            textcoords="offset points",
            rotation=90 if vertical and along else 0,
            ha="left" if vertical else "center",
            va="center" if vertical else "bottom",
            fontsize=SMALL,
            color=colours.get(str(name), GREY),
            annotation_clip=False,
        )


KIND = FigureKind(
    "connectivity_matrix",
    shows="Synapses of each pair of cells.",
    use="to see the structure of all connections, cell by cell",
    draw=from_result,
    reads=("nodes", "edges"),
    height=75.0,
    properties={
        "group_by": GROUP_BY,
        "edges": names("Name of the edge population (SOURCE_to_TARGET), or a list of names. Default: all."),
        "most_cells": integer("Largest number of rows or columns; above it, neighbours are averaged.", 400, least=10),
    },
)
