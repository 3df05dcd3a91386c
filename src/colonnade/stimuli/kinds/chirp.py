"""A current that alternates ever faster, or slower."""

import numpy as np

from colonnade.json_schema import choice, number
from colonnade.stimuli.kind import DELAY, StimulusKind


def waveform(settings, times, rng):
    """Return offset + amp sin(phase(t)) in nA; the frequency goes from one value to the other in the duration."""
    first, last, whole = settings["frequency_start"], settings["frequency_end"], settings["duration"]
    if settings["course"] == "linear" or first == last:
        cycles = first * times + (last - first) * times**2 / (2 * whole)
    else:
        growth = np.log(last / first) / whole
        cycles = first * np.expm1(growth * times) / growth
    return settings["offset"] + settings["amp"] * np.sin(2e-3 * np.pi * cycles)


KIND = StimulusKind(
    "chirp",
    shows="A current that alternates with a frequency that changes, for impedance and resonance.",
    makes="current",
    waveform=waveform,
    module="chirp",
    renamed={"amp": "amp_start"},
    required=("amp", "frequency_start", "frequency_end", "duration"),
    properties={
        "amp": number("nA"),
        "frequency_start": number("Hz, at the delay.", above=0),
        "frequency_end": number("Hz, at the end of the duration.", above=0),
        "course": choice("How the frequency changes with time.", ("linear", "exponential"), "linear"),
        "offset": number("nA", 0.0),
        "delay": DELAY,
        "duration": number("ms", above=0),
    },
)
