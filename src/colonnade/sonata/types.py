"""Node-type and edge-type tables: CSV files with a space between columns and NULL for nothing."""

import ast
import csv
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from colonnade.errors import InputError, MissingFile
from colonnade.files import whole

ABSENT = ["NULL", "NONE", "None", "null", "nan", "NaN", ""]


class TypeTable:
    """The rows of a types file by their id.

    ``ids`` (T,) int64 as they stand in the file, ``columns`` their names in the file's order, without the id.
    """

    def __init__(self, ids: np.ndarray, table: dict[str, np.ndarray], file: str | None = None):
        self.ids, self.file = ids, file
        self._table = table
        self._order = np.argsort(ids, kind="stable")

    @property
    def columns(self) -> list[str]:
        return list(self._table)

    def rows(self, type_ids: np.ndarray) -> np.ndarray:
        """Return the row (N,) of each of ``type_ids`` (N,); an id that the file does not have is an ``InputError``."""
        type_ids = np.asarray(type_ids, dtype=np.int64)
        ordered = self.ids[self._order]
        place = np.searchsorted(ordered, type_ids)
        found = place < len(ordered)
        found[found] = ordered[place[found]] == type_ids[found]
        if not found.all():
            raise InputError(
                "has no row for a type id that is in use",
                file=self.file,
                value=int(type_ids[~found][0]),
                expected=f"one of {sorted(self.ids.tolist())[:20]}",
            )
        return self._order[place]

    def values(self, name: str, type_ids: np.ndarray) -> np.ndarray:
        """Return column ``name`` for each of ``type_ids``; NaN (numbers) or None (else) where absent."""
        return self._table[name][self.rows(type_ids)]


def read_types(path: str | os.PathLike | None, index: str) -> TypeTable:
    """Read a types file whose id column is ``index`` (``node_type_id`` or ``edge_type_id``); None is an empty table."""
    if path is None:
        return TypeTable(np.zeros(0, dtype=np.int64), {}, None)
    if not Path(path).is_file():
        raise MissingFile("there is no such file", file=path, expected=f"a CSV file with a column {index}")
    try:
        frame = pd.read_csv(path, sep=" ", keep_default_na=False, na_values=ABSENT, skipinitialspace=True)
    except (ValueError, pd.errors.ParserError) as error:
        raise InputError(f"cannot be read as a table with a space between columns ({error})", file=path) from error
    frame = frame.loc[:, [not str(name).startswith("Unnamed:") for name in frame.columns]]
    if index not in frame.columns:
        raise InputError("has no id column", file=path, value=index, options=frame.columns)
    if frame[index].isna().any() or frame[index].duplicated().any():
        raise InputError("has an empty or repeated id", file=path, key=index, value=frame[index].tolist()[:20])
    ids = frame.pop(index).to_numpy(dtype=np.int64)
    return TypeTable(ids, {str(name): plain_column(frame[name]) for name in frame.columns}, str(path))


def plain_column(column: pd.Series) -> np.ndarray:
    """Return a table's column as numbers or booleans where it is such, else as objects with None for nothing."""
    if column.isna().all():
        return np.full(len(column), None, dtype=object)
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy()
    return np.array([None if absent else value for value, absent in zip(column, column.isna(), strict=True)], object)


def write_types(path: str | os.PathLike, index: str, rows: Iterable[Mapping]) -> None:
    """Write one line a row; the columns are ``index``, then all keys of the rows in the order of their first use.

    Lists and tuples are written as Python literals (``[30.0, 150.0]``), None as NULL.
    """
    rows = list(rows)
    columns = list(dict.fromkeys([index, *(key for row in rows for key in row)]))
    with whole(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=" ", lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(row.get(column)) for column in columns])


def _cell(value) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and np.isnan(value):
        return "NULL"
    return str(value)


def literal(value):
    """Return what a cell such as ``"['basal', 'apical']"`` or ``"[0.0, 150.0]"`` stands for; other values unchanged."""
    if isinstance(value, str) and value[:1] in "[(" and value[-1:] in "])":
        try:
            return ast.literal_eval(value)
        except (ValueError, SyntaxError):
            return value
    return value
