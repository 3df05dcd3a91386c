"""Segments by our own arithmetic are NEURON's to the last bit, or left to NEURON; a network is built without it."""

import subprocess
import sys

import numpy as np
import pytest
from cell_examples import BALL_AND_STICK, BRANCHED, write

from colonnade.cells import segment_table
from colonnade.components import BMTK, wheel_folder
from colonnade.geometry.morphology import swc_segments
from colonnade.streams import stream

COLUMNS = ("section_id", "x", "distance", "length", "section_type")


def assert_same(path, axon, dL) -> bool:
    """Assert that both tables are equal to the last bit; return whether ours could tell."""
    ours = swc_segments(path, axon, dL)
    if ours is not None:
        theirs = segment_table(path, axon, dL)
        for name in COLUMNS:
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), err_msg=f"{path} {axon} {dL}")
    return ours is not None


@pytest.mark.parametrize("axon", [None, "aibs_perisomatic", "aibs_allactive"])
@pytest.mark.parametrize("dL", [20.0, 7.3, None])
def test_all_morphologies_of_the_wheel_are_neurons(axon, dL):
    paths = sorted((wheel_folder(BMTK) / "morphologies").glob("*.swc"))
    assert len(paths) == 5
    assert all(assert_same(path, axon, dL) for path in paths)


def random_tree(number: int) -> str:
    """Return an SWC file with a soma of one point and branches at random, some of them at awkward places."""
    rng = stream(7, "random trees", number)
    lines, types = ["1 1 0.1 -0.2 0.3 7.77 -1"], [1]
    for row in range(2, int(rng.integers(4, 40))):
        parent = int(rng.choice([row - 1, row - 1, row - 1, rng.integers(1, row), 1]))
        types.append(int(rng.choice([2, 3, 4])) if parent == 1 or rng.random() < 0.1 else types[parent - 1])
        x, y, z = rng.normal(0, 80, 3)
        lines.append(f"{row} {types[-1]} {x:.5f} {y:.4f} {z:.3f} {rng.uniform(0.1, 2):.4f} {parent}")
    return "\n".join(lines) + "\n"


def test_random_trees_are_neurons_or_left_to_it(tmp_path):
    told = 0
    for number in range(150):
        path = write(tmp_path, f"tree{number}.swc", random_tree(number))
        told += assert_same(path, None, 9.0)
        if " 2 " in path.read_text():
            assert_same(path, "aibs_perisomatic", 9.0)
    assert told > 50


@pytest.mark.parametrize("text", [BALL_AND_STICK, BRANCHED])
def test_a_soma_of_several_points_is_left_to_neuron(text, tmp_path):
    assert swc_segments(write(tmp_path, "cell.swc", text), None, 20.0) is None


def test_an_axon_stub_that_follows_its_course_is_left_to_neuron():
    path = next((wheel_folder(BMTK) / "morphologies").glob("Scnn1a*.swc"))
    assert swc_segments(path, "aibs_perisomatic_directed", 20.0) is None


def test_a_network_with_synapse_sites_is_built_without_neuron(tmp_path):
    folder = wheel_folder(BMTK) / "morphologies"
    program = f"""
import sys
from colonnade.builder.networks_from_config import build_edges, build_nodes
cell = {{"N": 5, "model_type": "biophysical", "model_processing": "aibs_perisomatic",
        "morphology": "Scnn1a_473845048_m.swc"}}
files = ("n.h5", "n.csv")
build_nodes({{"seed": 1, "network": "n", "nodes": [cell]}}, *files)
edges = {{"connection_rule": 2, "syn_weight": 1e-4, "delay": 1.0, "distance_range": [0.0, 150.0],
         "target_sections": ["basal"]}}
settings = {{"seed": 1, "source_network": "n", "target_network": "n", "dL": 20.0, "edges": [edges]}}
assert build_edges(settings, files, files, "e.h5", "e.csv", {str(folder)!r}) == 50
sys.exit("NEURON is loaded" if "neuron" in sys.modules else 0)
"""
    answer = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
