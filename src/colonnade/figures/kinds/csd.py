"""Current source density along an electrode, over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from colonnade.analysis.csd import CONDUCTIVITY, METHODS, current_source_density, depth_order
from colonnade.figures.kind import WINDOW, FigureKind, number, text
from colonnade.figures.style import SMALL, ticks
from colonnade.json_schema import choice

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.field_potentials import FieldPotential
    from colonnade.analysis.result import Result

_MOST_COLUMNS = 1200  # of the image: more than a page has dots for


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the density at an electrode of ``result`` with the settings of the config."""
    field = result.field_potential(settings.get("electrode"), settings.get("population"))
    if settings.get("low_pass"):
        field = field.low_pass(settings["low_pass"])
    field = field.within(result.window(settings.get("window")))
    given = {key: settings[key] for key in ("diameter", "method", "conductivity") if key in settings}
    draw_csd(figure, field, **given)


def draw_csd(
    figure: Figure | SubFigure,
    field: FieldPotential,
    *,
    diameter: float = 500.0,
    method: str = "step",
    conductivity: float = CONDUCTIVITY,
) -> Axes:
    """Draw the density (uA/mm3) over time and depth: sinks in red, sources in blue. Returns the axes."""
    axes = figure.subplots()
    stride = max(1, len(field.times) // _MOST_COLUMNS)
    usable = len(field.times) // stride * stride
    # Means of runs of samples, so that no short event falls between two columns.
    potentials = field.potentials[:usable].reshape(-1, stride, field.potentials.shape[1]).mean(axis=1)
    times = field.times[:usable].reshape(-1, stride).mean(axis=1)
    order, _ = depth_order(field.positions)
    places, density = current_source_density(potentials, field.positions, diameter, method, conductivity)
    axis = field.axis
    label = "place along the electrode (µm)" if axis is None else f"{'xyz'[axis]} (µm)"
    places = places if axis is None else field.positions[order, axis]
    largest = float(np.abs(density).max(initial=0.0)) or 1.0
    image = axes.pcolormesh(
        times, places, density.T, cmap="RdBu", vmin=-largest, vmax=largest, shading="nearest", rasterized=True
    )
    axes.set(xlabel="time (ms)", ylabel=label, xlim=(field.times[0] - field.dt, field.times[-1]))
    axes.xaxis.set_major_locator(ticks(5))
    bar = figure.colorbar(image, ax=axes, aspect=30, pad=0.02)
    bar.set_label("current source density (µA/mm³)")
    bar.outline.set_linewidth(0.6)
    for place, name in ((0.02, "sink"), (0.98, "source")):
        bar.ax.text(
            0.5, place, name, transform=bar.ax.transAxes, rotation=90, ha="center", fontsize=SMALL, color="white",
            va="bottom" if place < 0.5 else "top",
        )  # fmt: skip
    return axes


KIND = FigureKind(
    "csd",
    shows="Current source density along an electrode, over time: sinks in red, sources in blue.",
    use="to find at which depth current enters the cells",
    draw=from_result,
    reads=("nodes", "reports"),
    height=65.0,
    properties={
        "electrode": text("Name of the electrode, a probe. Default: the only one."),
        "population": text("Network whose part is shown. Default: all cells."),
        "method": choice("Shape of the sources (inverse methods of Pettersen et al. 2006).", METHODS, "step"),
        "diameter": number("um, of the sources around the electrode.", 500.0, above=0),
        "conductivity": number("S/m, of the tissue.", CONDUCTIVITY, above=0),
        "low_pass": number("Highest frequency that is kept, Hz. Default: all of them.", above=0),
        "window": WINDOW,
    },
)
