"""Fits of the Allen Cell Types Database: what is inserted into each type of section and which parameters it gets.

No NEURON here: the values are checked, the names of mechanisms and parameters not.
"""

import math
import os
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from colonnade.cells.gradients import Gradient, gradient
from colonnade.errors import InputError

SECTION_TYPES = ("soma", "dend", "apic", "axon")
RANGES = (  # parameters by their names: what a cell can have, with its unit
    (re.compile(r"cm$"), 1e-3, 1e3, "uF/cm2"),
    (re.compile(r"Ra$"), 1e-3, 1e6, "ohm cm"),
    (re.compile(r"g\w*bar_|g_|gbar"), 0.0, 1e3, "S/cm2"),
    (re.compile(r"e(na|k|ca|_pas|h)$"), -500.0, 500.0, "mV"),
)
PASSED_OVER = "glob"  # a section of old fit files, whose entries BMTK passes over, too


@dataclass(frozen=True)
class Insert:
    """Insert the density mechanism ``name`` into a section."""

    name: str


@dataclass(frozen=True)
class Assign:
    """Give ``name`` (``Ra``, ``cm``, ``g_pas``, ``ena``) one value along a whole section, in NEURON's unit.

    A ``Gradient`` gives each segment its own. With ``where`` (``k_ion``) only in sections that have this mechanism.
    """

    name: str
    value: float | Gradient
    where: str | None = None


Steps = list[Insert | Assign]


def perisomatic(fit: Mapping, types: Sequence[str], file: str | os.PathLike | None = None) -> dict[str, Steps]:
    """Return the steps of a perisomatic fit of the Allen Cell Types Database for sections of these ``types``.

    Gouwens et al. 2018, doi:10.1038/s41467-017-02718-3. ``passive`` gives Ra (ohm cm), e_pas (mV) and cm (uF/cm2) by
    section, ``genome`` the channels, ``conditions`` the reversal potentials; its celsius and v_init do not count.
    """
    passive = _first(fit, "passive", file)
    _required(passive, "cm", "passive[0]", file)
    capacitance = _capacitance(passive, file)
    steps = {}
    for kind in dict.fromkeys(types):
        if kind not in capacitance:
            message = f"gives no cm for the section {kind!r}, which the morphology has"
            raise InputError(message, file=file, key="passive[0].cm", expected="a cm in uF/cm2 for each section")
        steps[kind] = [
            _parameter("Ra", _required(passive, "ra", "passive[0]", file), file, "passive[0].ra"),
            _parameter("cm", capacitance[kind], file, f"passive[0].cm of {kind}"),
            Insert("pas"),
            _parameter("e_pas", _required(passive, "e_pas", "passive[0]", file), file, "passive[0].e_pas"),
        ]
    _add_genome(steps, fit, file)
    for entry in _reversal_potentials(fit, file):
        for ion in ("ena", "ek"):
            if entry["section"] in steps:
                steps[entry["section"]].append(_parameter(ion, entry[ion], file, f"conditions[0].erev.{ion}"))
    return steps


def allactive(fit: Mapping, types: Sequence[str], file: str | os.PathLike | None = None) -> dict[str, Steps]:
    """Return the steps of an all-active fit of the Allen Cell Types Database for sections of these ``types``.

    As ``perisomatic``, but e_pas, Ra and cm may come in ``genome`` instead of ``passive``, and a reversal potential
    is set only where a channel of the section carries the ion.
    """
    passive = _first(fit, "passive", file)
    capacitance = _capacitance(passive, file)
    steps: dict[str, Steps] = {kind: [Insert("pas")] for kind in dict.fromkeys(types)}
    for kind, of_section in steps.items():
        for key, name in (("e_pas", "e_pas"), ("ra", "Ra")):
            if key in passive:
                of_section.append(_parameter(name, passive[key], file, f"passive[0].{key}"))
        if kind in capacitance:
            of_section.append(_parameter("cm", capacitance[kind], file, f"passive[0].cm of {kind}"))
    _add_genome(steps, fit, file)
    for entry in _reversal_potentials(fit, file):
        for ion, mechanism in (("ek", "k_ion"), ("ena", "na_ion")):
            kind = entry["section"]
            if kind in steps:
                steps[kind].append(_parameter(ion, entry[ion], file, f"conditions[0].erev.{ion}", mechanism))
    return steps


FITS = {"aibs_perisomatic": perisomatic, "aibs_allactive": allactive}


