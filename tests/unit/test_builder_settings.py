"""Networks from a config: the same files as from a script, and errors that name the place in the config."""

import h5py
import numpy as np
import pytest
from cell_examples import BALL_AND_STICK, BRANCHED

from colonnade.builder import NetworkBuilder, connect_random
from colonnade.builder.networks_from_config import build_edges, build_nodes
from colonnade.cells.placement import segment_table
from colonnade.errors import InputError, MissingFile
from colonnade.files import sha256
from colonnade.sonata.edges import read_edges
from colonnade.sonata.nodes import read_nodes

BIOPHYSICAL = {"model_type": "biophysical", "model_processing": "aibs_perisomatic"}
NODES = {
    "seed": 1,
    "network": "cortex",
    "nodes": [
        {
            "N": 12,
            "pop_name": "E",
            "positions": {"function": "positions_columinar", "center": [0, 0, 0], "max_radius": 20.0, "height": 10.0},
            "rotation_angle_yaxis": {"function": "xiter_random", "min_x": 0.0, "max_x": 6.28},
            "morphology": "branched.swc",
            **BIOPHYSICAL,
        },
        {
            "N": 3,
            "pop_name": "stick",
            "positions": {"function": "positions_list", "positions": [[0, 0, 0]] * 3},
            "morphology": "ball_and_stick.swc",
            **BIOPHYSICAL,
        },
        {"N": 2, "pop_name": "point", "positions": [[0, 0, 0], [1, 1, 1]], "model_type": "point_neuron"},
    ],
}
EDGES = {
    "seed": 1,
    "source_network": "cortex",
    "target_network": "cortex",
    "dL": 20.0,
    "edges": [
        {
            "source": {"pop_name": "E"},
            "target": {},
            "connection_rule": "connect_random",
            "connection_params": {"nsyn_min": 1, "nsyn_max": 60},
            "syn_weight": 2e-4,
            "delay": 2.0,
            "distance_range": [30.0, 150.0],
            "target_sections": ["basal", "apical"],
        }
    ],
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "morphologies").mkdir()
    (tmp_path / "morphologies" / "branched.swc").write_text(BRANCHED)
    (tmp_path / "morphologies" / "ball_and_stick.swc").write_text(BALL_AND_STICK)
    return tmp_path


def nodes(folder, settings=NODES):
    build_nodes(settings, folder / "nodes.h5", folder / "types.csv")
    return read_nodes(folder / "nodes.h5", folder / "types.csv")[0]


def edges(folder, settings=EDGES, morphologies=True):
    nodes(folder)
    files = folder / "nodes.h5", folder / "types.csv"
    chosen = folder / "morphologies" if morphologies else None
    build_edges(settings, files, files, folder / "edges.h5", folder / "edge_types.csv", chosen)
    return read_edges(folder / "edges.h5", folder / "edge_types.csv")[0]


def changed(settings, **changes):
    """Return settings with changes in their first group of edges or nodes; None takes a key away."""
    key = "edges" if "edges" in settings else "nodes"
    group = {name: value for name, value in (settings[key][0] | changes).items() if value is not None}
    return settings | {key: [group, *settings[key][1:]]}


