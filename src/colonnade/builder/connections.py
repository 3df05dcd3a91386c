"""One call of add_edges: its rule, the attributes of its synapses, and the rows it gives to the edges file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from colonnade.builder.nodes import NodePool
from colonnade.builder.rules import ITERATORS, Edges, RuleRun, changeable, check_parameters, with_rng
from colonnade.builder.sites import Placement, Sites
from colonnade.errors import InputError, within
from colonnade.streams import seeded, stream
from colonnade.user_functions import users_code, where_defined

SITE_NAMES = {"afferent_section_id", "sec_id"}


@dataclass(frozen=True)
class EdgeRows:
    """E rows of an edges file with the same attributes, sorted by target and source; all arrays are (E,)."""

    source_ids: np.ndarray
    target_ids: np.ndarray
    type_id: int
    columns: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class _Properties:
    names: list[str]
    rule: object
    params: dict
    dtypes: list


class ConnectionMap:
    """The edges that one call of ``add_edges`` makes; ``add_properties`` gives each synapse values of its own."""

    def __init__(self, sources: NodePool, targets: NodePool, rule, params: Mapping, iterator: str, properties: dict):
        if iterator not in ITERATORS:
            raise InputError("is no iterator", key="iterator", value=iterator, options=ITERATORS)
        self.source_nodes, self.target_nodes = sources, targets
        self.rule, self.params, self.iterator = rule, dict(params), iterator
        self.edge_type_properties = properties
        self.name: tuple = ()
        self.place = f"edge type {properties['edge_type_id']}"  # where an error in it is said to be
        self._properties: list[_Properties] = []

    @property
    def edge_type_id(self) -> int:
        return self.edge_type_properties["edge_type_id"]

    @property
    def source_network_name(self) -> str:
        return self.source_nodes.network_name

    @property
    def target_network_name(self) -> str:
        return self.target_nodes.network_name

    @property
    def property_names(self) -> list[str]:
        """Names of the attributes in the edges file: those added, else ``nsyns``."""
        return [name for each in self._properties for name in each.names] or ["nsyns"]

    def max_connections(self) -> int:
        return len(self.source_nodes) * len(self.target_nodes)

    def add_properties(
        self,
        names: str | Sequence[str],
        rule: object = None,
        rule_params: Mapping | None = None,
        values: object = None,
        dtypes: object = None,
    ) -> None:
        """Give each synapse its own value of one attribute or several; the edges file then has a row a synapse.

        ``rule`` is a function of (source, target, **rule_params), called once a synapse, which returns a value, or one
        for each of ``names``; a function declared ``vectorised`` gets (sources, targets, rng, **rule_params) once, with
        tables of a row a synapse, and returns arrays. ``values`` is a list or array of a value a synapse, sources
        slowest, or one value for all. ``dtypes`` are numpy types.
        """
        if (rule is None) == (values is None):
            raise InputError("needs either rule or values", key="add_properties", value=names)
        several = not isinstance(names, str)
        names = list(names) if several else [names]
        dtypes = list(dtypes) if several and dtypes is not None else [dtypes] * len(names)
        taken = set(self.property_names) & set(names)
        if taken or len(dtypes) != len(names) or len(set(names)) != len(names):
            raise InputError("needs new names, and as many dtypes", key="add_properties", value=(names, dtypes))
        rule = values if rule is None else rule
        if callable(rule):
            vector = getattr(rule, "vectorised", None)
            check_parameters(rule, rule_params or {}, supplied=3 if vector else 2, also=("rng",))
        self._properties.append(_Properties(names, rule, dict(rule_params or {}), dtypes))

    def run(self, seed: int) -> RuleRun:
        """Return the rule, ready to be evaluated over the chosen nodes as they are now."""
        sources, targets = self.source_nodes.table, self.target_nodes.table
        return RuleRun(sources, targets, self.rule, self.params, self.iterator, seed, self.name, self.place)

    def rows(
        self, run: RuleRun, blocks: Iterator[Edges], placement: Placement | None
    ) -> Iterator[tuple[list[EdgeRows], float]]:
        """Yield rows for the edges file, and a target id which no later row is below."""
        sites, efferent = None, None
        if placement is not None and not SITE_NAMES & set(self.property_names):
            with within(self.place):
                sites = Sites(run.targets, placement, self.edge_type_properties)
                if self.edge_type_properties.get("is_gap_junction"):
                    efferent = Sites(run.sources, placement, self.edge_type_properties)
                    if (efferent.kind < 0).any() and (sites.kind >= 0).any():
                        raise InputError("gap junctions cannot join cells of your own functions to others",
                                         key="source", expected="both ends of one kind")  # fmt: skip
        if self._properties:
            yield self._rows_of_properties(run, join_edges(list(blocks)), sites, efferent), np.inf
            return
        for number, edges in enumerate(blocks):
            rng = stream(run.seed, *run.name, "sites", number)
            yield self._rows_of_block(run, edges, sites, efferent, number, rng), _next_target(run, number)

    def _rows_of_block(self, run: RuleRun, edges: Edges, sites, efferent, number: int, rng) -> list[EdgeRows]:
        if sites is None:
            return [self._edge_rows(run, edges.source_rows, edges.target_rows, {"nsyns": edges.nsyns})]
        placed = sites.kind[edges.target_rows] >= 0
        rest = ~placed
        nsyns = edges.nsyns[placed]
        sources, targets = np.repeat(edges.source_rows[placed], nsyns), np.repeat(edges.target_rows[placed], nsyns)
        columns = _site_columns(sites, targets, rng) | _efferent_columns(efferent, sources, run, number)
        rows = [self._edge_rows(run, sources, targets, columns)]
        if rest.any():
            nsyns = {"nsyns": edges.nsyns[rest]}
            rows.append(self._edge_rows(run, edges.source_rows[rest], edges.target_rows[rest], nsyns))
        return rows

    def _rows_of_properties(self, run: RuleRun, edges: Edges, sites, efferent) -> list[EdgeRows]:
        # Values given as a list belong to the synapses in BMTK's order: source by source, as the nodes were added.
        order = np.lexsort((np.argsort(run.target_row_of)[edges.target_rows], edges.source_rows))
        nsyns = edges.nsyns[order]
        sources, targets = np.repeat(edges.source_rows[order], nsyns), np.repeat(edges.target_rows[order], nsyns)
        columns = {}
        for each in self._properties:
            with within(self.place):
                columns |= self._evaluated(each, run, sources, targets)
        order = np.lexsort((run.source_rank[sources], targets))
        sources, targets = sources[order], targets[order]
        columns = {name: values[order] for name, values in columns.items()}
        if sites is None:
            return [self._edge_rows(run, sources, targets, columns)]
        placed = np.flatnonzero(sites.kind[targets] >= 0)
        rest = np.flatnonzero(sites.kind[targets] < 0)
        site_columns = _site_columns(sites, targets[placed], stream(run.seed, *run.name, "sites", 0))
        site_columns |= _efferent_columns(efferent, sources[placed], run, 0)
        chosen = {name: values[placed] for name, values in columns.items()} | site_columns
        rows = [self._edge_rows(run, sources[placed], targets[placed], chosen)]
        if len(rest):
            kept = {name: values[rest] for name, values in columns.items()}
            rows.append(self._edge_rows(run, sources[rest], targets[rest], kept))
        return rows

    def _evaluated(self, each: _Properties, run: RuleRun, sources: np.ndarray, targets: np.ndarray) -> dict:
        """Return the columns of a set of attributes for synapses between the given rows."""
        rule, name, where = each.rule, (*run.name, "property", *each.names), ""
        if callable(rule):
            title = f"the rule {getattr(rule, '__name__', type(rule).__name__)}"
            where = f" ({title}{where_defined(rule)})"
            with users_code(title, rule, f"add_properties.{each.names[0]}"):
                columns = self._called(each, run, sources, targets, name)
        else:
            value_per_edge = isinstance(rule, list | np.ndarray) and np.ndim(rule) > 0
            columns = [rule if value_per_edge else [rule] * len(sources)] if len(each.names) == 1 else rule
        if len(columns) != len(each.names):
            raise InputError(f"gave {len(columns)} values for {each.names}{where}", key="add_properties")
        return {
            n: _as_values(n, c, d, len(sources), where)
            for n, c, d in zip(each.names, columns, each.dtypes, strict=True)
        }

    @staticmethod
    def _called(each: _Properties, run: RuleRun, sources: np.ndarray, targets: np.ndarray, name: tuple) -> Sequence:
        """Return what the function gives for each of the names, a value for each synapse."""
        rule, params = each.rule, changeable(each.params)
        if getattr(rule, "vectorised", None):
            tables = run.sources.take(sources), run.targets.take(targets)
            columns = rule.vectorised(*tables, stream(run.seed, *name), **params)
            return [columns] if len(each.names) == 1 else columns
        source_nodes, target_nodes = run.sources.nodes(), run.targets.nodes()
        params = with_rng(rule, params, run.seed, *name)
        with seeded(run.seed, *name):
            values = [rule(source_nodes[s], target_nodes[t], **params) for s, t in zip(sources, targets, strict=True)]
        return [values] if len(each.names) == 1 else list(zip(*values, strict=True)) or [[] for _ in each.names]

    def _edge_rows(self, run: RuleRun, source_rows, target_rows, columns: Mapping) -> EdgeRows:
        ids = run.sources.node_ids[source_rows], run.targets.node_ids[target_rows]
        return EdgeRows(*ids, self.edge_type_id, columns)


def _site_columns(sites: Sites, targets: np.ndarray, rng) -> dict[str, np.ndarray]:
    section_id, section_pos = sites.draw(targets, rng)
    return {"afferent_section_id": section_id, "afferent_section_pos": section_pos}


def _efferent_columns(sites: Sites | None, sources: np.ndarray, run: RuleRun, number: int) -> dict[str, np.ndarray]:
    """Return the places of gap junctions on their source cells; of other edges none."""
    if sites is None:
        return {}
    section_id, section_pos = sites.draw(sources, stream(run.seed, *run.name, "efferent sites", number))
    return {"efferent_section_id": section_id, "efferent_section_pos": section_pos}


def _next_target(run: RuleRun, number: int) -> float:
    last = run.targets_of(number).stop
    return run.targets.node_ids[last] if last < len(run.targets) else np.inf


def _as_values(name: str, values, dtype, count: int, where: str = "") -> np.ndarray:
    """Return a value for each of ``count`` synapses as an array; ``where`` tells of the function that gave them."""
    if not hasattr(values, "__len__") or len(values) != count:
        given = len(values) if hasattr(values, "__len__") else "no list of"
        raise InputError(f"has {given} values for {count} synapses{where}", key=f"add_properties.{name}")
    try:
        array = np.asarray(values, dtype=object if dtype is str else dtype)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"has values that do not fit ({error}){where}", key=f"add_properties.{name}", expected=dtype
        ) from error
    if array.ndim != 1:
        raise InputError(f"has several values a synapse{where}", key=f"add_properties.{name}", value=array.shape,
                         expected="one value for each, or one name for each of the values")  # fmt: skip
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise InputError(f"has a value that is no number{where}", key=f"add_properties.{name}",
                         value=array[~np.isfinite(array)][0].item())  # fmt: skip
    return array.astype(object) if array.dtype.kind in "US" else array


def join_edges(blocks: Sequence[Edges]) -> Edges:
    """Return the edges of several blocks as one."""
    if not blocks:
        empty = np.zeros(0, dtype=np.uint32)
        return Edges(empty, empty, empty)
    return Edges(*(np.concatenate([getattr(b, n) for b in blocks]) for n in ("source_rows", "target_rows", "nsyns")))
