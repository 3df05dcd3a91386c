"""Independent Poisson spike trains."""

from contextlib import nullcontext

import numpy as np

from colonnade.json_schema import number
from colonnade.spikes.poisson import PoissonSpikeGenerator
from colonnade.stimuli.kind import StimulusKind
from colonnade.user_functions import is_reference, load_function, users_code


def trains(settings, ids, streams):
    """Return the spikes; they are those of ``PoissonSpikeGenerator`` with the seed of ``settings``."""
    rate = settings["firing_rate"]
    if is_reference(rate):
        rate = load_function(rate, "firing_rate")
    generator = PoissonSpikeGenerator(population=settings["population"], seed=settings["seed"])
    with (
        users_code(f"the function {settings['firing_rate']}", rate, "firing_rate") if callable(rate) else nullcontext()
    ):
        generator.add(node_ids=ids, firing_rate=rate, times=settings["times"],
                      abs_ref=settings.get("refractory", 0.0) / 1000.0)  # fmt: skip
        found = generator.trains()[0]
    return found.node_ids.astype(np.int64), found.timestamps


KIND = StimulusKind(
    "poisson",
    shows="Independent Poisson spike trains.",
    makes="spikes",
    trains=trains,
    draws=True,
    required=("firing_rate", "times"),
    properties={
        "firing_rate": {
            "description": "Hz: a number, a list over `times`, or file.py:function of the time in s.",
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 2},
                {"type": "string", "pattern": "^.+\\.py:[A-Za-z_][A-Za-z0-9_]*$"},
            ],
        },
        "times": {
            "type": "array",
            "items": {"type": "number", "minimum": 0},
            "minItems": 2,
            "description": "s: start and stop, or the times of the rates.",
        },
        "refractory": number("ms without a spike after each one, at a constant rate, which stays the mean. "
                             "Default: 0.", least=0),
    },
)  # fmt: skip
