"""Raster of spikes, one row a cell, with the population's rate below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from colonnade.analysis.activity import Activity
from colonnade.analysis.time_course import psth
from colonnade.figures.kind import GROUP_BY, POPULATIONS, WINDOW, FigureKind, flag, number
from colonnade.figures.source import activities_and_colours, chosen_settings, parts_by_group
from colonnade.figures.style import (
    GREY,
    SMALL,
    colours_of,
    legend_above,
    name_rows,
    round_length,
    say,
    scale_bar,
    short,
    ticks,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result


_MOST_OVERLAID = 2  # rates whose lines can be followed on one base line
_VECTOR_SPIKES = 50_000  # above it the spikes (never the text) become pixels in PDF and SVG


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the raster of ``result`` with the settings of the config."""
    activities, colours = activities_and_colours(result, settings)
    draw_raster(figure, activities, colours, **chosen_settings(settings, "bin", "rate"))


def plot_raster(
    config_file=None,
    population=None,
    with_histogram=True,
    times=None,
    title=None,
    show=True,
    save_as=None,
    group_by=None,
    group_excludes=None,
    spikes_file=None,
    nodes_file=None,
    node_types_file=None,
    plt_style=None,
    *,
    timestamps=None,
    node_ids=None,
    bin=20.0,
    colours=None,
    width="column",
    height=70.0,
) -> Figure:
    """Plot the spikes of a SONATA result, or of arrays, with the population's rate below; return the figure.

    ``config_file`` is a simulation config, or ``spikes_file`` (with ``nodes_file`` and ``node_types_file`` for groups)
    names the files themselves, or ``timestamps`` (S,) in ms and ``node_ids`` (S,) are the spikes. ``population`` is
    one of the file's (default: all that are simulated); ``times`` (start, stop) in ms. Cells are grouped and coloured
    by the node attribute ``group_by`` (default: pop_name, where there is one) without the groups in
    ``group_excludes``; ``colours`` maps groups to colours. The rate, in bins of ``bin`` ms, is left out without
    ``with_histogram``. ``width`` (column, page or mm) and ``height`` (mm) are the figure's. ``show`` displays it,
    ``save_as`` writes it; ``plt_style`` is a Matplotlib style on top of the paper's.
    """
    from colonnade.figures.notebook import activities_of, notebook_figure

    activities, names = activities_of(
        config_file, population, times, group_by, group_excludes, spikes_file, nodes_file, node_types_file,
        timestamps, node_ids,
    )  # fmt: skip
    with notebook_figure((width, height), title=title, show=show, save_as=save_as, plt_style=plt_style) as figure:
        draw_raster(figure, activities, colours_of(names, colours), bin=bin, rate=with_histogram)
    return figure


def draw_raster(
    figure: Figure | SubFigure,
    activities: Sequence[Activity],
    colours: Mapping[str, str],
    *,
    bin: float = 20.0,
    rate: bool = True,
) -> list[Axes]:
    """Draw the spikes of ``activities`` and, below, the mean rate of each group's cells in bins of ``bin`` ms.

    The rates of more than two groups stand above each other, in the order of the rows, on one scale.
    Cells stand in the order of their groups, one row each, the first group on top; a single group from below. The axis
    names their node ids. Returns the axes.
    """
    parts = parts_by_group(activities)
    if rate:
        upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [2.6, 1]})
    else:
        upper, lower = figure.subplots(), None
    n_cells = sum(len(part.node_ids) for _, part in parts)
    n_spikes = sum(len(part.times) for _, part in parts)
    height = upper.get_window_extent().height / figure.dpi * 72 / max(n_cells, 1)
    first = 0
    bands = []
    for name, part in parts:
        x, y = _strokes(part.times, part.rows + first, np.clip(height, 0.8, 4.0) / height)
        colour = colours.get(name, GREY)
        pixels = n_spikes > _VECTOR_SPIKES
        upper.plot(x, y, linewidth=0.5, solid_capstyle="butt", snap=True, color=colour, rasterized=pixels)
        bands.append((name, first, first + len(part.node_ids)))
        first += len(part.node_ids)
    limits = (-0.5 - 0.01 * n_cells, n_cells - 0.5 + 0.01 * n_cells) if n_cells else (0, 1)
    upper.set(ylabel="node id", ylim=limits if len(parts) < 2 else limits[::-1])
    name_rows(upper.yaxis, np.concatenate([part.node_ids for _, part in parts]) if parts else np.empty(0, dtype=int))
    _name_bands(upper, bands, colours, n_cells)
    window = activities[0].window if activities else (0.0, 1.0)
    if not n_spikes:
        say(upper, f"no spikes between {window[0]:g} and {window[1]:g} ms")
    axes = [upper] if lower is None else [upper, lower]
    if lower is not None:
        _draw_rates(lower, parts, colours, bin)
        upper.tick_params(labelbottom=False)
    axes[-1].set(xlabel="time (ms)", xlim=window)
    figure.align_ylabels(axes)
    return axes


