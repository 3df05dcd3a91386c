"""Edges as synapses: sites, weights, delays and kinetics, and BMTK's draws where the files hold no sites."""

import json
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from small_simulation import N_CELLS, N_SOURCES, build_network

from colonnade import simulation as bionet
from colonnade.errors import InputError
from colonnade.simulation.inputs.spike_trains import connect_all
from colonnade.simulation.network.local_cells import LocalCells
from colonnade.simulation.network.populations import Network
from colonnade.simulation.network.synapse_models import SynapseModel, synapse_model
from colonnade.simulation.network.synapses import Connector, joined
from colonnade.sonata import edge_index, hdf5
from colonnade.sonata.config import read_config

POINT_GID = N_CELLS


@pytest.fixture
def folder(tmp_path) -> Path:
    return build_network(tmp_path)


def connected(folder: Path, rank: int = 0, n_ranks: int = 1, highest=lambda number: number):
    """Return the network, its synapses on one rank, and their models."""
    network = Network(read_config(folder / "config.json"))
    cells = LocalCells(network, rank, n_ranks)
    if n_ranks > 1:
        network.keep_edges_of(cells.local, highest)
    connector = Connector(network, cells.table_of, cells.local)
    parts, times, gids = connect_all(network, connector)
    return network, joined(parts), connector.models, (times, gids), cells


def edit_types(folder: Path, name: str, **columns):
    path = folder / "network" / f"{name}_edge_types.csv"
    table = pd.read_csv(path, sep=" ")
    for column, value in columns.items():
        table[column] = value
    table.to_csv(path, sep=" ", index=False, na_rep="NULL")


def test_gids_run_on_from_one_population_to_the_next(folder):
    network, synapses, _, (_, gids), _ = connected(folder)
    assert network.populations["sources"].first_gid == N_CELLS + 1
    assert set(synapses.target.tolist()) == set(range(N_CELLS + 1))
    first = N_CELLS + 1
    assert set(synapses.source.tolist()) == {*range(N_CELLS), *range(first, first + N_SOURCES)}
    assert gids.min() >= first
    assert network.place_of(first + 2) == ("sources", 2)


def test_each_edge_gives_as_many_synapses_as_it_counts(folder):
    _, synapses, models, _, _ = connected(folder)
    on_cells = synapses.section >= 0
    pairs = pd.DataFrame({"source": synapses.source[on_cells], "target": synapses.target[on_cells]}).value_counts()
    assert all(count == (5 if source < N_CELLS else 7) for (source, _), count in pairs.items())
    assert len(pairs) == N_CELLS * (N_CELLS - 1) + N_CELLS * N_SOURCES
    assert {dict(model.parameters)["e"] for model in models} == {0.0, -80.0}
    assert set(synapses.weight[on_cells].tolist()) == {5e-5, 1.5e-3}
    assert set(synapses.delay.tolist()) == {1.0, 1.5}


def test_on_a_point_neuron_the_weight_counts_for_all_synapses_with_their_sign(folder):
    path = folder / "components" / "synaptic_models" / "point.json"
    path.write_text(json.dumps({"sign": -1}))
    _, synapses, _, _, _ = connected(folder)
    mine = synapses.target == POINT_GID
    assert mine.sum() == N_CELLS
    np.testing.assert_allclose(synapses.weight[mine], -2 * 0.3)
    assert (synapses.section[mine] == -1).all()


def test_sites_are_drawn_as_bmtk_draws_them(folder):
    # BMTK: RandomState(gid).choice(segments, nsyns, p=lengths), edge after edge, simulated sources before virtual ones.
    _, synapses, _, _, cells = connected(folder)
    for gid in range(N_CELLS):
        table, stream = cells.table_of(gid), np.random.RandomState(gid)
        weights = table.weights((0.0, 500.0), ("basal", "apical", "soma"))
        segments = np.flatnonzero(weights)
        p = weights[segments] / weights[segments].sum()
        sizes = [5] * (N_CELLS - 1) + [7] * N_SOURCES
        drawn = np.concatenate([stream.choice(segments, size, p=p) for size in sizes])
        mine = synapses.target == gid
        np.testing.assert_array_equal(synapses.section[mine], table.section_id[drawn])
        np.testing.assert_array_equal(synapses.x[mine], table.x[drawn])


