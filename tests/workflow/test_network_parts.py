"""What a network may have beside cells and simple synapses, each from the config of the smallest experiment."""

import json

import h5py
import numpy as np
from workflow_runs import rules_to_run, snakemake


def report(folder, name, population="cells"):
    with h5py.File(folder / "results" / "small" / "simulation" / "output" / f"{name}.h5") as file:
        return file[f"report/{population}/data"][()]


def without_figures(config):
    config["figures"] = {}
    config["simulation"]["tstop"] = 100.0
    config["inputs"]["sources"]["times"] = [0.0, 0.1]


def test_a_shipped_synapse_takes_its_parameters_from_the_config_and_its_weights_are_recorded(
    small_experiment, edit_config
):
    def learning(config):
        without_figures(config)
        edges = config["networks"]["sources"]["edges"][0]
        edges.update(model_template="STDP", dynamics_params={"A_plus": 0.2, "A_minus": 0.01, "w_start": 0.75})
        config["simulation"]["engine"] = "coreneuron"
        config["simulation"]["reports"]["w"] = {"variable": "w", "synapse": "STDP", "cells": "cells"}
        config["figures"] = {"weights": {"kind": "traces", "report": "w", "population": "cells", "node_ids": [0]}}

    edit_config(small_experiment, learning)
    snakemake(small_experiment)
    weights = report(small_experiment, "w")
    assert (weights[0] == 0.75).all()
    assert np.ptp(weights[-1]) > 0.01


def test_models_of_ones_own_are_taken_before_those_of_the_wheel(small_experiment, edit_config):
    def both(config):
        without_figures(config)
        config["components"] = {"source": "bmtk", "directory": "models"}
        config["networks"]["cells"]["edges"][0]["dynamics_params"] = "AMPA_ExcToExc.json"

    edit_config(small_experiment, both)
    snakemake(small_experiment, "--until", "fetch_component")
    components = small_experiment / "results" / "small" / "components"
    own = small_experiment / "models" / "synaptic_models" / "excitatory.json"
    assert (components / "synaptic_models" / "excitatory.json").read_bytes() == own.read_bytes()
    assert (components / "synaptic_models" / "AMPA_ExcToExc.json").is_file()


def test_names_of_synapses_their_parameters_and_variables_are_looked_up_first(small_experiment, edit_config):
    def mistaken(config):
        config["networks"]["sources"]["edges"][0].update(model_template="NMDA", dynamics_params={"mgg": 1.0})
        config["simulation"]["reports"]["g"] = {"variable": "w", "synapse": "TsodyksMarkam", "cells": "cells"}

    edit_config(small_experiment, mistaken)
    answer = snakemake(small_experiment, check=False)
    assert answer.returncode
    for words in ("Did you mean 'mg'", "Did you mean 'TsodyksMarkram'"):
        assert words in answer.stdout + answer.stderr
    assert not (small_experiment / "results").exists()


