"""How much cells fire together: pairwise correlation, Golomb's chi, SPIKE-contrast."""

import numpy as np

from colonnade.analysis.activity import Activity


def correlation_matrix(activity: Activity, width: float) -> np.ndarray:
    """Return Pearson's correlation of the spike counts in bins of ``width`` ms, (N, N).

    Rows and columns of cells whose count never changes (silent ones, for example) are NaN.
    """
    counts = activity.binned(width).astype(float)
    deviations = counts - counts.mean(axis=1, keepdims=True)
    norms = np.sqrt((deviations**2).sum(axis=1))
    norms[norms == 0] = np.nan
    matrix = (deviations @ deviations.T) / np.outer(norms, norms)
    return np.clip(matrix, -1.0, 1.0)


def pairs(matrix: np.ndarray) -> np.ndarray:
    """Return the values above the diagonal of ``matrix`` (N, N) which are not NaN, (P,)."""
    above = matrix[np.triu_indices(len(matrix), k=1)]
    return above[~np.isnan(above)]


def sampled_cells(activity: Activity, most: int, rng: np.random.Generator) -> Activity:
    """Return at most ``most`` of the cells, drawn without replacement and kept in their order."""
    n_cells = len(activity.node_ids)
    if n_cells <= most:
        return activity
    chosen = np.zeros(n_cells, dtype=bool)
    chosen[rng.choice(n_cells, most, replace=False)] = True
    return activity.cells(chosen)


def chi(activity: Activity, width: float) -> float:
    """Return Golomb's synchrony measure of spike counts in bins of ``width`` ms, from 0 (none) to 1 (identical).

    chi^2 is the variance over time of the population's mean count divided by the mean over cells of their variances;
    independent cells give about 1 / sqrt(N) (Golomb & Rinzel 1994, Physica D 72:259). NaN if no count changes.
    """
    counts = activity.binned(width)
    if not len(counts):
        return float("nan")
    single = counts.var(axis=1).mean()
    return float(np.sqrt(counts.mean(axis=0).var() / single)) if single > 0 else float("nan")


def spike_contrast(activity: Activity, *, shrink: float = 0.9, narrowest: float = 10.0) -> float:
    """Return the SPIKE-contrast synchrony, from 0 to 1 (Ciba et al. 2018, J Neurosci Methods 293:136).

    For every bin width, from half the window down to half the shortest interval of any cell (at least ``narrowest``
    ms), each ``shrink`` times the last, bins overlap by half. The contrast of the number of spikes between successive
    bins is multiplied by the fraction of cells that are active in a spike's bin; the largest product is the
    synchrony. NaN with fewer than two cells, or if no cell fires twice.
    """
    intervals = activity.intervals()
    if len(activity.node_ids) < 2 or not intervals.size:
        return float("nan")
    shortest = float(intervals.min())
    width, products = activity.duration / 2, [0.0]
    while width >= max(shortest / 2, narrowest):
        products.append(_contrast(activity, width, margin=shortest))
        width *= shrink
    return max(products)


def _contrast(activity: Activity, width: float, margin: float) -> float:
    """Return contrast times active fraction in bins of ``width`` ms, one each half width, ``margin`` ms around."""
    start, stop = activity.window[0] - margin, activity.window[1] + margin
    edges = np.arange(start, stop + width / 2, width / 2)
    half = np.searchsorted(edges, activity.times, side="right") - 1
    n_cells, n_halves = len(activity.node_ids), len(edges) - 1
    counts = np.bincount(activity.rows * n_halves + half, minlength=n_cells * n_halves).reshape(n_cells, n_halves)
    bins = counts[:, :-1] + counts[:, 1:]
    total, active = bins.sum(axis=0), np.count_nonzero(bins, axis=0)
    contrast = np.abs(np.diff(total)).sum() / (2 * len(activity.times))
    fraction = ((total * active).sum() / total.sum() - 1) / (n_cells - 1)
    return float(contrast * fraction)
