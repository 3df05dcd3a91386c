"""What jobs ask for follows from the work: more memory and time than a step takes, and not several times as much."""

import json
import re
import subprocess
import sys

import pytest
import yaml
from workflow_runs import ROOT, snakemake

from colonnade.experiment import Experiment, Plan
from colonnade.experiment.needs import SPARE, Needs, need_of
from colonnade.simulation.engines.registry import ENGINES

sys.path.insert(0, str(ROOT / "benchmarks" / "programs"))
import measure_needs


def chapter3(cells, engine="lockstep", tstop=20.0, model="Scnn1a", report="soma"):
    base = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    return measure_needs.experiment(base, engine, model, cells, tstop, 12, report) | {"figures": {}}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "cells", "report"),
    [("Scnn1a", 30, "soma"), ("Scnn1a", 200, "soma"), ("Scnn1a", 800, "soma"), ("all-active", 100, "soma"),
     ("point", 1000, "none")],
)  # fmt: skip
def test_a_simulation_takes_less_memory_than_its_job_asks_for_and_more_than_a_third_of_that(
    model, cells, report, tmp_path
):
    values = chapter3(cells, model=model, report=report)
    (tmp_path / "experiment.yaml").write_text(yaml.safe_dump(values))
    snakemake(tmp_path, "--", "simulations")
    said = (tmp_path / "results" / "chapter3" / "logs" / "simulate.log").read_text()
    took = 1e6 * int(re.search(r"(\d+) MB of memory", said)[1])
    asked = SPARE["memory"] * need_of(Experiment(values).config, "simulation").memory
    assert asked / 3 < took < asked


def test_ranks_ask_for_what_each_of_them_starts_with_and_for_less_time():
    config = Experiment(chapter3(1000, "neuron", 10_000.0)).config
    one, four = need_of(config, "simulation"), need_of(config, "simulation", ranks=4)
    assert one.memory + 3 * 50e6 < four.memory < 4 * one.memory
    assert four.seconds < one.seconds / 2


@pytest.mark.parametrize("engine", ENGINES)
def test_each_engine_asks_for_more_with_more_cells_steps_and_attempts(engine):
    plans = [Plan(Experiment(chapter3(*size, tstop)), ROOT) for size, tstop in (
        ((100, engine), 1000.0), ((20000, engine), 1000.0), ((20000, engine), 20000.0))]  # fmt: skip
    small, large, long = ({name: ask({}, 1) if name != "disk_mb" else ask({})
                           for name, ask in Needs(plan).of("simulation").items()} for plan in plans)  # fmt: skip
    assert small["mem_mb"] < large["mem_mb"]
    assert large["runtime"] < long["runtime"]
    assert small["disk_mb"] < large["disk_mb"] < long["disk_mb"]
    again = Needs(plans[1]).of("simulation")
    assert again["mem_mb"]({}, 2) == pytest.approx(1.5 * large["mem_mb"], abs=1)


def test_short_points_share_a_job_and_long_ones_do_not():
    short, long = (Needs(Plan(Experiment(chapter3(*size)), ROOT)) for size in (
        (20, "lockstep", 20.0), (3000, "neuron", 60000.0)))  # fmt: skip
    assert short.points_in_a_job > 10
    assert long.points_in_a_job == 1
    assert short.are_light("edges")
    assert not long.are_light("simulation")


def test_the_signal_of_the_time_limit_leaves_a_short_simulation_its_time():
    profile = yaml.safe_load((ROOT / "profiles" / "slurm" / "config.yaml").read_text())
    before = int(re.search(r"USR1@(\d+)", profile["set-resources"]["simulate"]["slurm_extra"])[1])
    needs = Needs(Plan(Experiment(chapter3(20, "lockstep", 20.0)), ROOT))
    assert 60 * needs.of("simulation")["runtime"]({}, 1) >= 2 * before


RATES = {"inputs.sources.firing_rate": [20.0, 40.0]}  # no network, but inputs of its own for each point
CELLS = {"networks.cells.nodes.0.N": [2, 3]}  # all but the sources and the libraries
ON_RANKS = ("--set-resources", "simulate:tasks=2", "simulate:mpi=mpiexec")


@pytest.mark.parametrize(
    ("values", "replicates", "words", "expected"),
    [
        ({}, 1, (), {"points0"}),
        (RATES, 30, (), {"before", "points0", "points1"}),
        (CELLS, 60, (), {"before", "points0", "points1", "points2"}),
        (CELLS, 20, ON_RANKS, {"before", "points0"}),
    ],
    ids=["one simulation", "rates", "networks", "networks on ranks"],
)
def test_what_goes_with_short_points_is_in_their_jobs(
    values, replicates, words, expected, small_experiment, edit_config
):
    def sweep(config):
        config["figures"] = {"raster": config["figures"]["raster"]}
        config["simulation"]["settle"] = {"until": 20.0}
        if values:
            config["sweep"] = {"values": values, "replicates": replicates}

    edit_config(small_experiment, sweep)
    remote = ("--executor", "cluster-generic", "--cluster-generic-submit-cmd", "sh", "--jobs", "2")
    components = ("--group-components", "points=50", "before=50")
    answer = snakemake(small_experiment, "--dry-run", *remote, *components, *words)
    said = answer.stdout + answer.stderr
    groups = re.findall(r"[Gg]roup job (\w+)", said)
    assert set(groups) == expected
    if not words:
        assert len(groups) == len(expected)


def test_nodes_that_share_no_files_are_refused_with_what_they_lack(small_experiment):
    answer = snakemake(small_experiment, "--dry-run", "--shared-fs-usage", "persistence", "sources", check=False)
    said = answer.stdout + answer.stderr
    assert "--shared-fs-usage: a simulation's states and the folder of its reports are no files" in said
    assert "(found 'persistence sources')" in said
    assert "programs of the clone" not in said


def test_a_dry_run_tells_what_the_jobs_ask_for_and_how_many_processes_connect_cells(small_experiment):
    threads = ("--cores", "3", "--set-threads", "build_edges=3")
    answer = snakemake(small_experiment, "--dry-run", "--printshellcmds", *threads)
    said = answer.stdout + answer.stderr
    assert re.search(r"^simulation +1 +\d+ +\d+ +\d+$", said, flags=re.MULTILINE)
    assert "edge_types.csv --workers 3 " in said


def test_the_model_is_the_fit_of_the_measurements(tmp_path):

    program = ROOT / "benchmarks" / "programs" / "fit_needs.py"
    command = [sys.executable, program, ROOT / "benchmarks" / "needs.csv", "--output", tmp_path / "needs.json"]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    model = ROOT / "src" / "colonnade" / "experiment" / "needs.json"
    assert json.loads((tmp_path / "needs.json").read_text()) == json.loads(model.read_text())
