"""What a network may have beside cells and simple synapses, each from the config of the smallest experiment."""

import h5py
import numpy as np
from conftest import snakemake


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
