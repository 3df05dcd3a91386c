"""SONATA reports: values of elements of cells over time, written by blocks and read lazily."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np

from colonnade.errors import InputError
from colonnade.sonata.hdf5 import open_hdf5, write_head
from colonnade.sonata.row_file import row_dataset

PRECISIONS = {"double": "<f8", "single": "<f4"}
UNITS = {"v": "mV", "cai": "mM", "cao": "mM", "nai": "mM", "nao": "mM", "ki": "mM", "ko": "mM", "vext": "mV"}


def units_of(variable: str) -> str:
    """Return the unit in which NEURON holds a range variable; 'NA' where nothing says so."""
    if variable in UNITS:
        return UNITS[variable]
    if variable.startswith("e_") or variable in ("ena", "ek", "eca", "e_extracellular"):
        return "mV"
    if variable == "i_membrane_":
        return "nA"
    if variable in ("ina", "ik", "ica", "i_membrane", "i_pas", "i_cap") or variable.startswith(("ina_", "ik_", "ica_")):
        return "mA/cm2"
    if variable.startswith(("gbar_", "gmax_", "g_")):
        return "S/cm2"
    return "NA"


@dataclass(frozen=True)
class ReportLayout:
    """What the columns of one population's report are.

    ``node_ids`` (n,) ascending; ``offsets`` (n + 1,) first column of each node; ``element_ids`` (E,) section ids;
    ``element_pos`` (E,) places along the section in 0..1; ``start``, ``stop`` and ``dt`` in ms. The first row holds
    the values at ``first`` ms, at ``start + dt`` if that is None (BMTK: one step of the run after the start). ``more``
    are further columns (E,) of the mapping, by name.
    """

    population: str
    variable: str
    units: str
    node_ids: np.ndarray
    offsets: np.ndarray
    element_ids: np.ndarray
    element_pos: np.ndarray
    start: float
    stop: float
    dt: float
    n_rows: int
    more: dict[str, np.ndarray] = field(default_factory=dict)
    precision: str = "double"
    first: float | None = None

    @property
    def dtype(self) -> str:
        """The type of the values in the file: doubles, as BMTK has them, or singles, on which libsonata insists."""
        if self.precision not in PRECISIONS:
            raise InputError("unknown precision of reports", value=self.precision, options=PRECISIONS)
        return PRECISIONS[self.precision]

    @property
    def row_bytes(self) -> int:
        return len(self.element_ids) * int(self.dtype[-1])


def rows_name(population: str) -> str:
    """Return the name of the dataset with the rows of a population."""
    return f"/report/{population}/data"


def lay_out(file: h5py.File, layouts: Sequence[ReportLayout], seeds: Sequence[int] = ()) -> list[h5py.Dataset]:
    """Write all of a report but its rows into a new file; return the datasets for the rows of each population."""
    write_head(file, seeds)
    return [_lay_out(file, layout) for layout in layouts]


def _lay_out(file: h5py.File, layout: ReportLayout) -> h5py.Dataset:
    group = file.create_group(f"report/{layout.population}")
    data = row_dataset(group, "data", (layout.n_rows, len(layout.element_ids)), layout.dtype)
    data.attrs["variable_name"] = layout.variable
    data.attrs["units"] = layout.units
    mapping = group.create_group("mapping")
    mapping["node_ids"] = np.asarray(layout.node_ids, np.uint64)
    mapping["node_ids"].attrs["sorted"] = np.uint8(1)
    mapping["element_ids"] = np.asarray(layout.element_ids, np.uint32)
    mapping["element_pos"] = np.asarray(layout.element_pos, np.float32)
    mapping["index_pointer"] = np.asarray(layout.offsets, np.uint64)
    mapping["index_pointers"] = mapping["index_pointer"]
    for name, column in layout.more.items():
        mapping[name] = column
    mapping["time"] = np.array([layout.start, layout.stop, layout.dt])
    mapping["time"].attrs["units"] = "ms"
    mapping["time"].attrs["first_row"] = layout.start + layout.dt if layout.first is None else layout.first
    return data


class Report:
    """One population's report in a file: what was recorded, where and when. Values are read when asked for.

    ``population``, ``variable``, ``units``; ``node_ids`` (n,) uint64; ``time_range`` (start, stop, dt) in ms.
    """

    def __init__(self, path: Path, group: str, population: str):
        self.path, self._group, self.population = path, group, population
        with open_hdf5(path) as file:
            data, mapping = file[group]["data"], file[group]["mapping"]
            attributes = {**mapping.attrs, **data.attrs}
            self.variable = _text(attributes.get("variable_name", attributes.get("variable", "")))
            self.units = _text(attributes.get("units", "NA"))
            self.shape: tuple[int, int] = data.shape
            if len(self.shape) != 2:
                raise InputError("has not a row a time and a column an element", file=path, key=data.name,
                                 value=self.shape)  # fmt: skip
            ids = mapping["node_ids"] if "node_ids" in mapping else mapping["gids"]
            self.node_ids = ids[()].astype(np.uint64)
            pointer = mapping["index_pointers"] if "index_pointers" in mapping else mapping["index_pointer"]
            self._pointer = np.append(pointer[()].astype(np.int64), self.shape[1])[: len(self.node_ids) + 1]
            self.element_ids = mapping["element_ids"][()] if "element_ids" in mapping else mapping["element_id"][()]
            self.element_pos = mapping["element_pos"][()] if "element_pos" in mapping else None
            self.time_range = tuple(float(value) for value in mapping["time"][()])
            self._first = mapping["time"].attrs.get("first_row")

    def times(self) -> np.ndarray:
        """Return the time of each row in ms, (T,). Row 0 is at start + dt where the file does not tell."""
        start, stop, dt = self.time_range
        n_rows = self.shape[0]
        first = self._first
        if first is None:
            first = start if n_rows == round((stop - start) / dt) + 1 else start + dt
        return first + dt * np.arange(n_rows)

    def columns(self, node_id: int) -> slice:
        """Return the columns of one node. Raises ``InputError`` if the report has no such node."""
        found = np.flatnonzero(self.node_ids == node_id)
        if not len(found):
            raise InputError(
                f"node {node_id} of {self.population} is not in the report",
                file=self.path,
                expected=f"one of {_few(self.node_ids)}",
            )
        return slice(int(self._pointer[found[0]]), int(self._pointer[found[0] + 1]))

    def mapping(self, name: str) -> np.ndarray:
        """Return the dataset ``name`` of the mapping, such as a further column (E,)."""
        with h5py.File(self.path, "r") as file:
            mapping = file[self._group]["mapping"]
            if name not in mapping:
                raise InputError("the report has no such column", file=self.path, value=name, options=mapping)
            return mapping[name][()]

    def mapping_names(self) -> list[str]:
        """Return the names of the datasets of the mapping."""
        with h5py.File(self.path, "r") as file:
            return list(file[self._group]["mapping"])

    def values(self, node_id: int | None = None, rows: slice | None = None) -> np.ndarray:
        """Return the values of one node (T, its elements), or of all nodes (T, all elements) for ``None``."""
        columns = slice(None) if node_id is None else self.columns(node_id)
        with h5py.File(self.path, "r") as file:
            return file[self._group]["data"][rows or slice(None), columns]

    def mean(self, node_ids: Sequence[int] | None = None) -> np.ndarray:
        """Return the mean over the elements of the chosen (else all) nodes at each time, (T,)."""
        if node_ids is None:
            return self.values().mean(axis=1)
        return np.concatenate([self.values(node_id) for node_id in node_ids], axis=1).mean(axis=1)


def read_report(path, population: str | None = None) -> dict[str, Report]:
    """Return the reports of a SONATA report file by population. Also reads the older layouts without populations."""
    path = Path(path)
    with open_hdf5(path) as file:
        if "report" in file and "mapping" not in file["report"]:
            groups = {name: f"report/{name}" for name in file["report"]}
        elif "report" in file or "mapping" in file:
            groups = {population or "default": "report" if "report" in file else "/"}
        else:
            raise InputError("this is not a SONATA report", file=path, expected="a group /report")
    if population is not None and population not in groups:
        raise InputError("the report has no such population", file=path, value=population, options=groups)
    chosen = groups if population is None else [population]
    return {name: Report(path, groups[name], name) for name in chosen}


def _text(value) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _few(values: np.ndarray) -> str:
    shown = ", ".join(str(value) for value in values[:10])
    return shown + (", ..." if len(values) > 10 else "")
