"""What a kind of figure says of itself; each module in ``kinds/`` ends in one. Nothing here loads Matplotlib."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from colonnade.json_schema import NAME, flag, integer, names, number, text  # noqa: F401  the kinds take them here

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result

Drawing = Callable[["Figure | SubFigure", "Result", Mapping], object]

_WIDTH = {
    "anyOf": [{"enum": ["column", "page"]}, {"type": "number", "minimum": 30, "maximum": 400}],
    "description": "column (85 mm), page (174 mm), or a number of mm.",
}
_COLOURS = {
    "type": "object",
    "default": {},
    "description": "Colour of a group (its pop_name), as a name or #RRGGBB. The others take theirs from a colour-blind "
    "safe palette, in the order of the config.",
    "additionalProperties": {"type": "string", "minLength": 1},
}
_CAPTION = {
    "type": "string",
    "minLength": 1,
    "description": "First sentences of the figure's caption in the report (reStructuredText). Default: what the figure "
    "shows.",
}
_HEIGHT = {"type": "number", "minimum": 20, "maximum": 400, "description": "mm"}

_OF_WHAT = ("report", "population", "edges", "electrode", "node_id")  # settings that a caption names

# Settings that several kinds have.
WINDOW = {
    "type": "array",
    "prefixItems": [{"type": ["number", "null"], "minimum": 0}, {"type": ["number", "null"], "exclusiveMinimum": 0}],
    "minItems": 2,
    "maxItems": 2,
    "description": "[start, stop] in ms; null for the run's own start or end. Default: the whole run.",
}
POPULATIONS = names("Name of the network whose cells are shown, or a list of names. Default: all that are simulated.")
GROUP_BY = text("Attribute of the nodes by which cells are grouped and coloured.", "pop_name")


def _nothing_more(settings: dict, figures: Mapping, networks: Mapping) -> dict:
    return {}


def _no_files(settings: Mapping) -> list[str]:
    return []


@dataclass(frozen=True)
class FigureKind:
    """A kind of figure.

    ``shows`` says in a sentence what it is, ``describe(settings)`` what one of them shows; ``draw(figure, result,
    settings)`` draws it; ``reads`` are the kinds of files that it is drawn from: nodes, edges, spikes, reports,
    morphologies, points (the table of a sweep's points). ``properties`` are the JSON schema of its own settings,
    ``required`` those without which there is no figure; ``width`` (column, page or mm) and ``height`` (mm) its size
    where none is asked for. ``use`` says when it is the right one. ``more(settings, figures, networks)`` returns
    settings that it takes from elsewhere in the config; ``of_sweep`` marks a figure that shows all points of a sweep;
    ``reads_for`` are kinds of files that it is drawn from only where a setting is given, by that setting;
    ``user_files(settings)`` returns files of the user that it depends on; ``page(result, settings)`` returns an HTML
    page to look at it from all sides.
    """

    name: str
    shows: str
    draw: Drawing
    reads: tuple[str, ...]
    height: float
    properties: Mapping[str, dict]
    width: str | float = "column"
    required: tuple[str, ...] = ()
    more: Callable[[dict, Mapping, Mapping], dict] = field(default=_nothing_more)
    of_sweep: bool = False
    use: str = ""
    reads_for: Mapping[str, str] = field(default_factory=dict)
    user_files: Callable[[Mapping], list[str]] = _no_files
    page: Callable[[Result, Mapping], str] | None = None
    describe: Callable[[Mapping], str] | None = None

    def schema(self) -> dict:
        """Return the JSON schema of the settings of a figure of this kind."""
        common = {"width": {**_WIDTH, "default": self.width}, "colours": _COLOURS, "caption": _CAPTION}
        common["height"] = {**_HEIGHT, "default": self.height}
        return {
            "type": "object",
            "description": self.shows,
            "additionalProperties": False,
            "required": list(self.required),
            "properties": {"kind": {}, **common, **self.properties},
        }

    def caption(self, settings: Mapping) -> str:
        """Return what a figure with ``settings`` shows, and of what, so that two of a kind can be told apart."""
        sentence = self.describe(settings) if self.describe else self.shows
        told = {key: settings[key] for key in _OF_WHAT if settings.get(key) is not None}
        said = [f"{key.replace('_', ' ')} {', '.join(map(str, value)) if isinstance(value, list) else value}"
                for key, value in told.items()]  # fmt: skip
        return f"{sentence.removesuffix('.')} ({'; '.join(said)})." if said else sentence
