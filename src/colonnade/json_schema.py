"""Pieces of JSON schemas that the registries' parts are described with."""

import math
from collections.abc import Iterable

NAME = {"type": "string", "minLength": 1}


def text(about: str, default: str | None = None) -> dict:
    """Return the schema of a text that is not empty."""
    return {**NAME, "description": about} | ({} if default is None else {"default": default})


def names(about: str) -> dict:
    """Return the schema of a name or a list of names."""
    return {"description": about, "anyOf": [NAME, {"type": "array", "items": NAME, "minItems": 1}]}


def flag(about: str, default: bool) -> dict:
    """Return the schema of a yes or no."""
    return {"type": "boolean", "default": default, "description": about}


def number(about: str, default: float | None = None, *, above=None, least=None, most=None, type="number") -> dict:
    """Return the schema of a number more than ``above``, or from ``least`` to ``most``."""
    limits = {"default": default, "exclusiveMinimum": above, "minimum": least, "maximum": most}
    return {"type": type, "description": about, **{key: value for key, value in limits.items() if value is not None}}


def integer(about: str, default: int | None = None, **limits) -> dict:
    """Return the schema of a whole number; see ``number``."""
    return number(about, default, type="integer", **limits)


def choice(about: str, options: tuple[str, ...], default: str | None = None) -> dict:
    """Return the schema of one of some words."""
    return {"enum": list(options), "description": about} | ({} if default is None else {"default": default})


def numbers(about: str, *, least=None, above=None, count: int = 1, length: int | None = None) -> dict:
    """Return the schema of a list of at least ``count`` numbers, or of exactly ``length``."""
    item = {key: value for key, value in {"minimum": least, "exclusiveMinimum": above}.items() if value is not None}
    size = {"minItems": count} if length is None else {"minItems": length, "maxItems": length}
    return {"type": "array", "items": {"type": "number", **item}, **size, "description": about}


def branches(key: str, names: Iterable[str]) -> list[dict]:
    """Return the branches of a schema by which ``key`` chooses one of its ``$defs``; without the key, none."""
    return [
        {
            "if": {"type": "object", "required": [key], "properties": {key: {"const": name}}},
            "then": {"$ref": f"#/$defs/{name}"},
        }
        for name in names
    ]


def within(part: dict, value: float) -> bool:
    """Return whether a number is within the limits of its schema."""
    least, most = part.get("minimum", -math.inf), part.get("maximum", math.inf)
    return least <= value <= most and value > part.get("exclusiveMinimum", -math.inf)


def limits_of(part: dict) -> str:
    """Return the limits of a number in words, with what it is."""
    words = {"exclusiveMinimum": "more than", "minimum": "at least", "maximum": "at most"}
    return f"{', '.join(f'{word} {part[key]:g}' for key, word in words.items() if key in part)}: {part['description']}"
