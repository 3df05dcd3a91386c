"""A user's own functions: where cells stand, which are connected, and how the input's rate runs."""

import numpy as np


def ring(N, rng, radius):
    """Return the places (N, 3) in um of N cells on a circle of ``radius`` um, each moved by some um at random."""
    angle = 2 * np.pi * np.arange(N) / N
    circle = radius * np.column_stack([np.cos(angle), np.zeros(N), np.sin(angle)])
    return circle + rng.normal(0.0, 3.0, size=(N, 3))


def neighbours(source, target, reach, synapses):
    """Return the number of synapses between two cells: ``synapses`` within ``reach`` um, none to itself."""
    distance = np.linalg.norm(np.asarray(source["positions"]) - np.asarray(target["positions"]))
    return synapses if source["node_id"] != target["node_id"] and distance < reach else 0


def pulse(time):
    """Return the rate in Hz at ``time`` in s: 10 Hz, and 40 Hz from 0.4 to 0.6 s."""
    return np.where((time >= 0.4) & (time < 0.6), 40.0, 10.0)
