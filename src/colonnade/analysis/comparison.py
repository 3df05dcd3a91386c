"""Two results side by side: what differs in their configs and in their statistics."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from colonnade.errors import InputError, MissingFile

ABSENT = "(absent)"
# What was asked for, in the order of preference: the experiment's own config, the simulator's.
CONFIGS = ("provenance/experiment.yaml", "experiment.yaml", "experiment.json", "config.yaml", "simulation/config.json")


def simulation_config(result: str | os.PathLike) -> Path:
    """Return the simulation config of a result: the file itself, or that of an experiment's or simulation's folder."""
    path = Path(result)
    candidates = [path, path / "simulation" / "config.json", path / "config.json", path / "simulation_config.json"]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    points = sorted(path.glob("simulation/*/config.json"))
    if points:
        names = [point.parent.name for point in points]
        raise InputError(
            "this result is a sweep; name one point", file=path, expected=f"{points[0].parent}", options=names
        )
    raise MissingFile("no simulation config there", file=path, expected="a config.json or a folder with simulation/")


def settings_of_result(result: str | os.PathLike) -> dict:
    """Return the config of a result as nested mappings: the experiment's, else that of its simulation."""
    path = Path(result)
    file = next((path / name for name in CONFIGS if (path / name).is_file()), None) or simulation_config(path)
    text = file.read_text(encoding="utf-8")
    return yaml.safe_load(text) if file.suffix == ".yaml" else json.loads(text)


def config_differences(first: Mapping, second: Mapping) -> pd.DataFrame:
    """Return the values that differ: their path (keys and numbers joined by dots), and both values as JSON."""
    one, other = dict(_leaves(first)), dict(_leaves(second))
    rows = [
        {"path": path, "first": one.get(path, ABSENT), "second": other.get(path, ABSENT)}
        for path in [*one, *(path for path in other if path not in one)]
        if one.get(path, ABSENT) != other.get(path, ABSENT)
    ]
    return pd.DataFrame(rows, columns=["path", "first", "second"])


def statistic_differences(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each group and statistic of two tables of populations: both values, and their difference.

    ``relative`` is the difference divided by the first value; NaN where a value is missing or the first is 0.
    """
    keys = ["population", "group"]
    measures = [column for column in first.columns if column not in keys]
    long = [table.melt(keys, measures, "statistic", name) for table, name in ((first, "first"), (second, "second"))]
    merged = long[0].merge(long[1], on=[*keys, "statistic"], how="outer", sort=False)
    groups = {each: place for place, each in enumerate(dict.fromkeys(map(tuple, merged[keys].to_numpy().tolist())))}
    places = [groups[each] for each in map(tuple, merged[keys].to_numpy().tolist())]
    order = merged["statistic"].map({name: place for place, name in enumerate(measures)})
    merged = merged.assign(place=places, order=order).sort_values(["place", "order"])
    merged = merged.drop(columns=["place", "order"]).reset_index(drop=True)
    values = merged[["first", "second"]].astype(float)
    merged["difference"] = values["second"] - values["first"]
    with np.errstate(divide="ignore", invalid="ignore"):
        merged["relative"] = np.where(values["first"] != 0, merged["difference"] / values["first"], np.nan)
    return merged


def _leaves(value, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (path, JSON) of each value that is no mapping and no list, and of the empty ones."""
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from _leaves(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(part, Mapping | list) for part in value):
        for place, part in enumerate(value):
            yield from _leaves(part, f"{path}.{place}")
    else:
        yield path, json.dumps(value, ensure_ascii=False, sort_keys=True)
