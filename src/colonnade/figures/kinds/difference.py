"""Difference of two results: this one and another, cell by cell and over time."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from colonnade.analysis.activity import Activity
from colonnade.analysis.time_course import psth
from colonnade.analysis.trains import rates
from colonnade.errors import InputError
from colonnade.figures.kind import GROUP_BY, POPULATIONS, WINDOW, FigureKind, number, text
from colonnade.figures.source import activities_and_colours, group_names
from colonnade.figures.style import GREY, PALE, SMALL, in_lines, round_length, scale_bar, short, ticks, width_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw ``result`` minus the result that the config names."""
    from colonnade.analysis.comparison import simulation_config
    from colonnade.analysis.result import Result

    other = Result.from_config(simulation_config(settings["other"]))
    name = settings.get("name") or Path(settings["other"]).name
    of_results(figure, result, other, name, settings)


def of_results(
    figure: Figure | SubFigure, result: Result, other: Result, name: str, settings: Mapping | None = None
) -> None:
    """Draw ``result`` minus ``other``, which is called ``name``, with the settings of the config."""
    settings = settings or {}
    activities, colours = activities_and_colours(result, settings)
    pairs = [
        (each, other.activity(each.population, settings.get("group_by", "pop_name"), settings.get("window")))
        for each in activities
        if each.population in other.nodes
    ]
    if not pairs:
        raise InputError("no population is in both results", key="other", value=name)
    draw_difference(figure, pairs, colours, name=name, bin=settings.get("bin", 50.0))


def draw_difference(
    figure: Figure | SubFigure,
    pairs: list[tuple[Activity, Activity]],
    colours: Mapping[str, str],
    *,
    name: str,
    bin: float = 50.0,
) -> list[Axes]:
    """Draw the rates of the first result minus those of the second, called ``name``: of each cell, and over time.

    Each of ``pairs`` is one population in both; cells that both have are compared, a row a group. Returns the axes.
    """
    left, right = figure.subplots(1, 2, sharey=True, gridspec_kw={"width_ratios": [1, 1.6]})
    names = group_names([one for one, _ in pairs])
    changes = {group: _differences([_common(one, other, group) for one, other in pairs], bin) for group in names}
    reach = max((np.abs(course).max() for _, _, course in changes.values() if len(course)), default=0.0) or 1.0
    for row, (group, (of_cells, edges, course)) in enumerate(changes.items()):
        colour = colours.get(group, GREY)
        for axes in (left, right):
            axes.axhline(row, color=PALE, linewidth=0.5, zorder=0)
        spread = (np.arange(len(of_cells)) * 0.618034 % 1 - 0.5) * 0.6  # so that equal values stand side by side
        left.plot(of_cells, row + spread, ".", color=colour, markersize=2.5, markeredgewidth=0, alpha=0.6)
        if len(of_cells):
            left.plot([of_cells.mean()] * 2, [row - 0.35, row + 0.35], color="black", linewidth=1.0, zorder=3)
            heights = row - 0.45 * course / reach  # the axis points down
            right.stairs(heights, edges, baseline=row, fill=True, color=colour, alpha=0.3, linewidth=0)
            right.stairs(heights, edges, baseline=None, color=colour, linewidth=0.8)
    left.axvline(0, color=PALE, linewidth=0.6, zorder=0)
    left.set_yticks(range(len(names)), [short(name, names) for name in names])
    for label, group in zip(left.get_yticklabels(), names, strict=True):
        label.set_color(colours.get(group, GREY))
    left.set(ylim=(len(names) - 0.4, -0.6))  # the first group on top
    left.set_xlabel(in_lines(f"rate of each cell minus that in {name} (Hz)", 0.3 * width_of(figure)))
    left.xaxis.set_major_locator(ticks(4))
    right.set(xlabel="time (ms)", xlim=pairs[0][0].window)
    right.xaxis.set_major_locator(ticks(4))
    right.tick_params(left=False)
    for axes in (left, right):
        axes.spines["left"].set_visible(False)
    left.tick_params(axis="y", length=0)
    title = in_lines(f"rates over time, minus those in {name}", 0.45 * width_of(figure))
    right.set_title(title, fontsize=SMALL, color=GREY, loc="left", pad=3)
    length = round_length(reach)
    scale_bar(right, len(names) - 1, -0.45 * length / reach, f"{length:g} Hz")
    return [left, right]


def _common(one: Activity, other: Activity, group: str) -> tuple[Activity, Activity]:
    """Return the cells of ``group`` which both have, in the order of their node ids."""
    shared = np.intersect1d(one.node_ids[one.groups == group], other.node_ids)
    return tuple(each.cells(np.isin(each.node_ids, shared)) for each in (one, other))


def _differences(pairs: list[tuple[Activity, Activity]], bin: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the difference of each cell's rate (N,), edges in ms (B + 1,), and that over time (B,), both in Hz."""
    of_cells, course, edges, n_cells = [], 0.0, np.empty(0), 0
    for ours, theirs in (pair for pair in pairs if len(pair[0].node_ids)):
        first, second = (rates(each)[np.argsort(each.node_ids)] for each in (ours, theirs))
        of_cells.append(first - second)
        width = min(ours.fitting(bin), theirs.fitting(bin))
        (starts, one), (_, other) = psth(ours, width), psth(theirs, width)
        length = min(len(one), len(other))
        course = course + (one[:length] - other[:length]) * len(first)
        edges, n_cells = np.append(starts[:length], starts[length - 1] + width), n_cells + len(first)
    if not n_cells:
        return np.empty(0), edges, np.empty(0)
    return np.concatenate(of_cells), edges, course / n_cells


def _other_files(settings: Mapping) -> list[str]:
    """Return what the figure reads of the other result: its config, and the files that this one names."""
    from colonnade.analysis.comparison import simulation_config
    from colonnade.analysis.result import Result

    config = simulation_config(settings["other"])
    other = Result.from_config(config)
    files = [path for pair in other.node_files for path in pair if path]
    return [_as_seen_from_here(Path(path)) for path in dict.fromkeys([config, *files, *other.spike_files])]


def _as_seen_from_here(path: Path) -> str:
    """Return a path that stays the same where the working directory and the other result move together."""
    here = Path.cwd()
    return os.path.relpath(path, here) if path.is_relative_to(here) else str(path)


KIND = FigureKind(
    "difference",
    shows="Difference of the rates of this result and another: of each cell, and over time.",
    use="to show what a lesion, a drug or another seed changes",
    draw=from_result,
    reads=("nodes", "spikes"),
    height=60.0,
    width="page",
    required=("other",),
    user_files=_other_files,
    properties={
        "other": text("The other result: its experiment's folder, or its simulation config."),
        "name": text("What the other result is called. Default: its folder's name."),
        "population": POPULATIONS,
        "group_by": GROUP_BY,
        "window": WINDOW,
        "bin": number("Bin of the rates over time, ms.", 50.0, above=0),
    },
)
