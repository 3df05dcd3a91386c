"""The network of a config as it stands in its files: populations, global ids, node sets, edges. No NEURON here."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from colonnade.errors import InputError, UnsupportedError
from colonnade.simulation.network.gap_junctions import check_gap_junctions
from colonnade.simulation.network.own_edges import EdgesOf, edge_counts
from colonnade.sonata.config import SimulationConfig
from colonnade.sonata.edges import EdgePopulation, read_edges
from colonnade.sonata.node_sets import NodeSets
from colonnade.sonata.nodes import AXES, POSITIONS, NodePopulation, read_nodes

POINT_TYPES = ("point_neuron", "point_process", "point_soma")
LARGEST_GID = 2**31 - 1
MODEL_TYPES = ("biophysical", "virtual", *POINT_TYPES)


@dataclass
class Population:
    """A node population and its place among the global ids.

    ``first_gid`` + node id is the global id (gid) of a node. ``virtual`` and ``point`` (N,) bool mark its nodes, in
    the order of ``nodes.node_ids``.
    """

    nodes: NodePopulation
    first_gid: int
    virtual: np.ndarray
    point: np.ndarray

    def __post_init__(self):
        highest = int(self.nodes.node_ids.max(initial=0)) + self.first_gid
        if highest > LARGEST_GID:
            raise InputError("a node id is larger than NEURON can count", file=self.nodes.file, key="node_id",
                             value=int(self.nodes.node_ids.max()), expected=f"at most {LARGEST_GID}")  # fmt: skip
        ids = self.nodes.node_ids.astype(np.int64)
        self._row_of = np.full(int(ids.max()) + 1 if len(ids) else 0, -1)
        self._row_of[ids] = np.arange(len(ids))

    @property
    def name(self) -> str:
        return self.nodes.name

    @property
    def gids(self) -> np.ndarray:
        """Global ids (N,) int64 in the order of the rows."""
        return self.first_gid + self.nodes.node_ids.astype(np.int64)

    @property
    def end_gid(self) -> int:
        return self.first_gid + len(self._row_of)

    def rows(self, node_ids: np.ndarray, file=None) -> np.ndarray:
        """Return the row (K,) of each node id; ``InputError`` (naming ``file``) for an id that is not there."""
        node_ids = np.asarray(node_ids).astype(np.int64)
        known = (node_ids >= 0) & (node_ids < len(self._row_of))
        rows = np.full(len(node_ids), -1)
        rows[known] = self._row_of[node_ids[known]]
        if len(rows) and rows.min() < 0:
            missing = node_ids[rows < 0][0]
            raise InputError(f"population {self.name} has no node {missing}", file=file or self.nodes.file)
        return rows

    def simulated(self, node_ids: np.ndarray, edges: EdgePopulation) -> np.ndarray:
        """Return the row (K,) of each target of ``edges``; ``InputError`` for one that is not there or is virtual."""
        rows = self.rows(node_ids, edges.file)
        if self.virtual[rows].any():
            node = node_ids[self.virtual[rows]][0]
            raise InputError(f"{edges.name} connects to node {node}, which is virtual", file=edges.file)
        return rows


class Network:
    """All populations and edges of a config; gids run on from one population to the next in the config's order."""

    def __init__(self, config: SimulationConfig):
        self.config = config
        self.populations: dict[str, Population] = {}
        first = 0
        for files in config.nodes:
            for nodes in read_nodes(files.elements, files.types):
                if nodes.name in self.populations:
                    raise InputError("two node populations have this name", file=files.elements, value=nodes.name)
                _check_positions(nodes)
                population = _population(nodes, first)
                self.populations[nodes.name] = population
                first = population.end_gid
        self._edges_of: EdgesOf | None = None
        nodes = [population.nodes for population in self.populations.values()]
        self.node_sets = NodeSets(config.node_sets, nodes, config.path)

    @functools.cached_property
    def edges(self) -> list[EdgePopulation]:
        """The edges of the config, read when first asked for: all, or those of the cells of ``keep_edges_of``."""
        return [edges for files in self.config.edges for edges in self.read_edges(files.elements, files.types)]

    def keep_edges_of(self, local: np.ndarray, highest: Callable[[int], int]) -> None:
        """Read only edges of the cells that ``local`` (all gids,) bool marks; ``highest`` is that of ``Ranks``."""
        self._edges_of = EdgesOf(local, self.populations, highest)

    def read_edges(self, elements, types) -> list[EdgePopulation]:
        """Return all populations of an edge file, with those edges that are kept; ``InputError`` as of ``check``."""
        found = read_edges(elements, types) if self._edges_of is None else self._edges_of.read(elements, types)
        return [self.check(edges) for edges in found]

    def edges_onto(self, population: Population) -> np.ndarray:
        """Return the number of edges onto each node (N,) of a population, in the order of its rows."""
        onto = np.zeros(len(population.nodes), np.int64)
        for files in self.config.edges:
            onto += edge_counts(files.elements, population)
        return onto

    def select(self, node_set, key: str) -> dict[str, np.ndarray]:
        """Return the rows (K,) of each population that ``node_set`` chooses; ``InputError`` where there is none."""
        chosen = {name: np.flatnonzero(mask) for name, mask in self.node_sets.select(node_set, key).items()}
        if not any(len(rows) for rows in chosen.values()):
            raise InputError("no cell is in this node set", file=self.config.path, key=key, value=node_set)
        return chosen

    def place_of(self, gid: int) -> tuple[str, int]:
        """Return the population's name and the node id of a gid."""
        for population in self.populations.values():
            if population.first_gid <= gid < population.end_gid:
                return population.name, int(gid - population.first_gid)
        raise InputError(f"no population has the gid {gid}")

    @property
    def end_gid(self) -> int:
        """The first gid beyond those of all nodes."""
        return max(population.end_gid for population in self.populations.values())

    def check(self, edges: EdgePopulation) -> EdgePopulation:
        """Return ``edges`` after a check that its nodes are there, no target is virtual and no gap junction on one."""
        for role, name in (("source", edges.source_population), ("target", edges.target_population)):
            if name not in self.populations:
                raise InputError(
                    f"the {role} population of {edges.name} is not among the nodes",
                    file=edges.file,
                    value=name,
                    options=self.populations,
                )
        target = self.populations[edges.target_population]
        self.populations[edges.source_population].rows(edges.source_ids, edges.file)
        target.simulated(edges.target_ids, edges)
        check_gap_junctions(edges, self.populations[edges.source_population], target)
        return edges


