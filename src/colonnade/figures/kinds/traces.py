"""Traces of a recorded variable: the mean over cells with its spread, and chosen cells with their spikes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from colonnade.errors import InputError
from colonnade.figures.kind import GROUP_BY, WINDOW, FigureKind, flag, text
from colonnade.figures.style import (
    GREY,
    SMALL,
    colours_of,
    legend_of_figure,
    readable_scale,
    say,
    short,
    ticks,
    variable_label,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result
    from colonnade.sonata.reports import Report

_MOST_ROWS = 4
_DOTS = 4000  # the dots of 85 mm at 1200 dpi


@dataclass(frozen=True)
class Trace:
    """One line: ``times`` (T,) in ms, ``values`` (T,) in the report's units, ``group`` which gives the colour.

    ``lower`` and ``upper`` (T,) bound the band around a mean, or are None; ``spikes`` (K,) the cell's spikes in ms.
    """

    label: str
    group: str
    times: np.ndarray
    values: np.ndarray
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None
    spikes: np.ndarray | None = None


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the traces of a report of ``result`` with the settings of the config."""
    report = result.report(settings.get("report"), settings.get("population"))
    group_by = settings.get("group_by", "pop_name")
    window = result.window(settings.get("window"))
    groups = _groups_of_report(result, report, group_by)
    means = _means(report, groups, window) if settings.get("mean", True) else []
    marks = settings.get("spike_marks", True)
    cells = _cells(result, report, settings.get("node_ids", []), groups, window, marks)
    names = result.group_names(group_by) if result.nodes else list(groups)
    colours = colours_of(names, settings.get("colours"))
    label = settings.get("label")
    draw_traces(
        figure, means, cells, colours, variable=report.variable, units=_units(report), window=window, label=label
    )


def plot_traces(
    config_file=None,
    report_name=None,
    population=None,
    report_path=None,
    group_by=None,
    group_excludes=None,
    nodes_file=None,
    node_types_file=None,
    node_ids=None,
    sections="origin",
    average=False,
    times=None,
    title=None,
    show_legend=None,
    show=True,
    save_as=None,
    plt_style=None,
    *,
    colours=None,
    width="column",
    height=None,
) -> Figure:
    """Plot a recorded variable of a SONATA result over time; return the figure.

    ``config_file`` is a simulation config and ``report_name`` one of its reports (may be left out if there is one), or
    ``report_path`` is the report's file. ``node_ids`` (a number or several) are the cells shown, by default all that
    were recorded. They are shown one below the other, or all as one mean with quartiles with ``average``, or as one
    mean a group with ``group_by`` (a node attribute; ``group_excludes`` leaves groups out). ``sections`` "origin"
    takes the first recorded element of each cell. ``times`` is (start, stop) in ms. The rest is as in
    ``plot_raster``.
    """
    from colonnade.figures.notebook import notebook_figure, result_of

    if sections not in ("origin", None):
        raise InputError("only the first recorded element of a cell is plotted", key="sections", value=sections)
    result = result_of(config_file, None, nodes_file, node_types_file, report_path)
    if report_path is not None:
        report_name = report_name or "report"
        result.report_files = {report_name: report_path}
    report = result.report(report_name, population)
    window = result.window(times) if config_file or times else (report.time_range[0], report.time_range[1])
    groups = _groups_of_report(result, report, group_by or "pop_name")
    excluded = {group_excludes} if isinstance(group_excludes, str) else set(group_excludes or ())
    wanted = report.node_ids.astype(np.int64) if node_ids is None else np.atleast_1d(np.asarray(node_ids, dtype=int))
    kept = {name: ids[np.isin(ids, wanted)] for name, ids in groups.items() if name not in excluded}
    kept = {name: ids for name, ids in kept.items() if len(ids)}
    if group_by is None and average:
        kept = {" and ".join(kept): np.concatenate(list(kept.values()))} if len(kept) > 1 else kept
    averaged = average or group_by is not None
    means = _means(report, kept, window) if averaged else []
    cells = [] if averaged else _cells(result, report, wanted.tolist(), kept, window, marks=bool(result.spike_files))
    names = [*(result.group_names(group_by or "pop_name") if result.nodes else groups), *kept]
    height = height or 25.0 + 20.0 * (len(means) + len(cells))
    with notebook_figure((width, height), title=title, show=show, save_as=save_as, plt_style=plt_style) as figure:
        units, variable = _units(report), report.variable
        axes = draw_traces(
            figure, means, cells, colours_of(names, colours), variable=variable, units=units, window=window
        )
        if show_legend and not figure.legends:
            legend_of_figure(figure, [row.lines[0] for row in axes])
        if show_legend is False:
            for legend in figure.legends:
                legend.remove()
    return figure


