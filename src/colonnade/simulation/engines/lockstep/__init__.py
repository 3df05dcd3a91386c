"""The engine lockstep: cells of one type go together through each step, a lane of a vector each."""

from colonnade.mechanisms.toolchain import neuron_version
from colonnade.simulation.engines.registry import GAP_JUNCTIONS, LAYER, EngineKind


def _make(model, threads):
    from colonnade.simulation.engines.lockstep.engine import LockstepEngine

    return LockstepEngine(model, threads)


# SONATA knows no name for it; its configs say NEURON, whose method it is, and beside that "colonnade": {"engine": ...}.
ENGINE = EngineKind(
    "lockstep",
    title="lockstep",
    in_words="its own engine, lockstep, from the cells and mechanisms of {neuron}",
    target_simulator="NEURON",
    make=_make,
    version=neuron_version,
    int_fire=("IntFire1",),
    lacks=(GAP_JUNCTIONS, LAYER, "field"),
)
