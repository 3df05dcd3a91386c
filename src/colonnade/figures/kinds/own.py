"""A drawing by a function of the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from colonnade.figures.kind import FigureKind
from colonnade.user_functions import REFERENCE, load_function, users_code

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Call the function that the config names with ``result`` and axes to draw in."""
    reference = settings["function"]
    function = load_function(reference, "function")
    axes = figure.subplots()
    with users_code(f"the function {reference}", function, "function"):
        function(result, axes, **settings.get("arguments", {}))


def _file(settings: Mapping) -> list[str]:
    return [REFERENCE.fullmatch(settings["function"])["file"]]


KIND = FigureKind(
    "own",
    shows="A drawing by a function of your own, which is called with the result and axes.",
    use="for whatever the other kinds do not show; it can stand in a panel beside them",
    draw=from_result,
    reads=("nodes", "edges", "spikes", "reports"),
    height=60.0,
    required=("function",),
    user_files=_file,
    properties={
        "function": {
            "type": "string",
            "pattern": r"^.+\.py:[A-Za-z_]\w*$",
            "description": "file.py:function, called as function(result, axes, **arguments). `result` is a "
            "colonnade.analysis.result.Result, `axes` are Matplotlib's.",
        },
        "arguments": {
            "type": "object",
            "default": {},
            "description": "Further arguments of the function, by name.",
        },
    },
)
