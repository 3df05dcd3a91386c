"""Spike trains of bursts."""

import numpy as np

from colonnade.json_schema import integer, number
from colonnade.stimuli.kind import TIMES, StimulusKind
from colonnade.stimuli.renewal import train


def trains(settings, ids, streams):
    """Return bursts that begin as a Poisson process does, each of as many spikes at one interval, none overlapping.

    The next burst can begin after the last spike's interval; ``burst_rate`` stays the mean rate.
    """
    count, interval, rate = settings["spikes"], settings["interval"], settings["burst_rate"]
    start, stop = (1000.0 * time for time in settings["times"])
    nodes, times = [np.zeros(0, np.int64)], [np.zeros(0)]
    for node_id in ids.tolist() if rate else ():
        rng, mean, dead = streams(node_id), 1000.0 / rate, count * interval
        first = rng.random() * dead if rng.random() < dead / mean else rng.exponential(mean - dead)
        draw = lambda rng, n, mean=mean, dead=dead: dead + rng.exponential(mean - dead, n)  # noqa: E731
        begun = train(rng, first, draw, mean, start, stop)
        spikes = (begun[:, None] + interval * np.arange(count)).ravel()
        spikes = spikes[spikes <= stop]
        nodes.append(np.full(len(spikes), node_id))
        times.append(spikes)
    return np.concatenate(nodes), np.concatenate(times)


KIND = StimulusKind(
    "bursts",
    shows="Independent spike trains of bursts.",
    makes="spikes",
    trains=trains,
    draws=True,
    required=("burst_rate", "times"),
    properties={
        "burst_rate": number("Hz, of the bursts of each cell.", least=0),
        "spikes": integer("Spikes of a burst.", 4, least=1),
        "interval": number("ms, between the spikes of a burst.", 5.0, above=0),
        "times": TIMES,
    },
    check=lambda s: (
        None
        if s["burst_rate"] * s["spikes"] * s["interval"] < 1000
        else "the bursts are longer than the time between them"
    ),
)
