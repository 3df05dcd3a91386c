"""Functions of a user's own that misbehave: each is named with its file and line, or does no harm. One row a trial."""

import os
from pathlib import Path

import h5py
import numpy as np
import pytest
import yaml

from colonnade.builder.networks_from_config import build_edges, build_nodes
from colonnade.errors import InputError
from colonnade.places import project_folder
from colonnade.simulation.network.weights import _own_weights
from colonnade.spikes.trains_from_config import generate_spikes
from colonnade.stimuli.kinds.array import table
from colonnade.user_functions import load_function

SMALL = yaml.safe_load((project_folder() / "tests" / "workflow" / "experiment.yaml").read_text())
NODES, EDGES = SMALL["networks"]["cells"]["nodes"][0], SMALL["networks"]["cells"]["edges"][0]
HEAD = "import itertools, os, sys\nimport numpy as np\n"

# The body of f, what it is used as, words of the error; the line in own.py is that of the body where it raises itself.
RAISES = ", line 4)"
BEGINS = ", line 3)"
TRIALS = [
    ("sys.exit(0)", "SystemExit: 0 (own.py" + RAISES),
    ("raise KeyError('depth')", "KeyError: 'depth' (own.py" + RAISES),
    ("raise type('Own', (BaseException,), {})('x')", "Own: x (own.py" + RAISES),
    ("return np.zeros((3, 2)) @ np.zeros(5)", "(own.py" + RAISES),
    ("return f(*given, **named)", "RecursionError"),
    ("raise MemoryError('1 TB')", "MemoryError: 1 TB (own.py" + RAISES),
    ("return undefined", "NameError: name 'undefined' is not defined (own.py" + RAISES),
    ("return 'text'", "(own.py" + BEGINS),
    ("return np.nan", "(own.py" + BEGINS),
    ("return np.full((7, 3), 1.0)", "(own.py"),
    ("return itertools.repeat(np.nan)", "(own.py" + BEGINS),
    ("return object()", "(own.py"),
]  # fmt: skip
OF_RULES = [
    ("return -1", "gave no number of synapses (own.py, line 3)"),
    ("return 0.5", "gave no number of synapses (own.py, line 3)"),
    ("return 2**70", "gave no number of synapses (own.py, line 3)"),
    ("return 10**12", "gave far too many synapses (own.py, line 3)"),
    ("return 2**32 + 1", "gave far too many synapses (own.py, line 3)"),
    ("given[0]['pop_name'] = 'b'", "a node cannot be changed by a rule; take a copy: dict(node) (own.py, line 4)"),
    ("given[0]['positions'][0] = 5.0", "read-only (own.py, line 4)"),
    ("given[0].update(a=1)", "a node cannot be changed by a rule"),
]


def use_as_positions(folder):
    nodes = {**NODES, "positions": {"function": "own.py:f"}}
    settings = {"network": "cells", "seed": 1, "nodes": [nodes]}
    build_nodes(settings, folder / "nodes.h5", folder / "node_types.csv")


def use_as_attribute(folder):
    nodes = {**NODES, "depth": {"function": "own.py:f"}}
    settings = {"network": "cells", "seed": 1, "nodes": [nodes]}
    build_nodes(settings, folder / "nodes.h5", folder / "node_types.csv")


def edges(folder, **changed):
    nodes = {"network": "cells", "seed": 1, "nodes": [NODES]}
    files = folder / "nodes.h5", folder / "node_types.csv"
    build_nodes(nodes, *files)
    given = {key: value for key, value in EDGES.items() if key not in ("connection_rule", "connection_params")}
    settings = {"seed": 1, "source_network": "cells", "target_network": "cells", "dL": 20.0,
                "edges": [{"connection_rule": 1, **given, **changed}]}  # fmt: skip
    return build_edges(settings, files, files, folder / "edges.h5", folder / "edge_types.csv",
                       project_folder() / "tests" / "workflow" / "models" / "morphologies")  # fmt: skip


def use_as_rule(folder):
    edges(folder, connection_rule="own.py:f")


def use_as_rule_of_a_target(folder):
    edges(folder, connection_rule="own.py:f", iterator="all_to_one")


def use_as_rule_of_a_source(folder):
    edges(folder, connection_rule="own.py:f", iterator="one_to_all")


def use_as_property(folder):
    edges(folder, add_properties=[{"names": "syn_weight", "rule": "own.py:f", "dtypes": "float"}])


