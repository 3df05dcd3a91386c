"""Connection rules that are known to the builder; each works on two nodes, and faster on all pairs of a block."""

import numbers
import random

import numpy as np

from colonnade.builder.nodes import Node, NodeTable
from colonnade.errors import InputError

PAIRS_WITHOUT_TREE = 1 << 22  # fewer are measured one by one: quicker than to load scipy and grow a search tree
PAIRS_AT_ONCE = 1 << 17  # measured in one go, within the cache


def distance_connector(
    source: Node, target: Node, d_weight_min: float, d_weight_max: float, d_max: float, nsyn_min: int, nsyn_max: int
) -> int | None:
    """Return a number of synapses from ``nsyn_min`` to ``nsyn_max`` (both included), or None for no connection.

    The probability falls linearly from ``d_weight_max`` at distance 0 to ``d_weight_min`` at ``d_max`` um and is 0
    beyond; a cell does not connect to itself. Draws from Python's ``random``.
    """
    _checked_distance_rule(d_weight_min, d_weight_max, d_max, nsyn_min, nsyn_max)
    if source is target:
        return None
    distance = float(np.linalg.norm(np.asarray(source["positions"]) - np.asarray(target["positions"])))
    probability = d_weight_max + (d_weight_min - d_weight_max) * distance / d_max
    if distance > d_max or probability <= 0 or random.random() > probability:
        return None
    return random.randint(nsyn_min, nsyn_max)


