"""NetworkBuilder: nodes and edges described set by set, then built and saved as SONATA files."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from colonnade.builder.connections import ConnectionMap, join_edges
from colonnade.builder.draws import default_seed
from colonnade.builder.edge_files import evaluated, write_rows
from colonnade.builder.edge_views import Edge, edges_frame, edges_of
from colonnade.builder.nodes import NodePool, NodeSet, NodeStore, node_set
from colonnade.builder.rules import Edges
from colonnade.builder.sites import Placement
from colonnade.errors import InputError, UnsupportedError, within
from colonnade.sonata.edge_writer import edge_writer, write_gap_numbers
from colonnade.sonata.nodes import AXES, POSITIONS, by_axes, read_nodes, write_nodes
from colonnade.sonata.types import write_types

if TYPE_CHECKING:
    import pandas as pd

FIRST_TYPE_ID = 100


class NetworkBuilder:
    """One population of nodes, and the edges among them or to other populations.

    ``seed`` is the root of all draws; without one it is that of ``colonnade.builder.set_seed``, else 0. Each set of
    edges draws from streams named after the two networks, the two filters and the rule, so a further set leaves the
    others as they are.
    """

    def __init__(self, name: str, seed: int | None = None):
        if not isinstance(name, str) or not name or "/" in name:
            raise InputError("is no name of a network", key="name", value=name, expected="a word")
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer | None) or (seed or 0) < 0:
            raise InputError("is no seed", key="seed", value=seed, expected="a whole number >= 0")
        self.name = name
        self.seed = default_seed() if seed is None else int(seed)
        self._sets: list[NodeSet] = []
        self._rows: list[np.ndarray] | None = None  # places of imported nodes
        self._store: NodeStore | None = None
        self._maps: list[ConnectionMap] = []
        self._built: dict[ConnectionMap, list[Edges]] | None = None

    # Nodes

    def add_nodes(self, N: int = 1, **properties) -> None:
        """Add N nodes. A list, array, generator or range of N values gives each node its own, else all share the value.

        A list of tuples or an (N, k) array is an attribute of k numbers. ``node_id`` may be given; else ids count up
        from 0. Raises ``InputError`` where the number of values is not N or an id is taken.
        """
        added = node_set(N, properties)
        taken = {each.type_properties["node_type_id"] for each in self._sets}
        type_id = _free_type_id("node_type_id", added.type_properties.get("node_type_id"), taken)
        added.type_properties = {"node_type_id": type_id, **_without(added.type_properties, "node_type_id")}
        self._add_set(added)

    def _add_set(self, added: NodeSet) -> None:
        if added.node_ids is not None:
            given = [each.node_ids for each in self._sets if each.node_ids is not None]
            repeated = np.intersect1d(added.node_ids, np.concatenate([*given, np.zeros(0, int)]))
            if len(repeated):
                raise InputError("is in use already", key="node_id", value=int(repeated[0]), expected="a new id")
        self._sets.append(added)
        self._store = self._built = None

    def node_store(self) -> NodeStore:
        """Return all nodes with their ids, which stay the same once they are given."""
        if self._store is None:
            used = np.concatenate([*(s.node_ids for s in self._sets if s.node_ids is not None), np.zeros(0, int)])
            for each in self._sets:
                if each.node_ids is None:
                    each.node_ids = np.setdiff1d(np.arange(len(used) + each.N), used)[: each.N]
                    used = np.concatenate([used, each.node_ids])
            self._store = NodeStore(self.name, self._sets, self._rows)
        return self._store

    def nodes(self, **filters) -> NodePool:
        """Return the nodes whose attributes equal given values, are in given lists, or pass given functions."""
        return NodePool(self, filters)

    def nodes_df(self, **filters) -> "pd.DataFrame":
        """Return chosen nodes as a table."""
        return self.nodes(**filters).frame()

    @property
    def nnodes(self) -> int:
        return sum(each.N for each in self._sets)

    @property
    def nodes_built(self) -> bool:
        return self._store is not None

    def import_nodes(
        self,
        nodes_file_name: str | os.PathLike,
        node_types_file_name: str | os.PathLike | None,
        population: str | None = None,
    ) -> None:
        """Take over the nodes of a SONATA file, with their ids, types and attributes, into a builder without nodes."""
        populations = read_nodes(nodes_file_name, node_types_file_name, population)
        if len(populations) != 1:
            names = [each.name for each in populations]
            raise InputError("has several populations", file=nodes_file_name, value=names, expected="the name of one")
        if self._sets:
            raise UnsupportedError("nodes cannot be imported into a network that has some", key=self.name)
        found = populations[0]
        columns = {name: found.values(name) for name in found.columns}
        sets, rows = [], []
        kinds = np.column_stack([found.type_ids.astype(np.int64), found.attributes.group_ids.astype(np.int64)])
        for type_id, group in np.unique(kinds, axis=0):
            members = np.flatnonzero((kinds == (type_id, group)).all(axis=1))
            here = found.attributes.group_columns.get(int(group), [])
            shared = {name: columns[name][members[0]] for name in columns if name not in here}
            shared = {name: _plain(value) for name, value in shared.items() if not _absent(value)}
            values = {name: columns[name][members] for name in here}
            if POSITIONS not in values and set(AXES) <= set(here):
                values[POSITIONS] = found.values(POSITIONS)[members]
            ids = found.node_ids[members].astype(np.int64)
            sets.append(NodeSet(len(members), values, {"node_type_id": int(type_id), **shared}, ids))
            rows.append(members)
        self._sets, self._rows, self._store, self._built = sets, rows, None, None

    # Edges

    def add_edges(
        self,
        source: NodePool | Mapping | None = None,
        target: NodePool | Mapping | None = None,
        connection_rule: object = 1,
        connection_params: Mapping | None = None,
        iterator: str = "one_to_one",
        **edge_type_properties,
    ) -> ConnectionMap:
        """Add a set of edges between the nodes that two filters choose (dictionaries, or ``nodes()`` of any network).

        ``connection_rule`` is a number of synapses for all pairs, a function of (source, target, **connection_params),
        one declared ``vectorised``, a list, or a dictionary of (source id, target id). With the ``iterator``
        ``all_to_one`` the function gets all sources and returns a number for each, with ``one_to_all`` all targets.
        0 and None are no edge; ``nsyns`` overrides the rule. The other arguments become columns of the types file; with
        ``is_gap_junction`` the edges are gap junctions of the conductance ``syn_weight`` (uS), each pair one edge.
        """
        sources, targets = self._pool(source, "source"), self._pool(target, "target")
        if edge_type_properties.get("is_gap_junction") and sources.network_name != targets.network_name:
            raise InputError("gap junctions join cells of one network", key="is_gap_junction",
                             value=f"{sources.network_name} to {targets.network_name}")  # fmt: skip
        connection_rule = edge_type_properties.pop("nsyns", connection_rule)
        type_id = edge_type_properties.pop("edge_type_id", None)
        type_id = _free_type_id("edge_type_id", type_id, {each.edge_type_id for each in self._maps})
        queries = {"target_query": targets.filter_str, "source_query": sources.filter_str}
        properties = {"edge_type_id": type_id, **queries, **edge_type_properties}
        added = ConnectionMap(sources, targets, connection_rule, connection_params or {}, iterator, properties)
        self._maps.append(added)
        self._built = None
        return added

    def add_gap_junctions(
        self,
        source: NodePool | Mapping | None = None,
        target: NodePool | Mapping | None = None,
        resistance: float = 1.0,
        conductance: float | None = None,
        distance_range: Sequence[float] = (0.0, 300.0),
        target_sections: Sequence[str] = ("somatic",),
        connection_rule: object = 1,
        iterator: str = "one_to_one",
        **edge_type_properties,
    ) -> ConnectionMap:
        """Add gap junctions of a ``resistance`` (MOhm), or a ``conductance`` (uS), which stands above it.

        ``distance_range`` and ``target_sections`` hold for the places on both cells.
        """
        if conductance is None:
            if not resistance > 0:
                raise InputError("is no resistance", key="resistance", value=resistance, expected="> 0 MOhm")
            conductance = 1 / resistance
        return self.add_edges(
            source=source,
            target=target,
            connection_rule=connection_rule,
            iterator=iterator,
            syn_weight=conductance,
            is_gap_junction=True,
            distance_range=list(distance_range),
            target_sections=list(target_sections),
            **edge_type_properties,
        )

    def _pool(self, chosen: NodePool | Mapping | None, end: str) -> NodePool:
        if isinstance(chosen, NodePool):
            return chosen
        if chosen is None or isinstance(chosen, Mapping):
            return self.nodes(**(chosen or {}))
        raise InputError(
            "is no choice of nodes", key=end, value=chosen, expected="a dictionary, or nodes() of a network"
        )

    def _name_streams(self) -> None:
        """Name the streams of each set by what it connects, and number the sets that are alike in that."""
        seen: Counter = Counter()
        for each in self._maps:
            queries = each.source_nodes.filter_str, each.target_nodes.filter_str
            rule = getattr(each.rule, "__name__", type(each.rule).__name__)
            key = (each.source_network_name, each.target_network_name, *queries, rule)
            each.name = ("edges", *key, seen[key])
            seen[key] += 1
            for end, pool in (("source", each.source_nodes), ("target", each.target_nodes)):
                with within(each.place):
                    pool.check(end)

    def build(self, force: bool = False, workers: int = 1) -> None:
        """Give ids to the nodes and evaluate all rules; a second call changes nothing, also with ``force``."""
        if self._built is not None and not force:
            return
        self.node_store()
        self._name_streams()
        self._built = {each: list(evaluated(each.run(self.seed), workers)) for each in self._maps}

    @property
    def edges_built(self) -> bool:
        return self._built is not None

    @property
    def nedges(self) -> int:
        """The number of synapses of all edges that were built; 0 before."""
        return sum(int(block.nsyns.sum()) for blocks in (self._built or {}).values() for block in blocks)

    def get_connections(self) -> list[ConnectionMap]:
        return list(self._maps)

    def edges(
        self,
        target_nodes: NodePool | Mapping | Iterable[int] | int | None = None,
        source_nodes: NodePool | Mapping | Iterable[int] | int | None = None,
        target_network: str | None = None,
        source_network: str | None = None,
        **properties,
    ) -> list[Edge]:
        """Return edges as dictionaries, chosen by nodes, networks and attributes; builds the network if need be."""
        self.build()
        ends = self._ids(target_nodes, target_network), self._ids(source_nodes, source_network)
        return edges_of(self._joined(), *ends, target_network, source_network, properties)

    def edges_df(self, target_network: str | None = None, source_network: str | None = None) -> "pd.DataFrame":
        """Return all edges, or those between two networks, as a table; builds the network if need be."""
        self.build()
        return edges_frame(self._joined(), target_network, source_network)

    def _joined(self) -> list[tuple]:
        return [(each, each.run(self.seed), join_edges(blocks)) for each, blocks in self._built.items()]

    def _ids(self, nodes, network: str | None) -> np.ndarray | None:
        if nodes is None:
            return None
        if isinstance(nodes, Mapping):
            networks = {p.network_name: p.network for m in self._maps for p in (m.source_nodes, m.target_nodes)}
            nodes = networks.get(network or self.name, self).nodes(**nodes)
        if isinstance(nodes, NodePool):
            return nodes.node_ids
        return np.atleast_1d(np.asarray(list(nodes) if isinstance(nodes, Iterable) else nodes))

    def clear(self) -> None:
        """Forget the edges that were built and the node ids that were not given; what was added stays."""
        self._store = self._built = None

    # Files

    def save(self, output_dir: str | os.PathLike = ".", force_overwrite: bool = True, **options) -> None:
        """Save nodes and edges; ``options`` are those of ``save_edges``."""
        self.save_nodes(output_dir=output_dir, force_overwrite=force_overwrite)
        if self._maps:
            self.save_edges(output_dir=output_dir, force_overwrite=force_overwrite, **options)
            self._save_gap_junctions(Path(output_dir) / f"{self.name}_gap_juncs.h5")

    def _save_gap_junctions(self, path: Path) -> None:
        """Write the numbers by which BMTK finds the two halves of each gap junction, where there are some."""
        if not any(each.edge_type_properties.get("is_gap_junction") for each in self._maps):
            return
        self.build()
        pairs = [np.zeros((0, 2), np.int64)]
        for each, blocks in self._built.items():
            if each.edge_type_properties.get("is_gap_junction"):
                run, edges = each.run(self.seed), join_edges(blocks)
                ids = run.sources.node_ids[edges.source_rows], run.targets.node_ids[edges.target_rows]
                pairs.append(np.column_stack(ids)[np.repeat(np.arange(len(ids[0])), edges.nsyns)])
        write_gap_numbers(path, np.concatenate(pairs), self.seed)

    def save_nodes(
        self,
        nodes_file_name: str | os.PathLike | None = None,
        node_types_file_name: str | os.PathLike | None = None,
        output_dir: str | os.PathLike = ".",
        force_overwrite: bool = True,
        compression: str | int | None = None,
        attributes: Mapping[str, object] | None = None,
    ) -> None:
        """Write ``<name>_nodes.h5`` and ``<name>_node_types.csv``, or files of the given names, into ``output_dir``.

        ``attributes`` become HDF5 attributes of the population.
        """
        nodes_file = Path(output_dir) / (nodes_file_name or f"{self.name}_nodes.h5")
        types_file = Path(output_dir) / (node_types_file_name or f"{self.name}_node_types.csv")
        _may_write(force_overwrite, nodes_file, types_file)
        store = self.node_store()
        groups, group_ids, group_index = self._groups(store)
        type_ids = np.array([each.type_properties["node_type_id"] for each in self._sets], dtype=np.uint64)
        type_of_row = type_ids[store.set_of_row] if len(store) else type_ids
        write_nodes(
            nodes_file,
            self.name,
            store.node_ids,
            type_of_row,
            [by_axes(table) for table in groups],
            group_ids,
            group_index,
            self.seed,
            compression,
            attributes,
        )
        write_types(types_file, "node_type_id", _unique([each.type_properties for each in self._sets]))

    def _groups(self, store: NodeStore) -> tuple[list[dict], np.ndarray, np.ndarray]:
        """Put sets with the same columns together: tables, and each node's table and row in it."""
        numbers: dict[tuple, int] = {}
        for each in self._sets:
            numbers.setdefault(each.group_key, len(numbers))
        tables: list[dict] = [{} for _ in numbers]
        sizes = [0] * len(numbers)
        group_ids, group_index = np.zeros(len(store), dtype=np.uint32), np.zeros(len(store), dtype=np.uint64)
        for number, each in enumerate(self._sets):
            group = numbers[each.group_key]
            rows = np.flatnonzero(store.set_of_row == number)
            group_ids[rows], group_index[rows] = group, sizes[group] + store.local_row[rows]
            sizes[group] += each.N
            for name, values in each.columns.items():
                tables[group].setdefault(name, []).append(values)
        joined = [{name: np.concatenate(parts) for name, parts in table.items()} for table in tables]
        return joined, group_ids, group_index

    def save_edges(
        self,
        edges_file_name: str | os.PathLike | None = None,
        edge_types_file_name: str | os.PathLike | None = None,
        output_dir: str | os.PathLike = ".",
        src_network: str | None = None,
        trg_network: str | None = None,
        name: str | None = None,
        force_build: bool = True,
        force_overwrite: bool = True,
        compression: str | int | None = None,
        morphologies_dir: str | os.PathLike | None = None,
        dL: float = 20.0,
        workers: int = 1,
        attributes: Mapping[str, object] | None = None,
    ) -> int:
        """Write ``<source>_<target>_edges.h5`` and ``..._edge_types.csv`` for each pair of networks; return the rows.

        ``name`` is the edge population's, ``<source>_to_<target>`` by default. With ``morphologies_dir`` the sites of
        synapses on biophysical cells are drawn, on segments of ``dL`` um, and the file has a row a synapse. A network
        that was not built is built block by block on its way to the file, by ``workers`` processes, with the same
        result; nothing is held in memory but a block. ``attributes`` become HDF5 attributes of the population.
        """
        if not self._maps:
            raise InputError("has no edges", key=self.name, expected="add_edges before save_edges")
        if self._built is None and not force_build:
            raise InputError("is not built", key=self.name, expected="build() before save_edges, or force_build")
        placement = None if morphologies_dir is None else Placement(Path(morphologies_dir), dL)
        pairs = dict.fromkeys((each.source_network_name, each.target_network_name) for each in self._maps)
        chosen = [(s, t) for s, t in pairs if src_network in (None, s) and trg_network in (None, t)]
        if not chosen:
            raise InputError(
                "no edges between these networks",
                value=f"{src_network} to {trg_network}",
                options=[f"{s} to {t}" for s, t in pairs],
            )
        if (edges_file_name or edge_types_file_name or name) and len(chosen) > 1:
            raise InputError(
                "name one file for several pairs of networks", value=chosen, expected="src_network and trg_network"
            )
        self.node_store()
        self._name_streams()
        rows = 0
        attributes = dict(attributes or {}) | ({} if placement is None else {"dL": float(placement.dL)})
        for source, target in chosen:
            edges_file = Path(output_dir) / (edges_file_name or f"{source}_{target}_edges.h5")
            types_file = Path(output_dir) / (edge_types_file_name or f"{source}_{target}_edge_types.csv")
            _may_write(force_overwrite, edges_file, types_file)
            maps = [m for m in self._maps if (m.source_network_name, m.target_network_name) == (source, target)]
            population = name or f"{source}_to_{target}"
            rows += self._write_edges(edges_file, population, maps, placement, compression, workers, attributes)
            write_types(types_file, "edge_type_id", [each.edge_type_properties for each in maps])
        return rows

    def _write_edges(self, path, name, maps: list[ConnectionMap], placement, compression, workers, attributes) -> int:
        first = maps[0]
        sizes = [
            int(p.network.node_store().node_ids.max(initial=-1)) + 1 for p in (first.source_nodes, first.target_nodes)
        ]
        ends = first.source_network_name, first.target_network_name
        compression = None if str(compression).lower() == "none" else compression
        with edge_writer(path, name, *ends, *sizes, self.seed, compression, attributes) as writer:
            streams = []
            for each in maps:
                run = each.run(self.seed)
                blocks = evaluated(run, workers) if self._built is None else iter(self._built[each])
                streams.append(each.rows(run, blocks, placement))
            return write_rows(writer, streams)


def _free_type_id(key: str, given, taken: set[int]) -> int:
    if given is None:
        return next(number for number in range(FIRST_TYPE_ID, FIRST_TYPE_ID + len(taken) + 1) if number not in taken)
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or given < 0 or given in taken:
        raise InputError("is no free type id", key=key, value=given, expected="a new whole number >= 0")
    return int(given)


def _may_write(force: bool, *files: Path) -> None:
    for file in files:
        if not force and file.exists():
            raise InputError("is there already", file=file, expected="another name, or force_overwrite=True")


def _without(properties: dict, key: str) -> dict:
    return {name: value for name, value in properties.items() if name != key}


def _unique(rows: list[dict]) -> list[dict]:
    """Return one row for each node type (imported nodes of one type may be in several groups)."""
    return list({row["node_type_id"]: row for row in rows}.values())


def _absent(value) -> bool:
    return value is None or (isinstance(value, float | np.floating) and np.isnan(value)) or np.ndim(value) > 0


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value
