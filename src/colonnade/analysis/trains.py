"""Statistics of each cell's spike train: rate, interspike intervals, CV, CV2, LV and Fano factor."""

import numpy as np

from colonnade.analysis.activity import Activity


def rates(activity: Activity) -> np.ndarray:
    """Return the mean rate of each cell in Hz, (N,): its spikes divided by the window."""
    return activity.counts() / (activity.duration / 1000.0)


def mean_intervals(activity: Activity) -> np.ndarray:
    """Return the mean interspike interval of each cell in ms, (N,), NaN with fewer than 2 spikes."""
    intervals, owners = _intervals(activity)
    return _mean_of_each(intervals, owners, len(activity.node_ids))


def interval_cv(activity: Activity) -> np.ndarray:
    """Return the coefficient of variation of each cell's intervals, (N,), NaN with fewer than 2 spikes.

    It is the standard deviation (over n, not n - 1) divided by the mean.
    """
    intervals, owners = _intervals(activity)
    n_cells = len(activity.node_ids)
    mean = _mean_of_each(intervals, owners, n_cells)
    spread = np.sqrt(_mean_of_each((intervals - mean[owners]) ** 2, owners, n_cells))
    return np.divide(spread, mean, out=np.full(n_cells, np.nan), where=mean > 0)


def neighbouring_interval_cv(activity: Activity) -> np.ndarray:
    """Return CV2 of each cell, (N,), NaN with fewer than 3 spikes (Holt et al. 1996, J Neurophysiol 75:1806).

    It is the mean of 2 |I2 - I1| / (I2 + I1) over neighbouring intervals.
    """
    change, owners = _relative_changes(activity)
    return 2.0 * _mean_of_each(np.abs(change), owners, len(activity.node_ids))


def local_variation(activity: Activity) -> np.ndarray:
    """Return LV of each cell, (N,), NaN with fewer than 3 spikes (Shinomoto et al. 2003, Neural Comput 15:2823).

    It is the mean of 3 ((I2 - I1) / (I2 + I1))^2 over neighbouring intervals.
    """
    change, owners = _relative_changes(activity)
    return 3.0 * _mean_of_each(change**2, owners, len(activity.node_ids))


def _intervals(activity: Activity) -> tuple[np.ndarray, np.ndarray]:
    """Return all intervals in ms and the row of the cell that each belongs to."""
    same_cell = np.diff(activity.rows) == 0
    return np.diff(activity.times)[same_cell], activity.rows[1:][same_cell]


def _relative_changes(activity: Activity) -> tuple[np.ndarray, np.ndarray]:
    """Return (I2 - I1) / (I2 + I1) of all neighbouring intervals of a cell, and the row of that cell."""
    intervals, owners = _intervals(activity)
    total = intervals[:-1] + intervals[1:]
    usable = (np.diff(owners) == 0) & (total > 0)
    return np.diff(intervals)[usable] / total[usable], owners[1:][usable]


def fano_factors(activity: Activity, width: float) -> np.ndarray:
    """Return each cell's Fano factor, (N,): variance over mean of its counts in windows of ``width`` ms.

    The variance is over n, not n - 1. A silent cell has NaN, as does every cell if fewer than two windows fit.
    """
    n_windows = int(activity.duration / width + 1e-8)
    if n_windows < 2:
        return np.full(len(activity.node_ids), np.nan)
    counts = activity.binned(width)
    mean = counts.mean(axis=1)
    return np.divide(counts.var(axis=1), mean, out=np.full(len(mean), np.nan), where=mean > 0)


def _mean_of_each(values: np.ndarray, owners: np.ndarray, n_owners: int) -> np.ndarray:
    """Return the mean of the ``values`` of each owner, NaN for an owner without any."""
    number = np.bincount(owners, minlength=n_owners)
    total = np.bincount(owners, weights=values, minlength=n_owners)
    return np.divide(total, number, out=np.full(n_owners, np.nan), where=number > 0)
