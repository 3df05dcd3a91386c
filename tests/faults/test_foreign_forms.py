"""Values of a wrong kind, outputs that would replace something, and odd content in SONATA files, one a row."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
from small_simulation import build_network, write_config
from test_config_mistakes import put
from test_foreign_mistakes import CELLS, CHECK, EDGES, SYNAPSE, fit, hdf5

pytestmark = pytest.mark.xdist_group("foreign_forms")

SWC, POINT = "components/morphologies/branched.swc", "components/point_neuron_models/lif.json"
OF_POINTS = "components/synaptic_models/point.json"
ON_ONE = {"node_set": {"population": "cells", "node_id": [0]}, "delay": 1, "duration": 5}
CURRENT = {"input_type": "current_clamp", "module": "IClamp", "amp": 0.1, **ON_ONE}
VOLTAGE = {"input_type": "voltage_clamp", "module": "SEClamp", "amp": -70, **ON_ONE}
BY_FILE = {"input_type": "csv", "module": "IClamp", **ON_ONE}

# Place in config.json, what is put there, words of the error.
VALUES = [
    ("networks.nodes", None, ["networks.nodes", "no node files"]),
    ("networks.nodes", [{"nodes_file": 5}], ["networks.nodes.0.nodes_file", "text"]),
    ("networks.edges", "x", ["networks.edges", "[...]"]),
    ("networks.edges", [5], ["networks.edges.0", "{...}"]),
    ("networks.nodes.0.node_types_file", 5, ["networks.nodes.0.node_types_file", "text"]),
    ("run.tstop", True, ["run.tstop", "finite number"]),
    ("run.tstop", 1e300, ["too many steps"]),
    ("run.tstop", 10**400, ["run.tstop", "finite number"]),
    ("run.dt", 1e-300, ["run.dt", "too many steps"]),
    ("run.tstart", "x", ["run.tstart", "finite number"]),
    ("run.dL", 1e-9, ["dL", "32767"]),
    ("run.nsteps_block", "x", ["run.nsteps_block"]),
    ("conditions.celsius", 1000, ["conditions.celsius", "below 100"]),
    ("inputs.sources.input_file", 5, ["inputs.sources.input_file", "text"]),
    ("inputs.sources.node_set", {"population": 5}, ["node_set.population", "cells, sources"]),
    ("inputs.sources.node_set", {"pop_name": {"$regex": "("}}, ["node_set.pop_name", "no regular expression"]),
    ("inputs.sources.node_set", {"pop_name": {"$gt": 1}}, ["node_set.pop_name", "cannot be compared"]),
    ("inputs.sources.enabled", "no", ["inputs.sources.enabled", "true or false"]),
    ("inputs.c", {**CURRENT, "delay": -5}, ["inputs.c.delay", "-5"]),
    ("inputs.c", {**CURRENT, "duration": -5}, ["inputs.c.duration", "-5"]),
    ("inputs.c", {**CURRENT, "amp": True}, ["inputs.c.amp", "nA"]),
    ("inputs.c", {**CURRENT, "section_index": "a"}, ["inputs.c.section_index"]),
    ("inputs.c", {**CURRENT, "section_dist": "a"}, ["inputs.c.section_dist", "0..1"]),
    ("inputs.c", {**CURRENT, "node_set": "sources"}, ["inputs.c.node_set", "virtual"]),
    ("inputs.c", BY_FILE, ["inputs.c.file", "names no file"]),
    ("inputs.c", {**BY_FILE, "file": "config.json"}, ["config.json", "timestamps"]),
    ("inputs.c", {**VOLTAGE, "resistance": 0}, ["inputs.c.resistance"]),
    ("reports.v.variable_name", "v[1]", ["config.json", "v[1]"]),
    ("reports.v.variable_name", "v[", ["reports.v.variable_name", "vext[0]"]),
    ("reports.v.cells", "sources", ["reports.v.cells", "virtual"]),
    ("reports.v.sections", [], ["reports.v.sections"]),
    ("reports.v.dt", "x", ["reports.v.dt", "finite number"]),
    ("reports.v.type", "x", ["reports.v.type", "compartment"]),
    ("reports.v.unit", 5, ["reports.v.unit", "text"]),
    ("reports.v.file_name", "/etc/x.h5", ["reports.v.file_name", "leaves the output folder"]),
    ("reports.v.file_name", "../../x.h5", ["reports.v.file_name", "leaves the output folder"]),
    ("reports.v.file_name", "spikes.h5", ["reports.v.file_name", "would replace a file of output.spikes_file"]),
    ("output.output_dir", "config.json", ["output.output_dir", "cannot be written"]),
    ("output.output_dir", "/proc/x", ["output.output_dir", "cannot be written"]),
    ("output.output_dir", 5, ["output.output_dir", "text"]),
    ("output", {"output_dir": ".", "spikes_file": "network/cells_nodes.h5"}, ["output.spikes_file", "networks.nodes"]),
    ("output", {"output_dir": ".", "spikes_file": "inputs/sources_spikes.h5"}, ["spikes_file", "inputs.sources"]),
    ("output", {"output_dir": ".", "spikes_file": "config.json"}, ["output.spikes_file", "the config itself"]),
    ("output", {"output_dir": ".", "spikes_file": "network"}, ["output.spikes_file", "is a folder"]),
    ("output.spikes_file", "../x.h5", ["output.spikes_file", "leaves the output folder"]),
    ("output.spikes_file", "timing.json", ["output.spikes_file", "the run itself"]),
    ("output.spikes_file_csv", "spikes.h5", ["output.spikes_file_csv", "would replace"]),
    ("output.log_file", "../../l.txt", ["output.log_file", "leaves the output folder"]),
    ("output.log_file", "spikes.h5", ["output.log_file", "would replace"]),
    ("components.mechanisms_dir", "config.json", ["components.mechanisms_dir", "no folder"]),
    ("manifest", "x", ["manifest", "{...}"]),
    ("node_sets", 5, ["node_sets"]),
    ("node_sets_file", 5, ["node_sets_file", "text"]),
    ("target_simulator", 5, ["target_simulator", "text"]),
    ("reprots", {}, ["reprots", "'reports'"]),
    ("colonnade", {"threads": "x"}, ["colonnade.threads", "1024"]),
    ("colonnade", {"threads": 10**9}, ["colonnade.threads", "1024"]),
    ("colonnade", {"merge_synapses": "x"}, ["colonnade.merge_synapses", "true or false"]),
    ("colonnade", {"largest_potential": -5}, ["colonnade.largest_potential"]),
    ("colonnade", {"report_precision": "x"}, ["colonnade.report_precision", "double"]),
    ("colonnade", {"weight_functions": {"a": "b"}}, ["colonnade.weight_functions.a", "file.py:function"]),
    ("colonnade", {"engin": "neuron"}, ["colonnade.engin", "'engine'"]),
]  # fmt: skip


def values(place, change):
    """Return what puts ``change(number of rows)`` in the place of a dataset."""

    def replace(opened):
        count = len(opened[place]) if place in opened else len(opened["edges/sources_to_cells/source_node_id"])
        attributes = dict(opened[place].attrs) if place in opened else {}
        if place in opened:
            del opened[place]
        opened[place] = change(count)
        opened[place].attrs.update(attributes)

    return replace


def written(file, text):
    return lambda folder: (folder / file).write_text(text)


def loop(folder):
    (folder / "config.json").unlink()
    (folder / "config.json").symlink_to("config.json")


OF_EDGES = "edges/sources_to_cells"
SOMA, DENDRITE = "1 1 0 0 0 5 -1\n2 3 0 5 0 1 1\n", "3 3 0 50 0 1 2\n"
CONTENTS = {
    "config is a loop of links": (loop, ["config.json", "Symlink loop"]),
    "node id 2**62": (hdf5(CELLS, values("nodes/cells/node_id", lambda n: np.append(np.arange(n - 1), 2**62))),
                      ["cells_nodes.h5", "node_id", "larger than NEURON can count"]),
    "node id 2**63": (hdf5(CELLS, values("nodes/cells/node_id", lambda n: np.append(
        np.arange(n - 1, dtype=np.uint64), np.uint64(2**63 + 5)))), ["cells_nodes.h5", "larger than NEURON can count"]),
    "row of a group -1": (hdf5(CELLS, values("nodes/cells/node_group_index", lambda n: np.full(n, -1))),
                          ["node_group_index[0]", "-1"]),
    "row of a group 0.5": (hdf5(CELLS, values("nodes/cells/node_group_index", lambda n: np.full(n, 0.5))),
                           ["node_group_index[0]", "0.5"]),
    "short attribute": (hdf5(CELLS, values("nodes/cells/0/tuning_angle", lambda n: np.zeros(2))),
                        ["tuning_angle", "has 2 rows"]),
    "target inf": (hdf5(EDGES, values(f"{OF_EDGES}/target_node_id", lambda n: np.full(n, np.inf))),
                   ["target_node_id[0]", "inf"]),
    "1e12 synapses": (hdf5(EDGES, values(f"{OF_EDGES}/0/nsyns", lambda n: np.full(n, 10**12))),
                      ["sources_cells_edges.h5", "nsyns", "too many synapses"]),
    "weights in two columns": (hdf5(EDGES, values(f"{OF_EDGES}/0/syn_weight", lambda n: np.zeros((n, 2)))),
                               ["sources_cells_edges.h5", "syn_weight"]),
    "words as dynamics": (hdf5(EDGES, values(f"{OF_EDGES}/0/dynamics_params/tau1", lambda n: np.array([b"a"] * n))),
                          ["sources_cells_edges.h5", "dynamics_params"]),
    "a point at 1e300": (written(SWC, SOMA + "3 3 0 1e300 0 1 2\n"), ["branched.swc", "line 3", "so far"]),
    "a radius of 1 m": (written(SWC, SOMA + "3 3 0 50 0 1e6 2\n"), ["branched.swc", "line 3", "radius"]),
    "a radius of 0": (written(SWC, SOMA + "3 3 0 50 0 0 2\n"), ["branched.swc", "line 3", "radius"]),
    "a point's id of 20 digits": (written(SWC, SOMA + "99999999999999999999 3 0 50 0 1 2\n"),
                                  ["branched.swc", "line 3", "whole numbers"]),
    "points in a circle": (written(SWC, "1 1 0 0 0 5 -1\n2 3 0 5 0 1 3\n3 3 0 6 0 1 2\n"), ["branched.swc", "line 2"]),
    "e_pas true": (fit(lambda v: v["passive"][0].update(e_pas=True)), ["hh.json", "passive[0].e_pas"]),
    "cm a number": (fit(lambda v: v["passive"][0].update(cm=1.0)), ["hh.json", "passive[0].cm", "list"]),
    "cm of nothing": (fit(lambda v: v["passive"][0].update(cm=[None])), ["hh.json", "passive[0].cm[0]", "object"]),
    "genome of words": (fit(lambda v: v.update(genome=["a"])), ["hh.json", "genome[0]", "object"]),
    "genome null": (fit(lambda v: v.update(genome=None)), ["hh.json", "genome", "list"]),
    "a mechanism 5": (fit(lambda v: v["genome"][0].update(mechanism=5)), ["hh.json", "genome[0].mechanism"]),
    "a section in a list": (fit(lambda v: v["genome"][0].update(section=["soma"])), ["hh.json", "genome[0].section"]),
    "a density of 400 digits": (fit(lambda v: v["genome"][0].update(value=10**400)), ["hh.json", "genome[0].value"]),
    "erev in a list": (fit(lambda v: v["conditions"][0].update(erev=[{"section": ["soma"], "ena": 50, "ek": -77}])),
                       ["hh.json", "conditions[0].erev[0].section"]),
    "a synapse's list": (written(SYNAPSE, "[]"), ["fast.json", "no JSON object"]),
    "tau2 infinite": (written(SYNAPSE, '{"tau1": 1, "tau2": Infinity, "erev": 0}'), ["fast.json", "tau2"]),
    "tau1 true": (written(SYNAPSE, '{"tau1": true, "tau2": 2, "erev": 0}'), ["fast.json", "tau1"]),
    "tau2 of 400 digits": (written(SYNAPSE, f'{{"tau1": 1, "tau2": {10**400}, "erev": 0}}'), ["fast.json", "tau2"]),
    "tau of a point neuron 0": (written(POINT, '{"tau": 0, "refrac": 0.002}'), ["lif.json", "tau", "positive"]),
    "tau of a point neuron a word": (written(POINT, '{"tau": "x", "refrac": 0.002}'), ["lif.json", "tau"]),
    "a sign that is a word": (written(OF_POINTS, '{"sign": "x"}'), ["point.json", "sign", "1 or -1"]),
}  # fmt: skip
TRIALS = {f"{place}={value!r:.60}": (lambda folder, place=place, value=value: write_config(
    folder, lambda config: put(config, place, value)), said) for place, value, said in VALUES} | CONTENTS  # fmt: skip


@pytest.fixture(scope="module")
def said(tmp_path_factory) -> dict[str, str]:
    """What is said of every trial, all in one process, since NEURON takes a second to start."""
    root = tmp_path_factory.mktemp("trials")
    sound = build_network(root / "sound")
    for number, (damage, _) in enumerate(TRIALS.values()):
        shutil.copytree(sound, root / str(number))
        damage(root / str(number))
    paths = [str(root / str(number) / "config.json") for number in range(len(TRIALS))]
    answer = subprocess.run([sys.executable, "-c", CHECK, *paths], capture_output=True, text=True)
    lines = answer.stdout.splitlines()
    assert len(lines) == len(TRIALS), answer.stdout + answer.stderr
    return dict(zip(TRIALS, lines, strict=True))


@pytest.mark.parametrize("trial", TRIALS)
def test_it_is_refused_by_name(trial, said):
    assert said[trial] != "accepted"
    assert not said[trial].startswith("Traceback")
    for words in TRIALS[trial][1]:
        assert words in said[trial]


def test_a_result_that_is_not_to_be_overwritten_stays(tmp_path):
    folder = build_network(tmp_path)
    write_config(folder, lambda config: config["output"].update(overwrite_output_dir=False))
    program = [sys.executable, "-c", CHECK, str(folder / "config.json")]
    assert subprocess.run(program, capture_output=True, text=True).stdout == "accepted\n"
    (folder / "output" / "spikes.h5").write_bytes(b"of an earlier run")
    answer = subprocess.run(program, capture_output=True, text=True)
    assert "output.spikes_file: is there already, and output.overwrite_output_dir is false" in answer.stdout
    assert (folder / "output" / "spikes.h5").read_bytes() == b"of an earlier run"
