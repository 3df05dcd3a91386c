"""Only what changed is run again: the exact set of rules after each kind of edit."""

import os
import time

import h5py
import pytest
from workflow_runs import rules_to_run, snakemake

AFTER_SIMULATION = {"compute_statistics", "plot_raster", "plot_traces"}


def test_a_finished_experiment_has_nothing_to_do(finished):
    assert rules_to_run(finished) == {}


def test_an_edit_of_the_firing_rate_reruns_the_spikes_and_what_follows(finished, edit_config):
    edit_config(finished, lambda config: config["inputs"]["sources"].update(firing_rate=70.0))
    assert set(rules_to_run(finished)) == {"generate_spikes", "simulate", *AFTER_SIMULATION}


def test_an_edit_of_a_colour_reruns_one_rule(finished, edit_config):
    edit_config(finished, lambda config: config["figures"]["raster"].update(colours={"stick": "#009E73"}))
    assert rules_to_run(finished) == {"plot_raster": 1}


def test_an_edit_of_a_weight_reruns_those_edges_and_what_follows(finished, edit_config):
    edit_config(finished, lambda config: config["networks"]["cells"]["edges"][0].update(syn_weight=2.0e-3))
    after = {"write_simulation_config", "simulate", *AFTER_SIMULATION}
    assert rules_to_run(finished) == {"build_edges": 1, **dict.fromkeys(after, 1)}


def test_a_longer_simulation_reruns_no_stage_before_it(finished, edit_config):
    edit_config(finished, lambda config: config["simulation"].update(tstop=250.0))
    assert set(rules_to_run(finished)) == {"write_simulation_config", "simulate", *AFTER_SIMULATION}


def test_more_threads_rerun_nothing(finished, edit_config):
    edit_config(finished, lambda config: config["simulation"].update(threads=2))
    assert rules_to_run(finished) == {}


def test_a_new_order_of_keys_reruns_nothing(finished, edit_config):
    def reverse(config):
        for section in ("simulation", "inputs", "figures"):
            config[section] = dict(reversed(config[section].items()))

    edit_config(finished, reverse)
    assert rules_to_run(finished) == {}


def test_swapped_values_are_noticed(finished, edit_config):
    def swap(config):
        edges = config["networks"]["cells"]["edges"][0]
        edges["syn_weight"], edges["delay"] = edges["delay"], edges["syn_weight"] + 1.0

    edit_config(finished, swap)
    assert rules_to_run(finished)["build_edges"] == 1


def test_a_touch_reruns_nothing(finished):
    later = time.time() + 10
    for path in (finished / "results" / "small").rglob("*"):
        if path.is_file() and path.suffix in (".h5", ".csv", ".json", ".swc", ".so"):
            os.utime(path, (later, later))
    for path in [finished / "experiment.yaml", *(finished / "models").rglob("*.json")]:
        os.utime(path, (later, later))
    assert rules_to_run(finished) == {}


@pytest.mark.parametrize("form", ["pdf", "svg", "png"])
def test_a_deleted_figure_is_drawn_again_alone(form, finished):
    (finished / "results" / "small" / "figures" / f"raster.{form}").unlink()
    assert rules_to_run(finished) == {"plot_raster": 1}


def test_a_deleted_table_is_computed_again_alone(finished):
    (finished / "results" / "small" / "statistics" / "degrees.csv").unlink()
    assert rules_to_run(finished) == {"compute_statistics": 1}


def test_an_edited_model_reruns_what_uses_it(finished):
    path = finished / "models" / "synaptic_models" / "excitatory.json"
    path.write_text(path.read_text().replace("3.0", "4.0"))
    assert set(rules_to_run(finished)) == {"fetch_component", "simulate", *AFTER_SIMULATION}


def test_two_runs_in_two_folders_hold_the_same_data(finished, small_experiment):
    snakemake(small_experiment, "simulations")
    for path in (finished / "results" / "small").rglob("*.h5"):
        again = small_experiment / path.relative_to(finished)
        with h5py.File(path) as one, h5py.File(again) as other:
            names = []
            one.visititems(lambda name, item, names=names: names.append(name) if hasattr(item, "dtype") else None)
            assert names
            for name in names:
                assert one[name].dtype == other[name].dtype
                assert one[name][...].tobytes() == other[name][...].tobytes(), f"{path.name}:{name}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda config: config["simulation"].update(tsop=1.0), ["simulation.tsop", "Did you mean 'tstop'?"]),
        (lambda config: config["inputs"].update(source={"type": "spikes", "file": "a"}), ["Did you mean 'sources'?"]),
        (lambda config: config.update(experimnt=config.pop("experiment")), ["experimnt: unknown", "'experiment'?"]),
    ],
)
def test_a_mistake_in_the_config_ends_the_run_before_it_starts(small_experiment, edit_config, change, said):
    edit_config(small_experiment, change)
    answer = snakemake(small_experiment, check=False)
    assert answer.returncode != 0
    for words in said:
        assert words in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not (small_experiment / "results").exists()


def test_the_simulation_config_is_the_same_before_and_after_the_models_are_there(finished, small_experiment):
    snakemake(small_experiment, "results/small/simulation/config.json")
    for name in ("config.json", "circuit_config.json"):
        path = f"results/small/simulation/{name}"
        assert (small_experiment / path).read_bytes() == (finished / path).read_bytes()
