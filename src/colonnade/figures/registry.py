"""The kinds of figures, found in the folder ``kinds/``, and what follows from them: schema, settings, files read."""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from colonnade.errors import InputError
from colonnade.figures import kinds
from colonnade.figures.kind import FigureKind
from colonnade.json_schema import branches

FORMATS = ("pdf", "svg", "png")
PAGE = "html"  # of a kind that can be turned


@cache
def figure_kinds() -> dict[str, FigureKind]:
    """Return all kinds of figures by name."""
    modules = (import_module(f"{kinds.__name__}.{found.name}") for found in pkgutil.iter_modules(kinds.__path__))
    return {module.KIND.name: module.KIND for module in modules}


def figure_kind(name: str) -> FigureKind:
    """Return the kind called ``name``; InputError with the nearest name where there is none."""
    if name not in figure_kinds():
        raise InputError("no such kind of figure", key="kind", value=name, options=figure_kinds())
    return figure_kinds()[name]


def figure_settings(figures: Mapping[str, dict], name: str, networks: Mapping[str, dict] | None = None) -> dict:
    """Return exactly the settings that the figure ``name`` of the config section ``figures`` depends on.

    Beside its own these are what its kind takes from elsewhere: a panel the settings of its figures, a connection
    probability the rules in ``networks`` (the config's section). The caption is left out: only the report shows it.
    """
    if name not in figures:
        raise InputError("no such figure", key=f"figures.{name}", value=name, options=figures)
    settings = {key: value for key, value in figures[name].items() if key != "caption"}
    return settings | figure_kind(settings["kind"]).more({**settings, "name": name}, figures, networks or {})


def figure_reads(settings: Mapping) -> tuple[str, ...]:
    """Return the kinds of files that a figure with ``settings`` (of ``figure_settings``) is drawn from, sorted."""
    found = set()
    for part in _parts(settings):
        kind = figure_kind(part["kind"])
        found |= {*kind.reads, *(read for setting, read in kind.reads_for.items() if part.get(setting))}
    return tuple(sorted(found))


def figure_user_files(settings: Mapping) -> list[str]:
    """Return the files of the user that a figure with ``settings`` (of ``figure_settings``) depends on."""
    return list(dict.fromkeys(path for part in _parts(settings) for path in figure_kind(part["kind"]).user_files(part)))


def _parts(settings: Mapping) -> list[Mapping]:
    return [settings, *settings.get("figures", {}).values()]


def figures_schema() -> dict:
    """Return the JSON schema of the config section ``figures``."""
    found = figure_kinds()
    name = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,63}$"}
    description = "Letters, digits, _ and -, a letter first: it becomes part of a path."
    figure = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(found), "description": "What the figure shows."}},
        "allOf": branches("kind", found),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "figures.schema.json",
        "title": "Figures",
        "type": "object",
        "description": "Figures by name, each written as PDF, SVG and PNG.",
        "default": {},
        "propertyNames": {**name, "description": description},
        "additionalProperties": {"$ref": "#/$defs/figure"},
        "$defs": {"figure": figure, **{name: kind.schema() for name, kind in found.items()}},
    }
