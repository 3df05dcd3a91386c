"""How a connection rule becomes edges: blocks of targets, each drawn from its own stream."""

import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from colonnade.builder.nodes import Node, NodeTable
from colonnade.errors import InputError, within
from colonnade.streams import seeded, stream
from colonnade.user_functions import users_code, where_defined

ITERATORS = ("one_to_one", "all_to_one", "one_to_all")
TARGETS_A_BLOCK = 2048  # for a rule with a cut-off, whose pairs do not grow with the network
PAIRS_A_BLOCK = 1 << 22  # for a vectorised rule that looks at all pairs (34 MB a column of numbers)
CALLS_A_BLOCK = 1 << 17  # for a rule that Python calls for each pair
MOST_SYNAPSES = 1_000_000  # of a pair of cells; real pairs have up to some hundred
MOST_IN_A_BLOCK = 1_000_000_000  # synapses, 45 GB in a file


def vectorised(function: Callable | None = None, *, cutoff: str | None = None) -> Callable:
    """Declare a rule which connects many nodes in one call.

    It is called as ``rule(sources, targets, rng, **connection_params)`` with two ``NodeTable`` (whose columns, such as
    ``sources["positions"]``, are arrays) and a random generator, for all sources and a block of targets at a time. It
    returns three arrays of equal length: rows of the sources, rows of the targets, and numbers of synapses. ``cutoff``
    is the name of a parameter, a distance beyond which it connects nothing; then a block has more targets.
    """

    def declared(rule: Callable) -> Callable:
        rule.vectorised, rule.cutoff = rule, cutoff
        return rule

    return declared if function is None else declared(function)


