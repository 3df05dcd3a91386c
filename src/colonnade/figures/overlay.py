"""Two results in one figure: rasters, rates over time, rate of each cell."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from colonnade.analysis.activity import Activity
from colonnade.analysis.result import Result
from colonnade.analysis.time_course import psth
from colonnade.analysis.trains import rates
from colonnade.errors import InputError
from colonnade.figures.style import GREY, PALETTE, legend_above, say, ticks

FIRST, SECOND = PALETTE[0], PALETTE[1]
_VECTOR_SPIKES = 50_000
SIZE = ("page", 120.0)


def names_of(first: Path, second: Path) -> tuple[str, str]:
    """Return two short names that tell two paths apart: the parts from the first that differs on."""
    parts = [Path(path).resolve().parts for path in (first, second)]
    same = next((place for place, pair in enumerate(zip(*parts, strict=False)) if pair[0] != pair[1]), None)
    if same is None:
        return "first", "second"
    ours = [[part for part in each[same:] if part not in ("simulation", "config.json")] for each in parts]
    names = ["/".join(each[:2]) or place for each, place in zip(ours, ("first", "second"), strict=True)]
    return (names[0], names[1]) if names[0] != names[1] else ("first", "second")


def from_results(figure: Figure | SubFigure, first: Result, second: Result, names: tuple[str, str]) -> None:
    """Draw the populations that both results simulate."""
    common = [name for name in first.simulated if name in second.simulated]
    if not common:
        raise InputError("no population is in both results", value=first.simulated, expected=str(second.simulated))
    window = (0.0, max(first.window()[1], second.window()[1]))
    pairs = [tuple(result.activity(name, window=window) for result in (first, second)) for name in common]
    draw_overlay(figure, pairs, names)


def draw_overlay(
    figure: Figure | SubFigure, pairs: Sequence[tuple[Activity, Activity]], names: tuple[str, str], *, bin: float = 20.0
) -> list[Axes]:
    """Draw the spikes of two results, each cell's row halved between them, their rates, and rate against rate.

    Each of ``pairs`` is one population in the first and in the second result; only cells that both have are shown.
    Returns the axes.
    """
    upper, lower = figure.subfigures(2, 1, height_ratios=[1.7, 1])
    raster = upper.subplots()
    course, scatter = lower.subplots(1, 2, gridspec_kw={"width_ratios": [2, 1]})
    first_row, common = 0, []
    for one, other in pairs:
        shared = np.intersect1d(one.node_ids, other.node_ids)
        common.append((one.cells(np.isin(one.node_ids, shared)), other.cells(np.isin(other.node_ids, shared))))
    n_cells = sum(len(one.node_ids) for one, _ in common)
    n_spikes = sum(len(part.times) for pair in common for part in pair)
    height = raster.get_window_extent().height / figure.get_figure(root=True).dpi * 72 / max(n_cells, 1) / 2
    for pair in common:
        for part, offset, colour in zip(pair, (0.25, -0.25), (FIRST, SECOND), strict=True):
            order = np.argsort(np.argsort(part.node_ids))
            raster.plot(
                part.times, order[part.rows] + first_row + offset, "|", color=colour, markeredgewidth=0.5,
                markersize=float(np.clip(height, 0.5, 3.0)), rasterized=n_spikes > _VECTOR_SPIKES,
            )  # fmt: skip
        first_row += len(pair[0].node_ids)
    window = common[0][0].window if common else (0.0, 1.0)
    raster.set(xlabel="time (ms)", ylabel="cell, in the order of node ids", xlim=window, ylim=(-1, max(n_cells, 1)))
    raster.yaxis.set_major_locator(ticks(5, integer=True))
    if not n_spikes:
        say(raster, "no spikes in either")
    handles = [
        raster.plot([], [], "s", color=colour, label=name)[0]
        for colour, name in zip((FIRST, SECOND), names, strict=True)
    ]
    legend_above(raster, handles)
    _draw_courses(course, common, bin, window)
    _draw_scatter(scatter, common, names)
    return [raster, course, scatter]


def _draw_courses(axes: Axes, common, width: float, window: tuple[float, float]) -> None:
    width = min(width, window[1] - window[0])
    for place, colour in enumerate((FIRST, SECOND)):
        total, n_cells, starts = 0.0, 0, np.empty(0)
        for pair in common:
            starts, rate = psth(pair[place], width)
            total, n_cells = total + rate * len(pair[place].node_ids), n_cells + len(pair[place].node_ids)
        if n_cells:
            edges = np.append(starts, starts[-1] + width)
            axes.stairs(total / n_cells, edges, baseline=None, color=colour, linewidth=0.7)
    axes.set(xlabel="time (ms)", ylabel="rate (Hz)", xlim=window)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(ticks(4))


def _draw_scatter(axes: Axes, common, names: tuple[str, str]) -> None:
    values = [np.concatenate([rates(pair[place]) for pair in common] or [np.empty(0)]) for place in (0, 1)]
    for pair in common:
        one, other = (rates(part)[np.argsort(part.node_ids)] for part in pair)
        axes.plot(one, other, "o", color=GREY, markersize=2, markeredgewidth=0, alpha=0.7)
    top = max((part.max(initial=0.0) for part in values), default=0.0) * 1.05 or 1.0
    axes.plot([0, top], [0, top], color="black", linewidth=0.5, zorder=0)
    axes.set(xlim=(0, top), ylim=(0, top), xlabel=f"{names[0]}: rate (Hz)", ylabel=f"{names[1]}: rate (Hz)")
    axes.xaxis.set_major_locator(ticks(3))
    axes.yaxis.set_major_locator(ticks(3))
