"""Check an SWC morphology before NEURON sees it: NEURON crashes on, or silently accepts, what is wrong in one."""

import math
import os
from pathlib import Path

from colonnade.errors import InputError, MissingFile, UnsupportedError

SECTION_TYPES = {1: "soma", 2: "axon", 3: "dend", 4: "apic"}
FARTHEST, LARGEST_RADIUS = 1e6, 1e4  # um
LARGEST_ID = 2**31 - 1
_COLUMNS = "seven columns: id type x y z radius parent, with x, y, z and radius in um"


def check_swc(path: str | os.PathLike) -> None:
    """Raise an error that names the line if NEURON cannot make a sound cell of the SWC file ``path``.

    Raises ``MissingFile`` if there is no such file, ``UnsupportedError`` for a point type other than soma, axon,
    (basal) dendrite and apical dendrite, and ``InputError`` for anything else: a line that is no point, a value that
    is not finite, a radius that is not positive, a parent that is missing or comes later, a second root, no soma.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFile("no such morphology file", file=path)
    parents: dict[int, int] = {}
    root_line = soma_line = None
    last = -1
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        place = {"file": path, "key": f"line {number}"}
        point, kind, parent = _point(words, place)
        if point in parents:
            raise InputError(f"point {point} is here for the second time", **place)
        if point < last:
            raise InputError(f"point {point} comes after point {last}", **place, expected="ascending ids")
        if parent >= 0 and parent not in parents:
            reason = "is the point itself" if parent == point else "is not in the file above this line"
            raise InputError(f"the parent {parent} of point {point} {reason}", **place)
        if parent < 0 and root_line is not None:
            message = f"point {point} starts a second tree; the first one starts at line {root_line}"
            raise InputError(message, **place, expected="one tree, with the parent -1 at its root only")
        if parent < 0:
            root_line = number
        if kind == 1:
            soma_line = number
        parents[point] = parent
        last = point
    if not parents:
        raise InputError("holds no point", file=path, expected=_COLUMNS)
    if soma_line is None:
        raise InputError("has no soma", file=path, expected="at least one point of type 1")


def _point(words: list[str], place: dict) -> tuple[int, int, int]:
    """Return id, type and parent of one line, after its seven values were checked."""
    try:
        values = [float(word) for word in words[:7]]
    except ValueError:
        raise InputError("is not a point", **place, value=" ".join(words), expected=_COLUMNS) from None
    if len(values) < 7:
        raise InputError(f"has {len(values)} columns", **place, expected=_COLUMNS)
    if not all(map(math.isfinite, values)):
        raise InputError("has a value that is not finite", **place, value=" ".join(words[:7]), expected=_COLUMNS)
    point, kind, parent = (int(values[column]) for column in (0, 1, 6))
    if (point, kind, parent) != (values[0], values[1], values[6]) or not 0 <= point <= LARGEST_ID:
        raise InputError("id, type and parent have to be whole numbers", **place, value=" ".join(words[:7]))
    if not 0 < values[5] < LARGEST_RADIUS:
        wrong = "the radius has to be positive" if values[5] <= 0 else "no cell has such a radius"
        raise InputError(wrong, **place, value=values[5], expected=f"a radius below {LARGEST_RADIUS:g} um")
    if max(map(abs, values[2:5])) >= FARTHEST:
        raise InputError("no cell reaches so far", **place, value=values[2:5], expected=f"below {FARTHEST:g} um")
    if kind not in SECTION_TYPES:
        expected = ", ".join(f"{code} ({name})" for code, name in SECTION_TYPES.items())
        raise UnsupportedError(f"the point type {kind} is not supported", **place, expected=expected)
    return point, kind, parent
