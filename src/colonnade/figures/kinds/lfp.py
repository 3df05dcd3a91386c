"""Local field potential: the potential at each channel of an electrode, one below the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from colonnade.figures.kind import WINDOW, FigureKind, number, text
from colonnade.figures.style import CURVE, SMALL, colours_of

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
    """Draw each channel at its own height, the first one lowest, with a bar for the scale. Returns the axes."""
    axes = figure.subplots()
    microvolts = 1e3 * (field.potentials - field.potentials.mean(axis=0))
    largest = float(np.abs(microvolts).max(initial=0.0)) or 1.0
    spacing, n_channels = 1.2 * largest, microvolts.shape[1]
    for row in range(n_channels):
        axes.plot(field.times, microvolts[:, row] + row * spacing, color=colour, linewidth=0.6)
    rows = range(0, n_channels, max(1, -(-n_channels // 20)))
    axes.set_yticks([row * spacing for row in rows], [_place(field, row) for row in rows])
    axis = field.axis
    label = "channel" if axis is None else f"{'xyz'[axis]} (µm)"
    axes.set(xlabel="time (ms)", ylabel=label, xlim=(field.times[0], field.times[-1]))
    _scale_bar(axes, largest, spacing * (n_channels - 1) / 2)
    return axes


def _place(field: FieldPotential, row: int) -> str:
    axis = field.axis
    return str(field.channels[row]) if axis is None else f"{field.positions[row, axis]:g}"


def _scale_bar(axes: Axes, largest: float, middle: float) -> None:
    """Draw a bar of a round number of microvolts beside the traces."""
    power = 10 ** np.floor(np.log10(largest))
    size = power * max(step for step in (1, 2, 5) if step * power <= largest * 1.0000001)
    beside = {"transform": axes.get_yaxis_transform(), "clip_on": False}
    axes.plot([1.02, 1.02], [middle - size / 2, middle + size / 2], color="black", linewidth=1.2, **beside)
    axes.text(1.035, middle, f"{size:g} µV", va="center", fontsize=SMALL, **beside)


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
