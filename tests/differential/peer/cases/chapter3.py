"""The tutorial's third chapter, 300 ms of it: 100 Scnn1a cells, `nsyns` and no sites, so BMTK places at load."""

import math

from bmtk.builder import NetworkBuilder
from bmtk.builder.auxi.edge_connectors import connect_random, distance_connector
from bmtk.builder.auxi.node_params import positions_columinar, xiter_random

from . import _parts


def build(models):
    cortex = NetworkBuilder("mcortex")
    cortex.add_nodes(
        N=100,
        positions=positions_columinar(N=100, center=[0, 50.0, 0], max_radius=30.0, height=100.0),
        rotation_angle_yaxis=xiter_random(N=100, min_x=0.0, max_x=2 * math.pi),
        rotation_angle_zaxis=3.646878266,
        **_parts.perisomatic("Scnn1a"),
    )
    cortex.add_edges(
        source={"pop_name": "Scnn1a"},
        target={"pop_name": "Scnn1a"},
        connection_rule=distance_connector,
        connection_params={"d_weight_min": 0.0, "d_weight_max": 0.34, "d_max": 50.0, "nsyn_min": 0, "nsyn_max": 10},
        syn_weight=2.0e-04,
        distance_range=[30.0, 150.0],
        target_sections=["basal", "apical", "soma"],
        delay=2.0,
        dynamics_params="AMPA_ExcToExc.json",
        model_template="exp2syn",
    )
    cortex.build()
    cortex.save(output_dir="network")
    thalamus = NetworkBuilder("mthalamus")
    thalamus.add_nodes(N=100, pop_name="tON", model_type="virtual")
    thalamus.add_edges(
        source=thalamus.nodes(),
        target=cortex.nodes(),
        connection_rule=connect_random,
        connection_params={"nsyn_min": 0, "nsyn_max": 12},
        syn_weight=5.0e-05,
        distance_range=[0.0, 150.0],
        target_sections=["basal", "apical"],
        delay=2.0,
        dynamics_params="AMPA_ExcToExc.json",
        model_template="exp2syn",
    )
    thalamus.build()
    thalamus.save(output_dir="network")
    _parts.poisson("mthalamus", range(100), 15.0, 0.3, 1).to_sonata("inputs/thalamus.h5")


def configuration(models):
    report = {"cells": "all", "sections": "soma", "module": "membrane_report"}
    return {
        "run": {"tstop": 300.0},
        "inputs": {"thalamus": _parts.spike_input("inputs/thalamus.h5", "mthalamus")},
        "reports": {"v": {**report, "variable_name": "v"}, "cai": {**report, "variable_name": "cai"}},
    }
