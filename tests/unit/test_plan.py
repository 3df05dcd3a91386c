"""The plan: which jobs there are, what each reads, where its files are; asked without Snakemake."""

import copy
from pathlib import Path

import pytest
import yaml

from colonnade.errors import InputError
from colonnade.experiment import Experiment, Plan
from colonnade.experiment.stages import STAGES

ROOT = Path(__file__).resolve().parents[2]
CHAPTER3 = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
INPUT = CHAPTER3["inputs"]["mthalamus"]
NODES = CHAPTER3["networks"]["mcortex"]["nodes"]
RATE = "inputs.mthalamus.firing_rate"


def plan_of(project=ROOT, **sections) -> Plan:
    return Plan(Experiment({**copy.deepcopy(CHAPTER3), **sections}), project)


def test_every_file_that_a_job_reads_is_made_by_another_one():
    plan = plan_of(sweep={"values": {RATE: [5.0, 10.0]}, "replicates": 2})
    made = set(plan.files(*STAGES))
    for job in plan.jobs:
        for point in plan.instances(job).values():
            for paths in plan.files_read(job, point).values():
                assert set(paths) <= made, job


def test_no_two_jobs_make_the_same_file():
    plan = plan_of(sweep={"values": {RATE: [5.0, 10.0], "networks.mcortex.edges.0.syn_weight": [1e-4, 2e-4]}})
    files = plan.files(*STAGES)
    assert len(files) == len(set(files))


def test_the_graph_has_no_circle_and_ends_in_the_figures():
    plan = plan_of()
    assert {"simulation", "nodes/mcortex", "inputs/mthalamus"} <= set(plan.before("figures/raster"))
    assert plan.before("simulation_config") == ["nodes/mcortex", "nodes/mthalamus", "edges/mcortex_mcortex",
                                                "edges/mthalamus_mcortex"]  # fmt: skip
    assert "inputs/mthalamus" in plan.origin("statistics")


def test_rules_get_patterns_that_fit_the_paths_of_the_jobs():
    plan = plan_of(sweep={"values": {RATE: [5.0, 10.0]}})
    pattern = plan.output("inputs", "spikes")
    assert pattern == "results/chapter3/inputs{point}/{input}_spikes.h5"
    assert pattern.format(point="/firing_rate~10", input="mthalamus") in plan.files("inputs")
    assert plan.log("inputs") == "results/chapter3/logs/generate_spikes{point}/{input}.log"
    assert plan.output("points", "points") == "results/chapter3/statistics/points.csv"


def test_a_rule_reads_what_belongs_to_its_point():
    plan = plan_of(sweep={"values": {RATE: [5.0, 10.0]}})
    read = plan.inputs("simulation")({"point": "/firing_rate~10"})
    assert read["spikes"] == ["results/chapter3/inputs/firing_rate~10/mthalamus_spikes.h5"]
    assert read["nodes"][0] == "results/chapter3/network/mcortex_nodes.h5"
    with pytest.raises(InputError, match=r"firing_rate~11.*Did you mean 'firing_rate~10'"):
        plan.inputs("simulation")({"point": "/firing_rate~11"})


@pytest.mark.parametrize(
    ("path", "values", "shared", "varied"),
    [
        (
            "inputs.mthalamus",
            {"slow": INPUT, "fast": {"type": "poisson", "firing_rate": 30.0, "times": [0, 3]}},
            "edges/mthalamus_mcortex",
            "inputs/mthalamus",
        ),
        (
            "networks.mcortex.edges.0",
            {"as_it_is": CHAPTER3["networks"]["mcortex"]["edges"][0], "none": {"connection_rule": 0}},
            "edges/mthalamus_mcortex",
            "edges/mcortex_mcortex",
        ),
        (
            "networks.mcortex.nodes",
            {"many": NODES, "few": [NODES[0] | {"N": 3}]},
            "nodes/mthalamus",
            "edges/mthalamus_mcortex",
        ),
        (
            "inputs",
            {"driven": CHAPTER3["inputs"], "alone": {}},
            "edges/mcortex_mcortex",
            "simulation_config",
        ),
        ("mechanisms.flags", ["-O2", "-O3"], "inputs/mthalamus", "simulation"),
    ],
)
def test_whole_objects_can_be_varied(path, values, shared, varied):
    plan = plan_of(sweep={"values": {path: values}}, figures={})
    assert list(plan.instances(shared)) == [""]
    assert len(plan.instances(varied)) == 2
    files = plan.files(*STAGES)
    assert len(files) == len(set(files))


def test_a_key_that_matters_only_beside_another_is_found():
    """The seed of the positions matters to cells that have a position function, which one of the points leaves out."""
    groups = CHAPTER3["networks"]["mthalamus"]["nodes"]
    placed = [groups[0] | {"positions": {"function": "positions_columinar", "max_radius": 5.0, "height": 5.0}}]
    values = {"networks.mthalamus.nodes": {"anywhere": groups, "placed": placed}, "seeds.networks": [1, 2]}
    plan = plan_of(sweep={"values": values}, seeds={"networks": 1})
    settings = {}
    for name, point in plan.instances("nodes/mthalamus").items():
        settings[name] = plan.settings("nodes/mthalamus", point)
    for point in plan.experiment.points:
        assert plan.settings("nodes/mthalamus", point) == settings[plan.point_name("nodes/mthalamus", point)]


def code_of(project, pattern="nodes/{network}"):
    return plan_of(project).code_of(pattern)({"network": "mcortex"})


def test_code_counts_by_its_content_not_by_its_place_or_comments(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name / "scripts").mkdir(parents=True)
        (tmp_path / name / "scripts" / "build_nodes.py").write_text("import colonnade.streams\n")
    checksum = {name: code_of(tmp_path / name) for name in ("one", "two")}
    assert checksum["one"] == checksum["two"]
    (tmp_path / "three" / "scripts").mkdir(parents=True)
    program = tmp_path / "three" / "scripts" / "build_nodes.py"
    program.write_text("# Why.\nimport colonnade.streams  # numbers\n")
    assert code_of(tmp_path / "three") == checksum["one"]
    (tmp_path / "four" / "scripts").mkdir(parents=True)
    (tmp_path / "four" / "scripts" / "build_nodes.py").write_text("import colonnade.streams\nprint(1)\n")
    assert code_of(tmp_path / "four") != checksum["one"]


def test_an_edit_of_our_mechanisms_counts_as_code(tmp_path):
    checksums = []
    for name, text in (("one", "NEURON {SUFFIX a}"), ("two", "NEURON {SUFFIX b}")):
        project = tmp_path / name
        for path in ("scripts/compile_mechanisms.py", "mechanisms/a.mod"):
            (project / path).parent.mkdir(parents=True)
            (project / path).write_text(text if path.endswith(".mod") else "")
        checksums.append(code_of(project, "mechanisms"))
    assert checksums[0] != checksums[1]


def test_an_experiment_with_figures_of_the_sweep_alone_has_the_same_patterns():
    figures = {"curve": {"kind": "sweep", "x": RATE}}
    plan = plan_of(sweep={"values": {RATE: [5.0, 10.0]}}, figures=figures)
    assert plan.output("figures", "pdf") == "results/chapter3/figures{point}/{figure}.pdf"
    assert "results/chapter3/figures/curve.pdf" in plan.targets()
