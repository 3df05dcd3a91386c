"""The engines, one line each. An engine's folder holds all that is its own; it is imported when it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from colonnade.errors import InputError

if TYPE_CHECKING:  # NEURON is loaded with the model, which the names of engines do not need
    from colonnade.simulation.engines.engine import Engine
    from colonnade.simulation.model import Model

ENGINES = {
    "neuron": "colonnade.simulation.engines.neuron",
    "coreneuron": "colonnade.simulation.engines.coreneuron",
    "lockstep": "colonnade.simulation.engines.lockstep",
}
GAP_JUNCTIONS = "gap junctions"
LAYER = "the extracellular layer"
LAYER_VARIABLES = ("vext", "e_extracellular", "i_membrane")  # only there with NEURON's extracellular layer
INT_FIRE = ("IntFire1", "IntFire2", "IntFire4")
REFERENCE = "neuron"  # runs every model; taken where a config names no engine


@dataclass(frozen=True)
class EngineKind:
    """What an engine's folder says of it, as its ``ENGINE``, without loading it.

    ``title`` is its name in texts, ``in_words`` what a paper says of it (``{neuron}``: NEURON with its version),
    ``target_simulator`` its name in SONATA configs; ``needs_coreneuron_library`` asks
    for mechanisms compiled for CoreNEURON, too; ``int_fire`` names which of NEURON's IntFire cells it simulates.
    ``version`` names what its results may depend on beside our own code. ``saves_states`` tells whether it goes on from
    states exactly, on any number of threads and as many ranks as have written them.
    ``goes_further`` tells whether a longer run goes on from the end of a shorter one.
    ``lacks`` names what it refuses of a config: ``GAP_JUNCTIONS``, ``LAYER``, or inputs by what they make (field,
    voltage).
    ``make(model, threads)`` returns it for one model.
    """

    name: str
    title: str
    target_simulator: str
    make: Callable[["Model", int], "Engine"]
    needs_coreneuron_library: bool = False
    int_fire: tuple[str, ...] = INT_FIRE
    lacks: tuple[str, ...] = ()
    version: Callable[[], str] = lambda: ""
    saves_states: bool = True
    goes_further: bool = True
    in_words: str = "{neuron}"


def engine_kind(name: str, file=None, key: str = "engine") -> EngineKind:
    """Return the engine called ``name``; InputError with the nearest name where there is none."""
    if name not in ENGINES:
        raise InputError("there is no such engine", file=file, key=key, value=name, options=ENGINES)
    return import_module(ENGINES[name]).ENGINE


def engine_for(target_simulator: str) -> EngineKind | None:
    """Return the engine that a SONATA config's ``target_simulator`` stands for; None where there is none."""
    kinds = map(engine_kind, ENGINES)
    return next((kind for kind in kinds if kind.target_simulator == target_simulator.upper()), None)