def _add_genome(steps: dict[str, Steps], fit: Mapping, file) -> None:
    """Append the channels and parameters in ``genome`` to the steps of their sections."""
    seen: dict[tuple[str, str], str] = {}
    _required(fit, "genome", None, file)
    for index, entry in enumerate(_list(fit, "genome", "genome", file)):
        key = f"genome[{index}]"
        kind, name = (_required(entry, word, key, file) for word in ("section", "name"))
        if not isinstance(name, str):
            raise InputError("is no name of a parameter", file=file, key=f"{key}.name", value=name)
        if kind == PASSED_OVER:
            warnings.warn(f"{file}: {key}: {name} of the section 'glob' has no effect, as in BMTK", stacklevel=2)
            continue
        if not isinstance(kind, str) or kind not in SECTION_TYPES:
            raise InputError("no such section", file=file, key=f"{key}.section", value=kind, options=SECTION_TYPES)
        if kind not in steps:
            continue
        if not isinstance(entry.get("mechanism", ""), str | None):
            raise InputError("is no name of a mechanism", file=file, key=f"{key}.mechanism", value=entry["mechanism"])
        if entry.get("mechanism"):
            steps[kind].append(Insert(entry["mechanism"]))
        if (kind, name) in seen:
            raise InputError(f"{name} of {kind} stands in {seen[kind, name]}, too", file=file, key=key, value=name)
        seen[kind, name] = key
        value = _required(entry, "value", key, file)
        if isinstance(value, Mapping):
            if name == "Ra":
                raise InputError("Ra is one value for a whole section", file=file, key=f"{key}.value", value=value)
            steps[kind].append(Assign(name, gradient(name, value, _bounds(name), _number, file, f"{key}.value")))
        else:
            steps[kind].append(_parameter(name, value, file, f"{key}.value"))


def _capacitance(passive: Mapping, file) -> dict[str, float]:
    """Return cm (uF/cm2) by section."""
    found = {}
    for index, entry in enumerate(_list(passive, "cm", "passive[0].cm", file)):
        kind, value = (_required(entry, word, f"passive[0].cm[{index}]", file) for word in ("section", "cm"))
        if not isinstance(kind, str):
            raise InputError("no such section", file=file, key=f"passive[0].cm[{index}].section", value=kind,
                             options=SECTION_TYPES)  # fmt: skip
        found[kind] = value
    return found


def _reversal_potentials(fit: Mapping, file) -> list[Mapping]:
    """Return the entries of conditions[0].erev, each with the keys section, ena and ek."""
    entries = _list(_first(fit, "conditions", file), "erev", "conditions[0].erev", file)
    for index, entry in enumerate(entries):
        for word in ("section", "ena", "ek"):
            _required(entry, word, f"conditions[0].erev[{index}]", file)
        if not isinstance(entry["section"], str):
            raise InputError("no such section", file=file, key=f"conditions[0].erev[{index}].section",
                             value=entry["section"], options=SECTION_TYPES)  # fmt: skip
    return entries


def _first(fit: Mapping, key: str, file) -> Mapping:
    """Return the first entry of the list ``fit[key]``."""
    entries = _required(fit, key, None, file)
    if not isinstance(entries, list) or not entries or not isinstance(entries[0], dict):
        raise InputError("has to be a list with one object", file=file, key=key, value=entries)
    return entries[0]


def _list(entry: Mapping, word: str, key: str, file) -> list:
    """Return the list ``entry[word]``, an empty one where it is missing."""
    found = entry.get(word, [])
    if not isinstance(found, list):
        raise InputError("has to be a list", file=file, key=key, value=found)
    return found


def _required(entry: Mapping, word: str, key: str | None, file):
    """Return ``entry[word]``, or name the place where it is missing."""
    if not isinstance(entry, Mapping):
        raise InputError("has to be an object", file=file, key=key, value=entry)
    if word not in entry:
        raise InputError(f"{word!r} is missing", file=file, key=key)
    return entry[word]


def _parameter(name: str, value, file, key: str, where: str | None = None) -> Assign:
    """Return the assignment of a fit's value; ``InputError`` where no cell can have it."""
    number = _number(value, file, key)
    lowest, highest, unit = _bounds(name)
    if not lowest <= number <= highest:
        raise InputError(f"no cell has such a {name}", file=file, key=key, value=number,
                         expected=f"{lowest:g} to {highest:g} {unit}")  # fmt: skip
    return Assign(name, number, where)


def _bounds(name: str) -> tuple[float, float, str]:
    """Return the lowest and the highest value that a parameter can have, and its unit."""
    found = (tuple(bounds) for names, *bounds in RANGES if names.match(name))
    return next(found, (-math.inf, math.inf, ""))


def _number(value, file, key: str) -> float:
    """Return ``value`` as a finite float."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise InputError("is not a finite number", file=file, key=key, value=value)
    return number
