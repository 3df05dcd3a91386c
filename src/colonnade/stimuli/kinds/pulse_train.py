"""Pulses of current at a constant rate."""

import numpy as np

from colonnade.json_schema import number
from colonnade.stimuli.kind import DELAY, DURATION, StimulusKind


def waveform(settings, times, rng):
    """Return ``amp`` (nA) for ``width`` (ms) from the start of each period, 0 between the pulses."""
    period = 1000.0 / settings["frequency"]
    return np.where(times % period < settings["width"], settings["amp"], 0.0)


KIND = StimulusKind(
    "pulse_train",
    shows="Rectangular pulses of current at a constant rate, the first at the delay.",
    makes="current",
    waveform=waveform,
    module="pulse",
    renamed={"amp": "amp_start"},
    required=("amp", "width", "frequency"),
    properties={
        "amp": number("nA, of each pulse."),
        "width": number("ms, of each pulse.", above=0),
        "frequency": number("Hz, of the pulses.", above=0),
        "delay": DELAY,
        "duration": DURATION,
    },
    check=lambda s: None if s["width"] < 1000.0 / s["frequency"] else "the pulses are longer than their period",
)
