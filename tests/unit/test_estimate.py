"""What an experiment comes to before anything of it is made, held against what is made."""

from pathlib import Path

import pytest
import yaml
from cell_examples import BRANCHED

from colonnade.builder.networks_from_config import build_edges, build_nodes
from colonnade.cells import segment_table
from colonnade.experiment import Experiment
from colonnade.experiment.cell_size import CHAPTER3
from colonnade.experiment.estimate import size_of
from colonnade.experiment.stages import edges, nodes
from colonnade.geometry.morphology import swc_segments
from colonnade.sonata.edges import read_edges

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def chapter3(tmp_path):
    """The config of chapter 3 with a small morphology of its own."""
    (tmp_path / "morphologies").mkdir()
    (tmp_path / "morphologies" / "branched.swc").write_text(BRANCHED)
    values = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    values["components"]["directory"] = str(tmp_path)
    values["figures"] = {}
    group(values)["morphology"] = "branched.swc"
    return values


def group(values):
    return values["networks"]["mcortex"]["nodes"][0]


def size(values):
    return size_of(Experiment(values).config)


SIMPLE = """1 1 0 0 0 8 -1
2 3 -30 -5 0 1.2 1
3 3 -180 -15 4 1.0 2
4 3 -220 -60 4 0.7 3
5 3 -230 20 4 0.8 3
6 2 30 0 0 1 1
7 2 90 0 0 1 6
"""


@pytest.mark.parametrize("dL", [5.0, 20.0])
def test_compartments_follow_from_the_morphology_and_its_division(dL, chapter3, tmp_path):
    chapter3["simulation"]["dL"] = dL
    table = segment_table(tmp_path / "morphologies" / "branched.swc", "aibs_perisomatic", dL)  # by NEURON alone
    assert size(chapter3).compartments == pytest.approx(100 * len(table), rel=0.1)
    (tmp_path / "morphologies" / "branched.swc").write_text(SIMPLE)
    table = swc_segments(tmp_path / "morphologies" / "branched.swc", "aibs_perisomatic", dL)
    assert size(chapter3).compartments == 100 * len(table)


def test_a_morphology_that_is_not_there_yet_or_damaged_counts_as_that_of_chapter_3(chapter3, tmp_path, monkeypatch):
    (tmp_path / "morphologies" / "branched.swc").write_text("1 1 0 0 0 -5 -1\n")
    assert size(chapter3).compartments == 100 * CHAPTER3.compartments
    monkeypatch.setenv("COLONNADE_CACHE", str(tmp_path / "empty"))
    group(chapter3)["morphology"] = "Pvalb_470522102_m.swc"
    assert size(chapter3).compartments == 100 * CHAPTER3.compartments


def test_an_integrate_and_fire_cell_is_one_compartment_and_a_connected_pair_one_synapse(chapter3):
    biophysical = size(chapter3)
    cells = group(chapter3)
    for key in ("morphology", "model_processing", "rotation_angle_yaxis", "rotation_angle_zaxis"):
        del cells[key]
    cells |= {"model_type": "point_neuron", "model_template": "nrn:IntFire1", "dynamics_params": "IntFire1_exc_1.json"}
    chapter3["simulation"]["reports"] = {}
    points = size(chapter3)
    assert (points.compartments, points.channels, points.columns) == (100, 0, 0)
    assert 9_000 < points.synapses < biophysical.synapses / 5


@pytest.mark.parametrize(
    ("rule", "params"),
    [
        ("connect_random", {"nsyn_min": 2, "nsyn_max": 5}),
        ("distance_connector", {"d_weight_min": 0.2, "d_weight_max": 0.8, "d_max": 60.0, "nsyn_min": 1, "nsyn_max": 4}),
        ("gap_connector", {"d_max": 80.0, "probability": 0.7}),
        (3, {}),
    ],
)
def test_synapses_are_about_as_many_as_are_built(rule, params, chapter3, tmp_path):
    cells = group(chapter3)
    cells["N"], cells["positions"]["max_radius"], cells["positions"]["height"] = 300, 300.0, 1.0
    chapter3["networks"] = {"mcortex": chapter3["networks"]["mcortex"]}
    chapter3["inputs"] = {}
    edge = chapter3["networks"]["mcortex"]["edges"][0]
    edge |= {"connection_rule": rule, "connection_params": params}
    if rule == "gap_connector":
        edge["is_gap_junction"] = True
        for key in ("delay", "dynamics_params", "model_template"):
            del edge[key]
    config = Experiment(chapter3).config
    files = tmp_path / "nodes.h5", tmp_path / "types.csv"
    build_nodes(nodes.STAGE.settings(config, "mcortex"), *files)
    settings = edges.STAGE.settings(config, "mcortex_mcortex")
    build_edges(settings, files, files, tmp_path / "e.h5", tmp_path / "e.csv", tmp_path / "morphologies")
    built = len(read_edges(tmp_path / "e.h5", tmp_path / "e.csv")[0])
    # Cells at the edge of the disc have fewer neighbours.
    assert 0.75 * built < size(chapter3).synapses < 1.35 * built
    assert size(chapter3).gap_junctions == (size(chapter3).synapses if rule == "gap_connector" else 0)


def test_reports_electrodes_and_states_are_counted_by_their_columns(chapter3):
    simulation = chapter3["simulation"]
    simulation["reports"] = {"v": {"variable": "v", "cells": "mcortex", "sections": "soma"}}
    somata = size(chapter3)
    assert somata.columns == 100
    assert somata.recorded == 4 * 100 * 30_000
    simulation["reports"]["v"]["cells"] = {"population": "mcortex", "node_id": [1, 2, 3]}
    assert size(chapter3).columns == 3
    simulation["reports"]["v"] = {"variable": "v", "cells": "mcortex", "sections": "all", "dt": 1.0}
    everywhere = size(chapter3)
    assert everywhere.columns == everywhere.compartments > 1000
    assert everywhere.recorded == 4 * everywhere.columns * 3_000
    simulation["reports"]["v"] = {"variable": "g", "cells": "mcortex", "synapse": "Exp2Syn"}
    assert size(chapter3).columns == somata.synapses
    simulation["reports"] = {}
    simulation["electrodes"] = {"one": {"positions": [[0.0, 0.0, 50.0], [0.0, 20.0, 50.0]]}}
    outside = size(chapter3)
    assert outside.columns == 0
    assert outside.transfer == 2 * outside.compartments
    assert outside.recorded == 8 * 2 * 3 * 30_000
    simulation["checkpoint_every"] = 100
    assert size(chapter3).disk > outside.disk + 1_000_000
