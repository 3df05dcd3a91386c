"""Local field potential: the potential at each channel of an electrode, one below the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from colonnade.figures.kind import WINDOW, FigureKind, number, text
from colonnade.figures.style import CURVE, colours_of, round_length, scale_bar, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.field_potentials import FieldPotential
    from colonnade.analysis.result import Result


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the potentials of an electrode of ``result`` with the settings of the config."""
    population = settings.get("population")
    field = result.field_potential(settings.get("electrode"), population)
    if settings.get("low_pass"):
        field = field.low_pass(settings["low_pass"])
    field = field.within(result.window(settings.get("window")))
    colours = colours_of(result.group_names(), settings.get("colours"))
    groups = result.groups(population).tolist() if population else [""]
    draw_lfp(figure, field, colours.get(groups[0], CURVE))


def draw_lfp(figure: Figure | SubFigure, field: FieldPotential, colour: str = CURVE) -> Axes:
    """Draw each channel at its own height, the others above the lowest one, with a bar for the scale.

    Where channels differ in more than one axis, they stand in their own order. Returns the axes.
    """
    axes = figure.subplots()
    axis = field.axis
    order = np.arange(len(field.channels)) if axis is None else np.argsort(field.positions[:, axis], kind="stable")
    # A median, so that a trace is at its tick while nothing happens.
    microvolts = 1e3 * (field.potentials - np.median(field.potentials, axis=0))[:, order]
    largest = float(np.abs(microvolts[np.isfinite(microvolts)]).max(initial=0.0)) or 1.0
    spacing, n_channels = 1.2 * largest, len(order)
    for row in range(n_channels):
        axes.plot(field.times, microvolts[:, row] + row * spacing, color=colour, linewidth=0.6)
    rows = range(0, n_channels, max(1, -(-n_channels // 20)))
    names = field.channels.tolist() if axis is None else [signed(place) for place in field.positions[:, axis]]
    axes.set_yticks([row * spacing for row in rows], [str(names[order[row]]) for row in rows])
    label = "channel" if axis is None else f"{'xyz'[axis]} (µm)"
    axes.set(xlabel="time (ms)", ylabel=label, xlim=(field.times[0] - field.dt, field.times[-1]))
    size = round_length(largest)
    scale_bar(axes, (spacing * (n_channels - 1) - size) / 2, size, f"{size:g} µV")
    return axes


def plot_ecp(
    config_file=None, report_name=None, ecp_path=None, title=None, show=True, save_as=None, plt_style=None
) -> Figure:
    """Plot the potential at each channel of an electrode; return the figure.

    It is that of the file ``ecp_path``, or of the report ``report_name`` of a config, which may be left out where there
    is only one.
    """
    from colonnade.analysis.field_potentials import read_field_potential
    from colonnade.figures.notebook import notebook_figure, result_of

    field = read_field_potential(ecp_path) if ecp_path else result_of(config_file).field_potential(report_name)
    with notebook_figure(("column", 90.0), title=title, show=show, save_as=save_as, plt_style=plt_style) as figure:
        draw_lfp(figure, field)
    return figure


KIND = FigureKind(
    "lfp",
    shows="Extracellular potential at each channel of an electrode.",
    use="to see what an electrode beside the cells would record",
    draw=from_result,
    reads=("nodes", "reports"),
    height=90.0,
    properties={
        "electrode": text("Name of the electrode. Default: the only one."),
        "population": text("Network whose part is shown. Default: all cells."),
        "low_pass": number("Highest frequency that is kept, Hz. Default: all of them.", above=0),
        "window": WINDOW,
    },
)
