"""Write the SONATA config of a chapter 3 network that build_network.py made."""

import argparse
import json
import os
from pathlib import Path

REPORT = {"cells": "mcortex", "sections": "soma", "module": "membrane_report"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", type=Path, help="folder of the network; the config goes into it")
    parser.add_argument("--models", type=Path, required=True, help="folder with morphologies/, synaptic_models/ ...")
    parser.add_argument("--mechanisms", type=Path, required=True, help="folder with modfiles/ and a library")
    parser.add_argument("--tstop", type=float, required=True, help="ms")
    parser.add_argument("--config", required=True, help="name of the config file")
    parser.add_argument("--results", required=True, help="name of the folder for the results")
    arguments = parser.parse_args()
    folder = arguments.network.resolve()
    models = os.path.relpath(arguments.models.resolve(), folder)
    files = [(source, target) for source in ("mcortex", "mthalamus") for target in ("mcortex",)]
    config = {
        "manifest": {"$HERE": str(folder), "$MODELS": f"$HERE/{models}"},
        "target_simulator": "NEURON",
        "run": {"tstop": arguments.tstop, "dt": 0.1, "dL": 20.0, "spike_threshold": -15.0, "nsteps_block": 5000},
        "conditions": {"celsius": 34.0, "v_init": -80.0},
        "components": {
            "morphologies_dir": "$MODELS/morphologies",
            "synaptic_models_dir": "$MODELS/synaptic_models",
            "biophysical_neuron_models_dir": "$MODELS/biophysical_neuron_models",
            "mechanisms_dir": str(arguments.mechanisms.resolve()),
        },
        "networks": {
            "nodes": [
                {"nodes_file": f"$HERE/{name}_nodes.h5", "node_types_file": f"$HERE/{name}_node_types.csv"}
                for name in ("mcortex", "mthalamus")
            ],
            "edges": [
                {"edges_file": f"$HERE/{s}_{t}_edges.h5", "edge_types_file": f"$HERE/{s}_{t}_edge_types.csv"}
                for s, t in files
            ],
        },
        "inputs": {
            "thalamus": {
                "input_type": "spikes",
                "module": "sonata",
                "input_file": "$HERE/mthalamus_spikes.h5",
                "node_set": "mthalamus",
            }
        },
        "reports": {"v": {**REPORT, "variable_name": "v"}, "cai": {**REPORT, "variable_name": "cai"}},
        "output": {"output_dir": f"$HERE/{arguments.results}", "spikes_file": "spikes.h5", "log_file": "log.txt"},
    }
    (folder / arguments.config).write_text(json.dumps(config, indent=2))


if __name__ == "__main__":
    main()
