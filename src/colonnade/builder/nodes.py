"""Nodes while a network is built: sets added together, single nodes as dictionaries, pools chosen by a filter."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from colonnade.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from scipy.spatial import cKDTree


class Node(dict):
    """One node as a dictionary: its own values over those of its type, and ``node_id``. A rule cannot change it."""

    def __init__(self, node_id: int, params: dict, node_type_properties: dict):
        super().__init__({**node_type_properties, **params, "node_id": node_id})
        self.node_id = node_id
        self.params, self.node_type_properties = params, node_type_properties

    @property
    def node_type_id(self) -> int:
        return self["node_type_id"]

    def __hash__(self) -> int:
        return hash(self.node_id)

    def __reduce__(self):
        return Node, (self.node_id, self.params, self.node_type_properties)

    def _fixed(self, *_, **__):
        raise TypeError("a node cannot be changed by a rule; take a copy: dict(node)")

    __setitem__ = __delitem__ = __ior__ = update = setdefault = pop = popitem = clear = _fixed


@dataclass
class NodeSet:
    """N nodes added together: ``columns`` of a value for each, (N,) or (N, k), and ``type_properties`` of them all."""

    N: int
    columns: dict[str, np.ndarray]
    type_properties: dict
    node_ids: np.ndarray | None = None

    @property
    def group_key(self) -> tuple:
        """Sets with the same columns share a group of the nodes file."""
        return tuple(sorted((name, values.shape[1:]) for name, values in self.columns.items()))


def node_set(N: int, properties: Mapping) -> NodeSet:
    """Sort properties into columns (lists, arrays, ranges, iterators of N values) and values that all nodes share."""
    if isinstance(N, bool) or not isinstance(N, int | np.integer) or N < 1:
        raise InputError("is no number of nodes", key="N", value=N, expected="a whole number >= 1")
    columns, shared = {}, {}
    for name, value in properties.items():
        is_array = hasattr(value, "dtype") and value.ndim > 0
        if is_array or isinstance(value, list | range | Iterator):
            columns[name] = as_column(name, value, N)
        elif isinstance(value, dict):
            raise InputError("is a dictionary", key=name, value=value, expected="a value, or a list with one for each")
        else:
            shared[name] = value.item() if isinstance(value, np.ndarray | np.generic) else value
    if "node_type_id" in columns:
        raise InputError("is one number for all nodes that are added together", key="node_type_id")
    ids = columns.pop("node_id", None)
    if "node_id" in shared:
        ids = as_column("node_id", [shared.pop("node_id")], N)
    return NodeSet(int(N), columns, shared, None if ids is None else _checked_ids(ids))


def as_column(name: str, values, N: int) -> np.ndarray:
    """Return one value for each of N nodes as an array (N,) or (N, k); text as objects."""
    if not isinstance(values, np.ndarray):
        values = list(itertools.islice(values, N + 1) if isinstance(values, Iterator) else values)
    if len(values) != N:
        raise InputError(f"has {len(values)} values for {N} nodes", key=name, expected=f"{N} values")
    try:
        column = np.asarray(values)
    except ValueError as error:
        raise InputError(
            "has values of different lengths", key=name, expected="as many numbers for each node"
        ) from error
    if column.dtype.kind in "USO":
        column = np.asarray(values, dtype=object)
        kinds = sorted({type(value).__name__ for value in column.ravel()})
        if all(isinstance(value, str) for value in column.ravel()):
            return column
        raise InputError(f"mixes {', '.join(kinds)}", key=name, expected="numbers for all nodes, or text for all")
    return column


def _checked_ids(ids: np.ndarray) -> np.ndarray:
    if ids.dtype.kind not in "iu" or (ids < 0).any() or len(np.unique(ids)) != len(ids):
        raise InputError(
            "are no node ids", key="node_id", value=ids.tolist()[:10], expected="different whole numbers >= 0"
        )
    return ids.astype(np.int64)


def fixed(values: np.ndarray | None) -> np.ndarray | None:
    """Return a view of an array that cannot be changed, for a user's function."""
    if values is None:
        return None
    view = values.view()
    view.flags.writeable = False
    return view