class TestNodes:
    def test_functions_give_values_and_the_rest_is_shared(self, folder):
        found = nodes(folder)
        assert len(found) == 17
        assert np.hypot(*found.values("positions")[:12, [0, 2]].T).max() <= 20.0
        assert len(np.unique(found.values("rotation_angle_yaxis")[:12])) == 12
        assert found.values("pop_name").tolist() == ["E"] * 12 + ["stick"] * 3 + ["point"] * 2

    def test_a_group_draws_the_same_whatever_stands_beside_it(self, folder):
        alone = nodes(folder, NODES | {"nodes": NODES["nodes"][:1]}).values("positions")
        reordered = nodes(folder, NODES | {"nodes": NODES["nodes"][::-1]}).values("positions")
        np.testing.assert_array_equal(reordered[5:], alone)

    def test_two_groups_of_one_name_draw_different_values(self, folder):
        twice = nodes(folder, NODES | {"nodes": [NODES["nodes"][0]] * 2}).values("positions")
        assert (twice[:12] != twice[12:]).all()

    def test_a_users_own_function(self, folder):
        file = folder / "own.py"
        file.write_text("def line(N, rng, step):\n    return [(i * step, rng.random(), 0.0) for i in range(N)]\n")
        reference = f"{file}:line"
        settings = changed(NODES, positions={"function": reference, "step": 2.0})
        found = nodes(folder, settings)
        assert found.values("positions")[:12, 0].tolist() == [2.0 * i for i in range(12)]
        first = (folder / "nodes.h5").read_bytes()
        nodes(folder, settings)
        assert (folder / "nodes.h5").read_bytes() == first
        with h5py.File(folder / "nodes.h5") as stored:
            assert sha256(file) in stored["nodes/cortex"].attrs["user_functions"]
            assert stored.attrs["seed"] == 1

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"positions": {"function": "positions_colum"}}, r"nodes\[0\].positions.function.*positions_colum"),
            ({"positions": {"function": "positions_columinar", "radius": 3}}, r"nodes\[0\].positions.*radius"),
            ({"positions": {"function": "positions_columinar", "max_radius": -3}}, r"nodes\[0\].positions.*max_radius"),
            ({"positions": {"functoin": "positions_columinar"}}, r"nodes\[0\].positions.function"),
            ({"rotation_angle_yaxis": [0.0, 1.0]}, r"nodes\[0\].*rotation_angle_yaxis.*2 values for 12"),
            ({"N": None}, r"nodes\[0\].N"),
            ({"morpholgy": "cell.swc"}, r"nodes\[0\].*'morpholgy'.*Did you mean 'morphology'"),
            ({"positions": {"function": "nowhere.py:f"}}, "nowhere.py"),
        ],
    )
    def test_slips_are_named_with_their_place(self, folder, change, reason):
        with pytest.raises(InputError, match=reason):
            nodes(folder, changed(NODES, **change))
        assert not (folder / "nodes.h5").exists()

    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            ("def line(N, rng):\n    return [1.0] * (N - 1)\n", r"gave an array \(11,\)"),
            ("def line(N, rng):\n    return 1 / 0\n", r"ZeroDivisionError: division by zero \(own\.py, line 2\)"),
            ("def line(N, rng, step):\n    return range(N)\n", "step"),
            ("def lines(N, rng):\n    return range(N)\n", "Did you mean 'lines'"),
            ("def line(N, rng:\n", "SyntaxError in line 1"),
        ],
    )
    def test_a_users_function_that_fails_is_named(self, folder, code, reason):
        (folder / "own.py").write_text(code)
        with pytest.raises(InputError, match=reason):
            nodes(folder, changed(NODES, positions={"function": f"{folder / 'own.py'}:line"}))


