"""Shipped synapses in a network: from Python and in somebody's config, on both engines, with reports of them."""

import json

import h5py
import numpy as np
import pandas as pd
import pytest
from small_simulation import build_network, simulate, spikes, write_config

from colonnade.builder import NetworkBuilder

pytestmark = pytest.mark.slow

WEIGHT = 1.5e-2


def with_synapse(folder, template, parameters=None, **reports):
    """Let the inputs of the small network come through another synapse; return the config."""
    sources = NetworkBuilder("sources")
    sources.add_nodes(N=6, pop_name="source", model_type="virtual")
    cells = NetworkBuilder("cells")
    cells.import_nodes(folder / "network" / "cells_nodes.h5", folder / "network" / "cells_node_types.csv")
    given = {} if parameters is None else {"dynamics_params": json.dumps(parameters)}
    sources.add_edges(
        source=sources.nodes(), target=cells.nodes(pop_name="hh"), connection_rule=2, syn_weight=WEIGHT, delay=1.0,
        model_template=template, distance_range=[0.0, 500.0], target_sections=["basal", "apical", "soma"], **given,
    )  # fmt: skip
    sources.build()
    sources.save_edges(output_dir=folder / "network")
    entry = {"module": "netcon_report", "cells": {"population": "cells", "node_id": [0, 1]}, "syn_type": template}

    def change(values):
        values["reports"] |= {name: {**entry, "variable_name": name} for name in reports}

    return write_config(folder, change)


@pytest.fixture
def network(tmp_path):
    return build_network(tmp_path, with_point_neuron=False)


def column(path):
    with h5py.File(path) as file:
        group = file["report/cells"]
        return group["data"][()], group["mapping/src_ids"][()], group["mapping/trg_ids"][()]


@pytest.mark.parametrize("engine", ["neuron", "coreneuron", "lockstep"])
def test_recorded_weights_are_those_that_the_spikes_call_for(network, engine):
    config = with_synapse(network, "STDP", {"A_plus": 0.05, "A_minus": 0.03, "w_max": 1.3}, w=True)
    simulate(config, "--engine", engine, "--threads", "2")
    own = spikes(network / "output" / "spikes.h5")
    assert len({node for node, _ in own} & {0, 1}) == 2
    with h5py.File(network / "inputs" / "sources_spikes.h5") as file:
        group = file["spikes/sources"]
        trains = np.array([group["node_ids"][()], group["timestamps"][()]]).T
    with h5py.File(network / "network" / "sources_cells_edges.h5") as file:
        group = file["edges/sources_to_cells"]
        pairs = np.repeat(np.array([group["source_node_id"][()], group["target_node_id"][()]]).T,
                          group["0/nsyns"][()], axis=0)  # fmt: skip
    found, _, targets = column(network / "output" / "w.h5")
    expected = []
    for source, target in pairs[pairs[:, 1] <= 1]:
        w, before = 1.0, []
        events = [(t, True) for node, t in trains if node == source] + [(t, False) for node, t in own if node == target]
        for time, is_source in sorted(event for event in events if event[0] < 99.0):
            traces = ((time - t, kind) for t, kind in before if kind != is_source)
            change = sum(np.exp(-since / 20) for since, _ in traces)
            w = max(w - 0.03 * change, 0) if is_source else min(w + 0.05 * change, 1.3)
            before.append((time, is_source))
        expected.append(w)
    assert sorted(targets) == sorted(pairs[pairs[:, 1] <= 1][:, 1])
    # events fall into steps of 0.05 ms, which moves a pair's difference by that much
    np.testing.assert_allclose(sorted(found[-1]), sorted(expected), atol=3 * 0.05 * 0.05 / 20 * 5)
    assert np.ptp(found[-1]) > 0.02


@pytest.mark.parametrize("options", [["neuron"], ["neuron", "--threads", "2"], ["coreneuron", "--threads", "2"],
                                     ["lockstep", "--threads", "2"]])  # fmt: skip