class NodeTable:
    """Rows of a network's nodes as columns.

    ``table["positions"]`` is an array (n, 3), ``table["ei"]`` one of n words: values of each node over those of its
    type. ``node_ids`` and ``node_type_ids`` are (n,). This is what a vectorised rule receives.
    """

    def __init__(
        self,
        network: str,
        node_ids: np.ndarray,
        names: list[str],
        load: Callable[[str, bool], np.ndarray | None],
        load_nodes: Callable[[], list[Node]],
    ):
        self.network, self.node_ids, self.names = network, node_ids, names
        self._load, self._load_nodes = load, load_nodes
        self._columns: dict[tuple[str, bool], np.ndarray | None] = {}
        self._tree: cKDTree | None = None

    def __len__(self) -> int:
        return len(self.node_ids)

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> np.ndarray:
        values = self.get(name)
        if values is None:
            raise InputError(f"is no attribute of all chosen nodes of {self.network}", value=name, options=self.names)
        return values

    def get(self, name: str) -> np.ndarray | None:
        """Return a column, or None where one of the nodes does not have it."""
        return self._column(name, False)

    def get_any(self, name: str) -> np.ndarray:
        """Return an attribute of single values as objects (n,), None for a node which does not have it."""
        return self._column(name, True)

    def _column(self, name: str, gaps: bool) -> np.ndarray | None:
        if name == "node_id":
            return fixed(self.node_ids)
        if (name, gaps) not in self._columns:
            self._columns[name, gaps] = fixed(self._load(name, gaps))
        return self._columns[name, gaps]

    @property
    def node_type_ids(self) -> np.ndarray:
        return self["node_type_id"]

    def nodes(self) -> list[Node]:
        """Return the rows as dictionaries."""
        return self._load_nodes()

    def points(self) -> np.ndarray:
        """Return the ``positions`` as (n, k) coordinates in um."""
        return np.reshape(self["positions"], (len(self), -1))

    def tree(self) -> "cKDTree":
        """Return a search tree of the ``positions``, built once."""
        if self._tree is None:
            from scipy.spatial import cKDTree  # half a second, which only large networks need

            self._tree = cKDTree(self.points())
        return self._tree

    def take(self, rows: np.ndarray | slice) -> "NodeTable":
        """Return the table of some rows, with columns read from this one."""

        def load(name: str, gaps: bool) -> np.ndarray | None:
            values = self._column(name, gaps)
            return None if values is None else values[rows]

        def load_nodes() -> list[Node]:
            nodes = self.nodes()
            return nodes[rows] if isinstance(rows, slice) else [nodes[row] for row in rows]

        return NodeTable(self.network, self.node_ids[rows], self.names, load, load_nodes)

    def ordered(self) -> "NodeTable":
        """Return the table in the order of the node ids."""
        if (np.diff(self.node_ids) > 0).all():
            return self
        return self.take(np.argsort(self.node_ids, kind="stable"))


class NodeStore:
    """All nodes of a network, in the order in which they were added."""

    def __init__(self, network: str, sets: list[NodeSet], rows: list[np.ndarray] | None = None):
        self.network, self.sets = network, sets
        count = sum(each.N for each in sets)
        self.set_of_row = np.zeros(count, dtype=np.int32)
        self.local_row = np.zeros(count, dtype=np.int64)
        self.node_ids = np.zeros(count, dtype=np.int64)
        first = 0
        for number, each in enumerate(sets):
            place = np.arange(first, first + each.N) if rows is None else rows[number]
            self.set_of_row[place], self.local_row[place] = number, np.arange(each.N)
            self.node_ids[place] = each.node_ids
            first += each.N
        self._nodes: list[Node] | None = None

    def __len__(self) -> int:
        return len(self.node_ids)

    def nodes(self) -> list[Node]:
        """Return all nodes as dictionaries; they are made at the first call."""
        if self._nodes is None:
            self._nodes = []
            for number, row in zip(self.set_of_row.tolist(), self.local_row.tolist(), strict=True):
                each = self.sets[number]
                params = {name: fixed(values)[row] for name, values in each.columns.items()}
                self._nodes.append(Node(int(each.node_ids[row]), params, each.type_properties))
        return self._nodes

    def known(self) -> set[str]:
        """Return the names of all attributes that any node has."""
        return {"node_id"}.union(*(set(each.columns) | set(each.type_properties) for each in self.sets))

    def table(self, rows: np.ndarray) -> NodeTable:
        def load_nodes() -> list[Node]:
            nodes = self.nodes()
            return [nodes[row] for row in rows]

        return NodeTable(
            self.network,
            self.node_ids[rows],
            sorted(self.known()),
            lambda name, gaps: self._column(name, rows, gaps),
            load_nodes,
        )

    def _column(self, name: str, rows: np.ndarray, gaps: bool) -> np.ndarray | None:
        """Put the values of chosen rows together from their sets.

        Where a set does not have the attribute, its rows are None if ``gaps`` is true, else the whole result is.
        """
        numbers = self.set_of_row[rows]
        parts = []
        for number in np.unique(numbers):
            each = self.sets[number]
            members = np.flatnonzero(numbers == number)
            if name in each.columns:
                parts.append((members, each.columns[name][self.local_row[rows[members]]]))
            elif each.type_properties.get(name) is not None:
                parts.append((members, _constant(each.type_properties[name], len(members))))
            elif gaps:
                parts.append((members, np.full(len(members), None, dtype=object)))
            else:
                return None
        if len(parts) == 1:
            return parts[0][1].astype(object) if gaps else parts[0][1]
        if not parts or len({values.shape[1:] for _, values in parts}) > 1:
            return None
        words = gaps or any(values.dtype.kind == "O" for _, values in parts)
        dtype = object if words else np.result_type(*(values.dtype for _, values in parts))
        joined = np.zeros((len(rows), *parts[0][1].shape[1:]), dtype=dtype)
        for members, values in parts:
            joined[members] = values
        return joined