def test_ranks_share_the_cells_and_draw_the_same_sites(folder):
    whole = connected(folder)[1]
    parts = [connected(folder, rank, 3)[1] for rank in range(3)]
    assert all(len(part) for part in parts)
    together = joined(parts)
    for name in ("source", "target", "section", "x", "weight", "delay"):
        order = [np.argsort(synapses.target, kind="stable") for synapses in (whole, together)]
        values = [getattr(synapses, name)[o] for synapses, o in zip((whole, together), order, strict=True)]
        for gid in range(N_CELLS + 1):
            mine = [synapses.target[o] == gid for synapses, o in zip((whole, together), order, strict=True)]
            np.testing.assert_array_equal(values[0][mine[0]], values[1][mine[1]])


def write_index(group: h5py.Group):
    """Write an index with a span for each edge."""
    targets = group["target_node_id"][()].astype(int)
    rows, ends = np.argsort(targets, kind="stable"), np.cumsum(np.bincount(targets))
    index = group["indices/target_to_source"]
    del index["node_id_to_range"], index["node_id_to_ranges"], index["range_to_edge_id"]
    index["node_id_to_range"] = np.column_stack([np.append(0, ends[:-1]), ends])
    index["range_to_edge_id"] = np.column_stack([rows, rows + 1])


def shuffled(group: h5py.Group):
    """Bring the edges of a population into another order, with an index as long as the file."""
    order = np.random.default_rng(1).permutation(len(group["target_node_id"]))
    for part in (group, group["0"]):
        for column in part.values():
            if isinstance(column, h5py.Dataset):
                column[...] = column[()][order]
    write_index(group)


def without_index(group: h5py.Group):
    del group["indices"]


def with_index_of_others(group: h5py.Group):
    """Let the index tell each edge once, but of the nodes in the opposite order."""
    ranges = group["indices/target_to_source/node_id_to_range"]
    ranges[...] = ranges[()][::-1]


@pytest.mark.parametrize("change", [None, without_index, shuffled, with_index_of_others])
@pytest.mark.parametrize("block", [7, None])
def test_a_rank_holds_its_own_edges_alone_however_the_file_is_indexed(block, change, folder, monkeypatch, caplog):
    if block:
        for module, name in ((edge_index, "BLOCK"), (hdf5, "READ_AT_ONCE"), (hdf5, "WORTH_A_LEAP")):
            monkeypatch.setattr(module, name, block)
    if change:
        for path in (folder / "network").glob("*_edges.h5"):
            with h5py.File(path, "r+") as file:
                for group in file["edges"].values():
                    change(group)
    whole, expected, *_ = connected(folder)
    misled = change is with_index_of_others
    # What the other ranks have found counts, too.
    ranks = [connected(folder, rank, 3, lambda number: max(number, misled)) for rank in range(3)]
    for i, edges in enumerate(whole.edges):
        places = []
        for network, _, _, _, cells in ranks:
            own = network.edges[i]
            target = network.populations[own.target_population]
            assert cells.local[target.gids[target.rows(own.target_ids)]].all()
            places += own.places(np.arange(len(own))).tolist()
            np.testing.assert_array_equal(own.source_ids, edges.source_ids[places[-len(own) :]])
            np.testing.assert_array_equal(own.values("nsyns"), edges.values("nsyns")[places[-len(own) :]])
        assert sorted(places) == list(range(len(edges)))
        assert edges.stored == len(edges)
    for rank, (_, synapses, _, _, cells) in enumerate(ranks):
        mine = expected.chosen(np.flatnonzero(cells.local[expected.target]))
        for name in ("source", "target", "section", "x", "weight", "delay"):
            np.testing.assert_array_equal(getattr(synapses, name), getattr(mine, name), err_msg=f"{rank} {name}")
    assert ("does not fit its edges" in caplog.text) == misled


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize(("target", "message"), [(77, "has no node 77"), (0, "node 0, which is virtual")])
def test_an_edge_onto_no_cell_is_named_on_ranks_too(target, message, indexed, folder):
    """None of the ranks has the target: it must not be lost between them."""
    path = folder / "network" / "sources_cells_edges.h5"
    with h5py.File(path, "r+") as file:
        group = file["edges/sources_to_cells"]
        if target:
            group["target_node_id"][-1] = target
            write_index(group)
        else:
            group["target_node_id"].attrs["node_population"] = "sources"
        if not indexed:
            del group["indices"]
    for rank in (0, 1):
        with pytest.raises(InputError, match=message):
            connected(folder, rank, 2)


