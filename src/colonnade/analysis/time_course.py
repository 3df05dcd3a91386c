"""How a population's rate goes over time: PSTH and power spectrum."""

import numpy as np

from colonnade.analysis.activity import Activity, bin_edges, bin_index
from colonnade.analysis.spectra import power_densities, welch
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
    _, rate = psth(activity, width)
    per_segment = min(int(segment / width + 1e-8), len(rate))
    if per_segment < 2:
        raise InputError("a segment holds fewer than two bins", key="segment", value=segment, expected="ms, > 2 bins")
    return welch(rate, 1000.0 / width, per_segment)


def spectrogram(
    activity: Activity, width: float, segment: float, step: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return times in ms (T,), frequencies in Hz (F,) and the power density of the rate there, Hz^2/Hz, (F, T).

    The rate in bins of ``width`` ms, in segments of ``segment`` ms (at most the window) every ``step`` ms, Hann window,
    mean removed; a time is the middle of its segment.
    """
    starts, rate = psth(activity, width)
    length = min(int(segment / width + 1e-8), len(rate))
    if length < 2:
        raise InputError("a segment holds fewer than two bins", key="segment", value=segment, expected="ms, > 2 bins")
    shared = max(0, length - max(1, round(step / width)))
    frequency, power = power_densities(rate, 1000.0 / width, length, shared)
    times = (np.arange(len(power)) * (length - shared) + length / 2) * width
    return starts[0] + times, frequency, power.T


def rate_map(
    activity: Activity, depth: np.ndarray, width: float, height: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the edges in ms (B + 1,) and in um (D + 1,), and the mean rate of the cells in each field, Hz, (D, B).

    ``depth`` (N,) is the place of each cell in um; layers ``height`` um thick begin at a multiple of it. A layer
    without cells has NaN.
    """
    if not height > 0:
        raise InputError("a layer has to have a thickness", value=height, expected="um above 0")
    first = np.floor(depth.min() / height + 1e-9)
    layer = np.floor(depth / height + 1e-9).astype(int) - int(first)
    n_layers = layer.max() + 1
    counts = activity.binned(width)
    cells = np.bincount(layer, minlength=n_layers)
    total = np.zeros((n_layers, counts.shape[1]))
    np.add.at(total, layer, counts)
    with np.errstate(invalid="ignore"):
        rate = total / cells[:, None] / (width / 1000.0)
    return activity.bin_edges(width), (first + np.arange(n_layers + 1)) * height, rate
