"""A statistic over the points of a sweep: a curve with error bars for one value, a heat map for two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from colonnade.errors import InputError
from colonnade.figures.kind import FigureKind, text
from colonnade.figures.style import GREY, SMALL, colours_of, legend_above, say, sequential, ticks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result


UNITS = {
    "firing_rate": "Hz",
    "amp": "nA",
    "delay": "ms",
    "duration": "ms",
    "syn_weight": "µS",
    "tstop": "ms",
    "dt": "ms",
    "dL": "µm",
    "celsius": "°C",
    "v_init": "mV",
    "spike_threshold": "mV",
    "d_max": "µm",
    "N": "cells",
}
_ABBREVIATIONS = {"cv": "CV", "cv2": "CV2", "lv": "LV", "isi": "interspike interval", "n": "number of"}
_UNIT_ENDINGS = {"hz": "Hz", "ms": "ms", "mv": "mV", "um": "µm"}


def path_label(path: str) -> str:
    """Return the label of an axis for the value at ``path`` in the config, with its unit where that is known.

    'inputs.thalamus.firing_rate' gives 'firing rate of thalamus (Hz)'.
    """
    *between, name = path.split(".")
    words = name.replace("_", " ")
    if between and between.pop(0) in ("networks", "inputs") and between:
        words += f" of {' '.join(between)}"
    return f"{words} ({UNITS[name]})" if name in UNITS else words


def measure_label(measure: str, group: str = "") -> str:
    """Return the label of an axis for a column of the tables: 'rate_mean_hz' gives 'mean rate (Hz)'.

    With ``group`` it says whose: 'mean rate of Scnn1a (Hz)'.
    """
    *words, ending = measure.split("_")
    unit = f" ({_UNIT_ENDINGS[ending]})" if ending in _UNIT_ENDINGS else ""
    words = words if unit else [*words, ending]
    if words[-1:] == ["mean"]:
        words = ["mean", *words[:-1]]
    said = " ".join(_ABBREVIATIONS.get(word, word) for word in words)
    return f"{said} of {group}{unit}" if group else said + unit


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the sweep in ``result.points_file`` with the settings of the config."""
    from colonnade.analysis.sweep_tables import read_points, summarise

    if result.points_file is None:
        raise InputError("this figure needs the table of the sweep's points", key="points")
    points = read_points(result.points_file)
    x, y, measure = settings.get("x"), settings.get("y"), settings.get("measure", "rate_mean_hz")
    lines = settings.get("lines")
    if y and lines:
        raise InputError("a map has no lines", key="lines", value=lines, expected="x and y, or x and lines")
    paths = [path for path in (x, y, lines) if path]
    summary = summarise(points, paths, measures=[measure], seed=settings.get("seed", 0))
    labels = {key: settings.get(key) for key in ("label", "x_label")}
    names = result.group_names() if result.nodes else summary["group"].unique()
    if y is None and lines is None:
        colours = colours_of(names, settings.get("colours"))
        draw_sweep_curve(figure, summary, points, colours, x=x, measure=measure, **labels)
        return
    groups = summary["group"].unique().tolist()
    group = settings.get("group") or (groups[0] if groups else "")
    if groups and group not in groups:
        raise InputError("no such group in the sweep", key="group", value=group, options=groups)
    if lines:
        draw_sweep_family(figure, summary, x=x, lines=lines, measure=measure, group=group, **labels)
        return
    labels["y_label"] = settings.get("y_label")
    draw_sweep_map(figure, summary, x=x, y=y, measure=measure, group=group, **labels)


