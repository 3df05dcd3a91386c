"""Cells that a user's functions make and process, by BMTK's names: in scripts, in SONATA configs, on all engines."""

import json
import subprocess
import sys

import numpy as np
import pytest
from small_simulation import N_CELLS, build_network, simulate, spikes, voltages, write_config

pytestmark = pytest.mark.slow

OWN = """
from neuron import h

class Cell:
    def __init__(self, diameter):
        self.soma = [h.Section(name="soma[0]", cell=self)]
        self.dend = [h.Section(name="dend[0]", cell=self)]
        self.all = self.soma + self.dend
        self.soma[0].L = self.soma[0].diam = diameter
        self.dend[0].L, self.dend[0].diam = 150, 2
        self.dend[0].connect(self.soma[0](1))
        for section in self.all:
            section.cm, section.Ra = 1.5, 120
            section.insert("pas")
            section.g_pas, section.e_pas = 1e-4, -68
        self.soma[0].insert("hh")

    def __repr__(self):
        return "Cell"

def ball_and_stick(cell, template_name, dynamics_params):
    assert template_name == NAME and dynamics_params["passive"]
    return Cell(18 + cell["tuning_angle"] / 50)

def leaky(hobj, cell, dynamics_params):
    for section in hobj.all:
        section.g_pas = 2e-4 if cell.node_id else 1e-4
    return hobj

def unprocessed(hobj, cell, dynamics_params):
    hobj.all

def nothing(cell, template_name, dynamics_params):
    return dynamics_params["no such"]
"""
PROGRAM = """
import sys
from colonnade import simulation as bionet
import own
own.NAME = "round"
bionet.add_cell_model(own.ball_and_stick, "mine", "biophysical")
bionet.add_cell_model(own.nothing, "mine", "biophysical", overwrite=False)
bionet.add_cell_model(own.nothing, "hoc", "biophysical", overwrite=False)

@bionet.model_processing(name="thin")
def leaky(hobj, cell, dynamics_params):
    return own.leaky(hobj, cell, dynamics_params)

@bionet.cell_model(directive="nothing", model_type="biophysical")
def nothing(cell, template_name, dynamics_params):
    return None

bionet.simulate(sys.argv[1], sys.argv[2], sys.argv[3], 1)
"""
STANDARD = "ctdb:Biophys1.hoc"


def edit(folder, template=STANDARD, processing="aibs_perisomatic"):
    types = folder / "network" / "cells_node_types.csv"
    text = types.read_text()
    quoted = processing if "," not in processing else f'"{processing}"'
    types.write_text(text.replace(STANDARD, template).replace("aibs_perisomatic", quoted))


def network(tmp_path, name="f", **changes):
    folder = build_network(tmp_path, with_point_neuron=False)
    (folder / "own.py").write_text(OWN.replace("NAME", f'"{name}"') if name else OWN)
    edit(folder, **changes)
    return folder


def named(**functions):
    return lambda values: values.update(colonnade=functions)


def run_program(folder, engine):
    (folder / "program.py").write_text(PROGRAM)
    command = [sys.executable, folder / "program.py", folder / "config.json", folder / engine, engine]
    return subprocess.run([str(word) for word in command], capture_output=True, text=True)


def test_a_function_makes_the_cells_on_all_engines_in_a_script_and_in_a_config(tmp_path):
    folder = network(tmp_path, name=None, template="mine:round", processing="thin")
    for engine in ("neuron", "coreneuron", "lockstep"):
        answer = run_program(folder, engine)
        assert answer.returncode == 0, answer.stderr
    reference = voltages(folder / "neuron" / "v.h5")
    assert spikes(folder / "neuron" / "spikes.h5")
    assert len(np.unique(reference[0])) > 1, "the cells are of different sizes"
    for engine in ("coreneuron", "lockstep"):
        np.testing.assert_allclose(voltages(folder / engine / "v.h5"), reference, rtol=0, atol=1e-6)
        assert spikes(folder / engine / "spikes.h5") == spikes(folder / "neuron" / "spikes.h5")
    (folder / "own.py").write_text(OWN.replace("NAME", '"round"'))
    write_config(folder, named(cell_models={"mine": "own.py:ball_and_stick"}, cell_processors={"thin": "own.py:leaky"}))
    simulate(folder / "config.json", "--engine", "neuron", "--output", folder / "named")
    np.testing.assert_array_equal(voltages(folder / "named" / "v.h5"), reference)


def test_a_function_processes_the_cells_of_a_fit(tmp_path):
    folder = network(tmp_path)
    simulate(folder / "config.json", "--engine", "neuron", "--output", folder / "without")
    edit(folder, processing="aibs_perisomatic,own.py:same")
    (folder / "own.py").write_text("def same(hobj, cell, dynamics_params):\n    return hobj\n")
    write_config(folder, named(cell_processors={"own.py:same": "own.py:same"}))
    for engine in ("neuron", "lockstep"):
        simulate(folder / "config.json", "--engine", engine, "--output", folder / engine)
        np.testing.assert_allclose(voltages(folder / engine / "v.h5"), voltages(folder / "without" / "v.h5"),
                                   rtol=0, atol=1e-6)  # fmt: skip
    (folder / "own.py").write_text(
        "def same(hobj, cell, dynamics_params):\n    hobj.soma[0].gnabar_hh = 0\n    return hobj\n"
    )
    simulate(folder / "config.json", "--engine", "neuron", "--output", folder / "without_sodium")
    assert len(spikes(folder / "without" / "spikes.h5")) > 0
    assert spikes(folder / "without_sodium" / "spikes.h5") == []


