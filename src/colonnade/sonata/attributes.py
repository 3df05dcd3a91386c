"""The attributes of nodes and edges: datasets of HDF5 groups over columns of a types file, read when asked for."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import h5py
import numpy as np

from colonnade.errors import InputError
from colonnade.sonata.hdf5 import chosen_rows, dataset, open_hdf5, whole_ids
from colonnade.sonata.types import TypeTable, plain_column

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Attributes:
    """What a population knows of its N rows beyond their ids.

    ``file`` and ``path`` are the HDF5 file and the population's place in it, ``group_ids`` and ``group_index`` (N,)
    say where each row's datasets are, ``type_ids`` (N,) which row of ``types`` belongs to it.
    """

    file: str
    path: str
    group_ids: np.ndarray
    group_index: np.ndarray
    type_ids: np.ndarray
    types: TypeTable
    group_columns: dict[int, list[str]] = field(default_factory=dict)
    dynamics_columns: dict[int, list[str]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Names of all attributes: those of the groups, then those of the types file."""
        return list(
            dict.fromkeys([*(name for names in self.group_columns.values() for name in names), *self.types.columns])
        )

    @property
    def dynamics(self) -> list[str]:
        """Names of the parameters given row by row in ``dynamics_params`` subgroups."""
        return list(dict.fromkeys(name for names in self.dynamics_columns.values() for name in names))

    def is_told(self, name: str) -> np.ndarray:
        """Return for each row (N,) whether its group, or the types file, has a column ``name``."""
        groups = [group for group, names in self.group_columns.items() if name in names]
        return np.isin(self.group_ids, groups) | (name in self.types.columns)

    def values(self, name: str) -> np.ndarray:
        """Return attribute ``name`` (N,) or (N, k); NaN (numbers) or None (else) for a row which does not have it."""
        if name not in self.columns:
            raise InputError(
                "is no attribute of this population", file=self.file, key=self.path, value=name, options=self.columns
            )
        parts = self._from_groups(self.group_columns, name, name)
        rest = self._rows_without(parts)
        if len(rest) and name in self.types.columns:
            parts.append((rest, self.types.values(name, self.type_ids[rest])))
        return _joined(parts, len(self.type_ids))

    def dynamics_values(self, name: str) -> np.ndarray:
        """Return the parameter ``name`` (N,) of the ``dynamics_params`` subgroups; NaN for a row without it."""
        return _joined(self._from_groups(self.dynamics_columns, f"dynamics_params/{name}", name), len(self.type_ids))

    def frame(self, ids: dict[str, np.ndarray]) -> "pd.DataFrame":
        """Return ``ids`` and all attributes as a table; an (N, k) attribute becomes columns ``name.0``, ...."""
        import pandas as pd  # half a second, which only tables need

        table = dict(ids)
        for name in self.columns:
            values = self.values(name)
            if values.ndim == 1:
                table[name] = values
            else:
                table |= {f"{name}.{i}": values[:, i] for i in range(values.shape[1])}
        return pd.DataFrame(table)

    def _rows_without(self, parts) -> np.ndarray:
        with_value = np.zeros(len(self.type_ids), dtype=bool)
        for rows, _ in parts:
            with_value[rows] = True
        return np.flatnonzero(~with_value)

    def _from_groups(self, columns: dict[int, list[str]], place: str, name: str) -> list[tuple]:
        groups = [group for group, names in columns.items() if name in names]
        if not groups:
            return []
        parts = []
        with open_hdf5(self.file) as file:
            for group in groups:
                rows = np.flatnonzero(self.group_ids == group)
                if len(rows):
                    stored = file[f"{self.path}/{group}"]
                    parts.append((rows, _taken(stored, place, self.group_index[rows])))
        return parts


def read_attributes(group: h5py.Group, kind: str, types: TypeTable, rows: slice | np.ndarray) -> Attributes:
    """Find out where the attributes of ``rows`` of a population are; ``kind`` is ``node`` or ``edge``.

    ``<kind>_group_id`` and ``<kind>_group_index`` may be missing where there is one group or none.
    """
    type_ids = dataset(group, f"{kind}_type_id")
    groups = sorted(int(name) for name in group if name.isdigit() and isinstance(group[name], h5py.Group))
    if f"{kind}_group_id" in group and f"{kind}_group_index" in group:
        group_ids, group_index = (
            chosen_rows(group[name], rows) if group[name].dtype.kind == "u" else whole_ids(group, name, rows)
            for name in (f"{kind}_group_id", f"{kind}_group_index")
        )
    elif len(groups) <= 1:
        group_index = np.arange(len(type_ids), dtype=np.uint64)[rows] if isinstance(rows, slice) else rows
        group_ids = np.full(len(group_index), groups[0] if groups else 0, dtype=np.uint32)
    else:
        raise InputError(
            f"has {len(groups)} groups but no {kind}_group_id and {kind}_group_index",
            file=group.file.filename,
            key=group.name,
        )
    _check_groups(group, kind, group_ids, group_index, groups)
    found = Attributes(group.file.filename, group.name, group_ids, group_index, chosen_rows(type_ids, rows), types)
    for number in groups:
        members = group[str(number)]
        found.group_columns[number] = [n for n in members if isinstance(members[n], h5py.Dataset)]
        dynamics = members.get("dynamics_params")
        if isinstance(dynamics, h5py.Group):
            found.dynamics_columns[number] = [n for n in dynamics if isinstance(dynamics[n], h5py.Dataset)]
    if types.file is not None:
        types.rows(np.unique(found.type_ids))
    return found


