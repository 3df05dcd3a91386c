"""SONATA node files: populations of cells with their ids, types and attributes."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from colonnade.errors import InputError
from colonnade.sonata.attributes import Attributes, read_attributes
from colonnade.sonata.hdf5 import create_hdf5, dataset, open_hdf5, population_groups, whole_ids
from colonnade.sonata.types import read_types

if TYPE_CHECKING:
    import pandas as pd

POSITIONS, AXES = "positions", ("x", "y", "z")  # the builder's name for a place, and SONATA's


@dataclass
class NodePopulation:
    """The N nodes of one population; ``node_ids`` and ``type_ids`` are (N,) uint64, in the order of the file."""

    name: str
    node_ids: np.ndarray
    type_ids: np.ndarray
    file: str
    types_file: str | None
    attributes: Attributes = field(repr=False)

    def __len__(self) -> int:
        return len(self.node_ids)

    @property
    def columns(self) -> list[str]:
        """Names of all attributes, those of the HDF5 groups first."""
        return self.attributes.columns

    def has(self, name: str) -> bool:
        return name in self.columns or (name == POSITIONS and set(AXES) <= set(self.columns))

    def values(self, name: str) -> np.ndarray:
        """Return attribute ``name`` as (N,) or (N, k): HDF5 over types file, NaN or None where a node has none.

        ``positions`` (N, 3) are put together from ``x``, ``y`` and ``z`` where the file has these.
        """
        if name == POSITIONS and name not in self.columns and self.has(name):
            return np.stack([self.attributes.values(axis).astype(float) for axis in AXES], axis=-1)
        return self.attributes.values(name)

    def frame(self) -> "pd.DataFrame":
        """Return a table with ``node_id``, ``node_type_id`` and a column for each attribute."""
        return self.attributes.frame({"node_id": self.node_ids, "node_type_id": self.type_ids})


def read_nodes(
    nodes_file: str | os.PathLike, node_types_file: str | os.PathLike | None = None, population: str | None = None
) -> list[NodePopulation]:
    """Read all populations of a node file, or the one named; attributes are read from the file when asked for."""
    types = read_types(node_types_file, "node_type_id")
    populations = []
    with open_hdf5(nodes_file) as file:
        for name, group in population_groups(file, "nodes", population).items():
            attributes = read_attributes(group, "node", types, slice(None))
            count = len(attributes.type_ids)
            node_ids = whole_ids(group, "node_id") if "node_id" in group else np.arange(count)
            if len(node_ids) != count:
                raise InputError(f"has {len(node_ids)} ids for {count} types", file=nodes_file, key=group.name)
            if len(np.unique(node_ids)) != count:
                raise InputError("has repeated node ids", file=nodes_file, key=f"{group.name}/node_id")
            populations.append(
                NodePopulation(
                    name,
                    node_ids.astype(np.uint64),
                    attributes.type_ids.astype(np.uint64),
                    str(nodes_file),
                    types.file,
                    attributes,
                )
            )
    return populations


def read_node_ids(nodes_file: str | os.PathLike, population: str) -> np.ndarray:
    """Return the ids (N,) uint64 of a population without its types and attributes."""
    with open_hdf5(nodes_file) as file:
        group = population_groups(file, "nodes", population)[population]
        if "node_id" in group:
            return whole_ids(group, "node_id")
        return np.arange(len(dataset(group, "node_type_id")), dtype=np.uint64)


def write_nodes(
    path: str | os.PathLike,
    name: str,
    node_ids: np.ndarray,
    type_ids: np.ndarray,
    groups: Sequence[Mapping[str, np.ndarray]],
    group_ids: np.ndarray | None = None,
    group_index: np.ndarray | None = None,
    seed: int | None = None,
    compression: str | int | None = None,
    attributes: Mapping[str, object] | None = None,
) -> None:
    """Write one population.

    ``node_ids`` and ``type_ids`` are (N,). ``groups`` are tables, column name to (M,) or (M, k) array; row i of the
    population is row ``group_index[i]`` of table ``group_ids[i]`` (both may be left out where there is one table).
    ``attributes`` become HDF5 attributes of the population.
    """
    count = len(node_ids)
    group_ids = np.zeros(count, dtype=np.uint32) if group_ids is None else group_ids
    group_index = np.arange(count) if group_index is None else group_index
    with create_hdf5(path, seed) as file:
        population = file.create_group(f"nodes/{name}")
        population.attrs.update(attributes or {})
        population["node_id"] = np.asarray(node_ids, dtype=np.uint64)
        population["node_type_id"] = np.asarray(type_ids, dtype=np.uint64)
        population["node_group_id"] = np.asarray(group_ids, dtype=np.uint32)
        population["node_group_index"] = np.asarray(group_index, dtype=np.uint64)
        for number, table in enumerate(groups):
            group = population.create_group(str(number))
            for column, values in table.items():
                group.create_dataset(column, data=storable(values), compression=compression)


def by_axes(table: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the columns of a table with ``positions`` (M, 3) as SONATA's x, y and z, unless these say other things."""
    positions = np.asarray(table.get(POSITIONS, ()))
    if positions.ndim != 2 or positions.shape[1] != len(AXES):
        return dict(table)
    axes = dict(zip(AXES, positions.T, strict=True))
    if any(axis in table and not np.array_equal(table[axis], values) for axis, values in axes.items()):
        return dict(table)
    return {name: values for name, values in table.items() if name != POSITIONS} | axes


def storable(values) -> np.ndarray:
    """Return values as an array that HDF5 can hold: numbers as they are, text as variable-length strings."""
    values = np.asarray(values)
    if values.dtype.kind in "OUS":
        return np.array([str(value) for value in values.ravel()], dtype=object).reshape(values.shape)
    return values