@pytest.mark.parametrize("names", [("sec_id", "sec_x"), ("afferent_section_id", "afferent_section_pos")])
def test_sites_in_the_file_are_taken_in_either_naming(names, folder):
    with h5py.File(folder / "network" / "sources_cells_edges.h5", "r+") as file:
        group = file["edges/sources_to_cells/0"]
        count = len(group["nsyns"])
        del group["nsyns"]
        group[names[0]] = np.arange(count) % 3
        group[names[1]] = np.linspace(0, 1, count)
    _, synapses, _, _, _ = connected(folder)
    mine = synapses.source > N_CELLS
    assert mine.sum() == N_CELLS * N_SOURCES
    assert set(synapses.section[mine].tolist()) == {0, 1, 2}
    assert {0.0, 1.0} <= set(synapses.x[mine].tolist())


def test_edges_whose_group_has_no_number_of_synapses_have_one_each_as_in_bmtk(folder):
    with h5py.File(folder / "network" / "sources_cells_edges.h5", "r+") as file:
        population = file["edges/sources_to_cells"]
        count = len(population["edge_group_id"])
        population["edge_group_id"][...] = np.arange(count) % 2
        population["edge_group_index"][...] = np.arange(count) // 2
        population["1/delay"] = np.full(count // 2, 3.25)
    _, synapses, _, _, _ = connected(folder)
    alone = (synapses.source > N_CELLS) & (synapses.delay == 3.25)
    assert alone.sum() == N_CELLS * N_SOURCES // 2
    assert (synapses.source > N_CELLS).sum() == (1 + 7) * N_CELLS * N_SOURCES // 2


def test_hdf5_stands_above_the_types_file(folder):
    with h5py.File(folder / "network" / "sources_cells_edges.h5", "r+") as file:
        group = file["edges/sources_to_cells/0"]
        count = len(group["nsyns"])
        group["delay"] = np.full(count, 3.25)
        group["dynamics_params/tau2"] = np.where(np.arange(count) % 2, 4.0, 2.0)
    _, synapses, models, _, _ = connected(folder)
    mine = synapses.source > N_CELLS
    assert set(synapses.delay[mine].tolist()) == {3.25}
    assert {dict(models[kind].parameters)["tau2"] for kind in set(synapses.model[mine])} == {2.0, 4.0}


def test_tuned_weights_follow_their_formula(folder):
    edit_types(folder, "cells_cells", weight_function="gaussianLL", weight_sigma=50.0)
    _, synapses, _, _, _ = connected(folder)
    for source, target, expected in ((0, 1, 50.0), (0, 3, 30.0), (3, 0, 30.0)):
        pair = (synapses.source == source) & (synapses.target == target)
        np.testing.assert_allclose(synapses.weight[pair], 5e-5 * np.exp(-((expected / 50.0) ** 2)))


def test_a_users_own_weight_function_is_named_in_the_config(folder):
    (folder / "own.py").write_text("def stronger(edge, source, target):\n    return 3 * edge['syn_weight']\n")
    edit_types(folder, "sources_cells", weight_function="stronger")
    with pytest.raises(InputError, match="unknown weight function") as caught:
        connected(folder)
    assert "colonnade.weight_functions" in str(caught.value)
    values = json.loads((folder / "config.json").read_text())
    values["colonnade"] = {"weight_functions": {"stronger": "own.py:stronger"}}
    (folder / "config.json").write_text(json.dumps(values))
    _, synapses, _, _, _ = connected(folder)
    np.testing.assert_allclose(synapses.weight[synapses.source > N_CELLS], 4.5e-3)


def test_what_a_weight_function_draws_is_each_edges_own(folder):
    own = "import random\nimport numpy as np\n\n\ndef noisy(edge, source, target):\n"
    (folder / "own.py").write_text(own + "    return edge['syn_weight'] * (random.random() + np.random.random())\n")
    edit_types(folder, "cells_cells", weight_function="noisy")
    values = json.loads((folder / "config.json").read_text())
    values["colonnade"] = {"weight_functions": {"noisy": "own.py:noisy"}}
    (folder / "config.json").write_text(json.dumps(values))
    _, first, _, _, _ = connected(folder)
    np.random.random(7)
    _, again, _, _, _ = connected(folder)
    np.testing.assert_array_equal(first.weight, again.weight)
    of_edges = {tuple(pair) for pair in np.stack([first.source, first.target], 1)[first.source < N_CELLS].tolist()}
    assert len(set(first.weight[first.source < N_CELLS].tolist())) == len(of_edges) > 1


def test_a_script_gives_spikes_and_weights_by_decorated_functions(folder):
    @bionet.synaptic_weight(name="doubled")
    def heavier(edge, source, target):
        return 2 * edge["syn_weight"]

    @bionet.spikes_generator
    def in_turn(node, sim):
        return [5.0 * node.node_id, sim.tstop, sim.tstop + 1.0]

    edit_types(folder, "sources_cells", weight_function="doubled")
    values = json.loads((folder / "config.json").read_text())
    entry = {"input_type": "spikes", "module": "function", "spikes_function": "in_turn", "node_set": "sources"}
    values["inputs"] = {"sources": entry}
    (folder / "config.json").write_text(json.dumps(values))
    network, synapses, _, (times, gids), _ = connected(folder)
    np.testing.assert_allclose(synapses.weight[synapses.source > N_CELLS], 3e-3)
    first = network.populations["sources"].first_gid
    assert sorted(zip(gids.tolist(), times.tolist(), strict=True)) == [
        (first + node, time) for node in range(N_SOURCES) for time in (5.0 * node, network.config.tstop)
    ]


def test_a_config_names_the_functions_of_spikes_and_synapses(folder):
    (folder / "own.py").write_text(
        "import numpy as np\nfrom neuron import h\n\n\n"
        "def drawn(node, sim):\n    return np.random.uniform(0, sim.tstop, 3)\n\n\n"
        "def slow(parameters, x, section):\n    made = h.Exp2Syn(x, sec=section)\n    made.tau2 = 77.0\n"
        "    return made\n\n\n"
        "def early(node, sim):\n    return [-1.0]\n"
    )
    edit_types(folder, "sources_cells", model_template="own.py:slow")
    values = json.loads((folder / "config.json").read_text())
    entry = {"input_type": "spikes", "module": "function", "spikes_function": "mine", "node_set": "sources"}
    values["inputs"] = {"sources": entry}

    def with_functions(**settings):
        (folder / "config.json").write_text(json.dumps({**values, "colonnade": settings}))
        return connected(folder)

    with pytest.raises(InputError, match=r"colonnade\.spikes_generators.*mine"):
        with_functions(synapse_models={"own.py:slow": "own.py:slow"})
    generators = {"spikes_generators": {"mine": "own.py:drawn"}}
    with pytest.raises(InputError, match=r"colonnade\.synapse_models.*own\.py:slow"):
        with_functions(**generators)
    synapses = {"synapse_models": {"own.py:slow": "own.py:slow"}}
    _, first, models, (times, _), _ = with_functions(**generators, **synapses)
    mine = first.source > N_CELLS
    assert {models[kind].parameters for kind in set(first.model[mine].tolist())} == {(("tau2", 77.0),)}
    assert len(times) == 3 * N_SOURCES
    assert len(set(times.tolist())) == len(times)
    np.testing.assert_array_equal(with_functions(**generators, **synapses)[3][0], times)
    with pytest.raises(InputError, match=r"no times of spikes.*own\.py.*node 0"):
        with_functions(spikes_generators={"mine": "own.py:early"}, **synapses)


def test_synapses_that_no_segment_can_take_are_counted_in_a_warning(folder, caplog):
    edit_types(folder, "sources_cells", distance_range="[5000.0, 6000.0]")
    _, synapses, _, _, _ = connected(folder)
    assert not (synapses.source > N_CELLS).any()
    assert f"{7 * N_CELLS * N_SOURCES} synapses are left out" in caplog.text


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"delay": -1.0}, "impossible delay"),
        ({"delay": np.nan}, "impossible delay"),
        ({"syn_weight": np.nan}, "not a number"),
        ({"distance_range": "[90.0, 10.0]"}, "not a range of distances"),
        ({"target_sections": "['dendrite']"}, "no such section"),
        ({"dynamics_params": "quick.json"}, "quick.json: there is no such synapse model"),
    ],
)
def test_what_neuron_would_run_without_a_word_is_an_error(columns, said, folder):
    edit_types(folder, "sources_cells", **columns)
    with pytest.raises(InputError) as caught:
        connected(folder)
    assert said in str(caught.value)


