"""Spike trains by their intervals: renewal processes in equilibrium."""

from collections.abc import Callable

import numpy as np

Intervals = Callable[[np.random.Generator, int], np.ndarray]


def train(rng: np.random.Generator, first: float, draw: Intervals, mean: float, start: float, stop: float):
    """Return the times of spikes in [start, stop]: the first after ``first``, then intervals from ``draw``.

    ``draw(rng, n)`` returns n intervals of the given ``mean``; all in the same unit.
    """
    spikes, last = [np.array([start + first])], start + first
    while last <= stop:
        expected = (stop - last) / mean
        spikes.append(last + np.cumsum(draw(rng, int(expected + 4 * np.sqrt(expected)) + 16)))
        last = spikes[-1][-1]
    times = np.concatenate(spikes)
    return times[times <= stop]
