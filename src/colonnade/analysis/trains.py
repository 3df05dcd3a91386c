"""Statistics of each cell's spike train: rate, interspike intervals, CV, CV2, LV and Fano factor."""

import numpy as np

from colonnade.analysis.activity import Activity


def rates(activity: Activity) -> np.ndarray:
    """Return the mean rate of each cell in Hz, (N,): its spikes divided by the window."""
    return activity.counts() / (activity.duration / 1000.0)


def interval_statistics(activity: Activity) -> dict[str, np.ndarray]:
    """Return statistics of each cell's interspike intervals, arrays of (N,), NaN where there are too few spikes.

    - ``isi_mean_ms``: mean interval, from 2 spikes on.
    - ``cv``: coefficient of variation, standard deviation (over n, not n - 1) divided by mean, from 2 spikes on.
    - ``cv2``: mean of 2 |I2 - I1| / (I2 + I1) over neighbouring intervals, from 3 spikes on (Holt et al. 1996,
      J Neurophysiol 75:1806).
    - ``lv``: mean of 3 ((I2 - I1) / (I2 + I1))^2 over neighbouring intervals, from 3 spikes on (Shinomoto et al.
      2003, Neural Comput 15:2823).
    """
    n_cells = len(activity.node_ids)
    same_cell = np.diff(activity.rows) == 0
    intervals, owners = np.diff(activity.times)[same_cell], activity.rows[1:][same_cell]
    neighbours = np.diff(owners) == 0
    total = intervals[:-1] + intervals[1:]
    usable = neighbours & (total > 0)
    change = (np.diff(intervals)[usable]) / total[usable]
    middle = owners[1:][usable]

    mean = _mean_of_each(intervals, owners, n_cells)
    spread = np.sqrt(_mean_of_each((intervals - mean[owners]) ** 2, owners, n_cells))
    return {
        "isi_mean_ms": mean,
        "cv": np.divide(spread, mean, out=np.full(n_cells, np.nan), where=mean > 0),
        "cv2": 2.0 * _mean_of_each(np.abs(change), middle, n_cells),
        "lv": 3.0 * _mean_of_each(change**2, middle, n_cells),
    }


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