def _distance_block(
    sources: NodeTable,
    targets: NodeTable,
    rng: np.random.Generator,
    d_weight_min: float,
    d_weight_max: float,
    d_max: float,
    nsyn_min: int,
    nsyn_max: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Connect a block of targets as ``distance_connector`` does, looking only at pairs nearer than ``d_max``."""
    _checked_distance_rule(d_weight_min, d_weight_max, d_max, nsyn_min, nsyn_max)
    source_rows, target_rows, distance = _near_pairs(sources, targets, d_max)
    probability = d_weight_max + (d_weight_min - d_weight_max) / d_max * distance
    kept = np.flatnonzero((rng.random(len(distance)) <= probability) & (probability > 0))
    return source_rows[kept], target_rows[kept], rng.integers(nsyn_min, nsyn_max, len(kept), endpoint=True)


def _near_pairs(sources: NodeTable, targets: NodeTable, reach: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows of sources, rows of targets and distances (um) of all pairs within reach, sorted by target, source.

    A cell is not near itself.
    """
    if len(sources) * len(targets) <= PAIRS_WITHOUT_TREE:
        source_rows, target_rows, distance = _measured(sources.points(), targets.points(), reach)
    else:
        near = targets.tree().sparse_distance_matrix(sources.tree(), reach, output_type="ndarray")
        # The order of a search tree is its own business; the draws must not depend on it.
        near = near[np.argsort(near["i"] * len(sources) + near["j"], kind="stable")]
        target_rows, source_rows, distance = near["i"], near["j"], near["v"]
    if sources.network == targets.network:
        other = sources.node_ids[source_rows] != targets.node_ids[target_rows]
        return source_rows[other], target_rows[other], distance[other]
    return source_rows, target_rows, distance


def _measured(sources: np.ndarray, targets: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the pairs within reach among all pairs of two tables of positions (n, k) in um."""
    step = max(1, PAIRS_AT_ONCE // len(sources))
    found = []
    for first in range(0, len(targets), step):
        squared = 0.0
        for along_sources, along_targets in zip(sources.T, targets[first : first + step].T, strict=True):
            squared = squared + (along_targets[:, None] - along_sources[None, :]) ** 2
        target_rows, source_rows = np.nonzero(squared <= reach**2)
        found.append((source_rows, target_rows + first, np.sqrt(squared[target_rows, source_rows])))
    source_rows, target_rows, distance = (np.concatenate(column) for column in zip(*found, strict=True))
    return source_rows, target_rows, distance


def _checked_distance_rule(d_weight_min, d_weight_max, d_max, nsyn_min, nsyn_max) -> None:
    _checked_numbers(d_weight_min=d_weight_min, d_weight_max=d_weight_max, d_max=d_max)
    _checked_numbers(whole=True, nsyn_min=nsyn_min, nsyn_max=nsyn_max)
    if not 0 < d_max < np.inf:
        raise InputError("is no distance", key="connection_params.d_max", value=d_max, expected="> 0 um")
    for key, value in (("d_weight_min", d_weight_min), ("d_weight_max", d_weight_max)):
        if not 0 <= value <= 1:
            raise InputError("is no probability", key=f"connection_params.{key}", value=value, expected="0 to 1")
    if not 0 <= nsyn_min <= nsyn_max:
        raise InputError(
            "is no range of synapse numbers",
            key="connection_params.nsyn_max",
            value=(nsyn_min, nsyn_max),
            expected="0 <= nsyn_min <= nsyn_max",
        )


def _checked_numbers(whole: bool = False, **parameters) -> None:
    for name, value in parameters.items():
        number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if not number or (whole and value % 1):
            raise InputError(
                "is no whole number" if whole else "is no number", key=f"connection_params.{name}", value=value
            )


distance_connector.vectorised = _distance_block
distance_connector.cutoff = "d_max"


def gap_connector(source: Node, target: Node, d_max: float = 100.0, probability: float = 1.0) -> int:
    """Return 1 with ``probability`` for two cells within ``d_max`` (um), 0 else; each pair of cells is looked at once.

    The cell with the smaller id is the source, since a gap junction joins both ways. Draws from Python's ``random``.
    """
    _checked_distance_rule(probability, probability, d_max, 1, 1)
    distance = float(np.linalg.norm(np.subtract(source["positions"], target["positions"])))
    return int(source.node_id < target.node_id and distance <= d_max and random.random() <= probability)


def _gap_block(
    sources: NodeTable, targets: NodeTable, rng: np.random.Generator, d_max: float = 100.0, probability: float = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Connect all sources with a block of targets as ``gap_connector`` does."""
    source_rows, target_rows, nsyns = _distance_block(sources, targets, rng, probability, probability, d_max, 1, 1)
    once = sources.node_ids[source_rows] < targets.node_ids[target_rows]
    return source_rows[once], target_rows[once], nsyns[once]


gap_connector.vectorised = _gap_block
gap_connector.cutoff = "d_max"


def connect_random(source: Node, target: Node, nsyn_min: int = 0, nsyn_max: int = 10, distribution=None) -> int:
    """Return a number of synapses from ``nsyn_min`` to ``nsyn_max`` - 1, all equally likely; 0 is no connection.

    A cell may connect to itself. ``distribution`` is not in use, as in BMTK. Draws from ``numpy.random``.
    """
    _checked_random_rule(nsyn_min, nsyn_max, distribution)
    return int(np.random.randint(nsyn_min, nsyn_max))


def _random_block(
    sources: NodeTable,
    targets: NodeTable,
    rng: np.random.Generator,
    nsyn_min: int = 0,
    nsyn_max: int = 10,
    distribution=None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Connect all sources with a block of targets as ``connect_random`` does."""
    _checked_random_rule(nsyn_min, nsyn_max, distribution)
    nsyns = rng.integers(nsyn_min, nsyn_max, (len(targets), len(sources)), dtype=np.int32)
    target_rows, source_rows = np.nonzero(nsyns)
    return source_rows, target_rows, nsyns[target_rows, source_rows]


def _checked_random_rule(nsyn_min, nsyn_max, distribution) -> None:
    _checked_numbers(whole=True, nsyn_min=nsyn_min, nsyn_max=nsyn_max)
    if distribution is not None:
        raise InputError("is not in use", key="connection_params.distribution", value=distribution, expected="nothing")
    if not 0 <= nsyn_min < nsyn_max:
        raise InputError(
            "is no range of synapse numbers",
            key="connection_params.nsyn_max",
            value=(nsyn_min, nsyn_max),
            expected="0 <= nsyn_min < nsyn_max (the upper end is excluded)",
        )


connect_random.vectorised = _random_block
connect_random.cutoff = None

CONNECTORS = {each.__name__: each for each in (distance_connector, connect_random, gap_connector)}
