"""NetworkBuilder: BMTK's calls with BMTK's meaning, without its surprises."""

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.builder import NetworkBuilder, connect_random, distance_connector, positions_columinar, vectorised
from colonnade.errors import InputError
from colonnade.sonata.edge_index import rows_into
from colonnade.sonata.edges import read_edges
from colonnade.sonata.nodes import read_nodes

DISTANCE = {"d_weight_min": 0.0, "d_weight_max": 0.34, "d_max": 50.0, "nsyn_min": 0, "nsyn_max": 10}


def network(N=30, **nodes):
    net = NetworkBuilder("net", seed=1)
    net.add_nodes(N=N, pop_name="a", positions=positions_columinar(N=N, max_radius=30.0, seed=1), **nodes)
    return net


def saved_edges(net, folder, **options):
    net.save(output_dir=folder, **options)
    return read_edges(folder / f"{net.name}_{net.name}_edges.h5", folder / f"{net.name}_{net.name}_edge_types.csv")[0]


def pairs(edges):
    return list(zip(edges.source_ids.tolist(), edges.target_ids.tolist(), strict=True))


class TestNodes:
    def test_lists_are_per_node_and_scalars_are_shared(self, tmp_path):
        net = NetworkBuilder("net")
        net.add_nodes(
            N=3,
            x=[1.0, 2.0, 3.0],
            label=["u", "v", "w"],
            r=range(3),
            g=(i * i for i in range(3)),
            ei="e",
            loc=[(0, 1), (2, 3), (4, 5)],
            pair=(1, 2),
        )
        net.save_nodes(output_dir=tmp_path)
        nodes = read_nodes(tmp_path / "net_nodes.h5", tmp_path / "net_node_types.csv")[0]
        assert nodes.node_ids.tolist() == [0, 1, 2]
        assert nodes.type_ids.tolist() == [100, 100, 100]
        assert nodes.values("x").tolist() == [1.0, 2.0, 3.0]
        assert nodes.values("label").tolist() == ["u", "v", "w"]
        assert nodes.values("r").tolist() == [0, 1, 2]
        assert nodes.values("g").tolist() == [0, 1, 4]
        assert nodes.values("loc").tolist() == [[0, 1], [2, 3], [4, 5]]
        header = (tmp_path / "net_node_types.csv").read_text().splitlines()
        assert header == ["node_type_id ei pair", '100 e "(1, 2)"']

    def test_sets_with_the_same_columns_share_a_group(self, tmp_path):
        net = NetworkBuilder("net")
        net.add_nodes(N=2, x=[1.0, 2.0])
        net.add_nodes(N=1, y=[5.0])
        net.add_nodes(N=1, x=[3.0])
        net.save_nodes(output_dir=tmp_path)
        with h5py.File(tmp_path / "net_nodes.h5") as file:
            assert file["nodes/net/node_group_id"][()].tolist() == [0, 0, 1, 0]
            assert file["nodes/net/node_group_index"][()].tolist() == [0, 1, 0, 2]
            assert file["nodes/net/0/x"][()].tolist() == [1.0, 2.0, 3.0]

    def test_given_ids_are_kept_and_the_others_fill_the_gaps(self):
        net = NetworkBuilder("net")
        net.add_nodes(N=2, ei="e")
        net.add_nodes(N=2, ei="i", node_id=[0, 5])
        net.add_nodes(N=3, ei="e")
        assert [node.node_id for node in net.nodes()] == [1, 2, 0, 5, 3, 4, 6]
        with pytest.raises(InputError, match="in use already"):
            net.add_nodes(N=1, node_id=[5])

    def test_type_ids_start_at_100_and_are_unique(self):
        net = NetworkBuilder("net")
        net.add_nodes(N=1, node_type_id=100)
        net.add_nodes(N=1)
        assert [node.node_type_id for node in net.nodes()] == [100, 101]
        with pytest.raises(InputError, match="101"):
            net.add_nodes(N=1, node_type_id=101)

    @pytest.mark.parametrize(
        ("properties", "reason"),
        [
            ({"N": 3, "x": [1.0, 2.0]}, "2 values for 3 nodes"),
            ({"N": 0}, "N"),
            ({"N": 2, "x": [1.0, "two"]}, "x"),
            ({"N": 2, "x": [(1, 2), (3,)]}, "different lengths"),
            ({"N": 2, "dynamics_params": {"g": [1, 2]}}, "dictionary"),
            ({"N": 2, "node_id": [1, 1]}, "node_id"),
        ],
    )
    def test_bad_nodes_are_refused_by_name(self, properties, reason):
        with pytest.raises(InputError, match=reason):
            NetworkBuilder("net").add_nodes(**properties)

    def test_a_nodes_frame_has_a_row_for_each_node(self):
        frame = network(ei="e").nodes_df(ei="e")
        assert len(frame) == 30
        assert frame.columns[:2].tolist() == ["node_id", "node_type_id"]

    def test_importing_gives_the_same_nodes_back(self, tmp_path):
        net = network(ei="e", depth=0.5)
        net.add_nodes(N=2, ei="i", node_id=[77, 55], z=[1.0, 2.0])
        net.save_nodes(output_dir=tmp_path / "first")
        again = NetworkBuilder("net", seed=1)
        again.import_nodes(tmp_path / "first" / "net_nodes.h5", tmp_path / "first" / "net_node_types.csv")
        assert [node.node_id for node in again.nodes()] == [node.node_id for node in net.nodes()]
        assert [node.node_id for node in again.nodes(ei="i")] == [77, 55]
        assert next(iter(again.nodes(node_id=55)))["z"] == 2.0
        assert "depth" not in next(iter(again.nodes(ei="i")))
        again.save_nodes(output_dir=tmp_path / "second")
        for name in ("net_nodes.h5", "net_node_types.csv"):
            assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


