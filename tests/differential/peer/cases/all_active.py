"""All-active models: the wheel's two, and a perisomatic fit processed as all-active, under current and spikes."""

from bmtk.builder import NetworkBuilder

from . import _parts

MODELS = {
    "Rorb": ("Rorb_325404214_m.swc", "318331342_fit.json"),
    "PV2": ("Pvalb_469628681_m.swc", "485184849_fit.json"),
    "Scnn1a": ("Scnn1a_473845048_m.swc", "472363762_fit.json"),
}


def build(models):
    cells = NetworkBuilder("bio")
    for name, (morphology, fit) in MODELS.items():
        attributes = {**_parts.perisomatic(name), "model_processing": "aibs_allactive"}
        cells.add_nodes(N=2, **{**attributes, "morphology": morphology, "dynamics_params": fit})
    cells.build()
    cells.save_nodes(output_dir="network")
    source = NetworkBuilder("source")
    source.add_nodes(N=6, model_type="virtual")
    source.add_edges(
        target=cells.nodes(),
        connection_rule=5,
        syn_weight=2e-4,
        delay=1.0,
        distance_range=[0.0, 300.0],
        target_sections=["soma", "basal", "axon"],
        dynamics_params="AMPA_ExcToExc.json",
        model_template="exp2syn",
    )
    source.build()
    source.save(output_dir="network")
    _parts.poisson("source", range(6), 50.0, 0.15, 5).to_sonata("inputs/source.h5")


def configuration(models):
    report = {"cells": {"population": "bio"}, "sections": "soma", "module": "membrane_report"}
    return {
        "run": {"tstop": 150.0},
        "inputs": {
            "source": _parts.spike_input("inputs/source.h5", "source"),
            "step": {
                "input_type": "current_clamp",
                "module": "IClamp",
                "node_set": {"population": "bio"},
                "amp": 0.25,
                "delay": 40.0,
                "duration": 80.0,
            },
        },
        "reports": {"v": {**report, "variable_name": "v"}, "cai": {**report, "variable_name": "cai"}},
    }
