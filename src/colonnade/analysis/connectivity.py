"""Statistics of a network's wiring: degrees, connection probability against distance, connectivity matrix."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from colonnade.errors import InputError

_PAIRS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Wiring:
    """Connections between the cells of a source and a target population, one entry a connected pair.

    ``source_ids`` (N,) and ``target_ids`` (M,) are the node ids of all cells, connected or not; ``source`` and
    ``target`` (C,) the rows of each connected pair therein; ``synapses`` (C,) its number of synapses.
    """

    source_ids: np.ndarray
    target_ids: np.ndarray
    source: np.ndarray
    target: np.ndarray
    synapses: np.ndarray
    same_population: bool

    def between(self, sources: np.ndarray, targets: np.ndarray) -> "Wiring":
        """Return the part from the ``sources`` (N,) to the ``targets`` (M,) for which these are true."""
        kept = sources[self.source] & targets[self.target]
        new_row, new_column = np.cumsum(sources) - 1, np.cumsum(targets) - 1
        return Wiring(
            self.source_ids[sources],
            self.target_ids[targets],
            new_row[self.source[kept]],
            new_column[self.target[kept]],
            self.synapses[kept],
            self.same_population,
        )

    def in_degrees(self) -> np.ndarray:
        """Return from how many cells each target receives, (M,)."""
        return np.bincount(self.target, minlength=len(self.target_ids))

    def out_degrees(self) -> np.ndarray:
        """Return to how many cells each source projects, (N,)."""
        return np.bincount(self.source, minlength=len(self.source_ids))

    def in_synapses(self) -> np.ndarray:
        """Return how many synapses each target receives, (M,)."""
        return np.bincount(self.target, weights=self.synapses, minlength=len(self.target_ids)).astype(np.int64)

    def out_synapses(self) -> np.ndarray:
        """Return how many synapses each source makes, (N,)."""
        return np.bincount(self.source, weights=self.synapses, minlength=len(self.source_ids)).astype(np.int64)

    def matrix(self, most: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the mean number of synapses a pair (R, K), and the edges of its rows (R + 1,) and columns (K + 1,).

        A row is a source and a column a target up to ``most`` of them; beyond that, neighbours are averaged.
        """
        rows = _block_edges(len(self.source_ids), most)
        columns = _block_edges(len(self.target_ids), most)
        total, _, _ = np.histogram2d(self.source, self.target, bins=(rows - 0.5, columns - 0.5), weights=self.synapses)
        return total / np.outer(np.diff(rows), np.diff(columns)), rows, columns


def wiring(source_ids, target_ids, edge_sources, edge_targets, nsyns=None, *, same_population: bool = False) -> Wiring:
    """Return the connected pairs behind the edges, which may have a row a pair or a row a synapse.

    ``source_ids`` (N,) and ``target_ids`` (M,) are all cells, ``edge_sources`` and ``edge_targets`` (E,) the node ids
    of each edge, ``nsyns`` (E,) its number of synapses (1 if absent; an edge with 0 is none).
    """
    source_ids, target_ids = np.asarray(source_ids, dtype=np.int64), np.asarray(target_ids, dtype=np.int64)
    synapses = np.ones(len(edge_sources)) if nsyns is None else np.nan_to_num(np.asarray(nsyns, dtype=float), nan=1.0)
    kept = synapses > 0
    source = _rows(source_ids, np.asarray(edge_sources, dtype=np.int64)[kept], "source_node_id")
    target = _rows(target_ids, np.asarray(edge_targets, dtype=np.int64)[kept], "target_node_id")
    pair, inverse = np.unique(source * len(target_ids) + target, return_inverse=True)
    total = np.bincount(inverse, weights=synapses[kept], minlength=len(pair))
    source, target = np.divmod(pair, max(len(target_ids), 1))
    return Wiring(source_ids, target_ids, source, target, total.astype(np.int64), same_population)


@dataclass(frozen=True)
class DistanceProfile:
    """Connection probability in bins of distance: arrays of (B,), edges (B + 1,) in um.

    ``distance`` is the mean distance of the pairs in a bin in um, ``low`` and ``high`` the 95 % Wilson interval
    (Wilson 1927, J Am Stat Assoc 22:209).
    """

    edges: np.ndarray
    distance: np.ndarray
    n_pairs: np.ndarray
    n_connected: np.ndarray
    probability: np.ndarray
    low: np.ndarray
    high: np.ndarray