def use_as_rate(folder):
    nodes = {"network": "sources", "seed": 1, "nodes": [{"N": 5, "model_type": "virtual"}]}
    build_nodes(nodes, folder / "nodes.h5", folder / "node_types.csv")
    settings = {"seed": 1, "population": "sources", "type": "poisson", "firing_rate": "own.py:f", "times": [0.0, 0.1]}
    generate_spikes(settings, folder / "nodes.h5", folder / "spikes.h5")


def use_as_current(folder):
    table({"file": "own.py:f", "scale": 1.0, "delay": 0.0}, 1.0, 0.1)


def use_as_weight(folder):
    class Rows:
        title, places = "edges", np.arange(2)

        def one(self, row):
            return {"positions": np.zeros(3)}

    _own_weights(load_function("own.py:f", "weights"), "own", [Rows(), Rows(), Rows()], 2)


USES = {name.removeprefix("use_as_"): value for name, value in list(globals().items()) if name.startswith("use_as_")}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, body: str, head: str = HEAD) -> None:
    (folder / "own.py").write_text(f"{head}def f(*given, **named):\n    {body}\n")


@pytest.mark.parametrize(("body", "said"), TRIALS, ids=[body for body, _ in TRIALS])
@pytest.mark.parametrize("use", USES)
def test_what_a_function_does_wrong_is_named_with_its_file_and_line(use, body, said, folder):
    write(folder, body)
    with pytest.raises(InputError) as caught:
        USES[use](folder)
    assert said in str(caught.value)
    assert not [*folder.glob("*edges.h5"), *folder.glob("spikes.h5")]


@pytest.mark.parametrize(("body", "said"), OF_RULES, ids=[body for body, _ in OF_RULES])
def test_what_a_rule_does_wrong_is_named_with_its_file_and_line(body, said, folder):
    write(folder, body)
    with pytest.raises(InputError) as caught:
        use_as_rule(folder)
    assert said in str(caught.value)
    assert "networks.cells.edges to cells[0]" in str(caught.value)


@pytest.mark.parametrize(("head", "said"), [
    ("import sys\nsys.exit(3)\n", "own.py: networks.cells.nodes[0].positions.function: cannot be run (SystemExit in"),
    ("import nobodys_module\n#\n", "ModuleNotFoundError in line 1: No module named 'nobodys_module'"),
    ("#\n1/0\n", "ZeroDivisionError in line 2: division by zero"),
    ("def g(:\n#\n", "SyntaxError in line 1"),
])  # fmt: skip
def test_a_file_that_cannot_be_run_is_named_with_its_line(head, said, folder):
    write(folder, "return np.zeros((3, 3))", head)
    with pytest.raises(InputError) as caught:
        use_as_positions(folder)
    assert said in str(caught.value)


def rows(folder: Path) -> np.ndarray:
    with h5py.File(folder / "edges.h5") as file:
        group = next(iter(file["edges"].values()))
        return np.column_stack([group["source_node_id"][()], group["target_node_id"][()]])


HARMLESS = [
    "print('said', 10 * 'much'); return 2",
    "os.chdir('/'); return 2",
    "np.random.seed(1); return 2",
    "named['table'].append(5); assert len(named['table']) <= 1 + 9; return 2",
    "sys.setrecursionlimit(sys.getrecursionlimit()); return np.int64(2)",
    "return 2.0",
    "return True + 1",
]


@pytest.mark.parametrize("body", HARMLESS)
def test_what_does_no_harm_changes_nothing(body, folder, capfd):
    edges(folder, connection_rule=2)
    expected = rows(folder)
    write(folder, body)
    given = {"table": [1]}
    edges(folder, connection_rule="own.py:f", connection_params=given)
    assert (rows(folder) == expected).all()
    assert given == {"table": [1]}
    assert Path.cwd() == folder.resolve()


def test_a_rule_that_ends_its_process_is_named_and_does_not_hang(folder):
    from colonnade.builder import NetworkBuilder

    def ends(source, target):
        if os.getpid() != parent:
            os._exit(0)
        return 1

    parent = os.getpid()
    network = NetworkBuilder("net", seed=1)
    network.add_nodes(N=600)
    network.add_edges(connection_rule=ends)
    with pytest.raises(InputError, match="a process that connected cells has died"):
        network.build(workers=2)
