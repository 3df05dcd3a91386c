"""Densities that change with the distance from the soma: the kinds of functions, checked, without NEURON."""

import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from colonnade.errors import InputError
from colonnade.geometry.segments import SegmentTable

WORD = "distance"  # the key of a value that is a function
FACTOR = "factor"  # times the whole function, 1 where it is not given
KINDS: dict[str, tuple[tuple[str, ...], Callable]] = {  # by name: the parameters, all needed; a function of x (um)
    "linear": (("offset", "slope"), lambda x, offset, slope: offset + slope * x),
    "exponential": (("offset", "scale", "rate"), lambda x, offset, scale, rate: offset + scale * np.exp(rate * x)),
    "sigmoid": (
        ("offset", "scale", "half", "width"),
        lambda x, offset, scale, half, width: offset + scale / (1 + np.exp((x - half) / width)),
    ),
    "step": (
        ("inside", "outside", "begin", "end"),
        lambda x, inside, outside, begin, end: np.where((x >= begin) & (x < end), inside, outside),
    ),
}


@dataclass(frozen=True)
class Gradient:
    """A parameter as a function of the path distance from soma(0) to the middle of a segment.

    ``parameters`` are those of ``KINDS[kind]`` in their order; ``bounds`` are lowest, highest and unit of what a cell
    can have. ``file`` and ``key`` are where it stands.
    """

    name: str
    kind: str
    parameters: tuple[float, ...]
    factor: float
    bounds: tuple[float, float, str]
    file: str | os.PathLike | None
    key: str

    def at(self, distance: np.ndarray, places: Iterable[str]) -> np.ndarray:
        """Return the values (S,) at each ``distance`` (S,) in um.

        Raises ``InputError`` with the first of ``places`` (S,) that has a value no cell can have.
        """
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            values = self.factor * KINDS[self.kind][1](np.asarray(distance, float), *self.parameters)
        lowest, highest, unit = self.bounds
        wrong = np.flatnonzero(~(np.isfinite(values) & (lowest <= values) & (values <= highest)))
        if len(wrong):
            first = int(wrong[0])
            expected = f"{lowest:g} to {highest:g} {unit}" if math.isfinite(highest) else "a finite number"
            raise InputError(
                f"no cell has such a {self.name}, as it is at {list(places)[first]}, {distance[first]:.6g} um from "
                f"the soma",
                file=self.file,
                key=self.key,
                value=float(values[first]),
                expected=expected,
            )
        return values


def gradient(name: str, value: Mapping, bounds: tuple[float, float, str], number: Callable, file, key: str) -> Gradient:
    """Return the function that ``value`` describes, ``{"distance": kind, parameter: number, ...}``.

    ``number(value, file, key)`` returns a finite float. Raises ``InputError`` for an unknown kind, and for parameters
    that are missing, unknown or no numbers.
    """
    kind = value.get(WORD)
    if not isinstance(kind, str) or kind not in KINDS:
        raise InputError("is no function of the distance", file=file, key=f"{key}.{WORD}", value=kind, options=KINDS)
    names = KINDS[kind][0]
    for word in value:
        if word not in (WORD, FACTOR, *names):
            raise InputError(f"{kind} has no such parameter", file=file, key=key, value=word, options=(*names, FACTOR))
    for word in names:
        if word not in value:
            raise InputError(f"{word!r} is missing", file=file, key=key, expected=f"{', '.join(names)} for {kind}")
    parameters = tuple(number(value[word], file, f"{key}.{word}") for word in names)
    if kind == "sigmoid" and parameters[3] == 0:
        raise InputError("is no width", file=file, key=f"{key}.width", value=0.0, expected="um, not 0")
    if kind == "step" and not parameters[2] < parameters[3]:
        raise InputError("begins where it ends, or behind it", file=file, key=f"{key}.begin", value=parameters[2],
                         expected=f"less than end ({parameters[3]:g} um)")  # fmt: skip
    return Gradient(name, kind, parameters, number(value.get(FACTOR, 1.0), file, f"{key}.{FACTOR}"), bounds, file, key)


def values_in(section_type: str, of: Gradient, table: SegmentTable, names: list[str] | None = None) -> dict:
    """Return {section id: values (n,)} of its segments, for the sections of a type; ``names`` are those of sections."""
    chosen = np.flatnonzero(table.section_type == section_type)
    ids = table.section_id[chosen]
    if names is None:
        first = int(ids[0]) if len(ids) else 0
        places = [f"{section_type}[{i - first}]({x:.4g})" for i, x in zip(ids.tolist(), table.x[chosen], strict=True)]
    else:
        places = [f"{names[i]}({x:.4g})" for i, x in zip(ids.tolist(), table.x[chosen], strict=True)]
    values = of.at(table.distance[chosen], places)
    return {int(i): values[ids == i] for i in np.unique(ids)}
