"""The configs that we write: run from any place, moved as a folder, read by libsonata and bluepysnap."""

import json
import shutil
import subprocess
import sys

import bluepysnap
import libsonata
import pytest
from small_simulation import N_CELLS, ROOT, build_network, simulate, spikes

from colonnade.errors import InputError
from colonnade.simulation.config_files import ConfigFiles, write_configs
from colonnade.sonata.config import read_config

SETTINGS = {
    "populations": {"cells": "biophysical", "sources": "virtual"},
    "inputs": {
        "sources": {"type": "poisson", "population": "sources"},
        "step": {"type": "current_clamp", "population": "cells", "node_ids": [0], "amp": 0.1, "delay": 5.0,
                 "duration": 10.0},
    },
    "simulation": {
        "tstop": 30.0, "dt": 0.05, "dL": 40.0, "celsius": 12.0, "v_init": -68.0, "spike_threshold": -15.0,
        "nsteps_block": 100, "engine": "neuron", "merge_synapses": True,
        "reports": {"v_report": {"variable": "v", "cells": {"population": "cells", "node_id": [0, 1]}}},
    },
}  # fmt: skip


@pytest.fixture
def experiment(tmp_path):
    """The folder of the small network with the configs in ``simulation/point``."""
    folder = build_network(tmp_path / "experiment")
    (folder / "mechanisms").mkdir()
    arguments = [sys.executable, ROOT / "scripts" / "write_simulation_config.py", "--settings", json.dumps(SETTINGS)]
    arguments += ["--nodes"]
    for name in ("cells", "sources"):
        arguments += [f"experiment/network/{name}_nodes.h5", f"experiment/network/{name}_node_types.csv"]
    arguments += ["--edges"]
    for name in ("cells_cells", "sources_cells"):
        arguments += [f"experiment/network/{name}_edges.h5", f"experiment/network/{name}_edge_types.csv"]
    arguments += ["--spikes", "experiment/inputs/sources_spikes.h5", "--components", "experiment/components"]
    arguments += ["--mechanisms", "experiment/mechanisms", "--output", "experiment/simulation/point"]
    subprocess.run([str(argument) for argument in arguments], check=True, cwd=tmp_path)
    for name in ("config.json", "circuit_config.json"):
        path = folder / "simulation" / "point" / name
        values = json.loads(path.read_text())
        del values["components"]["mechanisms_dir"]  # this network needs none
        path.write_text(json.dumps(values))
    return folder


def test_no_path_of_this_machine_is_written(experiment):
    for path in (experiment / "simulation" / "point").glob("*.json"):
        assert str(experiment.parent) not in path.read_text()


def test_both_configs_run_and_give_the_same_spikes_after_a_move(experiment, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.move(experiment, moved)
    simulate(moved / "simulation" / "point" / "config.json")
    simulate(moved / "simulation" / "point" / "simulation_config.json", "--output", str(tmp_path / "other"))
    found = spikes(moved / "simulation" / "point" / "output" / "spikes.h5")
    assert len(found) > 0
    assert found == spikes(tmp_path / "other" / "spikes.h5")


def test_libsonata_reads_circuit_and_simulation(experiment):
    folder = experiment / "simulation" / "point"
    circuit = libsonata.CircuitConfig.from_file(str(folder / "circuit_config.json"))
    assert circuit.node_populations == {"cells", "sources"}
    assert circuit.edge_population("sources_to_cells").target == "cells"
    assert circuit.node_population("cells").size == N_CELLS + 1
    simulation = libsonata.SimulationConfig.from_file(str(folder / "simulation_config.json"))
    assert (simulation.run.tstop, simulation.run.dt) == (30.0, 0.05)
    assert simulation.list_report_names == {"v_report"}
    assert set(simulation.list_input_names) == {"sources", "step"}


def test_bluepysnap_reads_the_result(experiment):
    folder = experiment / "simulation" / "point"
    simulate(folder / "config.json")
    simulation = bluepysnap.Simulation(str(folder / "simulation_config.json"))
    assert simulation.circuit.nodes.population_names == ["cells", "sources"]
    theirs = simulation.spikes["cells"].get()
    found = [(int(node), float(t)) for t, node in theirs.items()]
    assert sorted(found) == sorted(spikes(folder / "output" / "spikes.h5"))
    assert list(simulation.reports["v_report"]["cells"].get().columns) == [0, 1]


def test_a_node_set_gets_a_name(experiment):
    config = read_config(experiment / "simulation" / "point" / "config.json")
    assert config.node_sets["v_report_cells"] == {"population": "cells", "node_id": [0, 1]}
    assert config.inputs["step"]["node_set"] == "step_cells"
    assert config.reports["v_report"]["cells"] == "v_report_cells"


def test_an_input_without_its_spikes_is_an_error(experiment):
    files = ConfigFiles(experiment / "x", [(experiment / "network" / "cells_nodes.h5",
                                            experiment / "network" / "cells_node_types.csv")], [], {},
                        experiment / "components", experiment / "mechanisms")  # fmt: skip
    with pytest.raises(InputError, match=r"inputs\.sources: the input has no spike file"):
        write_configs(files, SETTINGS)
