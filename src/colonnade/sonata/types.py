"""Node-type and edge-type tables: CSV files with a space between columns and NULL for nothing."""

import ast
import csv
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from colonnade.errors import InputError, MissingFile
from colonnade.files import atomic_write

ABSENT = {"NULL", "NONE", "None", "null", "nan", "NaN", "NA", "N/A", "#N/A", "<NA>", ""}


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
        with open(path, newline="", encoding="utf-8-sig") as file:
            lines = [line for line in csv.reader(file, delimiter=" ") if any(line)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot be read as a table with a space between columns ({error})", file=path) from error
    names = lines[0] if lines else []
    if index not in names:
        raise InputError("has no id column", file=path, value=index, options=filter(None, names))
    for number, line in enumerate(lines[1:], start=1):
        if any(line[len(names) :]):
            raise InputError(f"row {number} has {len(line)} values for {len(names)} columns", file=path, value=line)
        line += [""] * (len(names) - len(line))  # what is missing at the end is absent
    # The first of two columns with one name counts, as it does for BMTK; two spaces in a row enclose an absent value.
    columns = {name: [line[names.index(name)] for line in lines[1:]] for name in dict.fromkeys(filter(None, names))}
    ids = plain_column([None if cell in ABSENT else cell for cell in columns.pop(index)])
    if len(ids) and (ids.dtype.kind != "i" or len(np.unique(ids)) != len(ids)):
        raise InputError("has an empty, repeated or wrong id", file=path, key=index, value=ids.tolist()[:20])
    table = {name: plain_column([None if c in ABSENT else c for c in cells]) for name, cells in columns.items()}
    return TypeTable(ids.astype(np.int64), table, str(path))


def plain_column(cells: list) -> np.ndarray:
    """Return values as integers, floats (NaN for None) or booleans if all are such or text of such, else as objects."""
    there = [cell for cell in cells if cell is not None]
    if there:
        for kind in (_as_int, float, _as_bool):
            try:
                values = [kind(cell) for cell in there]
            except (KeyError, TypeError, ValueError):
                continue
            if len(there) == len(cells):
                return np.array(values)
            if kind is not _as_bool:
                return np.array([np.nan if cell is None else float(cell) for cell in cells])
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    return column


def _as_int(cell) -> int:
    if isinstance(cell, bool | np.bool_ | float | np.floating):
        raise TypeError
    return int(cell)


def _as_bool(cell) -> bool:
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    return {"True": True, "False": False, "true": True, "false": False}[cell]


def write_types(path: str | os.PathLike, index: str, rows: Iterable[Mapping]) -> None:
    """Write one line a row; the columns are ``index``, then all keys of the rows in the order of their first use.

    Lists and tuples are written as Python literals (``[30.0, 150.0]``), None as NULL.
    """
    rows = list(rows)
    columns = list(dict.fromkeys([index, *(key for row in rows for key in row)]))
    with atomic_write(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
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