class TestFilters:
    @given(
        depths=st.lists(st.integers(0, 5), min_size=1, max_size=20),
        names=st.lists(st.sampled_from("abc"), min_size=20, max_size=20),
        wanted=st.lists(st.integers(0, 5), max_size=3),
        name=st.sampled_from("abc"),
    )
    @settings(max_examples=60)
    def test_filters_choose_what_a_loop_would(self, depths, names, wanted, name):
        net = NetworkBuilder("net")
        rows = list(zip(depths, names, strict=False))
        net.add_nodes(N=len(rows), depth=[d for d, _ in rows], name=[n for _, n in rows])
        assert len(net.nodes(depth=wanted)) == sum(d in wanted for d, _ in rows)
        assert len(net.nodes(name=name)) == sum(n == name for _, n in rows)
        assert len(net.nodes(name=[name])) == sum(n == name for _, n in rows)
        assert len(net.nodes(depth=lambda d: d > 2, name=name)) == sum(d > 2 and n == name for d, n in rows)

    def test_a_node_without_the_attribute_is_not_chosen(self):
        net = network()
        net.add_nodes(N=2, ei="i", depth=[1.0, 2.0])
        assert net.nodes(ei="i").node_ids.tolist() == [30, 31]
        assert net.nodes(depth=2.0, ei=["e", "i"]).node_ids.tolist() == [31]
        assert len(net.nodes(missing=1)) == 0

    def test_the_filter_is_stored_as_text(self):
        net = network(ei="e")
        net.add_edges(source={"pop_name": "a", "ei": "e"}, target=net.nodes())
        properties = net.get_connections()[0].edge_type_properties
        assert properties["source_query"] == "pop_name=='a'&ei=='e'"
        assert properties["target_query"] == "*"

    @pytest.mark.parametrize(("filters", "said"), [
        ({"source": {"popname": "a"}}, "edge type 100: source: no node of net has this attribute .*'pop_name'"),
        ({"target": {"pop_name": "aa"}}, r"target.pop_name: no node of net has this value .*Did you mean 'a'\?"),
        ({"target": {"pop_name": ["a"], "ei": "e", "depth": 9.0}}, "target: chooses none of the 30 nodes"),
    ])  # fmt: skip
    def test_edges_whose_filter_chooses_no_node_are_refused(self, filters, said, tmp_path):
        net = network(ei="e", depth=[1.0] * 30)
        net.add_edges(**filters)
        with pytest.raises(InputError, match=said):
            net.build()
        with pytest.raises(InputError, match=said):
            net.save_edges(output_dir=tmp_path)
        assert not list(tmp_path.iterdir())