def check_parameters(
    function: Callable,
    given: Mapping,
    supplied: int,
    also: tuple[str, ...] = (),
    key: str = "connection_params",
    title="",
) -> None:
    """Compare the parameters given for ``function`` with its signature, past the ``supplied`` first ones.

    ``also`` are those which the caller supplies by name; ``key`` is the place of ``given`` and ``title`` the
    name of the function, for errors.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    parameters = list(signature.parameters.values())
    name = title or getattr(function, "__name__", str(function))
    if any(each.kind is each.VAR_POSITIONAL for each in parameters):
        named = [each for each in parameters if each.kind is each.KEYWORD_ONLY]
    else:
        named = parameters[supplied:]
    open_ended = any(each.kind is each.VAR_KEYWORD for each in parameters)
    free = (each for each in named if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD))
    known = [each.name for each in free if each.name not in also]
    for word in given:
        if word not in known and not open_ended:
            raise InputError(f"is no parameter of {name}", key=key, value=word, options=known)
    for each in named:
        if each.name in known and each.default is each.empty and each.name not in given:
            raise InputError(f"is missing for {name}", key=f"{key}.{each.name}", expected="a value")


def with_rng(function: Callable, params: Mapping, seed: int, *name: str | int) -> Mapping:
    """Return ``params``, with a generator named ``name`` added where the function asks for ``rng``."""
    try:
        asks = "rng" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        asks = False
    return {**params, "rng": stream(seed, *name)} if asks and "rng" not in params else params


@dataclass(frozen=True)
class Edges:
    """E connections found in one block: rows of sources and targets (E,) and synapse counts (E,), sorted by target."""

    source_rows: np.ndarray
    target_rows: np.ndarray
    nsyns: np.ndarray

    def __len__(self) -> int:
        return len(self.nsyns)


class RuleRun:
    """One connection rule over the nodes of two pools, evaluated block by block in the order of the target ids.

    Blocks have fixed borders and streams named ``(*name, "connections", block)``, so they may be evaluated in any
    order and by any process. ``sources`` is in the order in which the nodes were added, as rules expect it,
    ``targets`` in that of their ids; ``target_row_of`` (T,) gives the rows of the targets in the order of adding,
    ``source_rank`` (S,) the place of each source by id.
    """

    def __init__(
        self,
        sources: NodeTable,
        targets: NodeTable,
        rule,
        params: Mapping,
        iterator: str,
        seed: int,
        name: tuple,
        place: str,
    ):
        self.target_row_of, self.source_rank = _ranks(targets.node_ids), _ranks(sources.node_ids)
        self.sources, self.targets = sources, targets.ordered()
        self.seed, self.name, self._place = seed, name, place
        self._rule, self._params, self._iterator = rule, dict(params), iterator
        self._title = getattr(rule, "__name__", type(rule).__name__)
        self._where = where_defined(rule)
        self._nodes: dict[str, list[Node]] = {}
        with within(place):
            self._evaluate, self._size = self._chosen()

    @property
    def n_blocks(self) -> int:
        return -(-len(self.targets) // self._size) if len(self.sources) and len(self.targets) else 0

    def targets_of(self, number: int) -> range:
        """Return the rows of the targets that belong to a block."""
        return range(number * self._size, min((number + 1) * self._size, len(self.targets)))

    def block(self, number: int) -> Edges:
        """Return the edges of a block, sorted by target, then source."""
        rows = self.targets_of(number)
        with within(self._place):
            with users_code(f"the rule {self._title}", self._rule, "connection_rule"):
                found = self._evaluate(rows, number)
            return self._checked(*found, len(rows), rows.start)

    def _chosen(self) -> tuple[Callable, int]:
        """Return the function that evaluates a block, and the number of targets in one."""
        rule, everything = self._rule, max(len(self.targets), 1)
        if isinstance(rule, bool) or rule is None or isinstance(rule, str):
            raise InputError(
                "is no rule", key="connection_rule", value=rule, expected="a number, function, list or dict"
            )
        if callable(rule):
            kernel = getattr(rule, "vectorised", None)
            if kernel is not None:
                if self._iterator != "one_to_one":
                    expected = f"one_to_one for the vectorised rule {self._title}"
                    raise InputError("is not for this rule", key="iterator", value=self._iterator, expected=expected)
                check_parameters(kernel, self._params, supplied=3, title=self._title)
                return self._by_kernel, TARGETS_A_BLOCK if rule.cutoff else _share(PAIRS_A_BLOCK, len(self.sources))
            check_parameters(rule, self._params, supplied=2, also=("rng",))
            return {
                "one_to_one": (self._pair_by_pair, _share(CALLS_A_BLOCK, len(self.sources))),
                "all_to_one": (self._target_by_target, _share(CALLS_A_BLOCK, len(self.sources))),
                "one_to_all": (self._source_by_source, everything),
            }[self._iterator]
        if isinstance(rule, dict) and set(rule) == {"nsyns"}:
            rule = self._rule = rule["nsyns"]
        if isinstance(rule, dict):
            return self._by_dict, everything
        if isinstance(rule, list | np.ndarray) and np.ndim(rule):
            return self._by_list, everything
        return self._by_number, _share(PAIRS_A_BLOCK, len(self.sources))

    def _by_number(self, rows: range, _) -> tuple:
        pairs = len(rows) * len(self.sources)
        target_rows, source_rows = np.divmod(np.arange(pairs), len(self.sources))
        return source_rows, target_rows, np.broadcast_to(np.asarray(self._rule), pairs)

    def _by_kernel(self, rows: range, number: int) -> tuple:
        targets = self.targets.take(slice(rows.start, rows.stop))
        rng = stream(self.seed, *self.name, "connections", number)
        found = self._rule.vectorised(self.sources, targets, rng, **changeable(self._params))
        if not isinstance(found, list | tuple | np.ndarray) or len(found) != 3:
            expected = "rows of the sources, rows of the targets, and numbers of synapses"
            raise self._gave("no three arrays", type(found).__name__, expected)
        return found

    def _by_dict(self, rows: range, _) -> tuple:
        """Take the number of synapses of pairs from a dictionary, (source id, target id) to number."""
        source_row = {node_id: row for row, node_id in enumerate(self.sources.node_ids.tolist())}
        target_row = {node_id: row for row, node_id in enumerate(self.targets.node_ids.tolist())}
        try:
            ends = [(source_row[source], target_row[target]) for source, target in self._rule]
        except (TypeError, ValueError, KeyError) as error:
            expected = "{(source id, target id): synapses} with ids among the sources and targets, or {'nsyns': number}"
            raise InputError(
                "names an unknown pair", key="connection_rule", value=str(error), expected=expected
            ) from error
        source_rows, target_rows = np.array(ends, dtype=np.int64).reshape(-1, 2).T
        return source_rows, target_rows, np.array(list(self._rule.values()))

    def _by_list(self, rows: range, _) -> tuple:
        """Take numbers of synapses from a list: for all pairs, targets fastest, or for all sources or all targets."""
        values, n_sources, n_targets = np.asarray(self._rule), len(self.sources), len(self.targets)
        lengths = {"one_to_one": n_sources * n_targets, "one_to_all": n_targets, "all_to_one": n_sources}
        if values.ndim != 1 or len(values) != lengths[self._iterator]:
            raise InputError(
                f"has {values.size} numbers for {n_sources} sources and {n_targets} targets ({self._iterator})",
                key="connection_rule",
                expected=f"{lengths[self._iterator]} numbers",
            )
        shape = {"one_to_one": (n_sources, n_targets), "one_to_all": (1, n_targets), "all_to_one": (n_sources, 1)}
        matrix = np.broadcast_to(values.reshape(shape[self._iterator]), (n_sources, n_targets))
        source_rows, target_rows = np.nonzero(matrix)
        return source_rows, self.target_row_of[target_rows], matrix[source_rows, target_rows]

    def _pair_by_pair(self, rows: range, _) -> tuple:
        rule, sources, targets, found = self._rule, self._as_nodes("source"), self._as_nodes("target"), []
        params_of_block = changeable(self._params)  # which a rule may change
        for local, row in enumerate(rows):
            target = targets[row]
            with seeded(self.seed, *self.name, "target", row):
                params = with_rng(rule, params_of_block, self.seed, *self.name, "target", row)
                values = [rule(source, target, **params) for source in sources]
            source_rows, kept = _nonzero(values)
            found.append((source_rows, np.full(len(kept), local), kept))
        return _joined(found)

    def _target_by_target(self, rows: range, _) -> tuple:
        rule, sources, targets, found = self._rule, self._as_nodes("source"), self._as_nodes("target"), []
        params_of_block = changeable(self._params)  # which a rule may change
        for local, row in enumerate(rows):
            with seeded(self.seed, *self.name, "target", row):
                params = with_rng(rule, params_of_block, self.seed, *self.name, "target", row)
                values = rule(sources, targets[row], **params)
            source_rows, kept = _nonzero(self._as_many(values, len(sources), "sources"))
            found.append((source_rows, np.full(len(kept), local), kept))
        return _joined(found)

    def _source_by_source(self, rows: range, _) -> tuple:
        rule, found, params_of_block = self._rule, [], changeable(self._params)
        targets = [self._as_nodes("target")[row] for row in self.target_row_of]
        for row, source in enumerate(self._as_nodes("source")):
            with seeded(self.seed, *self.name, "source", row):
                params = with_rng(rule, params_of_block, self.seed, *self.name, "source", row)
                values = rule(source, targets, **params)
            target_rows, kept = _nonzero(self._as_many(values, len(targets), "targets"))
            found.append((np.full(len(kept), row), self.target_row_of[target_rows], kept))
        return _joined(found)

    def _as_nodes(self, end: str) -> list[Node]:
        """Return all sources or targets as dictionaries, made once."""
        if end not in self._nodes:
            self._nodes[end] = (self.sources if end == "source" else self.targets).nodes()
        return self._nodes[end]

    def _checked(self, source_rows, target_rows, nsyns, n_targets: int, first: int) -> Edges:
        source_rows, target_rows, nsyns = np.asarray(source_rows), np.asarray(target_rows), np.asarray(nsyns)
        if not (source_rows.shape == target_rows.shape == nsyns.shape and nsyns.ndim == 1):
            raise self._gave("arrays of different lengths", (source_rows.shape, target_rows.shape, nsyns.shape))
        if nsyns.dtype.kind not in "iufb" or not np.isfinite(nsyns).all() or (nsyns < 0).any() or (nsyns % 1).any():
            wrong = [v for v in nsyns.tolist() if not isinstance(v, int | float) or not v >= 0 or v % 1]
            raise self._gave(
                "no number of synapses", [*wrong, *nsyns.tolist()][0], "a whole number >= 0 of synapses, or None"
            )
        if nsyns.max(initial=0) > MOST_SYNAPSES or nsyns.sum(dtype=float) > MOST_IN_A_BLOCK:
            most = f"at most {MOST_SYNAPSES} for a pair of cells, and {MOST_IN_A_BLOCK} for {n_targets} targets"
            raise self._gave("far too many synapses", nsyns.max().item(), most)
        for rows, size, end in ((source_rows, len(self.sources), "source"), (target_rows, n_targets, "target")):
            if len(rows) and rows.dtype.kind not in "iu":
                raise self._gave(f"{end} rows that are no whole numbers", rows.tolist()[0])
            if len(rows) and not (rows.min() >= 0 and rows.max() < size):
                raise self._gave(f"a {end} row out of range", (int(rows.min()), int(rows.max())), f"0 to {size - 1}")
        there = nsyns > 0
        if not there.all():
            source_rows, target_rows, nsyns = source_rows[there], target_rows[there], nsyns[there]
        key = target_rows.astype(np.int64) * len(self.sources) + self.source_rank[source_rows]
        if (key[1:] < key[:-1]).any():
            order = np.argsort(key, kind="stable")
            source_rows, target_rows, nsyns = source_rows[order], target_rows[order], nsyns[order]
        return Edges(source_rows.astype(np.uint32), (target_rows + first).astype(np.uint32), nsyns.astype(np.uint32))

    def _as_many(self, values, count: int, what: str) -> Sequence:
        """Return the numbers that a rule gave for ``count`` sources or targets, from an iterator as well."""
        if isinstance(values, Iterator):
            values = list(itertools.islice(values, count + 1))
        if not np.ndim(values) == 1 or len(values) != count:
            raise self._gave(f"no number for each of {count} {what}", np.shape(values) or type(values).__name__)
        return values

    def _gave(self, what: str, value, expected: str | None = None) -> InputError:
        """Return the error of a rule that gave ``value``, ``what``."""
        return InputError(f"{self._title} gave {what}{self._where}", key="connection_rule", value=value,
                          expected=expected)  # fmt: skip


def changeable(value):
    """Return a copy of a function's parameters, whose lists, dictionaries and arrays it may change without an effect.

    Other objects, such as a random generator, stay the same ones.
    """
    if isinstance(value, dict):
        return {key: changeable(part) for key, part in value.items()}
    if isinstance(value, list):
        return [changeable(part) for part in value]
    return value.copy() if isinstance(value, np.ndarray) else value


def _ranks(ids: np.ndarray) -> np.ndarray:
    """Return the place of each id among all of them."""
    ranks = np.empty(len(ids), dtype=np.int64)
    ranks[np.argsort(ids, kind="stable")] = np.arange(len(ids))
    return ranks


def _share(budget: int, size: int) -> int:
    """Return how many targets a block has when all pairs with ``size`` sources shall not be more than ``budget``."""
    return max(1, min(TARGETS_A_BLOCK, budget // max(size, 1)))


def _nonzero(values: Sequence) -> tuple[np.ndarray, np.ndarray]:
    """Return places and values of those that are neither 0 nor None."""
    numbers = values if isinstance(values, np.ndarray) else np.array([value or 0 for value in values])
    places = np.flatnonzero(numbers)
    return places, numbers[places]


def _joined(found: list[tuple]) -> tuple:
    if not found:
        return (np.zeros(0, dtype=np.int64),) * 3
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))
