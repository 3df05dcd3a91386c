"""A sweep shares stages, shows a failed point as failed, and a new value runs only its own points."""

import pandas as pd
from workflow_runs import rules_to_run, snakemake

RATE = "inputs.sources.firing_rate"


def sweep(config, values, **more):
    config["sweep"] = {"values": values, **more}
    config["figures"]["curve"] = {"kind": "sweep", "x": next(iter(values))}


def test_rates_and_replicates_share_one_network(small_experiment, edit_config):
    edit_config(small_experiment, lambda config: sweep(config, {RATE: [10.0, 20.0, 30.0, 40.0]}, replicates=5))
    jobs = rules_to_run(small_experiment)
    assert (jobs["build_nodes"], jobs["build_edges"], jobs["compile_mechanisms"]) == (2, 2, 1)
    assert jobs["generate_spikes"] == jobs["simulate"] == jobs["compute_statistics"] == 20
    assert (jobs["gather_points"], jobs["plot_sweep"]) == (1, 1)


def test_a_sweep_fills_one_table_and_a_new_value_runs_only_its_points(small_experiment, edit_config):
    def change(config):
        del config["figures"]["traces"]
        sweep(config, {RATE: [30.0, 60.0]}, replicates=2)

    edit_config(small_experiment, change)
    snakemake(small_experiment)
    statistics = small_experiment / "results" / "small" / "statistics"
    points = pd.read_csv(statistics / "points.csv")
    assert list(points["status"].unique()) == ["done"]
    assert sorted(points[RATE].unique()) == [30.0, 60.0]
    assert (statistics.parent / "figures" / "curve.pdf").stat().st_size > 0
    assert rules_to_run(small_experiment) == {}
    edit_config(small_experiment, lambda config: config["sweep"]["values"].update({RATE: [30.0, 45.0, 60.0]}))
    jobs = rules_to_run(small_experiment)
    assert jobs.pop("gather_points") == jobs.pop("summarise_sweep") == jobs.pop("plot_sweep") == 1
    assert set(jobs.values()) == {2}
    expected = {"generate_spikes", "write_simulation_config", "simulate", "compute_statistics", "plot_raster"}
    assert set(jobs) == expected


def test_a_failed_point_is_named_and_the_others_go_on(small_experiment, edit_config):
    def change(config):  # a current that no cell survives, which only the simulation shows
        clamp = {"type": "current_clamp", "population": "cells", "amp": 0.01, "delay": 1.0, "duration": 20.0}
        config["inputs"]["clamp"] = clamp
        config["limits"] = {"current": 1.0e5}
        sweep(config, {"inputs.clamp.amp": [0.01, 1.0e5]})

    edit_config(small_experiment, change)
    answer = snakemake(small_experiment, "--keep-going", check=False)
    assert answer.returncode != 0
    points = pd.read_csv(small_experiment / "results" / "small" / "statistics" / "points.csv").set_index("point")
    assert points.loc["amp~0.01", "status"] == "done"
    assert points.loc["amp~100000", "status"] == "failed"
    folder = small_experiment / "results" / "small"
    assert (folder / "figures" / "amp~0.01" / "raster.pdf").exists()
    assert not (folder / "simulation" / "amp~100000" / "output" / "spikes.h5").exists()


def test_a_figure_of_the_sweep_may_be_the_only_one(small_experiment, edit_config):
    def change(config):
        config["figures"] = {}
        sweep(config, {RATE: [30.0, 60.0]})

    edit_config(small_experiment, change)
    assert rules_to_run(small_experiment)["plot_sweep"] == 1
