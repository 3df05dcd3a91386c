"""A current that changes linearly."""

from colonnade.json_schema import number
from colonnade.stimuli.kind import DELAY, StimulusKind


def waveform(settings, times, rng):
    """Return the current (nA) on the line from ``amp_start`` to ``amp_end``."""
    first, last = settings["amp_start"], settings.get("amp_end", settings["amp_start"])
    return first + (last - first) * times / settings["duration"]


KIND = StimulusKind(
    "ramp",
    shows="A current that changes linearly.",
    makes="current",
    waveform=waveform,
    module="linear",
    required=("amp_start", "amp_end", "duration"),
    properties={
        "amp_start": number("nA, at the delay."),
        "amp_end": number("nA, at the end of the duration."),
        "delay": DELAY,
        "duration": number("ms", above=0),
    },
)
