"""A cell in voltage clamp: the clamp lets go after its duration, and the cell comes back by itself."""

from bmtk.builder import NetworkBuilder

from . import _parts


def build(models):
    cells = NetworkBuilder("bio")
    cells.add_nodes(N=1, **_parts.perisomatic("Scnn1a"))
    cells.build()
    cells.save_nodes(output_dir="network")


def configuration(models):
    report = {"cells": "all", "sections": "soma", "module": "membrane_report"}
    return {
        "run": {"tstop": 100.0},
        "inputs": {
            "clamp": {
                "input_type": "voltage_clamp",
                "module": "SEClamp",
                "node_set": "all",
                "amp": -40.0,
                "delay": 20.0,
                "duration": 30.0,
                "resistance": 0.5,
            },
        },
        "reports": {"v": {**report, "variable_name": "v"}, "cai": {**report, "variable_name": "cai"}},
    }
