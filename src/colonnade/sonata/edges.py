"""SONATA edge files: connections between two node populations, read whole or by rows, written block by block."""

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import h5py
import numpy as np

from colonnade.errors import InputError
from colonnade.sonata.attributes import Attributes, read_attributes
from colonnade.sonata.hdf5 import dataset, open_hdf5, population_groups, text, whole_ids
from colonnade.sonata.types import read_types

if TYPE_CHECKING:
    import pandas as pd

LENGTHS = ("source_node_id", "target_node_id", "edge_type_id", "edge_group_id", "edge_group_index")


@dataclass
class EdgePopulation:
    """E edges of one population, all or some, in the order of the file, which holds ``stored`` of them.

    ``source_population`` and ``target_population`` are names of node populations; ``source_ids``, ``target_ids`` and
    ``type_ids`` are (E,) uint64.
    """

    name: str
    source_population: str
    target_population: str
    source_ids: np.ndarray
    target_ids: np.ndarray
    type_ids: np.ndarray
    file: str
    types_file: str | None
    attributes: Attributes = field(repr=False)
    stored: int
    chosen: slice | np.ndarray = field(repr=False)

    def __len__(self) -> int:
        return len(self.source_ids)

    def places(self, rows: np.ndarray) -> np.ndarray:
        """Return where in the file (K,) the edges at ``rows`` (K,) of this population are."""
        if isinstance(self.chosen, slice):
            begin, _, step = self.chosen.indices(self.stored)
            return begin + step * rows
        return self.chosen[rows]

    @property
    def columns(self) -> list[str]:
        """Names of all attributes, those of the HDF5 groups first."""
        return self.attributes.columns

    def has(self, name: str) -> bool:
        return name in self.columns

    def values(self, name: str) -> np.ndarray:
        """Return attribute ``name`` as (E,) or (E, k): HDF5 over types file, NaN or None where an edge has none."""
        return self.attributes.values(name)

    def frame(self) -> "pd.DataFrame":
        """Return a table with ``source_node_id``, ``target_node_id``, ``edge_type_id`` and all attributes."""
        return self.attributes.frame(
            {"source_node_id": self.source_ids, "target_node_id": self.target_ids, "edge_type_id": self.type_ids}
        )


def read_edges(
    edges_file: str | os.PathLike,
    edge_types_file: str | os.PathLike | None = None,
    population: str | None = None,
    rows: slice | np.ndarray | None = None,
) -> list[EdgePopulation]:
    """Read all populations of an edge file, or the one named.

    ``rows`` chooses edges by their place in the file: a slice, or an increasing array such as
    ``edge_index.rows_into`` gives. Attributes are read from the file when asked for.
    """
    types = read_types(edge_types_file, "edge_type_id")
    rows = slice(None) if rows is None else rows
    populations = []
    with open_hdf5(edges_file) as file:
        for name, group in population_groups(file, "edges", population).items():
            sources, targets = dataset(group, "source_node_id"), dataset(group, "target_node_id")
            _check_lengths(group)
            attributes = read_attributes(group, "edge", types, rows)
            populations.append(
                EdgePopulation(
                    name,
                    _node_population(sources, 0),
                    _node_population(targets, 1),
                    whole_ids(group, "source_node_id", rows),
                    whole_ids(group, "target_node_id", rows),
                    attributes.type_ids.astype(np.uint64, copy=False),
                    str(edges_file),
                    types.file,
                    attributes,
                    len(targets),
                    rows,
                )
            )
    return populations


def _check_lengths(group: h5py.Group) -> None:
    """Raise ``InputError`` where the columns of an edge population differ in length."""
    lengths = {name: len(group[name]) for name in LENGTHS if name in group}
    if len(set(lengths.values())) > 1:
        raise InputError("the columns differ in length", file=group.file.filename, key=group.name, value=lengths)


def _node_population(ids: h5py.Dataset, end: int) -> str:
    """Return the node population that a dataset of ids refers to: its attribute, else by the name ``a_to_b``."""
    for attribute in ("node_population", "network"):
        if attribute in ids.attrs:
            return text(ids.attrs[attribute])
    ends = ids.parent.name.rpartition("/")[2].split("_to_")
    if len(ends) != 2:
        raise InputError(
            "does not say which node population it refers to",
            file=ids.file.filename,
            key=ids.name,
            expected="an attribute node_population",
        )
    return ends[end]
