"""Load compiled mechanisms into NEURON, and tell which ones are there."""

import json
import os
import shlex
from pathlib import Path

from colonnade.errors import InputError
from colonnade.mechanisms import toolchain
from colonnade.mechanisms.compilation import (
    MANIFEST,
    CompiledMechanisms,
    check_libraries,
    compiled_in_cache,
    misfit,
    read_compiled,
)
from colonnade.places import project_file

_loaded: dict[str, CompiledMechanisms] = {}


def load_mechanisms(directory: str | os.PathLike) -> CompiledMechanisms:
    """Load the mechanisms of ``directory`` into NEURON, once a process; a second call does nothing.

    ``directory`` is one that ``compile_mechanisms`` made, or anybody's folder of .mod files (directly or in its
    ``modfiles/``), which is compiled into the cache first. ``$CORENEURONLIB`` is set to the library for CoreNEURON,
    where there is one. NEURON cannot unload, so mechanisms of the same name from another folder are an
    ``InputError``.
    """
    directory = Path(directory)
    ours = (directory / MANIFEST).is_file()
    compiled = read_compiled(directory if ours else compiled_in_cache(directory))
    check_libraries(compiled)
    if compiled.coreneuron_library:
        os.environ["CORENEURONLIB"] = str(compiled.coreneuron_library)
    if compiled.key in _loaded:
        if compiled.coreneuron_library or compiled.refusals:  # the one loaded may have been compiled for NEURON alone
            _loaded[compiled.key] = compiled
        return _loaded[compiled.key]
    from neuron import h

    neuron = toolchain.neuron_version()
    if compiled.manifest["neuron"] != neuron:
        raise InputError("these mechanisms were compiled for another version of NEURON; compile them again",
                         file=directory, value=compiled.manifest["neuron"], expected=neuron)  # fmt: skip
    if reason := misfit(compiled):
        raise InputError(f"this library was compiled for another processor: {reason}", file=compiled.library,
                         key="processor", value=compiled.manifest.get("processor"),
                         expected=f"{toolchain.processor_name()}; compile it anew: {_command(compiled)}")  # fmt: skip
    clash = sorted(set(compiled.mechanisms) & set(mechanism_names()))
    if clash:
        sources = [str(other.directory) for other in _loaded.values() if set(clash) & set(other.mechanisms)]
        source = sources[0] if sources else "a compiled folder which NEURON found where this process was started"
        raise InputError(f"NEURON already has these mechanisms, from {source}; one process can hold one version only",
                         file=directory, value=", ".join(clash))  # fmt: skip
    if not h.nrn_load_dll(str(compiled.library)):
        raise InputError("NEURON cannot load this library; compile the mechanisms again", file=compiled.library)
    _loaded[compiled.key] = compiled
    return compiled


def _command(compiled: CompiledMechanisms) -> str:
    """Return the command that compiles a folder's mechanisms for this processor, with its flags where they can run."""
    folder, native = shlex.quote(str(compiled.directory)), "native" in compiled.manifest["flags"]
    settings = f" --settings {shlex.quote(json.dumps({'flags': compiled.manifest['flags']}))}" if native else ""
    program = shlex.quote(str(project_file("scripts", "compile_mechanisms.py")))
    return f"python {program} {folder}/modfiles --output {folder}{settings}"


def mechanism_names() -> list[str]:
    """Return the names of all density mechanisms and point processes which NEURON has now."""
    from neuron import h

    names, name = [], h.ref("")
    for kind in (0, 1):
        types = h.MechanismType(kind)
        for index in range(int(types.count())):
            types.select(index)
            types.selected(name)
            names.append(name[0])
    return names


def linear_mechanisms() -> frozenset[str]:
    """Return the names of the synapses whose events add up: NEURON's own and those whose files declare it."""
    declared = {name for other in _loaded.values() for name, entry in other.mechanisms.items() if entry["linear"]}
    return frozenset({"ExpSyn", "Exp2Syn"} | declared)


def mechanisms_that_hear_their_cell() -> frozenset[str]:
    """Return the names of the synapses that get the spikes of the cell they are on, as events of weight -1."""
    entries = ((name, entry) for other in _loaded.values() for name, entry in other.mechanisms.items())
    return frozenset(name for name, entry in entries if entry.get("hears_cell"))


def electrode_mechanisms() -> frozenset[str]:
    """Return the names of all that lets in a current from outside of the cell: NEURON's own and those of files."""
    entries = ((name, entry) for other in _loaded.values() for name, entry in other.mechanisms.items())
    return frozenset({"IClamp", "SEClamp", "VClamp", "OClamp"}) | {
        name for name, entry in entries if entry.get("electrode")
    }
