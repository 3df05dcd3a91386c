"""Expressions that are linear in one variable, taken apart: what the exact step of an equation and a slope need."""

from colonnade.simulation.engines.lockstep.nmodl import names_in

ZERO, ONE = ("num", "0"), ("num", "1")


def is_number(e: tuple, value: float) -> bool:
    return e[0] == "num" and float(e[1]) == value


def negative(a: tuple) -> tuple:
    if a[0] == "neg":
        return a[1]
    return a if is_number(a, 0) else ("neg", a)


def added(a: tuple, b: tuple) -> tuple:
    if is_number(a, 0):
        return b
    return a if is_number(b, 0) else ("-", a, b[1]) if b[0] == "neg" else ("+", a, b)


def times(a: tuple, b: tuple) -> tuple:
    if is_number(a, 0) or is_number(b, 0):
        return ZERO
    if is_number(a, 1):
        return b
    if is_number(b, 1):
        return a
    if a[0] == "neg" or b[0] == "neg":
        return negative(times(negative(a), b)) if a[0] == "neg" else negative(times(a, negative(b)))
    if is_reciprocal(a):
        return ("/", b, a[2])
    return ("/", a, b[2]) if is_reciprocal(b) else ("*", a, b)


def divided(a: tuple, b: tuple) -> tuple:
    if is_number(a, 0) or is_number(b, 1):
        return a
    if a[0] == "neg":
        return negative(divided(a[1], b))
    return negative(divided(a, b[1])) if b[0] == "neg" else ("/", a, b)


def is_reciprocal(a: tuple) -> bool:
    return a[0] == "/" and is_number(a[1], 1)


def parts_of(e: tuple, name: str) -> tuple[tuple, tuple, tuple] | None:
    """Return (p, q, k), free of ``name``, with e = (p + q ``name``) k; None if the expression is not linear in it."""
    if name not in names_in(e):
        return e, ZERO, ONE
    kind = e[0]
    if kind == "var":
        return ZERO, ONE, ONE
    if kind == "neg":
        inner = parts_of(e[1], name)
        return inner and (negative(inner[0]), negative(inner[1]), inner[2])
    if kind == "*" and (name not in names_in(e[1]) or name not in names_in(e[2])):
        first, second = (e[1], e[2]) if name in names_in(e[1]) else (e[2], e[1])
        inner = parts_of(first, name)
        return inner and (inner[0], inner[1], times(inner[2], second))
    if kind == "/" and name not in names_in(e[2]):
        inner = parts_of(e[1], name)
        return inner and (inner[0], inner[1], divided(inner[2], e[2]))
    if kind in ("+", "-"):
        a, b = parts_of(e[1], name), parts_of(e[2] if kind == "+" else ("neg", e[2]), name)
        if a is None or b is None:
            return None
        if a[2] == b[2]:
            return added(a[0], b[0]), added(a[1], b[1]), a[2]
        return added(times(a[0], a[2]), times(b[0], b[2])), added(times(a[1], a[2]), times(b[1], b[2])), ONE
    return None
