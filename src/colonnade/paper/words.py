"""How a paper calls what stands in a config: numbers with their units, cells, synapses, inputs, sweeps."""

import re
from collections.abc import Iterator, Mapping, Sequence

from colonnade.stimuli.kind import PLACE, StimulusKind
from colonnade.stimuli.registry import stimulus_kind

MODELS = {
    "biophysical": "biophysically detailed, several compartments",
    "point_neuron": "point neuron",
    "virtual": "spike source",
}
INPUTS = {
    "poisson": "Poisson spike trains", "gamma": "gamma spike trains", "regular": "regular spike trains",
    "bursts": "bursts of spikes", "correlated": "correlated Poisson spike trains", "spikes": "given spike trains",
    "replay": "spike trains of an earlier run", "current_clamp": "constant current", "sine": "sinusoidal current",
    "chirp": "current of changing frequency", "ramp": "ramp of current", "pulse_train": "current pulses",
    "noise": "Ornstein-Uhlenbeck current", "noise_conductance": "Ornstein-Uhlenbeck conductance",
    "array": "given current", "voltage_clamp": "voltage clamp", "extracellular": "extracellular potential",
    "spontaneous": "spontaneous events of synapses",
}  # fmt: skip
_UNIT = re.compile(r"(nA|uS|mV|ms|s|Hz|rad|um|MOhm|Ohm cm)(?=\W|$)")  # a description begins with it
_OF_WAVEFORM = {"field": " V/m", "positions": " mA"}
_MOST_LISTED = 8


def input_words(settings: Mapping) -> str:
    """Return what an input is, with its rate or current."""
    words = INPUTS.get(settings["type"], f"{settings['type'].replace('_', ' ')} input")
    for key, unit in (("firing_rate", "Hz"), ("amp", "nA")):
        value = settings.get(key)
        if isinstance(value, str):
            words += f" with a rate by {value}"
        elif isinstance(value, int | float):
            words += f" of {value:g} {unit}"
    return words


def parameters_of(settings: Mapping) -> str:
    """Return all settings of an input with their units."""
    kind = stimulus_kind(settings["type"])
    chosen = [key for key in ("node_ids", *PLACE, *kind.properties) if settings.get(key) is not None]
    if settings.get("waveform"):  # whose current stands for something else
        unit = next((unit for key, unit in _OF_WAVEFORM.items() if settings.get(key)), "")
        chosen = [key for key in chosen if key != "waveform" and (key != "resistivity" or "positions" in settings)]
        waveform = settings["waveform"]
        words = f"{waveform['type'].replace('_', ' ')} ({parameters_of(waveform)})".replace(" nA", unit)
        return ", ".join([words, *(_parameter(kind, key, settings[key]) for key in chosen)])
    return ", ".join(_parameter(kind, key, settings[key]) for key in chosen)


def _parameter(kind: StimulusKind, key: str, value) -> str:
    unit = _UNIT.match(kind.properties.get(key, {}).get("description", ""))
    words = f"{key.replace('_', ' ')} {shown(value)}"
    return f"{words} {unit[1].replace('u', 'µ')}" if unit and not isinstance(value, str) else words


def shown(value) -> str:
    """Return a value of a config as a paper shows it; of a long list its length and ends."""
    if isinstance(value, bool | str) or value is None:
        return str(value)
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {shown(part)}" for key, part in value.items())
    if len(value) > _MOST_LISTED:
        return f"{len(value)} values, {shown(value[0])} to {shown(value[-1])}"
    return ", ".join(f"({shown(part)})" if isinstance(part, list) else shown(part) for part in value)


def listed(words: Sequence[str]) -> str:
    """Return 'a, b and c'."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def swept(sweep: Mapping) -> Iterator[str]:
    """Yield for each value that a sweep varies its path and what it is set to."""
    values = sweep.get("values", {})
    if sweep["design"] == "points":
        paths = dict.fromkeys(path for point in sweep["points"] for path in point)
        values = {path: [point[path] for point in sweep["points"] if path in point] for path in paths}
    for path, each in values.items():
        if isinstance(each, Mapping) and each.keys() <= {"min", "max", "log_min", "log_max"}:
            low, high = each.values()
            yield f"{path} at random from {shown(low)} to {shown(high)}"
        elif isinstance(each, Mapping):
            yield f"{path} {listed(list(map(str, each)))}"
        elif len(each) > _MOST_LISTED:
            yield f"{path} at {shown(each)}"
        else:
            yield f"{path} {listed(list(map(shown, each)))}"
