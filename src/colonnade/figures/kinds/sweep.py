"""A statistic over the points of a sweep: a curve with error bars for one value, a heat map for two."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from colonnade.errors import InputError
from colonnade.figures.kind import FigureKind, text
from colonnade.figures.style import (
    GREY,
    MARKERS,
    SMALL,
    colours_of,
    hatch_empty,
    height_of,
    ink_on,
    legend_above,
    say,
    sequential,
    short,
    signed,
    ticks,
    width_of,
    width_of_names,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result


_SIDE_BY_SIDE = 2.6  # pt between marks of equal means
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
_WORDS = {"celsius": "temperature", "amp": "amplitude", "syn_weight": "synaptic weight"}
_ABBREVIATIONS = {"cv": "CV", "cv2": "CV2", "lv": "LV", "isi": "interspike interval", "n": "number of"}
_UNIT_ENDINGS = {"hz": "Hz", "ms": "ms", "mv": "mV", "um": "µm"}


def path_label(path: str) -> str:
    """Return the label of an axis for the value at ``path`` in the config, with its unit where that is known.

    'inputs.thalamus.firing_rate' gives 'firing rate of thalamus (Hz)'.
    """
    *between, name = path.split(".")
    words = _WORDS.get(name, name.replace("_", " "))
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
    return f"{said} of {short(group)}{unit}" if group else said + unit


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the sweep in ``result.points_file`` with the settings of the config."""
    from colonnade.analysis.sweep_tables import read_points, summarise

    if result.points_file is None:
        raise InputError("this figure needs the table of the sweep's points", key="points")
    points = told_apart(read_points(result.points_file))
    x, y, measure = settings.get("x"), settings.get("y"), settings.get("measure", "rate_mean_hz")
    lines = settings.get("lines")
    if y and lines:
        raise InputError("a map has no lines", key="lines", value=lines, expected="x and y, or x and lines")
    paths = [path for path in (x, y, lines) if path]
    summary = summarise(points, paths, measures=[measure], seed=settings.get("seed", 0))
    labels = {key: settings.get(key) for key in ("label", "x_label")}
    names = [*(result.group_names() if result.nodes else ()), *summary["group"].unique()]
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


def told_apart(points: pd.DataFrame) -> pd.DataFrame:
    """Return the points with the network's name after that of each group of which several networks have one."""
    done = points["status"] == "done"
    if "group" not in points or not done.any():
        return points
    pairs = points.loc[done, ["population", "group"]].drop_duplicates()
    shared = done & points["group"].isin(pairs.loc[pairs["group"].duplicated(), "group"])
    named = points["group"] + " (" + points["population"] + ")"
    return points.assign(group=points["group"].where(~shared, named))


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

    ``summary`` is the table of ``sweep_tables.summarise`` for ``[x]``, ``points`` that of ``gather``. Equal means stand
    side by side; failed points are crosses on the axis. Returns the axes.
    """
    axes = figure.subplots()
    places = _places(points[x])
    curves = []
    for group, part in summary[summary["measure"] == measure].groupby("group", sort=False):
        colour = colours.get(str(group), GREY)
        curves.append((part, colour, short(str(group), colours)))
        own = points[(points["status"] == "done") & (points["group"] == group)]
        if (part["n"] > 1).any():
            single = [places[value] for value in own[x]]
            axes.plot(single, own[measure], ".", color=colour, alpha=0.35, markersize=3, markeredgewidth=0)
    _draw_curves(axes, curves, x, places, MARKERS)
    failed = points.loc[points["status"] == "failed", x]
    if len(failed):
        axes.plot(
            [places[value] for value in failed], np.full(len(failed), 0.03), "x", color="black", markersize=3.5,
            transform=axes.get_xaxis_transform(), label="failed", linestyle="none",
        )  # fmt: skip
    if not summary["mean"].notna().any():
        say(axes, "no point has results" if not len(summary) else "no point has a value")
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
    of their values; equal means stand side by side. Returns the axes.
    """
    axes = figure.subplots()
    axes.set(xlabel=x_label or path_label(x), ylabel=label or measure_label(measure, group))
    table = summary[(summary["measure"] == measure) & (summary["group"] == group)]
    if not table["mean"].notna().any():
        say(axes, "no point has a value" if len(table) else "no point has results")
        return [axes]
    places, values = _places(table[x]), list(dict.fromkeys(table[lines]))
    values = sorted(values) if all(map(_number, values)) else values
    shades = [sequential()(shade) for shade in np.linspace(0.35, 1.0, len(values))]
    curves = [(table[table[lines] == value], shade, _said(value)) for value, shade in zip(values, shades, strict=True)]
    _draw_curves(axes, curves, x, places, "o")
    _place_ticks(axes.xaxis, places)
    axes.yaxis.set_major_locator(ticks(5))
    axes.margins(x=0.05)
    legend_above(axes)
    axes.get_legend().set_title(path_label(lines), {"size": SMALL})
    axes.get_legend().set_alignment("left")
    return [axes]


