"""Sweeps: the points of an experiment, each a choice of values by path, and their readable names."""

import copy
import itertools
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from colonnade.errors import InputError
from colonnade.streams import derived_seed, stream

REPLICATE = "replicate"
SEPARATOR = "+"  # between the parts of a point's name; Snakemake hands wildcards to remote jobs separated by commas


@dataclass(frozen=True)
class Choice:
    """One value of one sweep key: its label in paths, and what it sets: ((path, value), ...)."""

    label: str
    values: tuple[tuple[str, object], ...]

    def __hash__(self):
        return hash(self.label)


@dataclass(frozen=True)
class Point:
    """One point of a sweep: ((key, choice), ...) in the order of the config, the replicate last."""

    choices: tuple[tuple[str, Choice], ...] = ()

    def name(self, keys=None) -> str:
        """Return 'key~label+key~label' of the given keys (all of them by default); '' where there are none."""
        return SEPARATOR.join(f"{key}~{choice.label}" for key, choice in self.choices if keys is None or key in keys)

    def apply(self, config: dict) -> dict:
        """Return a copy of ``config`` with this point's values in place."""
        values = [pair for _, choice in self.choices for pair in choice.values]
        return with_values(config, values)


def points_of(config: dict, file=None) -> list[Point]:
    """Return the points of a resolved config: one without choices where there is no sweep.

    Only the sections ``sweep``, ``seed`` and ``seeds`` are read.
    """
    sweep = config.get("sweep")
    if sweep is None:
        return [Point()]
    design = sweep["design"]
    makers = {"grid": _grid, "zip": _zip, "points": _listed, "random": _random}
    if design != "points" and "values" not in sweep and sweep["replicates"] == 1:
        raise InputError("the key 'values' is missing", file=file, key="sweep", expected="values to vary by their path")
    count = _count(sweep, design) * sweep["replicates"]
    most = config.get("limits", {}).get("points", math.inf)
    if count > most:
        raise InputError(f"there would be {count} points", file=file, key="limits.points", value=most,
                         expected="fewer, or a higher limit, if that is meant")  # fmt: skip
    rows = makers[design](sweep, config, file)
    keys = _short_keys([path for row in rows for path, _ in row])
    points = [Point(tuple((keys[path], choice) for path, choice in row)) for row in rows]
    names = [point.name() for point in points]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError("two points have the same name", file=file, key="sweep", value=twice)
    if sweep["replicates"] == 1:
        return points
    replicates = [_replicate(config, number) for number in range(sweep["replicates"])]
    return [Point((*point.choices, (REPLICATE, choice))) for point in points for choice in replicates]


def _count(sweep: dict, design: str) -> int:
    """Return the number of points without replicates, as far as it can grow beyond what the config lists."""
    if design == "random":
        return sweep.get("n", 0)
    return math.prod(map(len, sweep.get("values", {}).values())) if design == "grid" else 1


def check_paths(points: list[Point], config: dict, file=None) -> Iterator[InputError]:
    """Yield an error for each path of the sweep that is not in ``config``, or that no sweep can vary."""
    paths = dict.fromkeys(
        path for point in points for key, choice in point.choices if key != REPLICATE for path, _ in choice.values
    )
    for path in paths:
        yield from _check_path(config, path, file)
        for other in paths:
            if other.startswith(f"{path}."):
                yield InputError(f"one of {path} and {other} would replace the other", file=file, key="sweep.values",
                                 value=other, expected="values that are no parts of each other")  # fmt: skip


def table_entries(points: list[Point], folder: Path, keys: Collection[str]) -> list[dict]:
    """Return what the table of all points needs of each: its name, values, replicate, and file of statistics.

    ``keys`` are those in the names of the points' folders below ``folder``.
    """
    entries = []
    for point in points:
        values = {path: value for key, choice in point.choices if key != REPLICATE for path, value in choice.values}
        replicate = next((int(choice.label) for key, choice in point.choices if key == REPLICATE), 0)
        file = folder / point.name(keys) / "populations.csv"
        entries.append({"name": point.name(), "values": values, "replicate": replicate, "file": file})
    return entries


def point_label(name: str) -> str:
    """Return the name of a sweep point in words."""
    return name.lstrip("/").replace("~", " ").replace(SEPARATOR, ", ")


def with_values(config: dict, values) -> dict:
    """Return a copy of ``config`` with each (path, value) of ``values`` set; it shares what is not on their paths."""
    for path, value in values:
        config = _replaced(config, path.split("."), value)
    return config


def _replaced(place, parts: list[str], value):
    changed = copy.copy(place)
    part = int(parts[0]) if isinstance(place, list) else parts[0]
    changed[part] = _replaced(place[part], parts[1:], value) if parts[1:] else value
    return changed


def without_values(config: dict, paths) -> dict:
    """Return a copy of ``config`` without the values at ``paths``."""
    changed = copy.deepcopy(config)
    for path in paths:
        parent, last = _parent(changed, path)
        del parent[last]
    return changed