def _draw_rates(axes: Axes, parts, colours: Mapping[str, str], width: float) -> None:
    """Draw the rate of each part; of more than two, each on a base line of its own, with one bar for their scale."""
    courses = [(colours.get(name, GREY), *psth(part, part.fitting(width)), part.fitting(width)) for name, part in parts]
    highest = max((values.max(initial=0.0) for _, _, values, _ in courses), default=0.0)
    lift = 1.05 * highest or 1.0
    stacked = len(parts) > _MOST_OVERLAID
    for place, (colour, starts, values, bin) in enumerate(reversed(courses)):  # from the lowest one on
        edges, base = np.append(starts, starts[-1] + bin), place * lift * stacked
        if stacked or len(parts) == 1:
            axes.stairs(values + base, edges, baseline=base, fill=True, color=colour, alpha=0.35, linewidth=0)
        axes.stairs(values + base, edges, baseline=None, color=colour, linewidth=0.6)
    axes.set(ylabel="rate (Hz)", ylim=(0, lift * max(len(parts), 1) if stacked else lift))
    if not stacked:
        axes.yaxis.set_major_locator(ticks(3))
        return
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    if highest:
        scale_bar(axes, 0.0, round_length(highest), f"{round_length(highest):g} Hz")


def _strokes(times: np.ndarray, rows: np.ndarray, length: float) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of upright strokes, ``length`` rows long, as one line with gaps; a marker each is slow to draw."""
    gap = np.full(len(times), np.nan)
    return (
        np.column_stack([times, times, gap]).ravel(),
        np.column_stack([rows - length / 2, rows + length / 2, gap]).ravel(),
    )


def _name_bands(axes: Axes, bands, colours: Mapping[str, str], n_cells: int) -> None:
    """Write each group's name beside its rows, or above the axes where the rows are too few for a line of text."""
    box, dpi = axes.get_window_extent(), axes.get_figure(root=True).dpi
    lines = box.height / dpi * 72 / (SMALL * 1.3)
    room = [lines * (last - first) / max(n_cells, 1) for _, first, last in bands]
    upright = all(len(short(name, colours)) * 0.62 < rows for (name, _, _), rows in zip(bands, room, strict=True))
    if upright or min(room, default=0) >= 1:
        for name, first, last in bands:
            axes.annotate(
                short(name, colours),
                (1, (first + last - 1) / 2),
                xycoords=("axes fraction", "data"),
                xytext=(3, 0),
                textcoords="offset points",
                rotation=90 if upright else 0,
                ha="left",
                va="center",
                fontsize=SMALL,
                color=colours.get(name, GREY),
                annotation_clip=False,
            )
    else:
        handles = [
            axes.plot([], [], "s", color=colours.get(name, GREY), label=short(name, colours))[0] for name, _, _ in bands
        ]
        legend_above(axes, handles)


KIND = FigureKind(
    "raster",
    shows="Spikes, one row a cell, and the rate of each group.",
    use="for the first look at a run: who spikes when, and how the rates go",
    draw=from_result,
    reads=("nodes", "spikes"),
    height=70.0,
    properties={
        "population": POPULATIONS,
        "group_by": GROUP_BY,
        "window": WINDOW,
        "bin": number("Bin of the rate, ms.", 20.0, above=0),
        "rate": flag("Draw the rate below.", True),
    },
)
