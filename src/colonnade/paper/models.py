"""What a reader wants to know of models, from their files of parameters: channels of cells, numbers of synapses."""

from collections.abc import Iterable, Mapping

from colonnade.paper.words import shown

_SECTIONS = {"soma": "soma", "dend": "basal", "apic": "apical", "axon": "axon"}
_REVERSALS = ("erev", "e")
_NO_PARAMETERS = ("level_of_detail", "sign")


def cell_words(parameters: Mapping) -> str:
    """Return what a file of a cell's parameters says: the channels and passive values of a fit, else its numbers."""
    if not isinstance(parameters.get("genome"), list):
        return ", ".join(f"{name} {shown(value)}" for name, value in _numbers(parameters))
    by_section = ((section, _channels(parameters["genome"], section)) for section in _SECTIONS)
    channels = _by_value((section, ", ".join(names)) for section, names in by_section if names)
    said = [f"channels of {where}: {names}" for names, where in channels.items()]
    passive = (parameters.get("passive") or [{}])[0]
    cm = _by_value((part["section"], f"{shown(part['cm'])} µF/cm²") for part in passive.get("cm", []))
    said += [f"capacitance of {where} {value}" for value, where in cm.items()]
    said += [f"axial resistance {shown(passive['ra'])} Ω cm"] if "ra" in passive else []
    said += [f"reversal of the leak {shown(passive['e_pas'])} mV"] if "e_pas" in passive else []
    return "; ".join(said)


def synapse_words(parameters: Mapping) -> str:
    """Return the numbers of a synapse, with the units of its times and of its reversal potential."""
    said = []
    for name, value in _numbers(parameters):
        unit = " mV" if name in _REVERSALS else " ms" if name.startswith("tau") else ""
        said.append(f"{name} {shown(value)}{unit}")
    return ", ".join(said)


def _numbers(parameters: Mapping) -> Iterable[tuple[str, float]]:
    for name, value in parameters.items():
        if isinstance(value, int | float) and not isinstance(value, bool) and name not in _NO_PARAMETERS:
            yield name, value


def _channels(genome: list[Mapping], section: str) -> list[str]:
    return sorted({entry["mechanism"] for entry in genome if entry["section"] == section and entry.get("mechanism")})


def _by_value(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the sections, 'soma, basal', by what is the same in them."""
    found: dict[str, list[str]] = {}
    for section, value in pairs:
        found.setdefault(value, []).append(_SECTIONS.get(section, section))
    return {value: ", ".join(sections) for value, sections in found.items()}
