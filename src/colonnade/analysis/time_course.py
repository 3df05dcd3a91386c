"""How a population's rate goes over time: PSTH and power spectrum."""

import numpy as np

from colonnade.analysis.activity import Activity, bin_edges, bin_index
from colonnade.errors import InputError


def psth(activity: Activity, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the starts in ms of bins of ``width`` ms (B,), and the mean rate of a cell in each, in Hz, (B,)."""
    edges = bin_edges(activity.window, width)
    n_cells, n_bins = len(activity.node_ids), len(edges) - 1
    column = bin_index(activity.times, activity.window[0], width)
    counts = np.bincount(column[(column >= 0) & (column < n_bins)], minlength=n_bins)
    return edges[:-1], counts / (max(n_cells, 1) * width / 1000.0)


def power_spectrum(activity: Activity, width: float, segment: float) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies in Hz (F,) and the power density of the population's rate, Hz^2/Hz, (F,).

    Welch's method (1967, IEEE Trans Audio Electroacoust 15:70) on the rate in bins of ``width`` ms: segments of
    ``segment`` ms (at most the window) which overlap by half, Hann window, mean removed.
    """
    from scipy.signal import welch  # half a second, which only this needs

    _, rate = psth(activity, width)
    per_segment = min(int(segment / width + 1e-8), len(rate))
    if per_segment < 2:
        raise InputError("a segment holds fewer than two bins", key="segment", value=segment, expected="ms, > 2 bins")
    sampling = 1000.0 / width
    return welch(rate, fs=sampling, nperseg=per_segment, noverlap=per_segment // 2, window="hann", detrend="constant")