class TestRules:
    def test_a_number_connects_all_pairs(self, tmp_path):
        net = network(3)
        net.add_edges(connection_rule=2)
        edges = saved_edges(net, tmp_path)
        assert pairs(edges) == [(s, t) for t in range(3) for s in range(3)]
        assert edges.values("nsyns").tolist() == [2] * 9
        assert edges.type_ids.tolist() == [100] * 9

    def test_nsyns_overrides_the_rule(self, tmp_path):
        net = network(3)
        net.add_edges(connection_rule=2, nsyns=5)
        edges = saved_edges(net, tmp_path)
        assert set(edges.values("nsyns")) == {5}
        assert "nsyns" not in (tmp_path / "net_net_edge_types.csv").read_text()

    def test_a_function_of_two_nodes(self, tmp_path):
        def rule(source, target, most):
            assert source["pop_name"] == "a"
            return min(source.node_id * target["node_id"], most) or None

        net = network(4)
        net.add_edges(connection_rule=rule, connection_params={"most": 3})
        edges = saved_edges(net, tmp_path)
        expected = {(s, t): min(s * t, 3) for t in range(4) for s in range(4) if s * t}
        assert dict(zip(pairs(edges), edges.values("nsyns").tolist(), strict=True)) == expected

    def test_all_to_one_and_one_to_all(self, tmp_path):
        for iterator, rule in (
            ("all_to_one", lambda sources, target: [s.node_id == target.node_id for s in sources]),
            ("one_to_all", lambda source, targets: [t.node_id == source.node_id for t in targets]),
        ):
            net = network(5)
            net.add_edges(connection_rule=rule, iterator=iterator)
            assert pairs(saved_edges(net, tmp_path / iterator)) == [(i, i) for i in range(5)]

    def test_lists_and_dictionaries(self, tmp_path):
        cases = {
            "one_to_one": (list(range(6)), {(0, 1): 1, (0, 2): 2, (1, 0): 3, (1, 1): 4, (1, 2): 5}),
            "one_to_all": ([0, 1, 2], {(0, 1): 1, (1, 1): 1, (0, 2): 2, (1, 2): 2}),
            "all_to_one": ([0, 4], {(1, 0): 4, (1, 1): 4, (1, 2): 4}),
        }
        for iterator, (values, expected) in cases.items():
            net = network(3)
            net.add_edges(source={"node_id": [0, 1]}, connection_rule=values, iterator=iterator)
            edges = saved_edges(net, tmp_path / iterator)
            assert dict(zip(pairs(edges), edges.values("nsyns").tolist(), strict=True)) == expected
        net = network(3)
        net.add_edges(connection_rule={(2, 0): 7, (0, 1): 0})
        edges = saved_edges(net, tmp_path / "dict")
        assert (pairs(edges), edges.values("nsyns").tolist()) == ([(2, 0)], [7])

    def test_lists_follow_the_order_in_which_nodes_were_added(self, tmp_path):
        def one_to_all(source, targets):
            return [1 if target.node_id == 9 else 0 for target in targets]

        net = NetworkBuilder("net")
        net.add_nodes(N=3, node_id=[9, 2, 5])
        added = net.add_edges(connection_rule=[0, 0, 1, 0, 2, 0, 3, 0, 0])  # 9 to 5, 2 to 2, 5 to 9
        added.add_properties("w", values=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
        edges = saved_edges(net, tmp_path)
        assert pairs(edges) == [(2, 2), (2, 2), (9, 5), (5, 9), (5, 9), (5, 9)]
        assert edges.values("w").tolist() == [0.2, 0.3, 0.1, 0.4, 0.5, 0.6]
        net = NetworkBuilder("net")
        net.add_nodes(N=3, node_id=[9, 2, 5])
        net.add_edges(connection_rule=one_to_all, iterator="one_to_all")
        net.add_edges(connection_rule=lambda s, t: 1, target={"node_id": 2})
        assert pairs(saved_edges(net, tmp_path / "more")) == [(2, 2), (5, 2), (9, 2), (2, 9), (5, 9), (9, 9)]

    def test_a_rule_with_any_arguments(self):
        net = network(5)
        net.add_edges(connection_rule=lambda *_: 2)
        net.add_edges(connection_rule={"nsyns": 3})
        assert net.nedges == 0
        net.build()
        assert net.nedges == 25 * 2 + 25 * 3

    def test_a_vectorised_rule_gets_tables(self, tmp_path):
        @vectorised
        def nearest(sources, targets, rng, n):
            assert isinstance(rng, np.random.Generator)
            distance = np.linalg.norm(targets["positions"][:, None] - sources["positions"][None], axis=2)
            order = np.argsort(distance, axis=1)[:, 1 : n + 1]
            rows = np.repeat(np.arange(len(targets)), n)
            return order.ravel(), rows, np.ones(order.size, dtype=int)

        net = network()
        net.add_edges(connection_rule=nearest, connection_params={"n": 3})
        edges = saved_edges(net, tmp_path)
        assert np.bincount(edges.target_ids.astype(int)).tolist() == [3] * 30

    @pytest.mark.parametrize(
        ("edges", "reason"),
        [
            ({"connection_rule": lambda s, t: -1}, "number of synapses"),
            ({"connection_rule": lambda s, t: 0.5}, "number of synapses"),
            ({"connection_rule": lambda s, t: s["nothing"]}, "KeyError"),
            ({"connection_rule": lambda s, t, *, size: 1}, "size"),
            ({"connection_rule": "distance"}, "is no rule"),
            ({"connection_rule": [1, 2, 3]}, "3 numbers"),
            ({"connection_rule": {(0, 99): 1}}, "unknown pair"),
            ({"connection_rule": distance_connector, "connection_params": DISTANCE | {"dmax": 3}}, "d_max"),
            ({"connection_rule": distance_connector, "connection_params": DISTANCE | {"d_max": 0}}, "d_max"),
            ({"connection_rule": distance_connector, "connection_params": DISTANCE | {"nsyn_min": 11}}, "nsyn_max"),
            ({"connection_rule": connect_random, "connection_params": {"nsyn_min": 4, "nsyn_max": 4}}, "excluded"),
            ({"connection_rule": connect_random, "iterator": "all_to_one"}, "iterator"),
            ({"iterator": "all_to_all"}, "one_to_all"),
            ({"source": [1, 2]}, "source"),
        ],
    )
    def test_bad_edges_are_refused_with_the_reason(self, edges, reason):
        def build():
            net = network(4)
            net.add_edges(**edges)
            net.build()

        with pytest.raises(InputError, match=reason):
            build()

    def test_gap_junctions_between_two_networks_are_refused(self):
        with pytest.raises(InputError, match="cells of one network"):
            network().add_edges(source=network().nodes(), target=NetworkBuilder("b").nodes(), is_gap_junction=True)
        with pytest.raises(InputError, match="resistance"):
            network().add_gap_junctions(resistance=0.0)

    def test_a_rule_that_fails_in_a_worker_is_named_too(self, tmp_path):
        net = network(3000)
        net.add_edges(connection_rule=distance_connector, connection_params=DISTANCE | {"d_max": -1.0})
        with pytest.raises(InputError, match="d_max"):
            net.save_edges(output_dir=tmp_path, workers=2)


class TestProperties:
    def test_a_row_for_each_synapse(self, tmp_path):
        net = network(3)
        added = net.add_edges(connection_rule=lambda s, t: s.node_id)
        added.add_properties("delay", rule=lambda s, t, base: base + t.node_id, rule_params={"base": 0.5}, dtypes=float)
        added.add_properties(["sec_id", "sec_x"], rule=lambda s, t: (s.node_id, 0.25), dtypes=[np.int32, float])
        edges = saved_edges(net, tmp_path)
        assert pairs(edges) == [(s, t) for t in range(3) for s in (1, 2, 2)]
        assert edges.values("delay").tolist() == [0.5] * 3 + [1.5] * 3 + [2.5] * 3
        assert edges.values("sec_id").tolist() == [1, 2, 2] * 3
        assert "nsyns" not in edges.columns

    def test_values_belong_to_the_synapses_source_by_source(self, tmp_path):
        net = network(2)
        added = net.add_edges(connection_rule=1)
        added.add_properties("w", values=[0.0, 0.1, 1.0, 1.1])  # 0 to 0, 0 to 1, 1 to 0, 1 to 1
        edges = saved_edges(net, tmp_path)
        assert dict(zip(pairs(edges), edges.values("w"), strict=True)) == {
            (0, 0): 0.0, (1, 0): 1.0, (0, 1): 0.1, (1, 1): 1.1,
        }  # fmt: skip

    def test_a_vectorised_property(self, tmp_path):
        @vectorised
        def spread(sources, targets, rng, scale):
            return scale * (targets.node_ids - sources.node_ids)

        net = network(3)
        net.add_edges(connection_rule=1).add_properties("d", rule=spread, rule_params={"scale": 2.0})
        edges = saved_edges(net, tmp_path)
        assert edges.values("d").tolist() == [2.0 * (t - s) for s, t in pairs(edges)]

    def test_sets_with_and_without_properties_live_in_one_file(self, tmp_path):
        net = network(2)
        net.add_edges(connection_rule=1).add_properties("w", values=0.5)
        net.add_edges(connection_rule=3, delay=1.0)
        edges = saved_edges(net, tmp_path)
        assert pairs(edges) == [(0, 0), (0, 0), (1, 0), (1, 0), (0, 1), (0, 1), (1, 1), (1, 1)]
        assert edges.type_ids.tolist() == [100, 101] * 4
        np.testing.assert_array_equal(edges.values("nsyns"), [np.nan, 3] * 4)
        np.testing.assert_array_equal(edges.values("w"), [0.5, np.nan] * 4)

    def test_wrong_numbers_of_values_are_refused(self):
        net = network(2)
        net.add_edges(connection_rule=1).add_properties("w", values=[1.0])
        with pytest.raises(InputError, match="1 values for 4 synapses"):
            net.edges_df()
        with pytest.raises(InputError, match="either rule or values"):
            net.add_edges().add_properties("w")


class TestRepeatability:
    def build(self, folder, N=60, extra=False, workers=1, build=False):
        net = NetworkBuilder("net", seed=3)
        net.add_nodes(N=N, pop_name="a", positions=positions_columinar(N=N, max_radius=4.0 * N**0.5, seed=3))
        if extra:
            net.add_nodes(N=5, pop_name="b", positions=positions_columinar(N=5, max_radius=30.0, seed=4))
            net.add_edges(source={"pop_name": "b"}, connection_rule=connect_random, connection_params={"nsyn_max": 3})
        chosen = {"source": {"pop_name": "a"}, "target": {"pop_name": "a"}}
        net.add_edges(**chosen, connection_rule=distance_connector, connection_params=DISTANCE, edge_type_id=900)
        if build:
            net.build()
            net.build()
            net.build(force=True)
        net.save(output_dir=folder, workers=workers)
        return net

    def test_same_script_same_bytes(self, tmp_path):
        self.build(tmp_path / "first")
        self.build(tmp_path / "second")
        for file in (tmp_path / "first").iterdir():
            assert file.read_bytes() == (tmp_path / "second" / file.name).read_bytes()

    def test_building_again_changes_nothing(self, tmp_path):
        net = self.build(tmp_path / "built", build=True)
        self.build(tmp_path / "streamed")
        name = "net_net_edges.h5"
        assert (tmp_path / "built" / name).read_bytes() == (tmp_path / "streamed" / name).read_bytes()
        assert net.nnodes == 60
        assert net.nedges == read_edges(tmp_path / "built" / name)[0].values("nsyns").sum()

    def test_any_number_of_workers_gives_the_same_bytes(self, tmp_path, monkeypatch):
        monkeypatch.setattr("colonnade.builder.rules.TARGETS_A_BLOCK", 100)
        self.build(tmp_path / "one", N=1000)
        self.build(tmp_path / "two", N=1000, workers=2)
        name = "net_net_edges.h5"
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()

    def test_another_population_leaves_the_draws_as_they_were(self, tmp_path):
        self.build(tmp_path / "alone")
        self.build(tmp_path / "more", extra=True)
        alone, more = (read_edges(tmp_path / name / "net_net_edges.h5")[0] for name in ("alone", "more"))
        of_first = more.type_ids == 900
        np.testing.assert_array_equal(more.source_ids[of_first], alone.source_ids)
        np.testing.assert_array_equal(more.values("nsyns")[of_first], alone.values("nsyns"))

    def test_a_users_own_draws_repeat(self):
        def with_globals(source, target):
            return np.random.randint(0, 4)

        def with_rng(source, target, rng):
            return rng.integers(0, 4)

        for rule in (with_globals, with_rng):
            tables = []
            for _ in range(2):
                net = network()
                net.add_edges(connection_rule=rule)
                tables.append(net.edges_df())
                np.random.random(17)
            assert tables[0].equals(tables[1])
            assert 0.6 < len(tables[0]) / 900 < 0.9  # 3/4 of the pairs

    def test_the_seed_decides_and_is_recorded(self, tmp_path):
        degrees = []
        for seed in (1, 2):
            net = NetworkBuilder("net", seed=seed)
            net.add_nodes(N=20)
            net.add_edges(connection_rule=connect_random, connection_params={"nsyn_min": 0, "nsyn_max": 3})
            degrees.append(saved_edges(net, tmp_path / str(seed)).source_ids.tolist())
            with h5py.File(tmp_path / str(seed) / "net_net_edges.h5") as file:
                assert file.attrs["seed"] == seed
        assert degrees[0] != degrees[1]


class TestFiles:
    def test_edges_are_sorted_and_indexed_both_ways(self, tmp_path, monkeypatch):
        monkeypatch.setattr("colonnade.sonata.edge_writer.RUNS_AT_ONCE", 50)
        net = network()
        net.add_nodes(N=4, pop_name="b")
        net.add_edges(source={"pop_name": "a"}, connection_rule=connect_random, connection_params={"nsyn_max": 2})
        net.add_edges(target={"pop_name": "b"}, connection_rule=connect_random, connection_params={"nsyn_max": 2})
        edges = saved_edges(net, tmp_path)
        assert pairs(edges) == sorted(pairs(edges), key=lambda pair: pair[::-1])
        with h5py.File(tmp_path / "net_net_edges.h5") as file:
            for index, ids in (("target_to_source", edges.target_ids), ("source_to_target", edges.source_ids)):
                group = file[f"edges/net_to_net/indices/{index}"]
                ranges, spans = group["node_id_to_range"][()], group["range_to_edge_id"][()]
                assert ranges.dtype == spans.dtype == np.uint64
                for node in range(34):
                    rows = [row for b, e in spans[slice(*ranges[node].astype(int))] for row in range(b, e)]
                    assert rows == np.flatnonzero(ids == node).tolist()
        wanted = [31, 5]
        np.testing.assert_array_equal(
            rows_into(tmp_path / "net_net_edges.h5", "net_to_net", wanted),
            np.flatnonzero(np.isin(edges.target_ids, wanted)),
        )

    def test_the_names_of_files_and_population_can_be_chosen(self, tmp_path):
        net = network(3)
        net.add_edges()
        net.save_edges("e.h5", "t.csv", output_dir=tmp_path, name="recurrent")
        assert read_edges(tmp_path / "e.h5", tmp_path / "t.csv")[0].name == "recurrent"
        with pytest.raises(InputError, match="there already"):
            net.save_edges("e.h5", "t.csv", output_dir=tmp_path, force_overwrite=False)

    def test_edges_from_another_network_go_to_a_file_of_their_own(self, tmp_path):
        net, source = network(5), NetworkBuilder("source")
        source.add_nodes(N=2, model_type="virtual")
        net.add_edges(connection_rule=1)
        net.add_edges(source=source.nodes(), target=net.nodes(), connection_rule=2, delay=2.0)
        net.save(output_dir=tmp_path)
        edges = read_edges(tmp_path / "source_net_edges.h5", tmp_path / "source_net_edge_types.csv")[0]
        assert (edges.name, edges.source_population, edges.target_population) == ("source_to_net", "source", "net")
        assert len(edges) == 10
        assert "delay" not in (tmp_path / "net_net_edge_types.csv").read_text()

    def test_no_edge_at_all_gives_an_empty_population(self, tmp_path):
        net = network(3)
        net.add_edges(connection_rule=0)
        assert len(saved_edges(net, tmp_path)) == 0

    def test_csv_columns_keep_their_order(self, tmp_path):
        net = network(3)
        net.add_edges(zeta=1, alpha=[1.0, 2.0], mid=None)
        net.add_edges(beta="x")
        net.save_edges(output_dir=tmp_path)
        lines = (tmp_path / "net_net_edge_types.csv").read_text().splitlines()
        assert lines[0] == "edge_type_id target_query source_query zeta alpha mid beta"
        assert lines[1:] == ['100 * * 1 "[1.0, 2.0]" NULL NULL', "101 * * NULL NULL NULL x"]


class TestViews:
    def test_edges_as_dictionaries(self):
        net = network(4)
        net.add_edges(source={"node_id": 0}, connection_rule=2, kind="x")
        net.add_edges(source={"node_id": 1}, connection_rule=1, kind="y")
        assert len(net.edges()) == 8
        edge = net.edges(kind="x", target_nodes=[3])[0]
        assert (edge.source_node_id, edge.target_node_id, edge["nsyns"], edge["kind"]) == (0, 3, 2, "x")
        assert len(net.edges(source_nodes=net.nodes(node_id=1))) == 4
        assert len(net.edges(target_network="other")) == 0
        assert net.nedges == 12

    def test_edges_as_a_table(self):
        net = network(4)
        net.add_edges(connection_rule=2, kind="x", span=[0.0, 1.0])
        frame = net.edges_df()
        assert len(frame) == 16
        assert set(frame["nsyns"]) == {2}
        assert frame.loc[0, "span"] == [0.0, 1.0]
