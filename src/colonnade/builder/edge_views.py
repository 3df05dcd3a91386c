"""Edges that were built, as dictionaries and as a table."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from colonnade.builder.connections import ConnectionMap
from colonnade.builder.rules import Edges, RuleRun

if TYPE_CHECKING:
    import pandas as pd

Built = list[tuple[ConnectionMap, RuleRun, Edges]]


class Edge(dict):
    """One edge: the attributes of its type and its own, and the ids of its two nodes."""

    def __init__(self, edge_type_properties: Mapping, synaptic_properties: Mapping):
        super().__init__({**edge_type_properties, **synaptic_properties})
        self.edge_type_properties, self.synaptic_properties = edge_type_properties, synaptic_properties

    @property
    def source_node_id(self) -> int:
        return self["source_node_id"]

    @property
    def target_node_id(self) -> int:
        return self["target_node_id"]

    @property
    def edge_type_id(self) -> int:
        return self["edge_type_id"]

    # BMTK's older names for the two ids.
    source_gid, target_gid = source_node_id, target_node_id


def edges_of(
    built: Built,
    target_ids: np.ndarray | None,
    source_ids: np.ndarray | None,
    target_network: str | None,
    source_network: str | None,
    properties: Mapping,
) -> list[Edge]:
    """Return the edges between nodes among the given ids (None: any) whose attributes equal those given."""
    found = []
    for each, frame in _frames(built, target_network, source_network):
        for ids, column in ((target_ids, "target_node_id"), (source_ids, "source_node_id")):
            if ids is not None:
                frame = frame[frame[column].isin(ids)]
        found += [Edge(each.edge_type_properties, record) for record in frame.to_dict(orient="records")]
    return [edge for edge in found if all(key in edge and edge[key] == value for key, value in properties.items())]


def edges_frame(built: Built, target_network: str | None, source_network: str | None) -> "pd.DataFrame":
    """Return a table of all edges, with their ids, type and attributes, and the columns of their types."""
    import pandas as pd  # half a second, which only tables need

    frames = []
    for each, frame in _frames(built, target_network, source_network):
        shared = {k: [v] * len(frame) for k, v in each.edge_type_properties.items() if k not in frame}
        frames.append(frame.assign(**shared))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _frames(
    built: Built, target_network: str | None, source_network: str | None
) -> Iterator[tuple[ConnectionMap, "pd.DataFrame"]]:
    import pandas as pd

    for each, run, edges in built:
        if target_network in (None, each.target_network_name) and source_network in (None, each.source_network_name):
            for rows, _ in each.rows(run, iter([edges]), None):
                for part in rows:
                    ids = {"source_node_id": part.source_ids, "target_node_id": part.target_ids}
                    yield each, pd.DataFrame({**ids, **part.columns})
