"""A potential outside the cells: of point electrodes, of a uniform field, or of a field from a file."""

from colonnade.json_schema import number, text
from colonnade.stimuli.kind import StimulusKind

PLACE = {"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3}


def one_source(settings) -> str | None:
    """Return what is wrong where there is not exactly one source of the potential."""
    given = [key for key in ("positions", "field", "file") if key in settings]
    return None if len(given) == 1 else "there is to be one of positions, field and file"


KIND = StimulusKind(
    "extracellular",
    shows="A potential outside the cells, whose course in time is that of any current of this library (engine neuron).",
    makes="field",
    module="xstim",
    required=("waveform",),
    properties={
        "waveform": {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"type": "string", "description": "Kind of current: sine, pulse_train, ramp, ..."}},
            "description": "The course in time: a kind of current with its settings; its nA stand for mA of the "
            "electrodes, V/m of a field, or the factor of a file's potential.",
        },
        "positions": {
            "type": "array",
            "items": PLACE,
            "minItems": 1,
            "description": "um, of point electrodes, which share the current; an endless medium lies around them.",
        },
        "field": {**PLACE, "description": "Direction and size of a uniform field, for a waveform of 1 V/m."},
        "file": text("Potentials (mV) at places (um): columns x y z and the potential, as COMSOL exports them."),
        "resistivity": number("Ohm cm, of the medium.", 300.0, above=0),
    },
    check=one_source,
)
