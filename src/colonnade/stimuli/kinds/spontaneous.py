"""Synapses that act by themselves, without a spike."""

from colonnade.json_schema import number, numbers
from colonnade.stimuli.kind import StimulusKind

KIND = StimulusKind(
    "spontaneous",
    shows="Events of synapses without a spike of their source: at a rate, each synapse at times of its own, beside its "
    "spikes; or at given times all at once, in place of their spikes.",
    makes="events",
    draws=True,
    module="syn_activity",
    renamed={"source": "precell_filter", "target": "postcell_filter"},
    properties={
        "source": {"type": "object", "description": "Cells whose synapses act, by their properties.", "default": {}},
        "target": {"type": "object", "description": "Cells on which they act, by their properties.", "default": {}},
        "rate": number("Hz, of each synapse.", above=0),
        "timestamps": numbers("ms, at which all of them act.", least=0),
    },
    check=lambda s: None if ("rate" in s) != ("timestamps" in s) else "there is either a rate or timestamps",
)
