"""The engine coreneuron: cells and connections made in NEURON, solved by CoreNEURON's compiled kernels."""

from colonnade.mechanisms.toolchain import neuron_version
from colonnade.simulation.engines.registry import LAYER, EngineKind


def _make(model, threads):
    from colonnade.simulation.engines.coreneuron.engine import CoreNeuronEngine

    return CoreNeuronEngine(model, threads)


ENGINE = EngineKind(
    "coreneuron",
    title="CoreNEURON",
    in_words="CoreNEURON and {neuron}",
    target_simulator="CORENEURON",
    make=_make,
    version=neuron_version,
    needs_coreneuron_library=True,
    goes_further=False,  # it crashes where spikes come in after all that the shorter run knew are sent
    int_fire=(),
    lacks=(LAYER, "field", "voltage"),
)
