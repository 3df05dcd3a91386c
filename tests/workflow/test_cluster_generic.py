"""A sweep with replicates through a remote executor, whose queue is a shell: each job starts its own Snakemake."""

import pandas as pd
from workflow_runs import rules_to_run, snakemake

RATE = "inputs.sources.firing_rate"
REMOTE = ("--executor", "cluster-generic", "--cluster-generic-submit-cmd", "sh", "--jobs", "2",
          "--seconds-between-status-checks", "1")  # fmt: skip


def test_a_sweep_of_two_axes_with_replicates_runs_remotely_as_it_does_here(small_experiment, edit_config):
    def sweep(config):
        config["figures"] = {}
        config["sweep"] = {"values": {RATE: [30.0], "simulation.celsius": [30.0]}, "replicates": 2}

    edit_config(small_experiment, sweep)
    snakemake(small_experiment, *REMOTE)
    points = pd.read_csv(small_experiment / "results" / "small" / "statistics" / "points.csv")
    assert list(points["status"].unique()) == ["done"]
    assert len(points["point"].unique()) == 2
    assert rules_to_run(small_experiment) == {}
