"""A small network on NEURON's built-in channels for the tests of simulations, and a way to run its config."""

import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
from cell_examples import BRANCHED, HH_FIT

from colonnade.builder import NetworkBuilder
from colonnade.sonata.spikes import SpikeTrains, write_spikes

ROOT = Path(__file__).resolve().parents[2]
SIMULATE = ROOT / "scripts" / "simulate.py"
N_CELLS, N_SOURCES, TSTOP = 4, 6, 100.0


def build_network(folder: Path, with_point_neuron: bool = True) -> Path:
    """Write four recurrent cells, a point neuron, six virtual cells, their models, spikes and config.json."""
    models = folder / "components"
    for name, text in (
        ("morphologies/branched.swc", BRANCHED),
        ("biophysical_neuron_models/hh.json", json.dumps(HH_FIT)),
        ("synaptic_models/fast.json", json.dumps({"level_of_detail": "exp2syn", "tau1": 0.5, "tau2": 2, "erev": 0})),
        ("synaptic_models/slow.json", json.dumps({"level_of_detail": "exp2syn", "tau1": 1, "tau2": 5, "erev": -80})),
        ("synaptic_models/point.json", json.dumps({"sign": 1})),
        ("point_neuron_models/lif.json", json.dumps({"tau": 0.01, "refrac": 0.002})),
    ):
        path = models / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    cells = NetworkBuilder("cells")
    cells.add_nodes(
        N=N_CELLS,
        pop_name="hh",
        tuning_angle=np.linspace(0, 150, N_CELLS),
        model_type="biophysical",
        model_template="ctdb:Biophys1.hoc",
        model_processing="aibs_perisomatic",
        dynamics_params="hh.json",
        morphology="branched.swc",
    )
    if with_point_neuron:
        cells.add_nodes(
            N=1,
            pop_name="lif",
            tuning_angle=[0.0],
            model_type="point_neuron",
            model_template="nrn:IntFire1",
            dynamics_params="lif.json",
        )
    everywhere = {"distance_range": [0.0, 500.0], "target_sections": ["basal", "apical", "soma"]}
    cells.add_edges(
        source={"pop_name": "hh"}, target={"pop_name": "hh"}, connection_rule=lambda s, t: 5 * (s != t),
        syn_weight=5e-5, delay=1.5, dynamics_params="slow.json", model_template="exp2syn", **everywhere,
    )  # fmt: skip
    if with_point_neuron:
        cells.add_edges(
            source={"pop_name": "hh"}, target={"pop_name": "lif"}, connection_rule=2, syn_weight=0.3, delay=1.5,
            dynamics_params="point.json", model_template="exp2syn", **everywhere,
        )  # fmt: skip
    sources = NetworkBuilder("sources")
    sources.add_nodes(N=N_SOURCES, pop_name="source", model_type="virtual")
    sources.add_edges(
        source=sources.nodes(), target=cells.nodes(pop_name="hh"), connection_rule=7, syn_weight=1.5e-3, delay=1.0,
        dynamics_params="fast.json", model_template="exp2syn", **everywhere,
    )  # fmt: skip
    for network in (cells, sources):
        network.build()
        network.save(output_dir=folder / "network")
    times = np.random.default_rng(5).uniform(0, TSTOP, 25)
    ids = np.random.default_rng(6).integers(0, N_SOURCES, 25)
    write_spikes(folder / "inputs" / "sources_spikes.h5", [SpikeTrains("sources", ids, times)])
    write_config(folder)
    return folder


def config() -> dict:
    """Return the config of the small network: voltages of all somata, written each step."""
    return {
        "manifest": {"$NETWORK": "./network", "$MODELS": "./components"},
        "run": {"tstop": TSTOP, "dt": 0.05, "dL": 40.0, "spike_threshold": -15},
        "conditions": {"celsius": 12.0, "v_init": -68},
        "components": {
            f"{kind}_dir": f"$MODELS/{kind}"
            for kind in ("morphologies", "biophysical_neuron_models", "synaptic_models", "point_neuron_models")
        },
        "networks": {
            "nodes": [
                {"nodes_file": f"$NETWORK/{name}_nodes.h5", "node_types_file": f"${{NETWORK}}/{name}_node_types.csv"}
                for name in ("cells", "sources")
            ],
            "edges": [
                {"edges_file": f"$NETWORK/{name}_edges.h5", "edge_types_file": f"$NETWORK/{name}_edge_types.csv"}
                for name in ("cells_cells", "sources_cells")
            ],
        },
        "inputs": {
            "sources": {
                "input_type": "spikes",
                "module": "sonata",
                "input_file": "inputs/sources_spikes.h5",
                "node_set": "sources",
            }
        },
        "output": {"output_dir": "output", "log_file": "log.txt"},
        "reports": {
            "v": {"cells": "biophysical", "variable_name": "v", "sections": "soma", "module": "membrane_report"}
        },
    }


def add_electrodes(folder: Path, values: dict) -> None:
    """Add two electrodes to a config: ``field`` sees all cells and each population, ``near`` two of them, one by one.

    A cell gets a current, which flows out through its membrane.
    """
    (folder / "electrodes.csv").write_text("channel x_pos y_pos z_pos\n0 30 0 30\n1 -60 -10 5\n2 900 900 0\n")
    (folder / "five.csv").write_text("x_pos y_pos z_pos\n" + "".join(f"15 {40 * i} 10\n" for i in range(5)))
    report = {"module": "extracellular", "cells": "biophysical", "electrode_positions": str(folder / "electrodes.csv")}
    near = {"cells": {"node_id": [1, 2]}, "electrode_positions": str(folder / "five.csv"), "contributions_dir": "near"}
    values["reports"] |= {"field": {**report, "by_population": True}, "near": {**report, **near}}
    clamp = {"input_type": "current_clamp", "module": "IClamp", "node_set": {"node_id": [2]}}
    values["inputs"]["electrode"] = {**clamp, "amp": 0.15, "delay": 20.0, "duration": 30.0}


def potentials(path: Path) -> np.ndarray:
    """Return the rows (T, channels) in mV that an electrode has seen."""
    with h5py.File(path) as file:
        return file["ecp/data"][()]


def write_config(folder: Path, change=None, name: str = "config.json") -> Path:
    """Write the config, altered in place by ``change``, into ``folder``; return its path."""
    values = config()
    if change is not None:
        change(values)
    (folder / name).write_text(json.dumps(values))
    return folder / name


def simulate(config_file: Path, *options: str, launcher=(), check: bool = True) -> subprocess.CompletedProcess:
    """Run ``scripts/simulate.py`` in a process of its own."""
    command = [*launcher, sys.executable, SIMULATE, "--config", config_file, *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    answer = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=environment, cwd="/")
    if check:
        assert answer.returncode == 0, answer.stderr
    return answer


def spikes(path: Path) -> list[tuple[int, float]]:
    """Return (node id, time in ms) of the spikes of the cells, in the file's order."""
    with h5py.File(path) as file:
        group = file["spikes/cells"]
        return list(zip(group["node_ids"][()].tolist(), group["timestamps"][()].tolist(), strict=True))


def voltages(path: Path) -> np.ndarray:
    """Return the rows of the report of the cells."""
    with h5py.File(path) as file:
        return file["report/cells/data"][()]
