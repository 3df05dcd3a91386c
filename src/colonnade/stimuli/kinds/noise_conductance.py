"""A conductance that fluctuates, each place with numbers of its own: background of many synapses as one."""

import numpy as np

from colonnade.json_schema import number
from colonnade.stimuli.kind import DELAY, DURATION, StimulusKind
from colonnade.stimuli.kinds import noise


def waveform(settings, times, rng):
    """Return the process of ``noise`` in uS; where it would be negative there is no conductance."""
    return np.maximum(noise.waveform(settings, times, rng), 0.0)


KIND = StimulusKind(
    "noise_conductance",
    shows="A conductance that fluctuates, different at each place: an Ornstein-Uhlenbeck process, as background of "
    "many synapses (Destexhe et al. 2001, doi:10.1016/S0306-4522(01)00344-X).",
    makes="conductance",
    waveform=waveform,
    draws=True,
    module="ornstein_uhlenbeck",
    renamed={"e": "reversal"},
    required=("mean", "sigma", "tau", "e"),
    properties={
        "mean": number("uS", least=0),
        "sigma": number("uS, standard deviation.", least=0),
        "tau": number("ms, time constant of the correlation.", above=0),
        "e": number("mV, reversal potential."),
        "delay": DELAY,
        "duration": DURATION,
    },
)
