"""A current that alternates."""

import numpy as np

from colonnade.json_schema import number
from colonnade.stimuli.kind import DELAY, DURATION, StimulusKind


def waveform(settings, times, rng):
    """Return offset + amp sin(2 pi frequency t + phase) in nA."""
    angle = 2e-3 * np.pi * settings["frequency"] * times + settings["phase"]
    return settings["offset"] + settings["amp"] * np.sin(angle)


KIND = StimulusKind(
    "sine",
    shows="A current that alternates: offset + amp sin(2 pi frequency t + phase), t from the delay on.",
    makes="current",
    waveform=waveform,
    module="sinusoidal",
    renamed={"amp": "amp_start"},
    required=("amp", "frequency"),
    properties={
        "amp": number("nA"),
        "frequency": number("Hz", above=0),
        "phase": number("rad", 0.0),
        "offset": number("nA", 0.0),
        "delay": DELAY,
        "duration": DURATION,
    },
)