def connection_probability(
    wired: Wiring,
    source_positions: np.ndarray,
    target_positions: np.ndarray,
    width: float,
    *,
    rng: np.random.Generator,
    most_pairs: int = 50_000_000,
    confidence: float = 0.95,
) -> DistanceProfile:
    """Return the fraction of connected pairs in bins of ``width`` um of the distance between the cells' positions.

    ``source_positions`` (N, 3) and ``target_positions`` (M, 3) are in um. Pairs of a cell with itself do not count.
    Each fraction has its Wilson interval of ``confidence``. With more than ``most_pairs`` pairs, a random sample of the
    targets stands for all, each with all its sources.
    """
    if not width > 0:
        raise InputError("a bin has to have a width", value=width, expected="um above 0")
    n_sources, n_targets = len(source_positions), len(target_positions)
    kept = np.ones(n_targets, dtype=bool)
    if n_sources * n_targets > most_pairs:
        kept[:] = False
        kept[rng.choice(n_targets, max(1, most_pairs // n_sources), replace=False)] = True
    n_pairs, summed = np.zeros(0), np.zeros(0)
    for distances in _pair_distances(wired, source_positions, target_positions, np.flatnonzero(kept)):
        index = (distances / width).astype(np.int64)
        size = max(len(n_pairs), index.max(initial=-1) + 1)
        n_pairs = np.pad(n_pairs, (0, size - len(n_pairs))) + np.bincount(index, minlength=size)
        summed = np.pad(summed, (0, size - len(summed))) + np.bincount(index, weights=distances, minlength=size)
    counted = kept[wired.target]
    if wired.same_population:
        counted &= wired.source_ids[wired.source] != wired.target_ids[wired.target]
    span = source_positions[wired.source[counted]] - target_positions[wired.target[counted]]
    connected = np.bincount((np.sqrt((span**2).sum(axis=1)) / width).astype(np.int64), minlength=len(n_pairs))
    fraction, low, high = wilson_interval(connected, n_pairs, confidence)
    mean = np.divide(summed, n_pairs, out=np.full(len(n_pairs), np.nan), where=n_pairs > 0)
    edges = width * np.arange(len(n_pairs) + 1)
    return DistanceProfile(edges, mean, n_pairs.astype(np.int64), connected, fraction, low, high)


def wilson_interval(successes: np.ndarray, trials: np.ndarray, confidence: float = 0.95):
    """Return fraction, low and high (B,) of ``successes`` among ``trials``; NaN without trials (Wilson 1927)."""
    from scipy.special import ndtri  # a tenth of a second, which only this needs

    z = ndtri((1 + confidence) / 2)
    trials = np.asarray(trials, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        fraction = successes / trials
        centre = (fraction + z**2 / (2 * trials)) / (1 + z**2 / trials)
        half = z * np.sqrt(fraction * (1 - fraction) / trials + z**2 / (4 * trials**2)) / (1 + z**2 / trials)
    return fraction, np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


def rule_probability(rule: str | int, parameters: dict, distance: np.ndarray) -> np.ndarray | None:
    """Return the probability (B,) that a connection rule makes at least one synapse over ``distance`` (B,) in um.

    ``distance_connector``: linear from d_weight_max at 0 to d_weight_min at d_max, 0 beyond, times the chance that
    the number of synapses, uniform on nsyn_min..nsyn_max, is not 0. ``connect_random``: the same chance with nsyn_max
    excluded. A number, which is that of every pair's synapses: 1. None for a rule whose probability does not follow
    from its parameters, such as a user's own function.
    """
    distance = np.asarray(distance, dtype=float)
    if isinstance(rule, int):
        return np.full(distance.shape, float(rule > 0))
    low, high = parameters.get("nsyn_min", 0), parameters.get("nsyn_max")
    if rule == "distance_connector" and {"d_weight_min", "d_weight_max", "d_max", "nsyn_max"} <= parameters.keys():
        share = distance / parameters["d_max"]
        near = parameters["d_weight_max"] * (1 - share) + parameters["d_weight_min"] * share
        some = 1.0 if low > 0 else high / (high - low + 1)
        return np.where(share <= 1, np.clip(near, 0, 1), 0.0) * some
    if rule == "connect_random" and high is not None:
        return np.full(distance.shape, 1.0 if low > 0 else (high - 1) / (high - low))
    return None


def _pair_distances(
    wired: Wiring, sources: np.ndarray, targets: np.ndarray, chosen: np.ndarray
) -> Iterator[np.ndarray]:
    """Yield the distances in um of all pairs onto the ``chosen`` targets, some at a time, without self-pairs."""
    step = max(1, _PAIRS_AT_ONCE // max(len(sources), 1))
    for first in range(0, len(chosen), step):
        some = chosen[first : first + step]
        square = sum((sources[:, None, axis] - targets[None, some, axis]) ** 2 for axis in range(sources.shape[1]))
        distances = np.sqrt(square)
        if wired.same_population:
            yield distances[wired.source_ids[:, None] != wired.target_ids[None, some]]
        else:
            yield distances.ravel()


def _rows(all_ids: np.ndarray, ids: np.ndarray, key: str) -> np.ndarray:
    """Return the row of each of ``ids`` in ``all_ids``."""
    order = np.argsort(all_ids, kind="stable")
    place = np.searchsorted(all_ids[order], ids).clip(max=max(len(all_ids) - 1, 0))
    if len(ids) and (not len(all_ids) or np.any(all_ids[order][place] != ids)):
        known = np.isin(ids, all_ids)
        raise InputError("an edge names a cell that is not there", key=key, value=int(ids[~known][0]))
    return order[place] if len(ids) else np.empty(0, dtype=np.int64)


def _block_edges(n_cells: int, most: int) -> np.ndarray:
    """Return the edges of at most ``most`` blocks of neighbours, of equal size but the last."""
    size = max(1, -(-n_cells // most))
    return np.append(np.arange(0, n_cells, size), n_cells)
