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


def one_to_one(source, target, synapses=1):
    """Connect each source with the target of the same node id."""
    return synapses if source["node_id"] == target["node_id"] else 0


def return_map(result, axes, population):
    """Draw each interspike interval against the one before it: a panel of one's own."""
    intervals = [np.diff(train) for train in result.activity(population).trains()]
    pairs = [(each[:-1], each[1:]) for each in intervals if len(each) > 1]
    if pairs:
        axes.loglog(*np.concatenate(pairs, axis=1), ".", markersize=2, markeredgewidth=0, alpha=0.5)
    axes.set(xlabel="interval (ms)", ylabel="next interval (ms)")
