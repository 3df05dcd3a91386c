"""Several figures as one, each with a letter."""

import string
from collections.abc import Mapping

from matplotlib.figure import Figure, SubFigure

from colonnade.analysis.result import Result
from colonnade.errors import InputError
from colonnade.figures import (
    connection_probability,
    connectivity_matrix,
    correlations,
    distributions,
    placement,
    raster,
    spectrum,
    sweep,
    traces,
)
from colonnade.figures.style import panel_label

SIZE = ("page", 150.0)
KINDS = {
    "raster": raster,
    "traces": traces,
    "distributions": distributions,
    "correlations": correlations,
    "spectrum": spectrum,
    "placement": placement,
    "connection_probability": connection_probability,
    "connectivity_matrix": connectivity_matrix,
    "sweep": sweep,
}


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the figures named in ``rows``, whose settings are in ``figures``, row by row with letters from A on."""
    rows, figures = settings["rows"], settings["figures"]
    heights = settings.get("heights") or [max(_height(figures[name]) for name in row) for row in rows]
    widths = settings.get("widths") or [[1.0] * len(row) for row in rows]
    if len(heights) != len(rows):
        raise InputError("not one height a row", key="heights", value=list(heights), expected=f"{len(rows)} numbers")
    if [len(row) for row in widths] != [len(row) for row in rows]:
        raise InputError("not one width a figure", key="widths", value=widths, expected="a list of the form of rows")
    letters = iter(string.ascii_uppercase)
    parts = figure.subfigures(len(rows), 1, squeeze=False, height_ratios=heights)[:, 0]
    for part, names, shares in zip(parts, rows, widths, strict=True):
        for place, name in zip(
            part.subfigures(1, len(names), squeeze=False, width_ratios=shares)[0], names, strict=True
        ):
            place.suptitle(**panel_label(next(letters)))
            KINDS[figures[name]["kind"]].from_result(place, result, figures[name])


def _height(settings: Mapping) -> float:
    return settings.get("height", KINDS[settings["kind"]].SIZE[1])
