"""Synapses by a user's function, under BMTK's names."""

import json
import subprocess
import sys

import h5py
import numpy as np
import pytest
from small_simulation import build_network, simulate, write_config

pytestmark = pytest.mark.slow

PROGRAM = """
import sys
from neuron import h
from colonnade import simulation as bionet
from colonnade.simulation import simulate

@bionet.synapse_model(name="mine")
def slow(syn_params, x, section):
    syn = h.Exp2Syn(x, sec=section)
    syn.e, syn.tau1, syn.tau2 = syn_params["erev"], 2 * syn_params["tau1"], 3 * syn_params["tau2"]
    return syn

def broken(syn_params, x, section):
    return syn_params["no such"]

bionet.add_synapse_model(broken)
simulate(sys.argv[1], sys.argv[2], sys.argv[3], 1)
"""


def named(folder, template):
    """Return a config whose inputs have the synapses of a template."""
    types = folder / "network" / "sources_cells_edge_types.csv"
    types.write_text(types.read_text().replace("exp2syn", template))
    return write_config(folder)


def run(folder, config, engine):
    (folder / "program.py").write_text(PROGRAM)
    command = [sys.executable, folder / "program.py", config, folder / engine, engine]
    return subprocess.run([str(word) for word in command], capture_output=True, text=True)


def voltages(folder):
    with h5py.File(folder / "v.h5") as file:
        return file["report/cells/data"][()]


@pytest.mark.parametrize("engine", ["neuron", "coreneuron"])
def test_a_function_of_ones_own_makes_the_synapse_on_both_engines(tmp_path, engine):
    folder = build_network(tmp_path, with_point_neuron=False)
    answer = run(folder, named(folder, "mine"), engine)
    assert answer.returncode == 0, answer.stderr
    fast = folder / "components" / "synaptic_models" / "fast.json"
    values = json.loads(fast.read_text())
    fast.write_text(json.dumps(values | {"tau1": 2 * values["tau1"], "tau2": 3 * values["tau2"]}))
    types = folder / "network" / "sources_cells_edge_types.csv"
    types.write_text(types.read_text().replace("mine", "exp2syn"))
    simulate(folder / "config.json", "--engine", engine)
    np.testing.assert_array_equal(voltages(folder / engine), voltages(folder / "output"))


def test_a_function_that_fails_is_named(tmp_path):
    folder = build_network(tmp_path, with_point_neuron=False)
    answer = run(folder, named(folder, "broken"), "neuron")
    assert answer.returncode
    assert "the function broken failed: KeyError: 'no such'" in answer.stderr
