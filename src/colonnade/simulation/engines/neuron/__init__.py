"""The engine neuron: NEURON itself, the reference for every model."""

from colonnade.mechanisms.toolchain import neuron_version
from colonnade.simulation.engines.registry import EngineKind


def _make(model, threads):
    from colonnade.simulation.engines.neuron.engine import NeuronEngine

    return NeuronEngine(model, threads)


ENGINE = EngineKind("neuron", title="NEURON", target_simulator="NEURON", make=_make, version=neuron_version)