def test_sections_may_have_any_names_and_be_several_trees(tmp_path):
    folder = network(tmp_path, name="f", template="mine:f", processing="own.py:leaky")
    source = OWN.replace("NAME", '"f"').replace('"soma[0]"', '"body"').replace('"dend[0]"', '"twig"')
    second = """        other = h.Section(name="other", cell=self)
        self.all.append(other)
        for section in self.all:
"""
    (folder / "own.py").write_text(source.replace("        for section in self.all:\n", second, 1))
    clamp = {"input_type": "current_clamp", "module": "IClamp", "node_set": "all", "amp": 0.3, "delay": 20.0,
             "duration": 5.0}  # fmt: skip

    def change(values):
        values["inputs"] = {"clamp": clamp}
        values["reports"] = {
            name: {"module": "membrane_report", "variable_name": "v", "cells": "all", "sections": sections}
            for name, sections in (("everywhere", "all"), ("soma", "soma"))
        }
        values["colonnade"] = {"cell_models": {"mine": "own.py:ball_and_stick"},
                               "cell_processors": {"own.py:leaky": "own.py:leaky"}}  # fmt: skip

    write_config(folder, change)
    for engine, threads in (("neuron", 1), ("neuron", 3), ("coreneuron", 1), ("coreneuron", 3)):
        output = folder / f"{engine}{threads}"
        simulate(folder / "config.json", "--engine", engine, "--threads", threads, "--output", output)
        everywhere, soma = (voltages(output / f"{name}.h5") for name in ("everywhere", "soma"))
        assert soma.shape[1] == N_CELLS
        per_cell = everywhere.reshape(len(everywhere), N_CELLS, -1)
        np.testing.assert_array_equal(per_cell[:, :, 0], soma)
        assert soma.max() > soma[0].max() + 1, "the clamp is in the soma"
        assert np.ptp(per_cell[:, :, -1]) < 1e-9, "the other tree rests"
        if threads > 1:
            np.testing.assert_array_equal(everywhere, voltages(folder / f"{engine}1" / "everywhere.h5"))


MISTAKES = {
    "it fails": ("nothing", "same", "the function nothing failed: KeyError: 'no such' (own.py, line 34)"),
    "it makes nothing": ("none", "same", "the function none made no cell (own.py, line 36)"),
    "it processes and returns nothing": ("ball_and_stick", "unprocessed", "the function unprocessed made no cell"),
    "no such function": ("ball_and_stic", "same", "own.py: colonnade.cell_models: has no such function"),
    "not in the config": ("other", "same", "add it to colonnade.cell_models"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_function_names_file_and_line(name, tmp_path):
    model, processor, said = MISTAKES[name]
    folder = network(tmp_path, name=model, template=f"own.py:{model}", processing=f"own.py:{processor}")
    with (folder / "own.py").open("a") as file:
        file.write("\ndef none(cell, template_name, dynamics_params):\n    pass\n")
        file.write("\ndef same(hobj, cell, dynamics_params):\n    return hobj\n")
    models = {} if model == "other" else {f"own.py:{model}": f"own.py:{model}"}
    write_config(folder, named(cell_models=models, cell_processors={f"own.py:{processor}": f"own.py:{processor}"}))
    answer = simulate(folder / "config.json", check=False)
    assert answer.returncode
    assert said in answer.stderr, answer.stderr
    assert not (folder / "output" / "spikes.h5").exists()


def test_a_function_makes_a_point_neuron(tmp_path):
    folder = build_network(tmp_path)
    simulate(folder / "config.json", "--engine", "neuron", "--output", folder / "without")
    (folder / "own.py").write_text(
        "from neuron import h\ndef lif(cell, template_name, dynamics_params):\n    made = h.IntFire1()\n"
        "    made.tau, made.refrac = (1000 * dynamics_params[name] for name in ('tau', 'refrac'))\n    return made\n"
    )
    types = folder / "network" / "cells_node_types.csv"
    types.write_text(types.read_text().replace("nrn:IntFire1", "own.py:lif"))
    write_config(folder, named(cell_models={"own.py:lif": "own.py:lif"}))
    simulate(folder / "config.json", "--engine", "neuron", "--output", folder / "own")
    expected = spikes(folder / "without" / "spikes.h5")
    assert any(node == 4 for node, _ in expected)
    assert spikes(folder / "own" / "spikes.h5") == expected


def test_what_lockstep_cannot_take_of_it_is_refused_by_name(tmp_path):
    folder = network(tmp_path, name="ball_and_stick", template="own.py:ball_and_stick", processing="own.py:layered")
    with (folder / "own.py").open("a") as file:
        file.write("\ndef layered(hobj, cell, dynamics_params):\n    hobj.dend[0].insert('extracellular')\n")
        file.write("    return hobj\n")
    functions = {"cell_models": "ball_and_stick", "cell_processors": "layered"}
    write_config(folder, named(**{key: {f"own.py:{name}": f"own.py:{name}"} for key, name in functions.items()}))
    answer = simulate(folder / "config.json", "--engine", "lockstep", check=False)
    assert answer.returncode
    assert "lockstep cannot simulate the extracellular layer" in answer.stderr
    assert json.loads((folder / "config.json").read_text())