class TestSites:
    def test_each_synapse_on_a_biophysical_cell_has_its_place(self, folder):
        found = edges(folder)
        placed = found.target_ids < 15
        assert np.isfinite(found.values("afferent_section_id")[placed]).all()
        assert np.isnan(found.values("nsyns")[placed]).all()
        assert (found.values("nsyns")[~placed] > 0).all()
        for morphology, targets in (("branched.swc", range(12)), ("ball_and_stick.swc", range(12, 15))):
            table = segment_table(folder / "morphologies" / morphology, "aibs_perisomatic", 20.0)
            chosen = np.isin(found.target_ids, targets)
            weights = table.weights([30.0, 150.0], ["basal", "apical"])
            place = {(s, x): i for i, (s, x) in enumerate(zip(table.section_id, table.x, strict=True))}
            sites = zip(found.values("afferent_section_id"), found.values("afferent_section_pos"), chosen, strict=True)
            counts = np.bincount([place[int(s), x] for s, x, of_kind in sites if of_kind], minlength=len(table))
            assert not counts[weights == 0].any()
            expected = (weights / weights.sum() * counts.sum())[weights > 0]
            chi_squared = ((counts[weights > 0] - expected) ** 2 / expected).sum()
            assert chi_squared < len(expected) + 4 * np.sqrt(2 * len(expected))

    def test_sites_leave_the_connections_as_they_are(self, folder):
        found = edges(folder)
        net = NetworkBuilder("cortex", seed=1)
        net.import_nodes(folder / "nodes.h5", folder / "types.csv")
        net.add_edges({"pop_name": "E"}, {}, connect_random, {"nsyn_min": 1, "nsyn_max": 60})
        plain = net.edges_df()
        counts = np.zeros((17, 17), dtype=int)
        nsyns = np.nan_to_num(found.values("nsyns"), nan=1.0).astype(int)
        np.add.at(counts, (found.source_ids.astype(int), found.target_ids.astype(int)), nsyns)
        assert counts[plain["source_node_id"], plain["target_node_id"]].tolist() == plain["nsyns"].tolist()
        assert counts.sum() == plain["nsyns"].sum()

    def test_a_script_draws_the_same_sites(self, folder):
        found = edges(folder)
        net = NetworkBuilder("cortex", seed=1)
        net.import_nodes(folder / "nodes.h5", folder / "types.csv")
        given = {key: value for key, value in EDGES["edges"][0].items() if key != "connection_rule"}
        net.add_edges(connection_rule=connect_random, **given)
        net.build()
        net.save_edges(output_dir=folder / "script", morphologies_dir=folder / "morphologies", dL=20.0)
        script = read_edges(folder / "script" / "cortex_cortex_edges.h5")[0]
        for name in ("afferent_section_id", "afferent_section_pos", "nsyns"):
            np.testing.assert_array_equal(script.values(name), found.values(name))

    def test_sites_beside_attributes_of_each_synapse(self, folder):
        nodes(folder)
        net = NetworkBuilder("cortex", seed=1)
        net.import_nodes(folder / "nodes.h5", folder / "types.csv")
        places = {"distance_range": [0.0, 500.0], "target_sections": ["basal"]}
        net.add_edges({"node_id": 0}, {}, 2, **places).add_properties("syn_weight", rule=lambda s, t: t.node_id / 10)
        net.save_edges(output_dir=folder, morphologies_dir=folder / "morphologies")
        found = read_edges(folder / "cortex_cortex_edges.h5")[0]
        assert found.values("syn_weight").tolist() == [node / 10 for node in range(17) for _ in range(2)]
        assert np.isfinite(found.values("afferent_section_pos")).tolist() == [True] * 30 + [False] * 4

    def test_dL_is_recorded_and_matters(self, folder):
        coarse, fine = (edges(folder, EDGES | {"dL": dL}).values("afferent_section_pos") for dL in (100.0, 5.0))
        assert len(np.unique(coarse)) < len(np.unique(fine))
        with h5py.File(folder / "edges.h5") as file:
            assert file["edges/cortex_to_cortex"].attrs["dL"] == 5.0

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"distance_range": [800.0, 900.0]}, "leaves no place"),
            ({"distance_range": None}, "distance_range.*needed"),
            ({"target_sections": None}, "target_sections.*needed"),
            ({"target_sections": ["basel"]}, "Did you mean 'basal'"),
            ({"distance_range": [150.0, 30.0]}, "distance_range"),
        ],
    )
    def test_impossible_places_are_refused(self, folder, change, reason):
        with pytest.raises(InputError, match=reason):
            edges(folder, changed(EDGES, **change))
        assert not (folder / "edges.h5").exists()

    def test_morphologies_have_to_be_there(self, folder):
        with pytest.raises(InputError, match=r"branched\.swc"):
            edges(folder, morphologies=False)
        (folder / "morphologies" / "branched.swc").rename(folder / "morphologies" / "branches.swc")
        with pytest.raises(MissingFile, match=r"Did you mean 'branches\.swc'"):
            edges(folder)


