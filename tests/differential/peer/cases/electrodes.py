"""Turned and placed cells before an electrode, reports of single synapses, node sets of an older kind.

Shaped like the published 14-cell example, whose config has a `netcon_report`, and the ones with a potential outside.
"""

from pathlib import Path

from bmtk.builder import NetworkBuilder

from . import _parts


def build(models):
    cells = NetworkBuilder("bio")
    for i, name in enumerate(("Scnn1a", "PV2")):
        cells.add_nodes(
            N=2,
            positions=[(40.0 * i, 10.0, -20.0), (-30.0, 60.0 * i, 5.0)],
            rotation_angle_xaxis=[0.0, 1.1],
            rotation_angle_yaxis=[2.5, 0.3 * i],
            rotation_angle_zaxis=3.6 if i else -0.7,
            **_parts.perisomatic(name),
        )
    cells.add_edges(
        connection_rule=2,
        syn_weight=5e-4,
        delay=1.0,
        target_sections=["soma", "basal"],
        distance_range=[0.0, 80.0],
        dynamics_params="AMPA_ExcToExc.json",
        model_template="exp2syn",
    )
    cells.build()
    cells.save(output_dir="network")
    source = NetworkBuilder("source")
    source.add_nodes(N=4, model_type="virtual")
    source.add_edges(
        target=cells.nodes(),
        connection_rule=3,
        syn_weight=1e-3,
        delay=0.5,
        target_sections=["basal"],
        distance_range=[0.0, 150.0],
        dynamics_params="AMPA_ExcToInh.json",
        model_template="Exp2Syn",
    )
    source.build()
    source.save(output_dir="network")
    _parts.poisson("source", range(4), 60.0, 0.08, 9).to_sonata("inputs/source.h5")
    Path("electrode.csv").write_text("channel x_pos y_pos z_pos\n0 20 0 10\n1 -35 50 10\n2 100 100 -20\n")


def configuration(models):
    synapses = {"module": "netcon_report", "sections": "soma", "cells": {"population": "bio"}}
    return {
        "run": {"tstop": 80.0},
        "node_sets": {"somebody": {"gids": [0, 1, 2, 3]}},
        "inputs": {
            "source": _parts.spike_input("inputs/source.h5", "source"),
            "step": {
                "input_type": "current_clamp",
                "module": "IClamp",
                "node_set": {"population": "bio"},
                "amp": 0.3,
                "delay": 10.0,
                "duration": 60.0,
            },
        },
        "reports": {
            "v": {"cells": "somebody", "variable_name": "v", "module": "membrane_report", "sections": "soma"},
            "conductance": {**synapses, "variable_name": "g"},
            "rise": {**synapses, "variable_name": "tau1", "syn_type": "Exp2Syn"},
            "potential": {
                "cells": {"population": "bio"},
                "variable_name": "v",
                "module": "extracellular",
                "electrode_positions": "electrode.csv",
                "electrode_channels": "all",
                "file_name": "ecp.h5",
                "contributions_dir": "contributions",
            },
        },
    }
