"""Poisson spike trains that are correlated: each takes spikes from one train behind them all."""

import numpy as np

from colonnade.json_schema import number
from colonnade.stimuli.kind import FIRING_RATE, TIMES, StimulusKind


def trains(settings, ids, streams):
    """Return Poisson trains, any two of which have the given correlation coefficient of their spike counts.

    A train of the rate firing_rate / correlation is behind them; each takes a spike of it with the probability
    ``correlation`` (multiple interaction process; Kuhn, Aertsen & Rotter 2003, doi:10.1162/089976603321043702). Jitter
    moves each spike taken, which spreads the correlation over time.
    """
    rate, share, jitter = settings["firing_rate"], settings["correlation"], settings["jitter"]
    start, stop = (1000.0 * time for time in settings["times"])
    nodes, times = [np.zeros(0, np.int64)], [np.zeros(0)]
    behind = streams("all")
    common = np.sort(behind.uniform(start, stop, behind.poisson(rate / share * (stop - start) / 1000.0)))
    for node_id in ids.tolist():
        rng = streams(node_id)
        spikes = common[rng.random(len(common)) < share]
        spikes = spikes + jitter * rng.standard_normal(len(spikes))
        spikes = spikes[(spikes >= start) & (spikes <= stop)]
        nodes.append(np.full(len(spikes), node_id))
        times.append(spikes)
    return np.concatenate(nodes), np.concatenate(times)


KIND = StimulusKind(
    "correlated",
    shows="Poisson spike trains that are correlated with each other.",
    makes="spikes",
    trains=trains,
    draws=True,
    required=("firing_rate", "correlation", "times"),
    properties={
        "firing_rate": FIRING_RATE,
        "correlation": number("Correlation coefficient of the spike counts of any two cells.", above=0, most=1),
        "times": TIMES,
        "jitter": number("ms, standard deviation of each spike's time.", 0.0, least=0),
    },
)
