"""Sweeps make readable points, and a stage's folder is named after only those values which the stage depends on."""

import copy
from pathlib import Path

import pytest
import yaml

from colonnade.errors import InputError
from colonnade.experiment import Experiment, Plan

ROOT = Path(__file__).resolve().parents[2]
CHAPTER3 = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
RATE = "inputs.mthalamus.firing_rate"
WEIGHT = "networks.mcortex.edges.0.syn_weight"


def experiment(**sweep) -> Experiment:
    return Experiment({**copy.deepcopy(CHAPTER3), "sweep": sweep})


def plan(experiment) -> Plan:
    return Plan(experiment, ROOT)


def names(experiment, job):
    return list(plan(experiment).instances(job))


def test_without_a_sweep_every_stage_has_one_plain_folder():
    plain = Experiment(CHAPTER3)
    assert not plain.has_sweep
    assert plan(plain).job_folder("nodes/mcortex") == "results/chapter3/network"
    assert plan(plain).job_folder("simulation") == "results/chapter3/simulation"


def test_one_network_serves_all_rates_and_replicates():
    swept = experiment(values={RATE: [5.0, 10.0, 15.0, 20.0]}, replicates=5)
    assert len(swept.points) == 20
    assert names(swept, "nodes/mcortex") == [""]
    assert names(swept, "edges/mthalamus_mcortex") == [""]
    assert len(names(swept, "inputs/mthalamus")) == len(names(swept, "simulation")) == 20
    assert plan(swept).job_folder("inputs/mthalamus") == "results/chapter3/inputs/firing_rate~5+replicate~0"


def test_one_input_serves_all_weights():
    swept = experiment(values={WEIGHT: [1e-4, 2e-4]})
    assert names(swept, "inputs/mthalamus") == [""]
    assert names(swept, "edges/mthalamus_mcortex") == [""]
    assert names(swept, "edges/mcortex_mcortex") == ["syn_weight~0.0001", "syn_weight~0.0002"]
    assert names(swept, "simulation") == ["syn_weight~0.0001", "syn_weight~0.0002"]


def test_replicates_reseed_only_the_sections_asked_for():
    inputs = experiment(replicates=3)
    assert names(inputs, "nodes/mcortex") == [""]
    assert names(inputs, "inputs/mthalamus") == ["replicate~0", "replicate~1", "replicate~2"]
    seeds = [plan(inputs).settings("inputs/mthalamus", point)["seed"] for point in inputs.points]
    assert seeds[0] == CHAPTER3["seed"]
    assert len(set(seeds)) == 3
    networks = experiment(replicates=2, reseed=["networks"])
    assert names(networks, "inputs/mthalamus") == [""]
    assert names(networks, "nodes/mcortex") == ["replicate~0", "replicate~1"]


def test_a_new_value_leaves_the_other_points_as_they_are():
    few = experiment(values={RATE: [5.0]}, replicates=2)
    more = experiment(values={RATE: [2.0, 5.0]}, replicates=2)
    for point in few.points:
        assert point in more.points
        assert plan(few).settings("inputs/mthalamus", point) == plan(more).settings("inputs/mthalamus", point)
        assert plan(few).job_folder("simulation", point) == plan(more).job_folder("simulation", point)


def test_zip_goes_through_the_lists_together():
    swept = experiment(design="zip", values={RATE: [5.0, 10.0], WEIGHT: [1e-4, 2e-4]})
    assert names(swept, "simulation") == ["firing_rate~5+syn_weight~0.0001", "firing_rate~10+syn_weight~0.0002"]
    with pytest.raises(InputError, match="one length"):
        experiment(design="zip", values={RATE: [5.0], WEIGHT: [1e-4, 2e-4]})


def test_points_may_be_listed_one_by_one():
    swept = experiment(design="points", points=[{RATE: 5.0}, {RATE: 10.0, WEIGHT: 1e-4}])
    assert names(swept, "simulation") == ["firing_rate~5", "firing_rate~10+syn_weight~0.0001"]


def test_a_random_design_is_the_same_each_time_and_grows_at_its_end():
    three, four = (experiment(design="random", n=n, values={RATE: {"min": 1.0, "max": 30.0}}) for n in (3, 4))
    assert four.points[:3] == three.points
    rates = [plan(four).settings("inputs/mthalamus", point)["firing_rate"] for point in four.points]
    assert all(1.0 <= rate <= 30.0 for rate in rates)
    assert len(set(rates)) == 4


def test_lists_are_named_by_the_user():
    swept = experiment(values={"inputs.mthalamus.times": {"short": [0.0, 1.0], "long": [0.0, 3.0]}})
    assert names(swept, "simulation") == ["times~short", "times~long"]
    assert plan(swept).settings("inputs/mthalamus", swept.points[1])["times"] == [0.0, 3.0]
    with pytest.raises(InputError, match="needs a name"):
        experiment(values={"inputs.mthalamus.times": [[0.0, 1.0]]})


def test_the_figure_of_a_sweep_stands_once_and_others_once_a_point():
    config = copy.deepcopy(CHAPTER3)
    config["figures"] = {name: config["figures"][name] for name in ("raster", "placement")}
    config["figures"]["curve"] = {"kind": "sweep", "x": "networks.mcortex.nodes.0.N"}
    config["sweep"] = {"values": {"networks.mcortex.nodes.0.N": [10, 20]}}
    swept = Experiment(config)
    assert names(swept, "figures/curve") == [""]
    assert names(swept, "figures/raster") == ["N~10", "N~20"]
    assert names(swept, "figures/placement") == ["N~10", "N~20"]


def test_threads_change_no_settings():
    swept = copy.deepcopy(CHAPTER3)
    swept["simulation"]["threads"] = 7
    assert plan(Experiment(swept)).settings("simulation") == plan(Experiment(CHAPTER3)).settings("simulation")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"inputs.mthalamu.firing_rate": [1.0]}, "inputs has no 'mthalamu'"),
        ({RATE: ["fast"]}, "sweep point firing_rate~fast"),
        ({"experiment": ["a", "b"]}, "cannot vary"),
        ({RATE: [5.0, 5.0]}, "same name"),
        ({"simulation.engine": ["../neuron"]}, "not fit for a path"),
    ],
)
def test_a_wrong_sweep_is_refused(values, said):
    with pytest.raises(InputError, match=said):
        experiment(values=values)


def test_a_missing_file_of_user_functions_is_named():
    config = copy.deepcopy(CHAPTER3)
    config["networks"]["mcortex"]["edges"][0]["connection_rule"] = "nowhere.py:rule"
    with pytest.raises(InputError, match=r"nowhere\.py"):
        plan(Experiment(config)).user_files()
