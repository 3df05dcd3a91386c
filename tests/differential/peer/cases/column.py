"""All five perisomatic cell types and IntFire1 neurons in one population, two inputs, sites drawn at load.

Excitatory cells have a tuning angle, inhibitory ones have not, so the nodes and their edges fall into several groups;
the weights come from `wmax`, `gaussianLL` and none. One input is SONATA, the other CSV.
"""

import numpy as np
from bmtk.builder import NetworkBuilder

from . import _parts

EXC, INH = ["basal", "apical"], ["somatic", "basal"]


def build(models):
    v1 = NetworkBuilder("v1")
    angles = iter(np.linspace(0.0, 330.0, 12))
    for name, (ei, *_) in _parts.PERISOMATIC.items():
        tuning = {"tuning_angle": [next(angles), next(angles)]} if ei == "e" else {}
        v1.add_nodes(N=2, x=[0.0, 30.0], y=[0.0, 10.0], z=[5.0, 5.0], **tuning, **_parts.perisomatic(name))
    v1.add_nodes(N=3, tuning_angle=[next(angles) for _ in range(3)], **_parts.point("LIF_exc", "e"))
    v1.add_nodes(N=3, **_parts.point("LIF_inh", "i"))

    def edges(source, target, weight, **more):
        v1.add_edges(source=source, target=target, connection_rule=4, syn_weight=weight, **{"delay": 2.0, **more})

    site = {"model_template": "exp2syn"}
    onto_exc, onto_inh = {**site, "target_sections": EXC}, {**site, "target_sections": INH}
    biophysical = {"model_type": "biophysical"}
    edges(
        {"ei": "i"},
        {"ei": "i", **biophysical},
        2e-4,
        distance_range=[0.0, 1e20],
        dynamics_params="GABA_InhToInh.json",
        **onto_inh,
    )
    edges(
        {"ei": "i"},
        {"ei": "e", **biophysical},
        1.8e-4,
        weight_function="wmax",
        distance_range=[0.0, 50.0],
        dynamics_params="GABA_InhToExc.json",
        **{**site, "target_sections": ["somatic", *EXC]},
    )
    edges(
        {"ei": "e"},
        {"ei": "i", **biophysical},
        3e-4,
        weight_function="wmax",
        distance_range=[0.0, 1e20],
        dynamics_params="AMPA_ExcToInh.json",
        **onto_inh,
    )
    edges(
        {"ei": "e"},
        {"ei": "e", **biophysical},
        1.2e-4,
        weight_function="gaussianLL",
        weight_sigma=50.0,
        delay=1.7,
        distance_range=[30.0, 150.0],
        dynamics_params="AMPA_ExcToExc.json",
        **onto_exc,
    )
    edges(
        {"ei": "e"},
        {"pop_name": "LIF_exc"},
        0.02,
        weight_function="gaussianLL",
        weight_sigma=50.0,
        dynamics_params="instantaneousExc.json",
    )
    edges({"ei": "e"}, {"pop_name": "LIF_inh"}, 0.02, weight_function="wmax", dynamics_params="instantaneousExc.json")
    edges({"ei": "i"}, {"model_type": "point_neuron"}, 0.01, dynamics_params="instantaneousInh.json")
    v1.build()
    v1.save(output_dir="network")
    for name, cells, weight in (("lgn", 12, 1.5e-4), ("tw", 8, 3e-4)):
        source = NetworkBuilder(name)
        source.add_nodes(N=cells, pop_name=name, model_type="virtual")
        common = {"source": source.nodes(), "connection_rule": 5, "delay": 2.0, "weight_function": "wmax"}
        source.add_edges(
            target=v1.nodes(ei="e", **biophysical),
            syn_weight=weight,
            dynamics_params="AMPA_ExcToExc.json",
            distance_range=[0.0, 150.0],
            **onto_exc,
            **common,
        )
        source.add_edges(
            target=v1.nodes(ei="i", **biophysical),
            syn_weight=10 * weight,
            distance_range=[0.0, 1e20],
            dynamics_params="AMPA_ExcToInh.json",
            **onto_inh,
            **common,
        )
        source.add_edges(
            target=v1.nodes(model_type="point_neuron"),
            syn_weight=0.03,
            dynamics_params="instantaneousExc.json",
            **common,
        )
        source.build()
        source.save(output_dir="network")
    _parts.poisson("lgn", range(12), 40.0, 0.3, 2).to_sonata("inputs/lgn.h5")
    _parts.poisson("tw", range(8), 30.0, 0.3, 3).to_csv("inputs/tw.csv")


def configuration(models):
    report = {"cells": {"population": "v1", "ei": "e"}, "sections": "soma", "module": "membrane_report"}
    return {
        "run": {"tstop": 300.0},
        "inputs": {
            "tw": _parts.spike_input("inputs/tw.csv", "tw", "csv"),
            "lgn": _parts.spike_input("inputs/lgn.h5", "lgn"),
        },
        "reports": {"v": {**report, "variable_name": "v"}},
    }