def _check_positions(nodes: NodePopulation) -> None:
    """Raise ``InputError`` for a position that is NaN in a group whose nodes have positions."""
    if not nodes.has("positions"):
        return
    try:
        positions = nodes.values("positions").astype(float)
    except (TypeError, ValueError) as error:
        raise InputError(f"a position is no number ({error})", file=nodes.file, key="positions") from None
    columns = nodes.attributes.group_columns
    placed = [number for number, names in columns.items() if {POSITIONS, *AXES} & set(names)]
    bad = np.isin(nodes.attributes.group_ids, placed) & ~np.isfinite(positions.reshape(len(nodes), -1)).all(axis=1)
    if bad.any():
        raise InputError("a position is no number", file=nodes.file,
                         key=f"positions of node {int(nodes.node_ids[np.argmax(bad)])}", expected="um")  # fmt: skip


def _population(nodes: NodePopulation, first_gid: int) -> Population:
    if not len(nodes.node_ids):
        raise InputError(f"population {nodes.name} has no nodes", file=nodes.file)
    if not nodes.has("model_type"):
        raise InputError(
            f"the nodes of {nodes.name} have no model_type", file=nodes.types_file or nodes.file, options=MODEL_TYPES
        )
    kinds = nodes.values("model_type").astype(object)
    for kind in set(kinds.tolist()):
        if kind not in MODEL_TYPES:
            raise UnsupportedError(
                "unknown model_type", file=nodes.types_file or nodes.file, value=kind, options=MODEL_TYPES
            )
        if kind == "point_soma":
            raise UnsupportedError("model_type point_soma is not supported", file=nodes.types_file or nodes.file)
    return Population(nodes, first_gid, kinds == "virtual", np.isin(kinds, POINT_TYPES))
