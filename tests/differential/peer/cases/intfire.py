"""Sixty IntFire1 neurons, excitatory and inhibitory, two virtual populations, one of them without any delay."""

import numpy as np
from bmtk.builder import NetworkBuilder

from . import _parts


def some_sources(sources, target, synapses):
    return [synapses if np.random.random() < 0.3 else None for _ in sources]


def build(models):
    net = NetworkBuilder("v1")
    net.add_nodes(N=45, **_parts.point("LIF_exc", "e"))
    net.add_nodes(N=15, **_parts.point("LIF_inh", "i"))
    weights = {("e", "e"): 0.003, ("e", "i"): 0.03, ("i", "e"): 0.01, ("i", "i"): 0.006}
    for (source, target), weight in weights.items():
        net.add_edges(
            source={"ei": source},
            target={"ei": target},
            iterator="all_to_one",
            connection_rule=some_sources,
            connection_params={"synapses": 6},
            syn_weight=weight,
            weight_function="wmax",
            delay=2.0,
            dynamics_params=f"instantaneous{'Exc' if source == 'e' else 'Inh'}.json",
        )
    net.build()
    net.save(output_dir="network")
    for name, delay, weight in (("lgn", 2.0, 0.02), ("tw", 0.0, 0.03)):
        virtual = NetworkBuilder(name)
        virtual.add_nodes(N=20, model_type="virtual")
        virtual.add_edges(
            source=virtual.nodes(),
            target=net.nodes(),
            connection_rule=_parts.uniform_synapses(-6, 8),
            syn_weight=weight,
            delay=delay,
            dynamics_params="instantaneousExc.json",
        )
        virtual.build()
        virtual.save(output_dir="network")
        _parts.poisson(name, range(20), 25.0, 0.5, len(name)).to_sonata(f"inputs/{name}.h5")


def configuration(models):
    return {
        "run": {"tstop": 500.0},
        "inputs": {name: _parts.spike_input(f"inputs/{name}.h5", name) for name in ("lgn", "tw")},
    }