def _draw_curves(
    axes: Axes, curves: Sequence[tuple[pd.DataFrame, object, str]], x: str, places: Mapping, markers: str
) -> None:
    """Draw curves, each rows of a summary with a colour and a label, over the value ``x`` at its ``places``."""
    span = np.ptp(list(places.values())) or 0.1
    step = _SIDE_BY_SIDE / (0.8 * width_of(axes.figure)) * span
    means = np.concatenate([part["mean"] for part, _, _ in curves] or [np.empty(0)])
    equal = (np.nanmax(means) - np.nanmin(means)) / 200 or 1.0 if np.isfinite(means).any() else 1.0
    fields = [
        [
            (places[value], round(mean / equal) if np.isfinite(mean) else None)
            for value, mean in zip(part[x], part["mean"], strict=True)
        ]
        for part, _, _ in curves
    ]
    together = Counter(field for each in fields for field in each)
    before: Counter = Counter()
    for (part, colour, label), own, marker in zip(curves, fields, itertools.cycle(markers), strict=False):
        place = np.array([field[0] + step * (before[field] - (together[field] - 1) / 2) for field in own], dtype=float)
        before.update(own)
        order = np.argsort(place)
        errors = np.nan_to_num(np.abs([part["mean"] - part["low"], part["high"] - part["mean"]]))
        axes.errorbar(
            place[order], part["mean"].to_numpy()[order], yerr=errors[:, order] if (part["n"] > 1).any() else None,
            fmt="-", marker=marker, color=colour, markersize=3, linewidth=0.8, capsize=1.5, label=label,
        )  # fmt: skip


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
        say(axes, "no point has results" if not len(table) else "no point has a value")
        return [axes]
    hatch_empty(axes)
    image = axes.imshow(means, cmap=sequential(), origin="lower", aspect="auto", interpolation="none")
    if len(columns) <= 6 and len(rows) <= 8:
        for (row, column), text in texts.items():
            ink = ink_on(image.to_rgba(means[row, column]))
            axes.text(column, row, text, ha="center", va="center", fontsize=SMALL, color=ink)
    _name_fields(axes.xaxis, columns, 0.75 * width_of(figure), along=True)
    _name_fields(axes.yaxis, rows, 0.75 * height_of(figure), along=False)
    bar = figure.colorbar(image, ax=axes, aspect=30, pad=0.02)
    bar.set_label(label or measure_label(measure, group))
    bar.ax.yaxis.set_major_locator(ticks(5))
    bar.outline.set_linewidth(0.6)
    return [axes]


def _places(values: pd.Series) -> dict:
    """Return where each value stands on the axis: a number at itself, others side by side in the order of the sweep."""
    distinct = list(dict.fromkeys(values))
    return {value: value if all(map(_number, distinct)) else place for place, value in enumerate(distinct)}


def _place_ticks(axis: Axis, places: Mapping) -> None:
    """Give the axis of the values round ticks, or one for each value where they are words, or where there is one."""
    if all(map(_number, places)) and len(places) > 1:
        axis.set_major_locator(ticks(6))
        return
    names = [short(_said(value), map(_said, places)) for value in places]
    axis.set_ticks(list(places.values()), names)
    if width_of_names(names) > 0.75 * width_of(axis.axes.figure) / max(len(names), 1):
        axis.set_tick_params(rotation=90)


def _name_fields(axis: Axis, values: Sequence, room: float, *, along: bool) -> None:
    """Write as many of the ``values`` of a map's fields as ``room`` (pt) holds, ``along`` the axis or across it."""
    names = [short(_said(value), map(_said, values)) for value in values]
    each = width_of_names(names) + SMALL if along else 1.3 * SMALL
    kept = range(0, len(names), max(1, math.ceil(each * len(names) / room)))
    axis.set_ticks(kept, [names[place] for place in kept])


def _said(value) -> str:
    return signed(value) if _number(value) else str(value)


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
