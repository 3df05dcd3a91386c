"""Mean rate of each cell of a result, as dots or box plots, for use in a notebook."""

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from colonnade.analysis.trains import rates
from colonnade.figures.notebook import activities_of, notebook_figure
from colonnade.figures.source import group_names
from colonnade.figures.style import GREY, colours_of, legend_above, ticks


def plot_rates(
    config_file=None,
    population=None,
    smoothing: bool | Callable = False,
    smoothing_params=None,
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
) -> Figure:
    """Plot the mean rate of each cell against its node id; return the figure.

    ``smoothing`` True averages over neighbouring cells (``smoothing_params`` {"window_size": 10}); a function gets the
    rates (N,) and ``smoothing_params``. The other arguments are those of ``plot_raster``.
    """
    activities, names = activities_of(
        config_file, population, times, group_by, group_excludes, spikes_file, nodes_file, node_types_file
    )
    smooth = smoothing if callable(smoothing) else _moving_average
    colours = colours_of(names)
    with notebook_figure(("column", 55.0), title=title, show=show, save_as=save_as, plt_style=plt_style) as figure:
        axes = figure.subplots()
        for name in group_names(activities):
            for part in [activity.group(name) for activity in activities]:
                order = np.argsort(part.node_ids)
                values = rates(part)[order]
                if smoothing:
                    values = np.asarray(smooth(values, **(smoothing_params or {})))
                axes.plot(part.node_ids[order], values, ".", color=colours.get(name, GREY), label=name)
        axes.set(xlabel="node id", ylabel="firing rate (Hz)")
        axes.xaxis.set_major_locator(ticks(5, integer=True))
        axes.set_ylim(bottom=0)
        if len(axes.lines) > 1:
            legend_above(axes)
    return figure


def plot_rates_boxplot(
    config_file=None,
    population=None,
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
) -> Figure:
    """Plot median, quartiles and range (1.5 quartile distances) of the cells' rates, a box a group; return the figure.

    The arguments are those of ``plot_raster``. Silent cells count where the nodes are known.
    """
    activities, names = activities_of(
        config_file, population, times, group_by, group_excludes, spikes_file, nodes_file, node_types_file
    )
    groups = group_names(activities)
    colours = colours_of(names)
    with notebook_figure(("column", 55.0), title=title, show=show, save_as=save_as, plt_style=plt_style) as figure:
        axes = figure.subplots()
        values = [np.concatenate([rates(each.group(name)) for each in activities]) for name in groups]
        boxes = axes.boxplot(
            values, tick_labels=groups, patch_artist=True, widths=0.5, flierprops={"marker": ".", "markersize": 2},
            medianprops={"color": "black", "linewidth": 1.0},
        )  # fmt: skip
        for box, name in zip(boxes["boxes"], groups, strict=True):
            box.set(facecolor=colours.get(name, GREY), alpha=0.6)
        axes.set(ylabel="firing rate (Hz)")
        axes.set_ylim(bottom=0)
    return figure


def _moving_average(values: np.ndarray, window_size: int = 10) -> np.ndarray:
    """Return the mean of each value and its neighbours within half of ``window_size``, (N,)."""
    half = int(window_size) // 2
    return np.array([values[max(0, place - half) : place + max(half, 1)].mean() for place in range(len(values))])
