"""Explicit synapse sites under both names, attributes from HDF5 over the CSV, NeuroML cells, files of the older kind.

Shaped like the published 300- and 450-cell examples: five NeuroML cell types and IntFire1 neurons in one population;
each row of the edges file is one synapse with its own weight, with a group of its own for the point neurons; the
input has `sec_id` and `sec_x`, and in another group `nsyns` for the point neurons; its spike file has no population;
the config is split in two; `morphology` has no suffix.
"""

import json
from pathlib import Path

import h5py
import numpy as np
from bmtk.builder import NetworkBuilder

from . import _neuroml, _parts

SECTIONS = 20  # each of the five cells has more


def site(source, target):
    return int(np.random.randint(0, SECTIONS)), float(np.random.uniform(0.01, 0.99))


def delay(source, target):
    return float(np.random.choice([0.5, 1.0, 2.25]))


def build(models):
    Path("cells").mkdir(exist_ok=True)
    internal = NetworkBuilder("internal")
    for name, (_, morphology, fit) in _parts.PERISOMATIC.items():
        densities = json.loads((models / f"biophysical_neuron_models/{fit}_fit.json").read_text())
        _neuroml.write(Path(f"cells/{name}.cell.nml"), densities)
        attributes = _parts.perisomatic(name)
        del attributes["dynamics_params"]
        attributes.update(morphology=morphology, model_template=f"nml:{name}.cell.nml")
        internal.add_nodes(N=2, x=np.random.uniform(0, 50, 2), **attributes)
    internal.add_nodes(N=3, x=np.zeros(3), **_parts.point("LIF_exc", "e"))
    rules = {
        ("e", "e"): ("AMPA_ExcToExc.json", 1e-4),
        ("e", "i"): ("AMPA_ExcToInh.json", 1e-3),
        ("i", "e"): ("GABA_InhToExc.json", 1e-3),
        ("i", "i"): ("GABA_InhToInh.json", 2e-4),
    }
    for (source, target), (model, weight) in rules.items():
        edges = internal.add_edges(
            source={"ei": source},
            target={"ei": target, "model_type": "biophysical"},
            connection_rule=_parts.uniform_synapses(-2, 6),
            dynamics_params=model,
            model_template="Exp2Syn",
            delay=2.0,
        )
        edges.add_properties("syn_weight", rule=weight, dtypes=float)
        edges.add_properties(["afferent_section_id", "afferent_section_pos"], rule=site, dtypes=[int, float])
        edges.add_properties("delay", rule=delay, dtypes=float)
    for source, model in (("e", "instantaneousExc.json"), ("i", "instantaneousInh.json")):
        edges = internal.add_edges(
            source={"ei": source},
            target={"model_type": "point_neuron"},
            connection_rule=3,
            dynamics_params=model,
            delay=2.0,
        )
        edges.add_properties("syn_weight", rule=0.15, dtypes=float)
    internal.build()
    internal.save(output_dir="network")

    external = NetworkBuilder("external")
    external.add_nodes(N=15, model_type="virtual", ei="e")
    for ei, model, weight in (("e", "AMPA_ExcToExc.json", 1e-3), ("i", "AMPA_ExcToInh.json", 1.2e-2)):
        edges = external.add_edges(
            target=internal.nodes(ei=ei, model_type="biophysical"),
            connection_rule=_parts.uniform_synapses(-2, 5),
            dynamics_params=model,
            model_template="Exp2Syn",
            delay=2.0,
        )
        edges.add_properties("syn_weight", rule=weight, dtypes=float)
        edges.add_properties(["sec_id", "sec_x"], rule=site, dtypes=[int, float])
    external.add_edges(
        target=internal.nodes(model_type="point_neuron"),
        connection_rule=_parts.uniform_synapses(-2, 5),
        syn_weight=0.05,
        dynamics_params="instantaneousExc.json",
        delay=2.0,
    )
    external.build()
    external.save(output_dir="network")
    spikes = _parts.poisson("external", range(15), 30.0, 0.25, 8).to_dataframe()
    with h5py.File("inputs/external.h5", "w") as file:
        file["spikes/timestamps"], file["spikes/gids"] = spikes["timestamps"], spikes["node_ids"]
    Path("node_sets.json").write_text(json.dumps({"recorded": {"node_id": [0, 3, 9]}}))


def configuration(models):
    report = {"cells": "recorded", "sections": "soma", "module": "membrane_report"}
    return {
        "run": {"tstop": 250.0},
        "node_sets_file": "node_sets.json",
        "components": {"biophysical_neuron_models_dir": "cells"},
        "inputs": {"external": _parts.spike_input("inputs/external.h5", "external", "h5")},
        "reports": {"v": {**report, "variable_name": "v"}},
        "split": True,
    }