def draw_traces(
    figure: Figure | SubFigure,
    means: Sequence[Trace],
    cells: Sequence[Trace],
    colours: Mapping[str, str],
    *,
    variable: str,
    units: str,
    window: tuple[float, float],
    label: str | None = None,
) -> list[Axes]:
    """Draw each of ``means`` (many in one row), then each of ``cells`` in its row, with a tick for each spike.

    The means share their scale, and so do the cells. ``units`` are those of the values; small concentrations and
    currents are shown in a smaller unit, unless ``label`` is given for the axis. Returns the axes.
    """
    # Many groups share one row, as lines without bands.
    rows_of_means = [[trace] for trace in means] if len(means) <= _MOST_ROWS else [list(means)]
    parts = [*rows_of_means, *([trace] for trace in cells)]
    n_rows = len(parts)
    if not n_rows:
        axes = figure.subplots()
        axes.set(xlabel="time (ms)", ylabel=label or variable_label(variable, units), xlim=window)
        say(axes, "no cell recorded")
        return [axes]
    largest = max(np.nanmax(np.abs(trace.values), initial=0.0) for trace in (*means, *cells))
    factor, shown_units = (1.0, units) if label else readable_scale(float(largest), units)
    axes = list(figure.subplots(n_rows, 1, sharex=True, squeeze=False)[:, 0])
    limits = [_limits(means, factor)] * len(rows_of_means) + [_limits(cells, factor)] * len(cells)
    for row, traces, limit in zip(axes, parts, limits, strict=True):
        for trace in traces:
            colour, name = colours.get(trace.group, GREY), short(trace.group, colours)
            _draw_trace(row, trace, colour, factor, name=name if len(traces) > 1 else None)
        row.set_ylim(*limit)
        row.yaxis.set_major_locator(ticks(4 if n_rows < 3 else 3))
    if len(means) > _MOST_ROWS:
        axes[0].set_title("means over cells", loc="right", fontsize=SMALL, color=GREY, pad=4)
        legend_of_figure(figure, axes[0].get_legend_handles_labels()[0])
    axes[-1].set(xlabel="time (ms)", xlim=window)
    label = label or variable_label(variable, shown_units)
    if n_rows == 1:
        axes[0].set_ylabel(label)
    else:
        figure.supylabel(label, fontsize="medium")
    return axes


def _draw_trace(axes: Axes, trace: Trace, colour: str, factor: float, *, name: str | None) -> None:
    """Draw one of several lines, called ``name``, or the only one of its row, with its band, spikes and label."""
    if name is not None:
        axes.plot(*_thinned(trace.times, trace.values * factor), color=colour, linewidth=0.5, label=name)
        return
    if trace.lower is not None:
        times, low = _thinned(trace.times, trace.lower * factor)
        _, high = _thinned(trace.times, trace.upper * factor)
        axes.fill_between(times, low, high, color=colour, alpha=0.3, linewidth=0)
    axes.plot(*_thinned(trace.times, trace.values * factor), color=colour, linewidth=0.6, label=trace.label)
    if trace.spikes is not None and len(trace.spikes):
        axes.plot(
            trace.spikes,
            np.ones(len(trace.spikes)),
            "|",
            color="black",
            markersize=3,
            markeredgewidth=0.5,
            transform=axes.get_xaxis_transform(),
            clip_on=False,
        )
    axes.set_title(trace.label, loc="right", fontsize=SMALL, color=GREY, pad=4)