def _parent(config, path: str):
    *parts, last = path.split(".")
    place = config
    for part in parts:
        place = place[int(part)] if isinstance(place, list) else place[part]
    return place, int(last) if isinstance(place, list) else last


def _check_path(config: dict, path: str, file) -> Iterator[InputError]:
    place, walked = config, []
    for part in path.split("."):
        known = range(len(place)) if isinstance(place, list) else place if isinstance(place, dict) else ()
        if part not in {str(name) for name in known}:
            where = ".".join(walked) or "the config"
            yield InputError(f"{where} has no {part!r}", file=file, key="sweep.values", value=path, options=known)
            return
        place = place[int(part)] if isinstance(place, list) else place[part]
        walked.append(part)
    if walked[0] not in ("networks", "inputs", "simulation", "mechanisms", "seeds", "seed"):
        yield InputError("a sweep cannot vary this section", file=file, key="sweep.values", value=path)


def _choices(path: str, values, file) -> list[Choice]:
    named = values.items() if isinstance(values, dict) else ((None, value) for value in values)
    choices = [Choice(_label(path, value) if label is None else label, ((path, value),)) for label, value in named]
    for choice in choices:
        if not choice.label or not all(sign.isascii() and (sign.isalnum() or sign in "_.+-") for sign in choice.label):
            raise InputError(
                "not fit for a path", file=file, key=f"sweep.values.{path}", value=choice.label,
                expected="letters, digits and _ . + - only; other values are named: {name: value}",
            )  # fmt: skip
    return choices


def _label(path: str, value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | str):
        return str(value)
    if isinstance(value, float):
        return f"{value:.12g}"
    raise InputError(
        "a list or an object needs a name", key=f"sweep.values.{path}", value=value, expected="{name: value}"
    )


def _short_keys(paths) -> dict[str, str]:
    """Return for each path its shortest ending that no other path has and that no number begins, joined by '-'."""
    distinct = list(dict.fromkeys(paths))
    keys = {}
    for path in distinct:
        parts = path.split(".")
        for length in range(1, len(parts) + 1):
            ending = parts[-length:]
            if not ending[0].isdigit() and not any(
                other != path and other.split(".")[-length:] == ending for other in distinct
            ):
                break
        keys[path] = "-".join(ending)
    return keys


def _grid(sweep, config, file):
    axes = [[(path, choice) for choice in _choices(path, v, file)] for path, v in sweep.get("values", {}).items()]
    return [list(row) for row in itertools.product(*axes)]


def _zip(sweep, config, file):
    axes = [[(path, choice) for choice in _choices(path, v, file)] for path, v in sweep.get("values", {}).items()]
    if len({len(axis) for axis in axes}) > 1:
        lengths = {axis[0][0]: len(axis) for axis in axes}
        raise InputError("design zip needs lists of one length", file=file, key="sweep.values", value=lengths)
    return [list(row) for row in zip(*axes, strict=True)]


def _listed(sweep, config, file):
    if "points" not in sweep:
        raise InputError("the key 'points' is missing", file=file, key="sweep", expected="a list of {path: value}")
    return [[(path, _choices(path, [v], file)[0]) for path, v in point.items()] for point in sweep["points"]]


def _random(sweep, config, file):
    if "n" not in sweep or "values" not in sweep:
        raise InputError("design random needs 'n' and 'values'", file=file, key="sweep")
    rows = []
    for number in range(sweep["n"]):
        row = []
        for path, bounds in sweep["values"].items():
            value = _draw(stream(config["seed"], "sweep", path, number), path, bounds, file)
            row.append((path, _choices(path, [value], file)[0]))
        rows.append(row)
    return rows


def _draw(rng, path: str, bounds, file):
    """Draw one value; rounded to six digits, so that its name is its value."""
    if isinstance(bounds, list):
        return bounds[rng.integers(len(bounds))]
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in bounds.values())
    if numbers and set(bounds) == {"min", "max"} and bounds["min"] <= bounds["max"]:
        return float(f"{rng.uniform(bounds['min'], bounds['max']):.6g}")
    if numbers and set(bounds) == {"log_min", "log_max"} and 0 < bounds["log_min"] <= bounds["log_max"]:
        return float(f"{bounds['log_min'] * (bounds['log_max'] / bounds['log_min']) ** rng.random():.6g}")
    raise InputError(
        "wrong bounds", file=file, key=f"sweep.values.{path}", value=bounds,
        expected="{min: , max: } with min not above max, {log_min: , log_max: } above 0, or a list",
    )  # fmt: skip


def _replicate(config: dict, number: int) -> Choice:
    seeds = {section: config["seeds"].get(section, config["seed"]) for section in config["sweep"]["reseed"]}
    values = [
        (f"seeds.{section}", derived_seed(seed, REPLICATE, section, number) if number else seed)
        for section, seed in seeds.items()
    ]
    return Choice(str(number), tuple(values))