def _check_groups(group: h5py.Group, kind: str, group_ids, group_index, groups: list[int]) -> None:
    """Raise ``InputError`` for a group that is not there, or a row of a group that two edges have."""
    if len(group_ids) != len(group_index):
        raise InputError(f"has {len(group_ids)} group ids for {len(group_index)} group indices",
                         file=group.file.filename, key=group.name)  # fmt: skip
    for number in np.unique(group_ids).tolist():
        if groups and number not in groups:
            raise InputError("there is no such group", file=group.file.filename, key=f"{group.name}/{kind}_group_id",
                             value=number, options=groups)  # fmt: skip
        index = np.asarray(group_index)[group_ids == number]
        if groups and len(index):
            _check_rows(group[str(number)], int(index.max()))
        if kind == "edge" and len(index) > 1 and not (np.diff(index.astype(np.int64)) > 0).all():
            values, counts = np.unique(index, return_counts=True)
            if counts.max() > 1:
                raise InputError("two edges have one row of a group", file=group.file.filename,
                                 key=f"{group.name}/{kind}_group_index", value=int(values[counts > 1][0]))  # fmt: skip


def _check_rows(members: h5py.Group, last: int) -> None:
    """Raise ``InputError`` for a column of a group that has no row ``last``."""
    for column in members.values():
        if isinstance(column, h5py.Dataset) and not (column.shape and len(column) > last):
            raise InputError(f"has {len(column) if column.shape else 1} rows, but row {last} is referred to",
                             file=members.file.filename, key=column.name)  # fmt: skip


def _taken(group: h5py.Group, place: str, index: np.ndarray) -> np.ndarray:
    """Read rows ``index`` of a dataset; text comes as str, an enumeration by ``@library`` as its words."""
    stored = group[place]
    first, last = int(index.min()), int(index.max()) + 1
    if last > len(stored):
        raise InputError(
            f"has {len(stored)} rows, but row {last - 1} is referred to", file=group.file.filename, key=stored.name
        )
    source = stored.asstr() if h5py.check_string_dtype(stored.dtype) else stored
    index = index.astype(np.int64)
    steps = np.diff(index)
    if (steps == 1).all():
        values = source[first:last]
    elif (steps > 0).all():
        values = chosen_rows(source, index)
    else:
        values = source[first:last][index - first]
    library = group.get(f"@library/{place}")
    if library is not None:
        return library.asstr()[()].astype(object)[values]
    return values


def _joined(parts: list[tuple], count: int) -> np.ndarray:
    """Put pairs of (rows, values) together into one array of ``count`` rows, absent ones NaN or None."""
    if len(parts) == 1 and len(parts[0][0]) == count:
        return parts[0][1]
    width = {values.shape[1:] for _, values in parts}
    complete = sum(len(rows) for rows, _ in parts) == count
    numeric = all(values.dtype.kind in "iufb" for _, values in parts)
    if len(width) > 1 or not numeric:
        joined = np.full(count, None, dtype=object)
        for rows, values in parts:
            for row, value in zip(rows, values, strict=True):
                joined[row] = value
        return plain_column(list(joined)) if width <= {()} else joined
    dtype = np.result_type(*(values.dtype for _, values in parts)) if parts else np.dtype(float)
    if not complete and dtype.kind != "f":
        dtype = np.dtype(float)
    joined = np.full((count, *(width.pop() if width else ())), np.nan if not complete else 0, dtype=dtype)
    for rows, values in parts:
        joined[rows] = values
    return joined


def distinct(values: np.ndarray) -> tuple[np.ndarray, list]:
    """Return for each value (K,) the number of it among the distinct ones, and these in the order of their coming.

    Texts and None of a column mostly come from a table of types, where equal ones are one object: few steps.
    """
    if values.dtype == object:
        objects = values.tolist()
        ids = np.fromiter(map(id, objects), np.int64, len(objects))
        _, first, number = np.unique(ids, return_index=True, return_inverse=True)
    else:
        _, first, number = np.unique(values, return_index=True, return_inverse=True)
    found: dict = {}
    of_id = np.empty(len(first), np.int64)
    for i in np.argsort(first).tolist():
        of_id[i] = found.setdefault(values[first[i]], len(found))
    return of_id[number], list(found)
