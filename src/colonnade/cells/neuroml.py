"""NeuroML2 cell files, as the Allen Cell Types Database exports them: their biophysical properties."""

import os
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

from colonnade.cells.fits import SECTION_TYPES, Assign, Insert, Steps
from colonnade.errors import InputError, MissingFile, UnsupportedError

# Factors to NEURON's units: S/cm2, uF/cm2, ohm cm, mV, ms, um, mM.
_FACTORS = {
    "S_per_cm2": 1, "mS_per_cm2": 1e-3, "S_per_m2": 1e-4,
    "uF_per_cm2": 1, "F_per_m2": 100,
    "ohm_cm": 1, "kohm_cm": 1e3, "ohm_m": 100,
    "mV": 1, "V": 1e3,
    "ms": 1, "s": 1e3,
    "um": 1, "cm": 1e4, "m": 1e6,
    "mM": 1, "M": 1e3, "mol_per_m3": 1, "mol_per_cm3": 1e6,
    "": 1,
}  # fmt: skip
_GROUPS = {
    "soma": "soma", "somatic": "soma", "soma_group": "soma",
    "axon": "axon", "axonal": "axon", "axon_group": "axon",
    "dend": "dend", "basal": "dend", "dendritic": "dend", "dendrite_group": "dend", "basal_group": "dend",
    "apic": "apic", "apical": "apic", "apical_dendrite_group": "apic",
}  # fmt: skip
# What a simulation config decides (the threshold, the initial potential) or a mechanism does (the species).
_SET_ELSEWHERE = {"spikeThresh", "initMembPotential", "species"}
_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-z]\w*)?\s*")


def neuroml_steps(path: str | os.PathLike, types: Sequence[str]) -> dict[str, Steps]:
    """Return the biophysics in the NeuroML2 cell file ``path`` for sections of these ``types``.

    Read are channelDensity, channelDensityNernst, specificCapacitance, resistivity and concentrationModel; the id of
    a channel density is the name of its conductance in NEURON, as in the Allen files. A reversal potential is used
    for passive, sodium and potassium channels; other channels hold their own. The file's morphology, spike threshold,
    initial potential and initial concentrations are not used. Anything else that belongs to the membrane or the
    inside raises ``UnsupportedError``.
    """
    path = Path(path)
    steps: dict[str, Steps] = {kind: [] for kind in types}
    for element in _elements(path):
        tag = _local(element.tag)
        for kind in _sections(element, path):
            if kind in steps:
                steps[kind] += _READERS[tag](element, path)
    return steps


def _elements(path: Path) -> list[ElementTree.Element]:
    """Return the elements of the file which describe biophysics, in the order of the file."""
    if not path.is_file():
        raise MissingFile("no such NeuroML file", file=path)
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise InputError(f"is not XML: {error}", file=path) from None
    for parent in root.iter():
        if _local(parent.tag) not in ("membraneProperties", "intracellularProperties"):
            continue
        for child in parent:
            if isinstance(child.tag, str) and _local(child.tag) not in _READERS.keys() | _SET_ELSEWHERE:
                name, identity = _local(child.tag), child.get("id")
                raise UnsupportedError(f"{name} is not supported", file=path, key=identity, options=_READERS)
    return [element for element in root.iter() if isinstance(element.tag, str) and _local(element.tag) in _READERS]


def _channel(element: ElementTree.Element, path: Path) -> Steps:
    """Return the steps for one channelDensity."""
    mechanism = _attribute(element, "ionChannel", path)
    density = _quantity(element, "condDensity", path)
    if mechanism == "pas":
        return [Insert("pas"), Assign("g_pas", density), Assign("e_pas", _quantity(element, "erev", path))]
    steps: Steps = [Insert(mechanism), Assign(_attribute(element, "id", path), density)]
    reversal = {"na": "ena", "k": "ek"}.get(_attribute(element, "ion", path))
    return [*steps, Assign(reversal, _quantity(element, "erev", path))] if reversal else steps


def _capacitance(element: ElementTree.Element, path: Path) -> Steps:
    return [Assign("cm", _quantity(element, "value", path))]


def _resistivity(element: ElementTree.Element, path: Path) -> Steps:
    return [Assign("Ra", _quantity(element, "value", path))]


def _concentration(element: ElementTree.Element, path: Path) -> Steps:
    """Return the steps for one concentrationModel, whose attributes are parameters of the mechanism ``type``."""
    suffix = _attribute(element, "type", path)
    names = ("gamma", "decay", *(name for name in ("depth", "minCai") if name in element.attrib))
    values = [Assign(f"{name}_{suffix}", _quantity(element, name, path)) for name in names]
    return [Insert(_attribute(element, "id", path)), *values]


_READERS = {
    "channelDensity": _channel,
    "channelDensityNernst": _channel,
    "specificCapacitance": _capacitance,
    "resistivity": _resistivity,
    "concentrationModel": _concentration,
}


def _sections(element: ElementTree.Element, path: Path) -> tuple[str, ...]:
    """Return the section types that the segment group of ``element`` stands for."""
    group = _attribute(element, "segmentGroup", path).lower()
    if group == "all":
        return SECTION_TYPES
    if group not in _GROUPS:
        raise InputError("no such segment group", file=path, key=element.get("id"), value=group, options=_GROUPS)
    return (_GROUPS[group],)


def _attribute(element: ElementTree.Element, name: str, path: Path) -> str:
    """Return an attribute of ``element``, or say where it is missing."""
    if name not in element.attrib:
        key = f"{_local(element.tag)} {element.get('id', '')}".strip()
        raise InputError(f"the attribute {name!r} is missing", file=path, key=key)
    return element.attrib[name]


def _quantity(element: ElementTree.Element, name: str, path: Path) -> float:
    """Return an attribute such as ``138.28 ohm_cm`` as a number in NEURON's unit."""
    text = _attribute(element, name, path)
    match = _QUANTITY.fullmatch(text)
    key = f"{element.get('id', _local(element.tag))}.{name}"
    if match is None:
        raise InputError("is not a number with a unit", file=path, key=key, value=text)
    if (match[2] or "") not in _FACTORS:
        raise InputError("has an unknown unit", file=path, key=key, value=match[2], options=filter(None, _FACTORS))
    return float(match[1]) * _FACTORS[match[2] or ""]


def _local(tag: str) -> str:
    """Return the name of an XML element without its namespace."""
    return tag.rpartition("}")[2]
