"""Synaptic weights of edges: syn_weight, the named weight functions, and functions of the user's own."""

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from colonnade.errors import InputError
from colonnade.sonata.attributes import distinct
from colonnade.streams import reseed, seeded
from colonnade.user_functions import check_function, load_function, registering, users_code, where_defined

_registered: dict[str, Callable] = {}


class Rows:
    """Attributes of rows ``indices`` (K,) of a population, each column read once: ``rows[name]`` is an array (K,)."""

    def __init__(self, population, indices: np.ndarray):
        self._population, self.indices, self._columns = population, indices, {}

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._columns:
            self._columns[name] = np.asarray(self._population.values(name))[self.indices]
        return self._columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self._population.columns

    def __len__(self) -> int:
        return len(self.indices)

    def chosen(self, subset: np.ndarray) -> "Rows":
        """Return the rows at ``subset`` of these."""
        return Rows(self._population, self.indices[subset])

    @property
    def title(self) -> str:
        """The name of the population."""
        return self._population.name

    @property
    def places(self) -> np.ndarray:
        """Where in the file (K,) these rows of an edge population are."""
        return self._population.places(self.indices)

    def one(self, index: int) -> "Row":
        """Return one row, as a user's own function gets it."""
        return Row(self, index)


class Row:
    """One node or edge: ``row["tuning_angle"]`` is the value of an attribute."""

    def __init__(self, rows: Rows, index: int):
        self._rows, self._index = rows, index

    def __getitem__(self, name: str):
        return self._rows[name][self._index]

    def __contains__(self, name: str) -> bool:
        return name in self._rows


def _numbers(rows: Rows, name: str) -> np.ndarray:
    try:
        column = rows[name].astype(float)
        if column.ndim != 1:
            raise ValueError(f"an array of the shape {column.shape}")
        return column
    except (TypeError, ValueError) as error:
        raise InputError(f"a value is no number ({error})", key=name) from None


def plain(edges: Rows, sources: Rows, targets: Rows) -> np.ndarray:
    """syn_weight as it stands (the functions ``wmax``, ``default`` and no function), (K,)."""
    return _numbers(edges, "syn_weight")


def gaussian_tuning(edges: Rows, sources: Rows, targets: Rows) -> np.ndarray:
    """``gaussianLL``: syn_weight exp(-(D / weight_sigma)^2), D the difference of preferred orientations, (K,).

    Like-to-like rule of the layer 4 model of Arkhipov et al. 2018, doi:10.1371/journal.pcbi.1006535. Angles
    (``tuning_angle``, ``weight_sigma``) are in degrees; orientations 180 degrees apart are the same.
    """
    turn = np.abs(targets["tuning_angle"].astype(float) - sources["tuning_angle"].astype(float)) % 360.0
    difference = np.abs(np.abs(np.abs(180.0 - turn) - 90.0) - 90.0)
    return edges["syn_weight"].astype(float) * np.exp(-((difference / edges["weight_sigma"].astype(float)) ** 2))


NAMED = {
    "default": plain,
    "default_weight_fnc": plain,
    "set_syn_weight": plain,
    "wmax": plain,
    "gaussianLL": gaussian_tuning,
}


def add_weight_function(function: Callable, name: str | None = None, overwrite: bool = True) -> Callable:
    """Make ``function(edge, source_node, target_node) -> weight`` known to edges whose weight_function names it.

    The three are read like dicts: ``edge["syn_weight"]``, ``source_node["tuning_angle"]``. Without ``overwrite``, a
    name that is known keeps its function.
    """
    check_function(function, "add_weight_function")
    name = name or function.__name__
    if overwrite or name not in (*_registered, *NAMED):
        _registered[name] = function
    return function


def synaptic_weight(*function, name: str | None = None):
    """Register a function as ``add_weight_function`` does, as a decorator with or without a name."""
    return registering(add_weight_function, function, name)


def edge_weights(edges: Rows, sources: Rows, targets: Rows, from_config: dict[str, str], file, folder) -> np.ndarray:
    """Return the weight (K,) of each edge by its ``weight_function`` (none: ``syn_weight``).

    ``from_config`` gives the user's own functions as ``file.py:function``, relative to ``folder``. ``file`` is the edge
    file, for errors: an unknown function, or a weight that is not a number.
    """
    weights = np.full(len(edges), np.nan)
    column = edges["weight_function"] if "weight_function" in edges else np.full(len(edges), None)
    number, found = distinct(column)
    names = [name if isinstance(name, str) else "" for name in found]
    for name in sorted(set(names)):
        subset = np.flatnonzero(np.isin(number, [i for i, other in enumerate(names) if other == name]))
        parts = [rows.chosen(subset) for rows in (edges, sources, targets)]
        if name in from_config or name in _registered:
            own = _registered.get(name) or own_function(from_config[name], str(folder))
            weights[subset] = _own_weights(own, name, parts, len(subset))
        elif name in NAMED or not name:
            if "syn_weight" not in edges:
                raise InputError("the edges have no syn_weight", file=file, expected="a weight in uS")
            weights[subset] = NAMED.get(name, plain)(*parts)
        else:
            raise InputError(
                "unknown weight function; name its file in the config, under colonnade.weight_functions",
                file=file,
                key="weight_function",
                value=name,
                options=[*NAMED, *from_config, *_registered],
            )
    if not np.isfinite(weights).all():
        bad = int(np.flatnonzero(~np.isfinite(weights))[0])
        raise InputError("the weight of a synapse is not a number", file=file, key="syn_weight", value=weights[bad])
    return weights


def _own_weights(own: Callable, name: str, parts: list[Rows], count: int) -> np.ndarray:
    """Return what a user's function gives for each edge; its exception becomes an error with the line in its file.

    What it draws from ``random`` and ``numpy.random`` is the same for an edge on any number of ranks.
    """
    weights, stream = np.empty(count), ("weight", name, parts[0].title)
    with users_code("the weight function", own, name), seeded(0, *stream):
        for i, place in enumerate(parts[0].places.tolist()):
            reseed(0, *stream, place)
            weights[i] = float(own(*(part.one(i) for part in parts)))
    if not np.isfinite(weights).all():
        raise InputError(f"the weight function gave no weight{where_defined(own)}", key=name,
                         value=weights[~np.isfinite(weights)][0].item(), expected="a number")  # fmt: skip
    return weights


@functools.cache
def own_function(place: str, folder: str, key: str = "colonnade.weight_functions") -> Callable:
    """Return the function that ``file.py:function`` names; a relative file belongs to ``folder``."""
    file, _, name = place.rpartition(":")
    return load_function(f"{Path(folder, file)}:{name}", key)
