"""Node sets: which nodes a name, a list of ids or a set of attribute values stands for."""

import re
from collections.abc import Sequence

import numpy as np

from colonnade.errors import InputError

BUILT_IN = {
    "biophysical": {"model_type": "biophysical"},
    "point_neuron": {"model_type": ["point_neuron", "point_process"]},
    "virtual": {"model_type": "virtual"},
}
IDS = ("node_id", "node_ids", "gid", "gids")  # the last two in older files
COMPARISONS = {"$gt": np.greater, "$gte": np.greater_equal, "$lt": np.less, "$lte": np.less_equal}


class NodeSets:
    """The node sets of a config over its node populations.

    A set is ``"all"``, the name of a population or of a set in ``definitions``, a list of node ids, a list of names
    (their union), or an object of attributes: a value, a list of values, or ``{"$gt": 1}`` (also ``$gte``, ``$lt``,
    ``$lte``, ``$regex``). The keys ``population`` and ``node_id`` choose populations and ids. A population is anything
    with ``name``, ``node_ids``, ``type_ids``, ``columns`` and ``values(column)``.
    """

    def __init__(self, definitions: dict, populations: Sequence, file=None):
        self.definitions, self.populations, self.file = dict(definitions), list(populations), file

    def select(self, node_set="all", key: str = "node_set") -> dict[str, np.ndarray]:
        """Return the selected rows of each population as {population name: bool (N,)}, in the populations' order.

        ``key`` is the place of ``node_set`` in the config, for the errors. Raises ``InputError`` for an unknown name,
        population or attribute.
        """
        return self._select(node_set, key, ())

    def _select(self, node_set, key: str, above: tuple) -> dict[str, np.ndarray]:
        if node_set is None or node_set == "all":
            return {population.name: np.ones(len(population.node_ids), bool) for population in self.populations}
        if isinstance(node_set, str):
            return self._named(node_set, key, above)
        if isinstance(node_set, (int, np.integer)) and not isinstance(node_set, bool):
            node_set = [node_set]
        if isinstance(node_set, list):
            if node_set and all(isinstance(name, str) for name in node_set):
                parts = [self._select(name, key, above) for name in node_set]
                return {name: np.logical_or.reduce([part[name] for part in parts]) for name in parts[0]}
            return self._by_attributes({"node_id": node_set}, key)
        if isinstance(node_set, dict):
            return self._by_attributes(node_set, key)
        raise InputError(
            "this is not a node set", file=self.file, key=key, value=node_set, expected="a name, a list or an object"
        )

    def _named(self, name: str, key: str, above: tuple) -> dict[str, np.ndarray]:
        if name in above:
            raise InputError("the node set contains itself", file=self.file, key=f"node_sets.{name}")
        if name in self.definitions:
            return self._select(self.definitions[name], f"node_sets.{name}", (*above, name))
        names = [population.name for population in self.populations]
        if name in names:
            return self._by_attributes({"population": name}, key)
        if name in BUILT_IN:
            return self._by_attributes(BUILT_IN[name], key)
        options = ["all", *self.definitions, *names, *BUILT_IN]
        raise InputError("there is no such node set", file=self.file, key=key, value=name, options=options)

    def _by_attributes(self, wanted: dict, key: str) -> dict[str, np.ndarray]:
        wanted = dict(wanted)
        chosen = wanted.pop("population", wanted.pop("populations", None))
        names = [population.name for population in self.populations]
        chosen = names if chosen is None else chosen if isinstance(chosen, list) else [chosen]
        for name in chosen:
            if name not in names:
                raise InputError(
                    "there is no such population", file=self.file, key=f"{key}.population", value=name, options=names
                )
        candidates = [population for population in self.populations if population.name in chosen]
        for column in wanted:
            if not any(_has(population, column) for population in candidates):
                known = {name for population in candidates for name in population.columns}
                raise InputError(
                    f"no node has the attribute {column!r}", file=self.file, key=key, value=column, options=known
                )
        for column in set(wanted) & set(IDS):
            self._check_ids(candidates, wanted[column], f"{key}.{column}")
        selection = {}
        for population in self.populations:
            mask = np.full(len(population.node_ids), population.name in chosen)
            for column, value in wanted.items():
                if mask.any():
                    mask &= self._matches(population, column, value, key)
            selection[population.name] = mask
        return selection

    def _check_ids(self, candidates: list, wanted, key: str) -> None:
        """Raise ``InputError`` for ids that no node of the candidate populations has."""
        ids = wanted if isinstance(wanted, list) else [wanted]
        ids = [number for number in ids if isinstance(number, (int, np.integer))]
        known = np.concatenate([np.asarray(population.node_ids).astype(np.int64) for population in candidates])
        strangers = np.setdiff1d(np.array(ids, np.int64), known)
        if len(strangers):
            names = ", ".join(population.name for population in candidates)
            raise InputError(f"{names}: there are no such nodes", file=self.file, key=key, value=strangers[:5].tolist())

    def _matches(self, population, column: str, wanted, key: str) -> np.ndarray:
        if not _has(population, column):
            return np.zeros(len(population.node_ids), bool)
        values = _column(population, column)
        if isinstance(wanted, dict):
            mask = np.ones(len(values), bool)
            for operator, operand in wanted.items():
                if operator == "$regex":
                    try:
                        pattern = re.compile(operand)
                    except (re.error, TypeError) as error:
                        raise InputError(f"no regular expression ({error})", file=self.file, key=f"{key}.{column}",
                                         value=operand) from None  # fmt: skip
                    mask &= np.array([isinstance(value, str) and bool(pattern.match(value)) for value in values], bool)
                elif operator in COMPARISONS:
                    mask &= self._compared(operator, values, operand, f"{key}.{column}")
                else:
                    options = [*COMPARISONS, "$regex"]
                    raise InputError(
                        "unknown comparison", file=self.file, key=f"{key}.{column}", value=operator, options=options
                    )
            return mask
        wanted = wanted if isinstance(wanted, list) else [wanted]
        if values.dtype == object:
            choices = set(wanted)
            return np.array([value in choices for value in values.tolist()], bool)
        numbers = [item for item in wanted if isinstance(item, (int, float, np.number))]
        return np.isin(values, numbers) if values.dtype.kind in "iufb" else np.isin(values, wanted)

    def _compared(self, operator: str, values: np.ndarray, operand, key: str) -> np.ndarray:
        try:
            return COMPARISONS[operator](values.astype(float), float(operand))
        except (TypeError, ValueError):
            raise InputError("cannot be compared with numbers", file=self.file, key=key, value=operand,
                             expected="an attribute of numbers, and a number") from None  # fmt: skip


def _has(population, column: str) -> bool:
    return column in (*IDS, "node_type_id") or column in population.columns


def _column(population, column: str) -> np.ndarray:
    if column in IDS:
        return np.asarray(population.node_ids).astype(np.int64)
    if column == "node_type_id":
        return np.asarray(population.type_ids).astype(np.int64)
    return np.asarray(population.values(column))
