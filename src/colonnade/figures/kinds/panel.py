"""Several figures as one, each with a letter."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import TYPE_CHECKING

from colonnade.errors import InputError
from colonnade.figures.kind import NAME, FigureKind
from colonnade.figures.style import panel_label

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the figures named in ``rows``, whose settings are in ``figures``, row by row with letters from A on."""
    from colonnade.figures.registry import figure_kind

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
            figure_kind(figures[name]["kind"]).draw(place, result, figures[name])


def _height(settings: Mapping) -> float:
    from colonnade.figures.registry import figure_kind

    return settings.get("height", figure_kind(settings["kind"]).height)


def _settings_of_parts(settings: dict, figures: Mapping, networks: Mapping) -> dict:
    """Return the settings of the figures in the panel, under ``figures``."""
    from colonnade.figures.registry import figure_settings

    key, found = f"figures.{settings['name']}.rows", {}
    for part in dict.fromkeys(part for row in settings["rows"] for part in row):
        if part not in figures:
            raise InputError("no such figure", key=key, value=part, options=figures)
        if figures[part]["kind"] == KIND.name:
            raise InputError("a panel cannot hold another panel", key=key, value=part)
        found[part] = figure_settings(figures, part, networks)
    return {"figures": found}


KIND = FigureKind(
    "panel",
    shows="Several figures as one, each with a letter.",
    use="to put several figures into one, with letters, as a journal prints them",
    draw=from_result,
    reads=(),
    height=150.0,
    width="page",
    required=("rows",),
    more=_settings_of_parts,
    properties={
        "rows": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "array", "minItems": 1, "items": NAME},
            "description": "Names of other figures of this section, row by row.",
        },
        "heights": {
            "type": "array",
            "items": {"type": "number", "exclusiveMinimum": 0},
            "description": "Relative heights of the rows. Default: those of the figures.",
        },
        "widths": {
            "type": "array",
            "items": {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0}},
            "description": "Relative widths in each row. Default: all equal.",
        },
    },
)
