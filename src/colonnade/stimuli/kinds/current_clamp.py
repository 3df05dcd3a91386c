"""A constant current for some time."""

import numpy as np

from colonnade.json_schema import number
from colonnade.stimuli.kind import StimulusKind


def waveform(settings, times, rng):
    """Return ``amp`` (nA) at all times."""
    return np.full(len(times), settings["amp"], float)


KIND = StimulusKind(
    "current_clamp",
    shows="A constant current.",
    makes="current",
    waveform=waveform,
    module="iclamp",
    required=("amp", "delay", "duration"),
    properties={
        "amp": number("nA"),
        "delay": number("ms", least=0),
        "duration": number("ms", above=0),
    },
)