def draw_sweep_curve(
    figure: Figure | SubFigure,
    summary: pd.DataFrame,
    points: pd.DataFrame,
    colours: Mapping[str, str],
    *,
    x: str,
    measure: str,
    label: str | None = None,
    x_label: str | None = None,
) -> list[Axes]:
    """Draw mean and bootstrap interval of ``measure`` over the value ``x``, a line a group, replicates as dots.

    ``summary`` is the table of ``sweep_tables.summarise`` for ``[x]``, ``points`` that of ``gather``. Failed points are
    crosses on the axis. Returns the axes.
    """
    axes = figure.subplots()
    places = _places(points[x])
    for group, part in summary[summary["measure"] == measure].groupby("group", sort=False):
        place = np.array([places[value] for value in part[x]])
        order = np.argsort(place)
        place, part = place[order], part.iloc[order]
        colour = colours.get(str(group), GREY)
        own = points[(points["status"] == "done") & (points["group"] == group)]
        if (part["n"] > 1).any():
            single = [places[value] for value in own[x]]
            axes.plot(single, own[measure], ".", color=colour, alpha=0.35, markersize=3, markeredgewidth=0)
        errors = np.nan_to_num(np.abs([part["mean"] - part["low"], part["high"] - part["mean"]]))
        axes.errorbar(
            place, part["mean"], yerr=errors, fmt="o-", color=colour, markersize=3, linewidth=0.8, capsize=1.5,
            label=str(group),
        )  # fmt: skip
    failed = points.loc[points["status"] == "failed", x]
    if len(failed):
        axes.plot(
            [places[value] for value in failed], np.full(len(failed), 0.03), "x", color="black", markersize=3.5,
            transform=axes.get_xaxis_transform(), label="failed", linestyle="none",
        )  # fmt: skip
    if not len(summary):
        say(axes, "no point has results")
    shown = summary["group"].unique()
    whose = str(shown[0]) if len(shown) == 1 else ""  # of several, the legend tells
    axes.set(xlabel=x_label or path_label(x), ylabel=label or measure_label(measure, whose))
    _place_ticks(axes.xaxis, places)
    axes.yaxis.set_major_locator(ticks(5))
    if axes.get_ylim()[0] > 0 and np.nanmin(summary["mean"], initial=0.0) >= 0:
        axes.set_ylim(bottom=0)
    axes.margins(x=0.05)
    handles = axes.get_legend_handles_labels()[0]
    if len(handles) > 1:
        legend_above(axes, sorted(handles, key=lambda handle: handle.get_label() == "failed"))
    return [axes]


def draw_sweep_family(
    figure: Figure | SubFigure,
    summary: pd.DataFrame,
    *,
    x: str,
    lines: str,
    measure: str,
    group: str,
    label: str | None = None,
    x_label: str | None = None,
) -> list[Axes]:
    """Draw ``measure`` of one ``group`` over ``x`` with its bootstrap interval, a line for each value of ``lines``.

    ``summary`` is the table of ``sweep_tables.summarise`` for ``[x, lines]``. Lines go from pale to dark in the order
    of their values. Returns the axes.
    """
    axes = figure.subplots()
    table = summary[(summary["measure"] == measure) & (summary["group"] == group)]
    places, values = _places(table[x]), list(dict.fromkeys(table[lines]))
    values = sorted(values) if all(map(_number, values)) else values
    for shade, value in zip(np.linspace(0.35, 1.0, len(values)), values, strict=True):
        part = table[table[lines] == value]
        part = part.iloc[np.argsort([places[each] for each in part[x]])]
        errors = np.nan_to_num(np.abs([part["mean"] - part["low"], part["high"] - part["mean"]]))
        axes.errorbar(
            [places[each] for each in part[x]], part["mean"], yerr=errors, fmt="o-", color=sequential()(shade),
            markersize=2.5, linewidth=0.8, capsize=1.5, label=f"{value:g}" if _number(value) else str(value),
        )  # fmt: skip
    axes.set(xlabel=x_label or path_label(x), ylabel=label or measure_label(measure, group))
    if not values:
        say(axes, "no point has results")
        return [axes]
    _place_ticks(axes.xaxis, places)
    axes.yaxis.set_major_locator(ticks(5))
    axes.margins(x=0.05)
    legend_above(axes)
    axes.get_legend().set_title(path_label(lines), {"size": SMALL})
    axes.get_legend().set_alignment("left")
    return [axes]


