"""A run ends as soon as something in it cannot be, and says where."""

import subprocess
import sys

import pytest
from small_simulation import build_network, simulate, write_config

from colonnade.simulation.engines.registry import ENGINES


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return build_network(tmp_path_factory.mktemp("network"), with_point_neuron=False)


def clamp(**changes) -> dict:
    entry = {"input_type": "current_clamp", "module": "IClamp", "node_set": {"population": "cells", "node_id": [2]},
             "amp": 1e6, "delay": 0.0, "duration": 50.0}  # fmt: skip
    return {**entry, **changes}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_blow_up_is_named_with_cell_section_and_mechanisms(engine, network, tmp_path):
    config = write_config(network, lambda values: values["inputs"].update(clamp=clamp()), "blow_up.json")
    answer = simulate(config, "--engine", engine, "--output", tmp_path, check=False)
    assert answer.returncode == 2
    for words in ("node 2 of cells", "the solution has broken down", "soma", "mechanisms", "hh", "300 mV"):
        assert words in answer.stderr
    assert not list(tmp_path.glob("*.h5"))


def test_the_first_look_comes_after_few_steps(network, tmp_path):
    config = write_config(network, lambda values: values["inputs"].update(clamp=clamp()), "early.json")
    answer = simulate(config, "--engine", "neuron", "--output", tmp_path, check=False)
    time = float(answer.stderr.split(" ms: the solution")[0].rpartition(" at ")[2])
    assert time <= 0.1


def test_the_limit_is_a_setting(network, tmp_path):
    """These cells fall to some -70 mV after a spike."""

    def change(values):
        values["colonnade"] = {"largest_potential": 66.0}
        values["conditions"]["v_init"] = -60.0

    answer = simulate(write_config(network, change, "limit.json"), "--output", tmp_path, check=False)
    assert answer.returncode == 2
    assert "v of node" in answer.stderr
    assert "'largest_potential' is 66 mV" in answer.stderr


def test_a_point_neuron_is_watched_without_a_report(tmp_path):
    config = write_config(build_network(tmp_path), lambda values: values.update(reports={}))
    program = (
        "from colonnade.simulation.run import Simulation\n"
        "from colonnade.sonata.config import read_config\n"
        f"simulation = Simulation(read_config({str(config)!r}))\n"
        "simulation.load()\n"
        "simulation.engine.initialise()\n"
        "simulation._watch_states(0)\n"
        "simulation.engine.cells[4].point.m = float('nan')\n"
        "simulation._watch_states(1)\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "SimulationError: the state of node 4 of cells is nan at 0.05 ms" in answer.stderr