def test_every_kind_of_stimulus_runs_from_the_config(small_experiment, edit_config):
    (small_experiment / "own.py").write_text("import numpy as np\ndef wave(t):\n    return 0.05 * (t % 20 < 10)\n")
    (small_experiment / "own.csv").write_text("timestamps,amps\n0,0.0\n20,0.1\n40,0.0\n")
    (small_experiment / "run.csv").write_text("timestamps population node_ids\n5.0 l4 0\n30.0 l4 3\n60.0 l4 1\n")

    def everything(config):
        without_figures(config)
        config["simulation"]["engine"] = "coreneuron"
        kinds = {
            "pulses": {"type": "pulse_train", "amp": 0.1, "width": 2.0, "frequency": 50.0, "section": "basal"},
            "ramp": {"type": "ramp", "amp_start": 0.0, "amp_end": 0.1, "duration": 50.0},
            "sine": {"type": "sine", "amp": 0.05, "frequency": 40.0, "section": "basal", "section_index": "all"},
            "chirp": {"type": "chirp", "amp": 0.1, "frequency_start": 5, "frequency_end": 90, "duration": 80.0},
            "noise": {"type": "noise", "sigma": 0.05, "tau": 3.0, "node_ids": [0]},
            "background": {"type": "noise_conductance", "mean": 1e-3, "sigma": 5e-4, "tau": 3.0, "e": 0.0},
            "table": {"type": "array", "file": "own.csv", "node_ids": [1]},
            "function": {"type": "array", "file": "own.py:wave", "node_ids": [2], "section_dist": 0.2},
        }
        config["inputs"] = {name: {"population": "cells", **kind} for name, kind in kinds.items()}
        config["inputs"]["minis"] = {"type": "spontaneous", "rate": 2.0, "target": {"pop_name": "stick"}}
        config["simulation"]["clamp_currents"] = ["sine"]
        trains = {
            "sources": {"type": "gamma", "firing_rate": 40.0, "times": [0.0, 0.1], "node_ids": [0]},
            "even": {"type": "regular", "firing_rate": 40.0, "times": [0.0, 0.1], "node_ids": [1]},
            "bursts": {"type": "bursts", "burst_rate": 10.0, "times": [0.0, 0.1], "node_ids": [2]},
            "together": {"type": "correlated", "firing_rate": 40.0, "correlation": 0.5, "times": [0.0, 0.1],
                         "node_ids": [3]},
            "again": {"type": "replay", "file": "run.csv", "source": "l4", "node_ids": [4], "jitter": 1.0},
        }  # fmt: skip
        config["inputs"] |= {name: {"population": "sources", **kind} for name, kind in trains.items()}

    edit_config(small_experiment, everything)
    snakemake(small_experiment)
    found = report(small_experiment, "v_report")
    assert np.isfinite(found).all()
    assert np.abs(found[:, 0] - found[:, 1]).max() > 1
    values = json.loads((small_experiment / "results" / "small" / "simulation" / "config.json").read_text())
    assert values["inputs"]["sine"]["module"] == "sinusoidal"
    with h5py.File(small_experiment / "results" / "small" / "simulation" / "output" / "sine_current.h5") as file:
        assert file["mapping/node_ids"][()].tolist() == [0, 1, 2]
        middles = np.arange(len(file["data"])) * 0.1 + 0.05
        expected = 0.05 * np.sin(2e-3 * np.pi * 40.0 * middles)
        np.testing.assert_allclose(file["data"][()], np.tile(expected, (3, 1)).T, atol=1e-9)
    before = rules_to_run(small_experiment)
    assert before == {}
    (small_experiment / "own.py").write_text("import numpy as np\ndef wave(t):\n    return 0.01 * (t % 20 < 10)\n")
    assert "make_current" in rules_to_run(small_experiment)
    edit_config(small_experiment, lambda config: config["inputs"]["noise"].update(sigma=0.06))
    assert not {"generate_spikes", "build_edges"} & set(rules_to_run(small_experiment))


def test_stimuli_that_cannot_be_are_named_before_anything_runs(small_experiment, edit_config):
    def mistaken(config):
        config["inputs"]["pulses"] = {
            "type": "pulse_train",
            "population": "cells",
            "amp": 1,
            "width": 50,
            "frequency": 40,
        }
        config["inputs"]["noise"] = {"type": "noise", "population": "sources", "sigma": 1.0, "tau": 1.0}
        config["inputs"]["minis"] = {"type": "spontaneous", "source": {"pop_name": "sticks"}, "rate": 1.0}

    edit_config(small_experiment, mistaken)
    answer = snakemake(small_experiment, check=False)
    assert answer.returncode
    for words in ("longer than their period", "needs cells with sections", "inputs.minis.source.pop_name"):
        assert words in answer.stdout + answer.stderr


