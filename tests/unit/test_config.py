"""SONATA simulation configs: variables, paths, split files, node sets, and errors that name the place."""

import json
from dataclasses import dataclass, field

import numpy as np
import pytest

from colonnade.errors import InputError, MissingFile, UnsupportedError
from colonnade.sonata.config import read_config
from colonnade.sonata.node_sets import NodeSets


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a config (or a part of one) below the test's folder, and its files."""

    def write(name: str, values: dict):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
        return path

    (tmp_path / "network").mkdir()
    for name in ("a_nodes.h5", "a_node_types.csv", "a_a_edges.h5", "a_a_edge_types.csv"):
        (tmp_path / "network" / name).touch()
    return write


NODES = {"nodes": [{"nodes_file": "network/a_nodes.h5", "node_types_file": "network/a_node_types.csv"}]}


def test_values_left_out_are_those_of_the_documentation(write):
    config = read_config(write("config.json", {"run": {"tstop": 100}, "networks": NODES}))
    assert (config.tstop, config.dt, config.dL, config.spike_threshold) == (100.0, 0.1, 20.0, -15.0)
    assert (config.celsius, config.v_init) == (34.0, -80.0)
    assert config.n_steps == 1000
    assert config.output_dir == config.path.parent / "output"


@pytest.mark.parametrize(
    "manifest",
    [
        {"$NETWORK": "network"},
        {"$NETWORK": "./network"},
        {"$BASE": "${configdir}", "$NETWORK": "$BASE/network"},
        {"NETWORK": "${BASE}/net${KIND}", "KIND": "work", "BASE": "."},
    ],
)
def test_variables_of_the_manifest_work_in_every_spelling(manifest, write, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    nodes = {"nodes": [{"nodes_file": "$NETWORK/a_nodes.h5", "node_types_file": "${NETWORK}/a_node_types.csv"}]}
    config = read_config(write("config.json", {"manifest": manifest, "run": {"tstop": 1}, "networks": nodes}))
    assert config.nodes[0].elements == tmp_path / "network" / "a_nodes.h5"


def test_a_variable_can_stand_for_a_number(write):
    values = {"manifest": {"$T": 12.5}, "run": {"tstop": "$T", "dt": "${step}"}, "networks": NODES}
    config = read_config(write("config.json", values), variables={"step": 0.5})
    assert (config.tstop, config.dt) == (12.5, 0.5)


def test_a_run_that_is_no_whole_number_of_steps_is_rounded_with_a_warning(write, caplog):
    """As in BMTK's configs; an experiment's own config is refused."""
    config = read_config(write("config.json", {"run": {"tstop": 1.04, "dt": 0.1}, "networks": NODES}))
    assert config.n_steps == 10
    assert "run.tstop: 1.04 ms is no multiple of run.dt, 0.1 ms; the run ends at 1 ms" in caplog.text


def test_a_config_split_in_circuit_and_simulation_is_one(write, tmp_path):
    edges = [{"edges_file": "$N/a_a_edges.h5", "edge_types_file": "$N/a_a_edge_types.csv"}]
    nodes = [{"nodes_file": "$N/a_nodes.h5", "node_types_file": "$N/a_node_types.csv"}]
    write("circuit/circuit_config.json", {
        "manifest": {"$N": "../network"}, "networks": {"nodes": nodes, "edges": edges},
        "components": {"morphologies_dir": "../swc"}})  # fmt: skip
    write("simulation_config.json", {"run": {"tstop": 5}, "conditions": {"celsius": 20},
                                     "components": {"mechanisms_dir": "mod"}})  # fmt: skip
    config = read_config(
        write("config.json", {"network": "circuit/circuit_config.json", "simulation": "./simulation_config.json"})
    )
    assert (config.tstop, config.celsius) == (5.0, 20.0)
    assert config.edges[0].types == tmp_path / "network" / "a_a_edge_types.csv"
    assert config.component("morphologies_dir") == tmp_path / "swc"
    assert config.component("mechanisms_dir") == tmp_path / "mod"


def test_what_is_not_enabled_is_passed_over(write):
    values = {"run": {"tstop": 1}, "networks": NODES,
              "inputs": {"a": {"enabled": False, "module": "none"}}, "reports": {"r": {"enabled": False}}}  # fmt: skip
    config = read_config(write("config.json", values))
    assert (config.inputs, config.reports) == ({}, {})


@pytest.mark.parametrize("folder", ["./results", "results/", "${configdir}/results"])
def test_output_files_may_repeat_the_output_folder(folder, write, tmp_path):
    output = {"output_dir": "$OUT", "log_file": "$OUT/log.txt", "spikes_file": "spikes.h5"}
    values = {"manifest": {"$OUT": folder}, "run": {"tstop": 1}, "networks": NODES, "output": output}
    config = read_config(write("config.json", values))
    assert config.output_path(config.output["log_file"]) == tmp_path / "results" / "log.txt"
    assert config.output_path(config.output["spikes_file"]) == tmp_path / "results" / "spikes.h5"
    elsewhere = read_config(config.path, tmp_path / "elsewhere")
    assert elsewhere.output_path(config.output["log_file"]) == tmp_path / "elsewhere" / "log.txt"


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"run": {}}, InputError, "run.tstop: this value is missing; expected a number in ms"),
        ({"run": {"tstop": 1, "dt": "0,1"}}, InputError, "run.dt: wrong kind of value (found '0,1')"),
        ({"run": {"tstop": 1, "dt": 2}}, InputError, "run.dt: the time step is longer than the run"),
        ({"networks": {}}, InputError, "networks.nodes"),
        ({"networks": {"nodes": [{"nodes_file": "network/b.h5"}]}}, MissingFile, "networks.nodes[0].nodes_file"),
        ({"inputs": {"x": {"input_file": "$IN/s.h5"}}}, InputError, "inputs.x.input_file: the variable $IN is not in"),
        ({"manifest": {"$A": "$B", "$B": "$A"}}, InputError, "manifest."),
        ({"run": {"tstop": 1, "tstart": 0.5}}, UnsupportedError, "run.tstart"),
        ({"network": "config.json"}, InputError, "refers to itself"),
    ],
)
def test_a_mistake_is_named_with_its_place(change, error, said, write):
    values = {"run": {"tstop": 1}, "networks": NODES, **change}
    with pytest.raises(error) as caught:
        read_config(write("config.json", values))
    assert said in str(caught.value)
    assert "config.json" in str(caught.value)


