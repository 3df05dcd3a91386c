"""A current that fluctuates, each place with numbers of its own: an Ornstein-Uhlenbeck process."""

import numpy as np

from colonnade.json_schema import number
from colonnade.stimuli.kind import DELAY, DURATION, StimulusKind


def waveform(settings, times, rng):
    """Return the process at ``times``, from its stationary distribution on.

    The step from one time to the next is exact: x - mean decays with ``tau`` (ms), and gains a normal number of
    variance sigma^2 (1 - exp(-2 dt/tau)) (Gillespie 1996, doi:10.1103/PhysRevE.54.2084).
    """
    from scipy.signal import lfilter

    if not len(times):
        return np.zeros(0)
    step = times[1] - times[0] if len(times) > 1 else 0.0
    kept = np.exp(-step / settings["tau"])
    drawn = rng.standard_normal(len(times))
    drawn[1:] *= np.sqrt(1 - kept**2)
    return settings["mean"] + settings["sigma"] * lfilter([1.0], [1.0, -kept], drawn)


KIND = StimulusKind(
    "noise",
    shows="A current that fluctuates, different at each place: an Ornstein-Uhlenbeck process.",
    makes="current",
    waveform=waveform,
    draws=True,
    module="ornstein_uhlenbeck",
    required=("sigma", "tau"),
    properties={
        "mean": number("nA", 0.0),
        "sigma": number("nA, standard deviation.", least=0),
        "tau": number("ms, time constant of the correlation.", above=0),
        "delay": DELAY,
        "duration": DURATION,
    },
)