def _constant(value, count: int) -> np.ndarray:
    array = np.asarray(value)
    return np.broadcast_to(array.astype(object) if array.dtype.kind in "US" else array, (count, *array.shape))


class NodePool:
    """The nodes of a network that pass a filter: equality, membership in a list, or a callable for each attribute."""

    def __init__(self, network, filters: Mapping):
        self.network, self.filters = network, dict(filters)
        self._rows: tuple[int, np.ndarray] | None = None

    @property
    def network_name(self) -> str:
        return self.network.name

    @property
    def filter_str(self) -> str:
        """The filter as it is stored in the edge-types file: ``pop_name=='Scnn1a'&ei=='e'``, or ``*``."""
        words = {k: getattr(v, "__qualname__", v) if callable(v) else v for k, v in self.filters.items()}
        return "&".join(f"{key}=='{value}'" for key, value in words.items()) or "*"

    @property
    def rows(self) -> np.ndarray:
        """Places of the chosen nodes among all of the network, in the order in which they were added."""
        store = self.network.node_store()
        if self._rows is None or self._rows[0] is not store:
            passed = np.zeros(len(store), dtype=bool)
            for number, each in enumerate(store.sets):
                members = np.flatnonzero(store.set_of_row == number)
                passed[members] = _passed(each, self.filters)[store.local_row[members]]
            self._rows = store, np.flatnonzero(passed)
        return self._rows[1]

    @property
    def table(self) -> NodeTable:
        return self.network.node_store().table(self.rows)

    @property
    def node_ids(self) -> np.ndarray:
        return self.network.node_store().node_ids[self.rows]

    def check(self, key: str) -> None:
        """Raise ``InputError`` where the filter chooses no node; ``key`` is its place, for the error."""
        store = self.network.node_store()
        for name in self.filters:
            if name not in store.known():
                raise InputError(f"no node of {self.network_name} has this attribute", key=key, value=name,
                                 options=store.known())  # fmt: skip
        if len(self):
            return
        for name, wanted in self.filters.items():
            there = {str(value) for each in store.sets for value in _words(each, name)}
            for word in wanted if isinstance(wanted, list) else [wanted]:
                if isinstance(word, str) and there and word not in there:
                    raise InputError(f"no node of {self.network_name} has this value", key=f"{key}.{name}", value=word,
                                     options=there)  # fmt: skip
        raise InputError(f"chooses none of the {len(store)} nodes of {self.network_name}", key=key,
                         value=dict(self.filters))  # fmt: skip

    def frame(self) -> "pd.DataFrame":
        """Return a table with a row a node, its id and type id first."""
        import pandas as pd  # half a second, which only tables need

        frame = pd.DataFrame([dict(node) for node in self])
        first = [name for name in ("node_id", "node_type_id") if name in frame]
        return frame[first + [name for name in frame if name not in first]]

    to_dataframe = frame

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Node]:
        nodes = self.network.node_store().nodes()
        return (nodes[row] for row in self.rows)


def _words(nodes: NodeSet, name: str) -> set:
    """Return the different values of an attribute of words; those of another one are left out."""
    values = nodes.columns.get(name, [nodes.type_properties.get(name)])
    return {value for value in np.ravel(values).tolist() if isinstance(value, str)}


def _passed(nodes: NodeSet, filters: Mapping) -> np.ndarray:
    passed = np.ones(nodes.N, dtype=bool)
    for key, wanted in filters.items():
        column = nodes.node_ids if key == "node_id" else nodes.columns.get(key)
        if column is not None:
            passed &= _column_passed(column, wanted)
        elif nodes.type_properties.get(key) is None or not _value_passed(nodes.type_properties[key], wanted):
            return np.zeros(nodes.N, dtype=bool)
    return passed


def _column_passed(column: np.ndarray, wanted) -> np.ndarray:
    simple = column.ndim == 1 and not callable(wanted)
    if simple and isinstance(wanted, list):
        if column.dtype.kind != "O" and all(isinstance(each, int | float | np.number) for each in wanted):
            return np.isin(column, wanted)
    elif simple and np.ndim(wanted) == 0:
        return np.asarray(column == wanted, dtype=bool) & np.ones(len(column), dtype=bool)
    return np.array([_value_passed(value, wanted) for value in column], dtype=bool)


def _value_passed(value, wanted) -> bool:
    if callable(wanted):
        return bool(wanted(value))
    if isinstance(wanted, list):
        return any(_same(value, each) for each in wanted)
    return _same(value, wanted)


def _same(value, wanted) -> bool:
    if np.ndim(value) or np.ndim(wanted):
        return np.shape(value) == np.shape(wanted) and bool(np.all(np.asarray(value) == np.asarray(wanted)))
    return bool(value == wanted)