def test_synapses_of_cells_that_spike_together_learn_the_same_on_any_engine_and_threads(network, options):
    """A cell's synapse onto itself hears each spike twice at once, so equal windows leave its weight as it was."""
    config = with_synapse(network, "STDP", {"A_plus": 0.05, "A_minus": 0.05}, w=True)
    cells = NetworkBuilder("cells")
    cells.import_nodes(network / "network" / "cells_nodes.h5", network / "network" / "cells_node_types.csv")
    cells.add_edges(
        source=cells.nodes(pop_name="hh"), target=cells.nodes(pop_name="hh"), connection_rule=lambda s, t: int(s == t),
        syn_weight=1e-4, delay=1.0, model_template="STDP",
        dynamics_params=json.dumps({"A_plus": 0.05, "A_minus": 0.05}),
        distance_range=[0.0, 500.0], target_sections=["soma"],
    )  # fmt: skip
    cells.build()
    cells.save_edges(output_dir=network / "network")
    simulate(config, "--engine", *options)
    found, sources, targets = column(network / "output" / "w.h5")
    with h5py.File(network / "output" / "spikes.h5") as file:
        counts = np.bincount(file["spikes/cells/node_ids"][()].astype(int))
    assert counts[:2].min() > 1
    assert (found[:, sources == targets] == 1.0).all()


@pytest.mark.parametrize("template", ["NMDA", "AMPA_NMDA", "TsodyksMarkram", "GABA_A", "GABA_B", "STDP"])
def test_engines_and_threads_agree_and_sharing_changes_no_spike(network, template):
    parameters = {"e": 0.0} if template.startswith("GABA") else None
    config = with_synapse(network, template, parameters)
    simulate(config, "--engine", "neuron")
    found = spikes(network / "output" / "spikes.h5")
    for options in (["neuron", "--threads", "3"], ["coreneuron", "--threads", "2"], ["lockstep", "--threads", "2"]):
        simulate(config, "--engine", *options)
        assert spikes(network / "output" / "spikes.h5") == found
    alone = json.loads(config.read_text()) | {"colonnade": {"merge_synapses": False}}
    (network / "alone.json").write_text(json.dumps(alone))
    simulate(network / "alone.json")
    assert spikes(network / "output" / "spikes.h5") == found
    assert len(found) > 0 or template == "GABA_B"


def test_a_connection_keeps_its_own_state_where_synapses_share_an_instance(network):
    def voltages(merge):
        config = with_synapse(network, "TsodyksMarkram", {"U": 0.6, "tau_rec": 200.0})
        values = json.loads(config.read_text()) | {"colonnade": {"merge_synapses": merge}}
        config.write_text(json.dumps(values))
        simulate(config)
        with h5py.File(network / "output" / "v.h5") as file:
            return file["report/cells/data"][()]

    np.testing.assert_allclose(voltages(True), voltages(False), atol=1e-6)


def test_parameters_that_are_no_json_and_ones_that_no_mechanism_has_are_named(network):
    answer = simulate(with_synapse(network, "STDP", {"A_pluss": 0.05}), check=False)
    assert answer.returncode
    assert "A_plus" in answer.stderr
    config = with_synapse(network, "STDP")
    types = network / "network" / "sources_cells_edge_types.csv"
    text = types.read_text().replace("model_template", "dynamics_params model_template").replace(" STDP", " {oops STDP")
    types.write_text(text)
    answer = simulate(config, check=False)
    assert answer.returncode
    assert "sources_cells_edge_types.csv" in answer.stderr
    assert "dynamics_params" in answer.stderr


@pytest.mark.parametrize("steps", [1.0, 1.5])
def test_delays_of_one_time_step_are_simulated_or_refused_in_a_line(network, steps):
    for name in ("cells_cells", "sources_cells"):
        types = network / "network" / f"{name}_edge_types.csv"
        pd.read_csv(types, sep=" ").assign(delay=steps * 0.05).to_csv(types, sep=" ", index=False)
    config = write_config(network)
    simulate(config, "--engine", "lockstep")
    found = spikes(network / "output" / "spikes.h5")
    assert found
    for threads in ("1", "2"):
        said = simulate(config, "--engine", "neuron", "--threads", threads).stderr
        assert spikes(network / "output" / "spikes.h5") == found
        assert ("on one thread" in said) == (threads == "2")
    answer = simulate(config, "--engine", "coreneuron", "--threads", "2", check=False)
    assert answer.returncode == 2
    assert (
        answer.stderr.strip()
        .splitlines()[-1]
        .endswith(
            "CoreNEURON cannot simulate a delay shorter than two time steps; expected engine neuron (--engine neuron)"
        )
    )
