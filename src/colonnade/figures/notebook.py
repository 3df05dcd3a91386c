"""Figures outside of the workflow: find the spikes that a call names, make, show and save the figure."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from colonnade import __version__
from colonnade.analysis.activity import Activity, activity
from colonnade.analysis.result import Result
from colonnade.errors import InputError
from colonnade.figures.registry import FORMATS
from colonnade.figures.saving import save_figure
from colonnade.figures.style import paper_style, size_inches


def result_of(config_file=None, spikes_file=None, nodes_file=None, node_types_file=None, report_path=None) -> Result:
    """Return the result that a call names: by a simulation config, by its files, or a config with other files."""
    if config_file is None and spikes_file is None and report_path is None:
        raise InputError("nothing to plot", expected="config_file=, or the files themselves, or arrays")
    found = Result.from_config(config_file) if config_file is not None else Result()
    if nodes_file is not None:
        found.node_files = [(nodes_file, node_types_file)]
    if spikes_file is not None:
        found.spike_files = [spikes_file]
    return found


def activities_of(
    config_file, population, times, group_by, group_excludes, spikes_file, nodes_file, node_types_file,
    timestamps=None, node_ids=None,
) -> tuple[list[Activity], list[str]]:  # fmt: skip
    """Return the spikes that a call names, and the names of all groups, from which colours are given."""
    excluded = {group_excludes} if isinstance(group_excludes, str) else set(group_excludes or ())
    if timestamps is not None:
        if node_ids is None:
            raise InputError("timestamps need the cells that spiked", key="node_ids", expected="one for each spike")
        found = activity(timestamps, node_ids, population=population or "", window=times)
        return [found], found.group_names
    result = result_of(config_file, spikes_file, nodes_file, node_types_file)
    if result.node_files:
        names = result.populations(population)
        group_by = group_by or "pop_name"
        activities = [result.activity(name, group_by, times) for name in names]
        kept = [each.cells(~np.isin(each.groups, list(excluded))) for each in activities]
        return kept, result.group_names(group_by)
    if group_by is not None:
        raise InputError(
            "groups need the nodes", key="group_by", value=group_by, expected="nodes_file= or config_file="
        )
    trains = result.all_spikes()
    if population is not None and population not in trains:
        raise InputError("no spikes of this population", key="population", value=population, options=trains)
    window = result.window(times)
    names = sorted(trains) if population is None else [population]
    return [
        activity(trains[name].timestamps, trains[name].node_ids.astype(np.int64), population=name, window=window)
        for name in names
    ], names


@contextlib.contextmanager
def notebook_figure(
    size: tuple[str | float, float], *, title=None, show=True, save_as=None, plt_style=None
) -> Iterator[Figure]:
    """Give an empty figure of ``size`` (width, height in mm) to draw in; then show it and write ``save_as``."""
    import matplotlib.pyplot as plt

    with paper_style():
        if plt_style is not None:
            plt.style.use(plt_style)
        figure = plt.figure(figsize=size_inches(*size), layout="constrained")
        try:
            yield figure
            if title:
                figure.suptitle(title)
            figure.draw_without_rendering()
            if save_as:
                known = Path(save_as).suffix.lower().lstrip(".") in FORMATS
                save_figure(figure, [save_as], {"version": __version__}) if known else figure.savefig(save_as)
            if show and matplotlib.get_backend().lower() != "agg":
                plt.show()
        finally:
            if not show or matplotlib.get_backend().lower() == "agg":
                plt.close(figure)
