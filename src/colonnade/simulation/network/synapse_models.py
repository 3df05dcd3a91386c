"""Synapse models: what a model_template and its dynamics_params say, as a NEURON point process and its parameters."""

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from colonnade.errors import InputError
from colonnade.json_file import read_json

# Names in the JSON files of the Allen Institute's models -> names in NEURON's mechanisms.
RENAMED = {"erev": "e"}
TEMPLATES = {
    "exp2syn": ("Exp2Syn", {"erev": "e", "tau1": "tau1", "tau2": "tau2"}, {}),
    "expsyn": ("ExpSyn", {"erev": "e", "tau1": "tau"}, {}),
    "exp1syn": ("exp1syn", {"erev": "e", "tau_1": "tau"}, {}),
    "exp1isyn": ("exp1isyn", {"erev": "e", "tau_1": "tau"}, {}),
    "stp1syn": ("stp1syn", {"erev": "e"}, {"p0": 0.5, "tau_r": 200.0, "tau_1": 5.0}),
    "stp3syn": (
        "stp3syn",
        {"erev": "e"},
        {"p0": 0.6, "tau_r0": 200.0, "tau_FDR": 2000.0, "tau_D": 500.0, "tau_1": 5.0},
    ),
    "stp4syn": ("stp4syn", {"erev": "e"}, {"p0": 0.6, "tau_r": 200.0, "tau_1": 5.0}),
}
_registered: dict[str, Callable] = {}
LARGEST_REVERSAL = 500.0  # mV
NOT_PARAMETERS = frozenset(("level_of_detail", "sign", "name", "comment"))


@dataclass(frozen=True)
class SynapseModel:
    """A point process by the name NEURON has for it, and its parameters as sorted (name, value) pairs."""

    mechanism: str
    parameters: tuple[tuple[str, float], ...]


def register(name: str, make: Callable[[Mapping], SynapseModel], overwrite: bool = True) -> None:
    """Let ``make(dynamics)`` give the synapse of the model_template ``name``; see ``own_synapses``."""
    if overwrite or name not in _registered:
        _registered[name] = make


def synapse_model(template: str | None, dynamics: dict, file) -> SynapseModel:
    """Return the point process of an edge type.

    ``template`` is the model_template: ``exp2syn``, ``expsyn``, one of BMTK's others, or the name of a mechanism whose
    parameters ``dynamics`` names (``erev`` stands for ``e``). No template stands for Exp2Syn if the parameters are its
    own. ``file`` is where ``dynamics`` came from, for errors.
    """
    if template in _registered:
        return _registered[template](dynamics)
    if template is None:
        template = "exp2syn" if {"tau1", "tau2"} <= set(dynamics) else "expsyn" if "tau1" in dynamics else None
    if template is None:
        raise InputError("the edges have no model_template", file=file, options=TEMPLATES,
                         expected="one of these or the name of a mechanism, such as NMDA, GABA_B, STDP")  # fmt: skip
    template = template.removeprefix("nrn:")
    for name in ("erev", "e"):
        if isinstance(dynamics.get(name), (int, float)) and not abs(dynamics[name]) <= LARGEST_REVERSAL:
            raise InputError("no reversal potential of a synapse", file=file, key=name, value=dynamics[name],
                             expected=f"at most {LARGEST_REVERSAL:g} mV, of either sign")  # fmt: skip
    for name, value in dynamics.items():
        if name in NOT_PARAMETERS:
            continue
        if isinstance(value, bool | int | float) and not _is_finite(value):
            raise InputError("is not a finite number", file=file, key=name, value=value)
        if isinstance(value, str) and _is_finite(number_in(value)):
            raise InputError("is a text", file=file, key=name, value=value, expected="the number without quotes")
    for name, other in RENAMED.items():
        if name in dynamics and other in dynamics:
            raise InputError(f"stands for {other}, which is given, too", file=file, key=name, value=dynamics[name],
                             expected=f"one of {name} and {other}")  # fmt: skip
    known = TEMPLATES.get(template) or TEMPLATES.get(template.lower())
    if known is None:
        numbers = {
            RENAMED.get(name, name): value
            for name, value in dynamics.items()
            if name not in NOT_PARAMETERS and isinstance(value, (int, float))
        }
        return SynapseModel(template, tuple(sorted((name, float(value)) for name, value in numbers.items())))
    mechanism, names, fixed = known
    for name in names:
        if not isinstance(dynamics.get(name), (int, float)):
            raise InputError(
                f"a synapse of {mechanism} needs this parameter", file=file, key=name, value=dynamics.get(name)
            )
    parameters = {**fixed, **{target: float(dynamics[name]) for name, target in names.items()}}
    if mechanism == "Exp2Syn" and not 0 < parameters["tau1"] <= parameters["tau2"]:
        raise InputError(
            "Exp2Syn needs a rise that is not slower than the decay (NEURON would change it without a word)",
            file=file,
            key="tau1, tau2",
            value=(parameters["tau1"], parameters["tau2"]),
            expected="0 < tau1 <= tau2 in ms",
        )
    return SynapseModel(mechanism, tuple(sorted(parameters.items())))


def unused_parameters(template: str | None, dynamics: dict) -> dict[str, list[str]]:
    """Return the numbers in ``dynamics`` that a synapse of ``synapse_model`` does not take, each with those it does.

    Synapses named by their mechanism are left out: they refuse what they do not know.
    """
    template = (template or "exp2syn").removeprefix("nrn:")
    _, names, _ = TEMPLATES.get(template) or TEMPLATES.get(template.lower()) or (None, None, None)
    if names is None:
        return {}
    numbers = [name for name, value in dynamics.items() if isinstance(value, int | float)]
    return {name: [*names] for name in numbers if name not in names and name not in NOT_PARAMETERS}


def number_in(text: str) -> float:
    """Return the number that a text stands for, NaN where it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _is_finite(value) -> bool:
    try:
        return not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # a whole number of 400 digits
        return False


@functools.cache
def dynamics_of(file: Path) -> dict:
    """Return the parameters in a synapse's JSON file."""
    return read_json(file, "synapse model")
