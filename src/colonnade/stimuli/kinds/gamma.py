"""Spike trains more regular than Poisson's: intervals of a gamma distribution, after a dead time."""

import numpy as np

from colonnade.json_schema import number
from colonnade.stimuli.kind import FIRING_RATE, TIMES, StimulusKind
from colonnade.stimuli.renewal import train


def trains(settings, ids, streams):
    """Return the spikes of a renewal process in equilibrium: its rate is the same from the start on.

    An interval is the dead time and a gamma number. The one that the start falls into is longer in proportion to its
    length, and the start lies anywhere in it (Cox 1962, Renewal Theory, section 5.2).
    """
    rate, dead, shape = settings["firing_rate"], settings["refractory"], settings["shape"]
    start, stop = (1000.0 * time for time in settings["times"])
    found = []
    for node_id in ids.tolist() if rate else ():
        rng = streams(node_id)
        mean = 1000.0 / rate
        scale = (mean - dead) / shape
        longer = shape + (rng.random() >= dead / mean)
        first = rng.random() * (dead + rng.gamma(longer, scale))
        draw = lambda rng, n, scale=scale: dead + rng.gamma(shape, scale, n)  # noqa: E731
        found.append((node_id, train(rng, first, draw, mean, start, stop)))
    spikes = [times for _, times in found]
    return np.repeat([node_id for node_id, _ in found], [len(t) for t in spikes]), np.concatenate(
        [*spikes, np.zeros(0)]
    )


KIND = StimulusKind(
    "gamma",
    shows="Independent spike trains with intervals of a gamma distribution, after a dead time.",
    makes="spikes",
    trains=trains,
    draws=True,
    required=("firing_rate", "times"),
    properties={
        "firing_rate": FIRING_RATE,
        "times": TIMES,
        "shape": number(
            "Shape of the distribution: 1 is Poisson, more is more regular (CV = 1/sqrt(shape)).", 2.0, above=0
        ),
        "refractory": number("ms without a spike after each one; the rate stays the mean rate.", 0.0, least=0),
    },
    check=lambda s: None if s["refractory"] * s["firing_rate"] < 1000 else "the dead time leaves no time for this rate",
)
