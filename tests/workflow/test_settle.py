"""Points of a sweep that are the same at first simulate that once, and end with the bytes of runs from 0 ms."""

import subprocess
import sys

import pytest
from workflow_runs import ROOT, rules_to_run, snakemake

from colonnade.files import sha256

FILES = ("spikes.h5", "v_report.h5", "late.h5", "wave_current.h5")
AMPLITUDES = (0.05, 0.2)


def with_late_conditions(config):
    """Currents and a second source of spikes that begin at 80 ms, and a report of what comes later."""
    config["networks"]["others"] = {
        "nodes": [{"N": 2, "pop_name": "other", "model_type": "virtual"}],
        "edges": [{**config["networks"]["sources"]["edges"][0], "target_network": "cells"}],
    }
    config["inputs"] |= {
        "others": {"type": "poisson", "firing_rate": 100.0, "times": [0.08, 0.2]},
        "step": {"type": "current_clamp", "population": "cells", "amp": 0.1, "delay": 100.0, "duration": 30.0},
        "wave": {"type": "sine", "population": "cells", "amp": 0.05, "frequency": 20.0, "delay": 10.0},
    }
    config["simulation"] |= {"settle": {"until": 80.0}, "tstop": 150.0, "clamp_currents": ["wave"]}
    config["simulation"]["reports"]["late"] = {"variable": "v", "cells": "cells", "start_time": 90.0}
    config["sweep"] = {"values": {"inputs.step.amp": list(AMPLITUDES), "inputs.others.firing_rate": [50.0, 100.0]}}
    config["figures"] = {}


def run_alone(folder, config, output):
    program = ROOT / "scripts" / "simulate.py"
    command = [sys.executable, program, "--config", config, "--output", output]
    subprocess.run([str(word) for word in command], check=True, capture_output=True, cwd=folder)


@pytest.mark.parametrize("engine", ["lockstep", "neuron", "coreneuron"])
def test_all_points_share_the_beginning_and_equal_their_runs_from_0(engine, small_experiment, edit_config, tmp_path):
    edit_config(small_experiment, with_late_conditions)
    edit_config(small_experiment, lambda config: config["simulation"].update(engine=engine))
    jobs = rules_to_run(small_experiment, "simulations")
    assert (jobs["settle"], jobs["simulate"]) == (1, 4)
    snakemake(small_experiment, "simulations")
    points = sorted((small_experiment / "results" / "small" / "simulation").iterdir())
    assert len(points) == 4
    logs = small_experiment / "results" / "small" / "logs" / "simulate"
    for point in points:
        assert "going on at 80 ms" in (logs / f"{point.name}.log").read_text()
        run_alone(small_experiment, point / "config.json", tmp_path / "alone" / point.name)
        for name in FILES:
            assert sha256(point / "output" / name) == sha256(tmp_path / "alone" / point.name / name), name
    assert len({sha256(point / "output" / "v_report.h5") for point in points}) == 4


def test_a_longer_run_goes_on_from_the_same_settled_state(small_experiment, edit_config):
    edit_config(small_experiment, with_late_conditions)
    edit_config(
        small_experiment, lambda config: (config["inputs"].pop("wave"), config["simulation"].pop("clamp_currents"))
    )
    snakemake(small_experiment, "simulations", "--until", "settle")
    assert "settle" not in rules_to_run(small_experiment, "simulations")
    edit_config(small_experiment, lambda config: config["simulation"].update(tstop=160.0))
    assert "settle" not in rules_to_run(small_experiment, "simulations")


def test_points_that_differ_before_settle_each_by_itself(small_experiment, edit_config):
    def change(config):
        with_late_conditions(config)
        config["sweep"]["values"]["inputs.sources.firing_rate"] = [40.0, 60.0]

    edit_config(small_experiment, change)
    jobs = rules_to_run(small_experiment, "simulations")
    assert (jobs["settle"], jobs["simulate"]) == (2, 8)


@pytest.mark.parametrize(
    ("until", "said"), [(150.0, "no time within the run"), (80.05, "no multiple of the time step")]
)
def test_a_time_that_cannot_be_is_refused_before_any_job(until, said, small_experiment, edit_config):
    edit_config(small_experiment, with_late_conditions)
    edit_config(small_experiment, lambda config: config["simulation"].update(settle={"until": until}))
    answer = snakemake(small_experiment, "--dry-run", check=False)
    assert answer.returncode != 0
    assert f"simulation.settle.until: {said}" in answer.stdout + answer.stderr
