"""Power densities of signals, as those of scipy.signal, whose import takes most of a second at each point."""

import numpy as np


def power_densities(values: np.ndarray, sampling: float, length: int, shared: int) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies (F,) in Hz and the power density of each segment of ``values`` (T, ...), (S, F, ...), per Hz.

    ``sampling`` is in Hz; segments of ``length`` samples, at most T, share ``shared`` with the next one; Hann window,
    mean removed, the power of negative frequencies added to that of positive ones.
    """
    segments = np.lib.stride_tricks.sliding_window_view(values, length, axis=0)[:: length - shared]
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(length) / length)
    segments = (segments - segments.mean(axis=-1, keepdims=True)) * window
    power = np.abs(np.fft.rfft(segments, axis=-1)) ** 2 / (sampling * (np.sum(window**2) or 1.0))
    power[..., 1 : (length + 1) // 2] *= 2.0
    return np.fft.rfftfreq(length, 1.0 / sampling), np.moveaxis(power, -1, 1)


def welch(values: np.ndarray, sampling: float, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies (F,) in Hz and the power density of ``values`` (T, ...), (F, ...), per Hz.

    The mean over segments of ``length`` samples (at most T) that overlap by half (Welch 1967,
    doi:10.1109/TAU.1967.1161901).
    """
    length = min(length, len(values))
    frequencies, power = power_densities(values, sampling, length, length // 2)
    return frequencies, power.mean(axis=0)