class TestEdges:
    def test_a_network_of_point_neurons_needs_no_folder_of_morphologies(self, folder):
        nodes(folder, NODES | {"nodes": NODES["nodes"][2:]})
        files = folder / "nodes.h5", folder / "types.csv"
        settings = changed(EDGES, source={}, distance_range=None, target_sections=None)
        build_edges(settings, files, files, folder / "edges.h5", folder / "edge_types.csv", folder / "nowhere")
        found = read_edges(folder / "edges.h5")[0]
        assert len(found) == 4
        assert "afferent_section_id" not in found.columns

    def test_attributes_of_each_synapse(self, folder):
        (folder / "own.py").write_text("def weight(source, target, unit):\n    return unit * target.node_id\n")
        rule = {"names": "syn_weight", "rule": f"{folder / 'own.py'}:weight", "rule_params": {"unit": 0.5}}
        delay = {"names": "delay", "values": 1.5}
        found = edges(folder, changed(EDGES, syn_weight=None, delay=None, add_properties=[rule, delay]))
        np.testing.assert_array_equal(found.values("syn_weight"), 0.5 * found.target_ids)
        assert set(found.values("delay")) == {1.5}
        assert "add_properties" not in found.columns
        with pytest.raises(InputError, match=r"to cortex\[0\].*Did you mean 'rule'"):
            edges(folder, changed(EDGES, add_properties=[{"names": "w", "rules": 1}]))

    def test_numbers_lists_and_the_users_own_rule(self, folder):
        (folder / "own.py").write_text(
            "import numpy as np\n"
            "from colonnade.builder import vectorised\n"
            "def even(source, target, n):\n    return n if (source.node_id + target.node_id) % 2 == 0 else None\n"
            "@vectorised\n"
            "def own(sources, targets, rng, n):\n"
            "    t = np.flatnonzero(targets['pop_name'] == 'point')\n"
            "    return rng.integers(0, len(sources), len(t)), t, np.full(len(t), n)\n"
        )
        point = {"target": {"pop_name": "point"}, "distance_range": None}
        assert len(edges(folder, changed(EDGES, connection_rule=2, connection_params=None, **point))) == 24
        rules = {"even": 12, "own": 2}
        for name, count in rules.items():
            rule = {"connection_rule": f"{folder / 'own.py'}:{name}", "connection_params": {"n": 3}}
            found = edges(folder, changed(EDGES, **rule, **point))
            assert (len(found), set(found.values("nsyns"))) == (count, {3})

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"connection_rule": "connect_randm"}, r"to cortex\[0\].connection_rule.*Did you mean 'connect_random'"),
            ({"connection_params": {"nsyn_min": 0, "nsynmax": 3}}, r"to cortex\[0\].*Did you mean 'nsyn_max'"),
            ({"source": {"popname": "E"}}, r"networks\.cortex\.edges to cortex\[0\].source.*Did you mean 'pop_name'"),
            (
                {"source": {"pop_name": "I"}},
                r"networks\.cortex\.edges to cortex\[0\].source.pop_name.*no node of cortex has this value",
            ),
            ({"distance_rnge": [0, 1]}, "Did you mean 'distance_range'"),
            ({"is_gap_junctoin": True}, "Did you mean 'is_gap_junction'"),
            ({"delay": -1.0}, r"networks\.cortex\.edges to cortex\[0\].delay"),
            ({"syn_weight": "strong"}, r"networks\.cortex\.edges to cortex\[0\].syn_weight"),
            ({"iterator": "one_to_many"}, "iterator"),
        ],
    )
    def test_slips_are_named_with_their_place(self, folder, change, reason):
        with pytest.raises(InputError, match=reason):
            edges(folder, changed(EDGES, **change))

    def test_the_population_has_to_be_in_the_file(self, folder):
        nodes(folder)
        files = folder / "nodes.h5", folder / "types.csv"
        settings = EDGES | {"source_network": "cortx"}
        with pytest.raises(InputError, match="Did you mean 'cortex'"):
            build_edges(settings, files, files, folder / "e.h5", folder / "e.csv", folder / "morphologies")