@dataclass
class Nodes:
    """A population of nodes in memory."""

    name: str
    node_ids: np.ndarray
    table: dict = field(default_factory=dict)

    @property
    def type_ids(self):
        return np.full(len(self.node_ids), 100)

    @property
    def columns(self):
        return list(self.table)

    def values(self, name):
        return np.asarray(self.table[name])


@pytest.fixture
def sets():
    cortex = Nodes("cortex", np.array([0, 1, 2, 5]), {
        "ei": np.array(["e", "e", "i", "i"], object), "depth": np.array([1.0, 2.0, 3.0, np.nan]),
        "model_type": np.array(["biophysical"] * 4, object)})  # fmt: skip
    lgn = Nodes("lgn", np.array([0, 1]), {"model_type": np.array(["virtual"] * 2, object)})
    definitions = {
        "excitatory": {"ei": "e"},
        "deep": {"depth": {"$gte": 2}},
        "some": [0, 5],
        "both": ["deep", "some"],
        "turning": ["turning"],
        "two": {"population": "cortex", "node_id": [1, 2]},
        "old": {"population": "cortex", "gids": [2]},
    }
    return NodeSets(definitions, [cortex, lgn])


@pytest.mark.parametrize(
    ("node_set", "cortex", "lgn"),
    [
        ("all", [0, 1, 2, 5], [0, 1]),
        ("cortex", [0, 1, 2, 5], []),
        ("biophysical", [0, 1, 2, 5], []),
        ("virtual", [], [0, 1]),
        ("excitatory", [0, 1], []),
        ("deep", [1, 2], []),
        ("some", [0, 5], [0]),
        ("both", [0, 1, 2, 5], [0]),
        ("two", [1, 2], []),
        ("old", [2], []),
        ([1], [1], [1]),
        ({"ei": ["e", "i"], "depth": 3}, [2], []),
        ({"population": ["lgn"]}, [], [0, 1]),
        ({"ei": {"$regex": "[i]"}}, [2, 5], []),
    ],
)
def test_a_node_set_chooses_its_nodes(node_set, cortex, lgn, sets):
    chosen = sets.select(node_set)
    assert {name: sets.populations[i].node_ids[chosen[name]].tolist() for i, name in enumerate(("cortex", "lgn"))} == {
        "cortex": cortex,
        "lgn": lgn,
    }


@pytest.mark.parametrize(
    ("node_set", "said"),
    [
        ("excitatry", "Did you mean 'excitatory'?"),
        ({"population": "cortx"}, "Did you mean 'cortex'?"),
        ({"ie": "e"}, "no node has the attribute 'ie'"),
        ("turning", "contains itself"),
        (1.5, "this is not a node set"),
    ],
)
def test_an_unknown_node_set_is_named(node_set, said, sets):
    with pytest.raises(InputError, match=r"inputs\.x\.node_set|node_sets\.turning") as caught:
        sets.select(node_set, "inputs.x.node_set")
    assert said in str(caught.value)