def test_an_edge_to_a_node_that_is_not_there_is_named(folder):
    with h5py.File(folder / "network" / "sources_cells_edges.h5", "r+") as file:
        file["edges/sources_to_cells/target_node_id"][0] = 77
    with pytest.raises(InputError, match="population cells has no node 77"):
        connected(folder)


def test_exp2syn_refuses_a_rise_slower_than_the_decay():
    with pytest.raises(InputError, match="rise that is not slower"):
        synapse_model("exp2syn", {"tau1": 3.0, "tau2": 1.0, "erev": 0.0}, "file.json")


def test_a_template_without_special_rules_is_a_mechanism_with_its_parameters():
    assert synapse_model("MySyn", {"erev": -70, "U": 0.5, "level_of_detail": "x"}, None) == SynapseModel(
        "MySyn", (("U", 0.5), ("e", -70.0))
    )


def test_synapses_that_act_by_themselves_have_one_source_and_the_others_no_weight(folder):
    values = json.loads((folder / "config.json").read_text())
    values["inputs"] = {
        "act": {"module": "syn_activity", "input_type": "syn_activity", "timestamps": [20.0, 10.0],
                "precell_filter": {"population": "cells", "node_id": [1, 2]}}
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(values))
    network, synapses, _, (times, gids), _ = connected(folder)
    assert times.tolist() == [10.0, 20.0]
    assert set(gids.tolist()) == {network.end_gid}
    acting = synapses.source == network.end_gid
    assert acting.sum() == 2 * (5 * (N_CELLS - 1) + 1)
    assert (synapses.weight[acting] > 0).all()
    assert (synapses.weight[~acting] == 0).all()


def test_ranks_share_the_work_rather_than_the_cells(folder):
    """All connections from outside end on every second cell; dealt out in turn, one of two ranks would have these."""
    with h5py.File(next((folder / "network").glob("sources_cells_edges.h5")), "r+") as file:
        for population in file["edges"].values():
            targets = population["target_node_id"][()]
            population["target_node_id"][...] = targets - targets % 2
            del population["indices"]
    _, whole, *_ = connected(folder)
    for n_ranks in (2, 3):
        parts = [connected(folder, rank, n_ranks) for rank in range(n_ranks)]
        gids = np.concatenate([part[-1].gids for part in parts])
        assert sorted(gids.tolist()) == sorted(set(whole.target.tolist()))
        assert len({part[-1].imbalance for part in parts}) == 1
        counts = [len(part[1]) for part in parts]
        assert sum(counts) == len(whole)
        assert parts[0][-1].imbalance >= 1.0
        assert max(counts) < 2 / 3 * len(whole)
