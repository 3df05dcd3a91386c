"""Phase responses of cells that fire regularly, from the spikes of a run in which single spikes perturb them."""

from dataclasses import dataclass

import numpy as np

from colonnade.analysis.activity import Activity


@dataclass(frozen=True)
class PhaseResponses:
    """K perturbations: ``rows`` (K,) of the cells, ``phases`` (K,) 0 to 1, ``advances`` (K,) in periods."""

    rows: np.ndarray
    phases: np.ndarray
    advances: np.ndarray

    def of_cells(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return phases and advances of the cells for which ``chosen`` (N,) is true."""
        kept = chosen[self.rows] if len(self.rows) else np.empty(0, dtype=bool)
        return self.phases[kept], self.advances[kept]


def phase_responses(
    spikes: Activity,
    perturbing: Activity,
    source_ids: np.ndarray,
    target_ids: np.ndarray,
    delays: np.ndarray,
    *,
    least: int = 3,
    tolerance: float = 0.05,
) -> PhaseResponses:
    """Return the phase response of each perturbation that reaches a regular cell alone.

    Source i (``source_ids``, (E,)) reaches ``target_ids`` (E,) after ``delays`` (E,) ms; synapses of one pair count
    once, at the shortest delay. The period is the mean of the ``least`` intervals before the perturbed one, which must
    hold no perturbation and spread by no more than ``tolerance`` of it. With T the period, t the perturbation and t0
    the last spike before it, the phase is (t - t0) / T and the advance 1 - T1 / T, T1 the perturbed interval, as in
    Canavier (2006, doi:10.4249/scholarpedia.1332).
    """
    arrivals = _arrivals(perturbing, source_ids, target_ids, delays)
    rows, phases, advances = [], [], []
    for row, (node_id, train) in enumerate(zip(spikes.node_ids.tolist(), spikes.trains(), strict=True)):
        times = arrivals.get(node_id)
        if times is None or len(train) < least + 2:
            continue
        interval_of = np.searchsorted(train, times, side="right") - 1
        per_interval = np.bincount(interval_of[interval_of >= 0], minlength=len(train))
        intervals = np.diff(train)
        for time, place in zip(times, interval_of, strict=True):
            if place < least or place >= len(intervals) or per_interval[place] != 1:
                continue
            before = intervals[place - least : place]
            period = before.mean()
            if per_interval[place - least : place].any() or np.ptp(before) > tolerance * period:
                continue
            rows.append(row)
            phases.append((time - train[place]) / period)
            advances.append(1.0 - intervals[place] / period)
    return PhaseResponses(np.array(rows, dtype=int), np.array(phases), np.array(advances))


def _arrivals(perturbing: Activity, source_ids, target_ids, delays) -> dict[int, np.ndarray]:
    """Return the times in ms, sorted, at which spikes arrive at each target, by its node id."""
    shortest: dict[tuple[int, int], float] = {}
    for source, target, delay in zip(source_ids.tolist(), target_ids.tolist(), delays.tolist(), strict=True):
        shortest[source, target] = min(delay, shortest.get((source, target), np.inf))
    trains = dict(zip(perturbing.node_ids.tolist(), perturbing.trains(), strict=True))
    found: dict[int, list[np.ndarray]] = {}
    for (source, target), delay in shortest.items():
        if source in trains:
            found.setdefault(target, []).append(trains[source] + delay)
    return {target: np.sort(np.concatenate(parts)) for target, parts in found.items()}