def test_gap_junctions_couple_cells_from_the_config(small_experiment, edit_config):
    def coupled(config):
        without_figures(config)
        gap = {"is_gap_junction": True, "connection_rule": "gap_connector", "connection_params": {"d_max": 500.0},
               "syn_weight": 0.05, "distance_range": [0.0, 200.0], "target_sections": ["basal", "soma"]}  # fmt: skip
        config["networks"]["cells"]["edges"] = [gap]
        config["inputs"] = {
            "i": {"type": "sine", "population": "cells", "node_ids": [0], "amp": 0.1, "frequency": 30.0}
        }
        config["simulation"]["engine"] = "coreneuron"

    edit_config(small_experiment, coupled)
    snakemake(small_experiment, "simulations")
    found = report(small_experiment, "v_report")
    assert np.ptp(found[:, 1]) > 0.2
    with h5py.File(small_experiment / "results" / "small" / "network" / "cells_cells_edges.h5") as file:
        assert "efferent_section_id" in file["edges/cells_to_cells/0"]
        assert len(file["edges/cells_to_cells/source_node_id"]) == 3
    circuit = json.loads((small_experiment / "results" / "small" / "simulation" / "circuit_config.json").read_text())
    assert circuit["networks"]["edges"][0]["populations"] == {"cells_to_cells": {"type": "electrical"}}


def test_electrodes_see_each_population_and_their_spectra_are_kept(small_experiment, edit_config):
    def seen(config):
        config["simulation"].update(tstop=100.0, electrodes={
            "probe": {"probe": {"first": [30.0, -100.0, 0.0], "spacing": 50.0, "channels": 6}},
            "single": {"positions": [[20.0, 0.0, 0.0]], "by_population": False},
        })  # fmt: skip
        config["inputs"]["sources"]["times"] = [0.0, 0.1]
        config["figures"] = {
            "lfp": {"kind": "lfp", "electrode": "probe", "population": "cells"},
            "csd": {"kind": "csd", "electrode": "probe", "method": "delta"},
        }

    edit_config(small_experiment, seen)
    snakemake(small_experiment)
    results = small_experiment / "results" / "small"
    with h5py.File(results / "simulation" / "output" / "probe.h5") as file:
        assert file["ecp/data"].shape == (1000, 6)
        np.testing.assert_array_equal(file["ecp/data"][()], file["ecp/populations/cells"][()])
        assert np.ptp(file["ecp/data"][()]) > 0
        assert file["ecp/positions"][:, 1].tolist() == [-100.0, -50.0, 0.0, 50.0, 100.0, 150.0]
    rows = (results / "statistics" / "field_potentials.csv").read_text().splitlines()
    assert len(rows) == 1 + 2 * 6 + 1
    assert rows_of_spectra(results) > 100
    edit_config(small_experiment, lambda config: config["figures"]["csd"].update(electrode="prob"))
    answer = snakemake(small_experiment, check=False)
    assert "Did you mean 'probe'" in answer.stdout + answer.stderr


def rows_of_spectra(results):
    return len((results / "statistics" / "field_spectra.csv").read_text().splitlines())


def test_a_field_outside_the_cells_comes_from_the_config(small_experiment, edit_config):
    (small_experiment / "field.txt").write_text(
        "% x y z V (mV)\n" + "".join(f"{x} {y} {z} {-1e-3 * y}\n" for x in (-900, 900) for y in (-900, 900)
                                     for z in (-900, 900)))  # fmt: skip

    def stimulated(config):
        without_figures(config)
        config["simulation"].update(tstop=30.0, engine="neuron")
        wave = {"type": "sine", "amp": 40.0, "frequency": 50.0}
        config["inputs"] = {
            "field": {"type": "extracellular", "population": "cells", "file": "field.txt", "waveform": wave},
            "point": {"type": "extracellular", "population": "cells", "positions": [[0.0, 900.0, 0.0]],
                      "waveform": {"type": "noise", "sigma": 1e-3, "tau": 1.0}},
        }  # fmt: skip

    edit_config(small_experiment, stimulated)
    snakemake(small_experiment, "simulations")
    assert np.ptp(report(small_experiment, "v_report")[:, 0]) > 0.1
    (small_experiment / "field.txt").write_text((small_experiment / "field.txt").read_text() + "0 0 0 0.0\n")
    assert set(rules_to_run(small_experiment)) >= {"simulate"}
    edit_config(small_experiment, lambda config: config["inputs"]["field"]["waveform"].update(type="sin"))
    answer = snakemake(small_experiment, check=False)
    assert "Did you mean 'sine'" in answer.stdout + answer.stderr
