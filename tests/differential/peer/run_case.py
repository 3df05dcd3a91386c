"""Build one case's network with BMTK and run it: `python run_case.py CASE FOLDER MODELS MECHANISMS` (BMTK's Python).

``CASE`` is a module of ``cases/`` with ``build(models)``, which writes the network and its inputs into the working
folder, and ``configuration(models)``, which returns what its SONATA config adds to ``BASE``. FOLDER gets all of it,
``config.json`` and BMTK's result in ``peer/``. MODELS is the folder of cell and synapse models, MECHANISMS one that
BMTK can load.
"""

import importlib
import json
import os
import random
import sys
from pathlib import Path

import numpy as np

SEED = 20261123


def base(models: Path, mechanisms: Path) -> dict:
    """Return the sections which the cases share; a case may replace any of them."""
    return {
        "manifest": {"$NETWORK": "network", "$MODELS": str(models)},
        "target_simulator": "NEURON",
        "run": {"tstop": 200.0, "dt": 0.1, "dL": 20.0, "spike_threshold": -15.0, "nsteps_block": 5000},
        "conditions": {"celsius": 34.0, "v_init": -80.0},
        "components": {
            "morphologies_dir": "$MODELS/morphologies",
            "synaptic_models_dir": "$MODELS/synaptic_models",
            "biophysical_neuron_models_dir": "$MODELS/biophysical_neuron_models",
            "point_neuron_models_dir": "$MODELS/point_neuron_models",
            "mechanisms_dir": str(mechanisms),
        },
        "output": {
            "output_dir": "peer",
            "spikes_file": "spikes.h5",
            "log_file": "log.txt",
            "spikes_sort_order": "time",
        },
        "inputs": {},
        "reports": {},
    }


def networks(folder: Path) -> dict:
    """Return the ``networks`` section for all node and edge files of ``folder``, in alphabetical order."""

    def entries(kind):
        return [
            {f"{kind}_file": f"$NETWORK/{path.name}", f"{kind[:-1]}_types_file": f"$NETWORK/{path.stem[:-1]}_types.csv"}
            for path in sorted(folder.glob(f"*_{kind}.h5"))
        ]

    return {"nodes": entries("nodes"), "edges": entries("edges")}


def write(config: dict, split: bool) -> None:
    """Write ``config.json``, on request with the circuit in a file of its own."""
    if split:
        circuit = {section: config.pop(section) for section in ("components", "networks")}
        Path("circuit.json").write_text(json.dumps({"manifest": config["manifest"], **circuit}, indent=2))
        config["network"] = "circuit.json"
    Path("config.json").write_text(json.dumps(config, indent=2))


def run(config: str) -> None:
    """Run a SONATA config with BioNet and leave the process as BMTK does."""
    from bmtk.simulator import bionet

    conf = bionet.Config.from_json(config, validate=True)
    conf.build_env()
    network = bionet.BioNetwork.from_config(conf)
    bionet.BioSimulator.from_config(conf, network=network).run()
    bionet.nrn.quit_execution()


def main() -> None:
    name, folder, models, mechanisms = sys.argv[1], *map(Path, sys.argv[2:5])
    sys.path.insert(0, str(Path(__file__).parent))
    case = importlib.import_module(f"cases.{name}")
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    Path("network").mkdir(exist_ok=True)
    Path("inputs").mkdir(exist_ok=True)
    random.seed(SEED)
    np.random.seed(SEED)
    case.build(models)
    config = {**base(models, mechanisms), "networks": networks(Path("network"))}
    for section, values in case.configuration(models).items():
        config[section] = {**config[section], **values} if isinstance(config.get(section), dict) else values
    write(config, split=config.pop("split", False))
    run("config.json")


if __name__ == "__main__":
    main()