def _thinned(times: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a line that looks the same: least and greatest of each run of samples narrower than a printed dot."""
    size = len(values) // _DOTS
    if size < 3:
        return times, values
    whole = len(values) // size * size
    runs = values[:whole].reshape(-1, size)
    both = np.sort(np.stack([runs.argmin(axis=1), runs.argmax(axis=1)], axis=1), axis=1)
    kept = (both + size * np.arange(len(runs))[:, None]).ravel()
    kept = np.append(kept, np.arange(whole, len(values)))
    return times[kept], values[kept]


def _limits(traces: Sequence[Trace], factor: float) -> tuple[float, float]:
    """Return limits that hold all lines, and bands except for their rarest extremes."""
    values = [trace.values for trace in traces]
    values += [
        np.nanquantile(band, [0.005, 0.995])
        for trace in traces
        for band in (trace.lower, trace.upper)
        if band is not None
    ]
    finite = [each[np.isfinite(each)] * factor for each in values]
    low = min((each.min() for each in finite if each.size), default=0.0)
    high = max((each.max() for each in finite if each.size), default=1.0)
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def _groups_of_report(result: Result, report: Report, group_by: str) -> dict[str, np.ndarray]:
    """Return the recorded node ids of each group; one group where the nodes are not known."""
    recorded = report.node_ids.astype(np.int64)
    if report.population not in result.nodes:
        return {report.population: recorded}
    nodes, names = result.nodes[report.population], result.groups(report.population, group_by)
    name_of = dict(zip(nodes.node_ids.astype(np.int64).tolist(), names.tolist(), strict=True))
    owners = np.array([name_of.get(node_id, report.population) for node_id in recorded.tolist()], dtype=str)
    in_order = dict.fromkeys([*names.tolist(), *owners.tolist()])  # of the config, whichever cells were recorded first
    return {str(name): recorded[owners == name] for name in in_order if name in owners}


def _units(report: Report) -> str:
    """Return the units of the values: what the file says, or else NEURON's for the variable; "" if not known."""
    from colonnade.sonata.reports import units_of

    units = report.units if report.units not in ("NA", "") else units_of(report.variable)
    return "" if units == "NA" else units


def _means(report: Report, groups: Mapping[str, np.ndarray], window) -> list[Trace]:
    from colonnade.analysis.recorded import course_of_group

    traces = []
    for name, node_ids in groups.items():
        course = course_of_group(report, node_ids, window)
        if course.n_cells == 1:
            traces.append(Trace(f"{short(name, groups)}: the only cell", name, course.times, course.mean))
            continue
        label = f"{short(name, groups)}: mean and quartiles of {course.n_cells} cells"
        traces.append(Trace(label, name, course.times, course.mean, course.lower, course.upper))
    return traces


def _cells(result: Result, report: Report, node_ids, groups, window, marks: bool) -> list[Trace]:
    from colonnade.analysis.recorded import course_of_cell

    trains = result.spikes(report.population) if marks else None
    traces = []
    for node_id in node_ids:
        times, values = course_of_cell(report, node_id, window)
        spikes = None
        if trains is not None:
            own = np.sort(trains.timestamps[trains.node_ids == node_id])
            spikes = own[(own >= window[0]) & (own < window[1])]
        group = next((name for name, ids in groups.items() if node_id in ids), report.population)
        traces.append(Trace(f"{short(group, groups)}: node {node_id}", group, times, values, spikes=spikes))
    return traces


def _describe(settings: Mapping) -> str:
    parts = ["mean over the recorded cells of each group, with quartiles"] if settings.get("mean", True) else []
    if node_ids := settings.get("node_ids"):
        marks = ", with a tick above each spike" if settings.get("spike_marks", True) else ""
        parts.append(f"cell{'s' if len(node_ids) > 1 else ''} {', '.join(map(str, node_ids))} alone{marks}")
    return f"A recorded variable: {'; '.join(parts)}."


KIND = FigureKind(
    "traces",
    shows="A recorded variable: mean over cells with quartiles, and single cells with their spikes.",
    use="to show what single cells do, and how far they are from their group's mean",
    draw=from_result,
    describe=_describe,
    reads=("nodes", "spikes", "reports"),
    height=75.0,
    required=("report",),
    properties={
        "report": text("Name of the report."),
        "population": text("Population in the report. Default: the only one."),
        "node_ids": {
            "type": "array",
            "items": {"type": "integer", "minimum": 0},
            "default": [],
            "description": "Cells that are shown alone.",
        },
        "mean": flag("Draw the mean over the recorded cells of each group, with quartiles.", True),
        "spike_marks": flag("Draw a tick for each spike above the traces of single cells.", True),
        "label": text("Label of the axis, with unit. Default: from the variable."),
        "group_by": GROUP_BY,
        "window": WINDOW,
    },
)
