"""Spike trains with equal intervals."""

import numpy as np

from colonnade.json_schema import number
from colonnade.stimuli.kind import FIRING_RATE, TIMES, StimulusKind


def trains(settings, ids, streams):
    """Return spikes a period apart, from a phase on that all trains share or that each draws, each spike jittered."""
    rate, jitter, phase = settings["firing_rate"], settings["jitter"], settings.get("phase")
    start, stop = (1000.0 * time for time in settings["times"])
    nodes, times = [np.zeros(0, np.int64)], [np.zeros(0)]
    for node_id in ids.tolist() if rate else ():
        rng, period = streams(node_id), 1000.0 / rate
        first = (rng.random() if phase is None else phase) * period
        count = max(0, int(np.floor((stop - start - first) / period + 1e-9)) + 1)
        spikes = start + first + period * np.arange(count) + jitter * rng.standard_normal(count)
        spikes = spikes[(spikes >= start) & (spikes <= stop)]
        nodes.append(np.full(len(spikes), node_id))
        times.append(spikes)
    return np.concatenate(nodes), np.concatenate(times)


KIND = StimulusKind(
    "regular",
    shows="Spike trains with equal intervals.",
    makes="spikes",
    trains=trains,
    draws=True,
    required=("firing_rate", "times"),
    properties={
        "firing_rate": FIRING_RATE,
        "times": TIMES,
        "phase": number("Place of the first spike in the period, 0 to 1. Default: each its own.", least=0, most=1),
        "jitter": number("ms, standard deviation of each spike's time.", 0.0, least=0),
    },
)
