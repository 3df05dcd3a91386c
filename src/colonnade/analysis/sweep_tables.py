"""Tables over the points of a sweep: all points in one, and means with bootstrap intervals over replicates."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from colonnade.analysis.bootstrap import bootstrap_mean
from colonnade.errors import InputError
from colonnade.files import canonical_json
from colonnade.streams import stream

KEYS = ("population", "group")
LABELS = ("point", "replicate", "status", *KEYS)


def gather(points: Iterable[Mapping]) -> pd.DataFrame:
    """Return one table of the tables of all points, a row for each point and group.

    Each point is {"name": its name, "values": {path: value}, "replicate": its number, "file": its populations.csv}.
    Columns: ``point``, a column for each path, ``replicate``, ``status``, then those of the file. A point without the
    file has one row, with the status ``failed`` and nothing else. Values that are no scalars stand as JSON.
    """
    tables = []
    for point in points:
        path = Path(point["file"])
        table = pd.read_csv(path) if path.is_file() else pd.DataFrame(index=[0])
        values = {key: _scalar(value) for key, value in point.get("values", {}).items()}
        front = {"point": point["name"], **values, "replicate": point.get("replicate", 0)}
        front["status"] = "done" if path.is_file() else "failed"
        tables.append(pd.concat([pd.DataFrame(front, index=table.index), table], axis=1))
    if not tables:
        raise InputError("the sweep has no points", key="sweep")
    kept = [table.dropna(axis="columns", how="all") for table in tables]
    columns = list(dict.fromkeys(column for table in tables for column in table.columns))
    return pd.concat(kept, ignore_index=True).reindex(columns=columns)


def summarise(
    table: pd.DataFrame,
    paths: Sequence[str],
    *,
    measures: Sequence[str] | None = None,
    seed: int,
    confidence: float = 0.95,
    resamples: int = 10_000,
) -> pd.DataFrame:
    """Return the mean over replicates of each measure, for each combination of values of ``paths`` and each group.

    ``table`` is that of ``gather``. Columns: the ``paths``, population, group, measure, mean, low, high (the
    bootstrap interval), n (replicates with a value) and n_failed. The resamples of each row come from a stream named
    after the row, so a new point changes no other row.
    """
    for path in paths:
        if path not in table:
            raise InputError("the sweep does not vary this", key="sweep", value=path, options=varied(table))
    measures = list(measures) if measures is not None else _measures(table, paths)
    for measure in measures:
        if measure not in table:
            raise InputError("no such measure", key="measure", value=measure, options=_measures(table, paths))
    failed = table["status"] == "failed"
    groups = table.loc[~failed, list(KEYS)].drop_duplicates()
    rows = []
    for values in table[list(paths)].drop_duplicates().itertuples(index=False, name=None):
        here = np.logical_and.reduce([table[path] == value for path, value in zip(paths, values, strict=True)])
        for population, group in groups.itertuples(index=False, name=None):
            chosen = table[here & ~failed & (table["population"] == population) & (table["group"] == group)]
            for measure in measures:
                name = canonical_json([*map(_plain, values), population, group, measure])
                interval = bootstrap_mean(
                    chosen[measure], stream(seed, "bootstrap", name), level=confidence, resamples=resamples
                )
                row = dict(zip(paths, values, strict=True)) | {"population": population, "group": group}
                rows.append(row | {"measure": measure} | interval._asdict() | {"n_failed": int((here & failed).sum())})
    columns = [*paths, *KEYS, "measure", "mean", "low", "high", "n", "n_failed"]
    return pd.DataFrame(rows, columns=columns)


def varied(table: pd.DataFrame) -> list[str]:
    """Return the paths of the values that the sweep of a table of ``gather`` varies, in its order."""
    columns = list(table.columns)
    return columns[columns.index("point") + 1 : columns.index("replicate")]


def read_points(path: str | os.PathLike) -> pd.DataFrame:
    """Read the table of all points that ``gather`` made."""
    table = pd.read_csv(path)
    missing = [column for column in ("point", "replicate", "status") if column not in table]
    if missing:
        raise InputError("not a table of a sweep's points", file=path, key=missing[0], expected="a column of that name")
    return table


def _measures(table: pd.DataFrame, paths: Sequence[str]) -> list[str]:
    numbers = table.select_dtypes("number").columns
    return [column for column in numbers if column not in LABELS and column not in varied(table)]


def _scalar(value):
    return value if isinstance(value, str | int | float | bool) else canonical_json(value)


def _plain(value):
    """Return a value as JSON holds it; every number as a float, whether its column holds integers or not."""
    value = value.item() if isinstance(value, np.generic) else value
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