def draw_sweep_map(
    figure: Figure | SubFigure,
    summary: pd.DataFrame,
    *,
    x: str,
    y: str,
    measure: str,
    group: str,
    label: str | None = None,
    x_label: str | None = None,
    y_label: str | None = None,
) -> list[Axes]:
    """Draw the mean of ``measure`` of one ``group`` over the values ``x`` and ``y``; failed points are hatched.

    ``summary`` is the table of ``sweep_tables.summarise`` for ``[x, y]``. Each field of a small map also says its mean
    and half the width of its bootstrap interval. Returns the axes.
    """
    axes = figure.subplots()
    table = summary[(summary["measure"] == measure) & (summary["group"] == group)]
    columns, rows = sorted(table[x].unique()), sorted(table[y].unique())
    means = np.full((len(rows), len(columns)), np.nan)
    texts = {}
    for entry in table.to_dict("records"):
        place = rows.index(entry[y]), columns.index(entry[x])
        means[place] = entry["mean"]
        half = (entry["high"] - entry["low"]) / 2
        if entry["n"]:
            texts[place] = f"{entry['mean']:.3g}" + (f"\n±{half:.2g}" if entry["n"] > 1 else "")
    axes.set(xlabel=x_label or path_label(x), ylabel=y_label or path_label(y))
    if not texts:
        say(axes, "no point has results")
        return [axes]
    axes.set_facecolor("white")
    axes.patch.set(hatch="////", edgecolor="#bbbbbb")
    image = axes.imshow(means, cmap=sequential(), origin="lower", aspect="auto", interpolation="none")
    if len(columns) <= 6 and len(rows) <= 8:
        low, high = image.get_clim()
        for (row, column), text in texts.items():
            dark = means[row, column] > low + 0.55 * (high - low)
            axes.text(column, row, text, ha="center", va="center", fontsize=SMALL, color="white" if dark else "black")
    axes.set_xticks(range(len(columns)), [f"{value:g}" if _number(value) else value for value in columns])
    axes.set_yticks(range(len(rows)), [f"{value:g}" if _number(value) else value for value in rows])
    bar = figure.colorbar(image, ax=axes, aspect=30, pad=0.02)
    bar.set_label(label or measure_label(measure, group))
    bar.ax.yaxis.set_major_locator(ticks(5))
    bar.outline.set_linewidth(0.6)
    return [axes]


def _places(values: pd.Series) -> dict:
    """Return where each value stands on the axis: a number at itself, others side by side in the order of the sweep."""
    distinct = list(dict.fromkeys(values))
    return {value: value if all(map(_number, distinct)) else place for place, value in enumerate(distinct)}


def _place_ticks(axis, places: Mapping) -> None:
    if any(value is not place for value, place in places.items()) and not all(map(_number, places)):
        axis.set_ticks(list(places.values()), [str(value) for value in places])
    else:
        axis.set_major_locator(ticks(6))


def _number(value) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


KIND = FigureKind(
    "sweep",
    shows="A statistic over the points of the sweep: a curve with error bars, a family of curves, or a heat map.",
    draw=from_result,
    use="for f-I curves and their families, and any statistic against what a sweep varies",
    reads=("nodes", "points"),
    height=60.0,
    required=("x",),
    of_sweep=True,
    properties={
        "x": text("Path of the value on the horizontal axis, such as inputs.mthalamus.firing_rate."),
        "y": text("Path of the value on the vertical axis of a heat map."),
        "lines": text("Path of a further value, for each of which there is a line: a family of f-I curves, say."),
        "measure": text("Column of statistics/populations.csv.", "rate_mean_hz"),
        "group": text(
            "Group (pop_name) of a heat map or of a family of lines. Default: the first one that is simulated."
        ),
        "label": text("Label of the measure, with unit. Default: from its name and the group's."),
        "x_label": text("Label of the horizontal axis, with unit. Default: from the path."),
        "y_label": text("Label of the vertical axis, with unit. Default: from the path."),
    },
)
