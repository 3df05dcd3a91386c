"""The five perisomatic cell types under current clamps: one step, a list of steps, a CSV file, a dendritic site."""

from pathlib import Path

from bmtk.builder import NetworkBuilder

from . import _parts


def build(models):
    cells = NetworkBuilder("bio")
    for name in _parts.PERISOMATIC:
        cells.add_nodes(N=1, **_parts.perisomatic(name))
    cells.build()
    cells.save_nodes(output_dir="network")
    steps = [(0, 0.0), (50, 0.1), (100, 0.0), (150, 0.25), (200, 0.0)]
    Path("inputs/steps.csv").write_text("timestamps amps\n" + "".join(f"{t} {amp}\n" for t, amp in steps))


def configuration(models):
    clamp = {"input_type": "current_clamp", "module": "IClamp"}
    soma = {"sections": "soma", "module": "membrane_report"}
    return {
        "node_sets": {"biophys": {"model_type": "biophysical"}, "pv": {"pop_name": ["PV1", "PV2"]}},
        "inputs": {
            "step": {**clamp, "node_set": "biophys", "amp": 0.12, "delay": 20.0, "duration": 80.0},
            "steps": {**clamp, "node_set": "pv", "amp": [0.1, -0.05], "delay": [30.0, 120.0], "duration": [40.0, 30.0]},
            "dendrite": {
                **clamp,
                "node_set": [0, 2],
                "amp": 0.2,
                "delay": 110.0,
                "duration": 60.0,
                "section_name": "dend",
                "section_index": 3,
                "section_dist": 0.7,
            },
            "file": {
                "input_type": "csv",
                "module": "IClamp",
                "node_set": {"population": "bio", "ei": "e"},
                "file": "inputs/steps.csv",
            },
            "off": {**clamp, "node_set": "biophys", "amp": 9.9, "delay": 0.0, "duration": 99.0, "enabled": False},
        },
        "reports": {
            "v": {**soma, "cells": "biophys", "variable_name": "v"},
            "cai": {**soma, "cells": "biophys", "variable_name": "cai"},
            "every_section": {
                **soma,
                "cells": [1, 3],
                "sections": "all",
                "variable_name": "v",
                "dt": 0.5,
                "start_time": 10.0,
                "end_time": 60.0,
            },
            "dendrites": {
                **soma,
                "cells": "pv",
                "sections": "basal",
                "variable_name": "i_pas",
                "file_name": "pas.h5",
                "end_time": 20.0,
            },
        },
    }
