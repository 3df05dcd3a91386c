"""Bootstrap intervals of a mean, from a random stream of their own."""

from typing import NamedTuple

import numpy as np


class Interval(NamedTuple):
    """A mean with its confidence interval and the number of values behind it."""

    mean: float
    low: float
    high: float
    n: int


def bootstrap_mean(
    values, rng: np.random.Generator, *, level: float = 0.95, resamples: int = 10_000, block: int = 1_000_000
) -> Interval:
    """Return the mean of ``values`` with its percentile bootstrap interval (Efron & Tibshirani 1993, chapter 13).

    NaN values are left out. ``resamples`` sets of the same size are drawn with replacement; the interval holds the
    middle ``level`` of their means. With fewer than two values there is no interval: low and high are NaN. At most
    ``block`` numbers are held at a time.
    """
    kept = np.asarray(values, dtype=float)
    kept = kept[~np.isnan(kept)]
    if not kept.size:
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    if kept.size == 1:
        return Interval(float(kept[0]), float("nan"), float("nan"), 1)
    means = np.empty(resamples)
    rows = max(1, block // kept.size)
    for first in range(0, resamples, rows):
        last = min(first + rows, resamples)
        means[first:last] = kept[rng.integers(kept.size, size=(last - first, kept.size))].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(kept.mean()), float(low), float(high), int(kept.size))
