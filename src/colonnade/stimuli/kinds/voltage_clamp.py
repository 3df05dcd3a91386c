"""A voltage clamp that holds one potential after the other."""

from colonnade.json_schema import number, numbers
from colonnade.stimuli.kind import DELAY, StimulusKind

KIND = StimulusKind(
    "voltage_clamp",
    shows="An electrode that holds one potential after the other, then lets go.",
    makes="voltage",
    module="seclamp",
    renamed={"voltages": "voltage_levels", "durations": "duration_levels", "resistance": "series_resistance"},
    required=("voltages", "durations"),
    properties={
        "voltages": numbers("mV, in their order."),
        "durations": numbers("ms, of each voltage.", above=0),
        "delay": DELAY,
        "resistance": number("MOhm, in series with the cell.", 0.01, above=0),
    },
    check=lambda s: (
        None if len(s["voltages"]) == len(s["durations"]) else "there are not as many voltages as durations"
    ),
)
