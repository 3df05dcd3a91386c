"""What the connectors draw follows their distributions (fixed seeds, p > 0.001); both of their forms agree."""

import random

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from colonnade.builder import NetworkBuilder, connect_random, distance_connector, positions_columinar

D_MAX, MOST, LEAST = 50.0, 0.34, 0.04
PARAMS = {"d_weight_min": LEAST, "d_weight_max": MOST, "d_max": D_MAX, "nsyn_min": 0, "nsyn_max": 10}


def built(rule, params, N=400):
    net = NetworkBuilder("net", seed=11)
    net.add_nodes(N=N, positions=positions_columinar(N=N, max_radius=60.0, seed=11))
    net.add_edges(connection_rule=rule, connection_params=params)
    frame = net.edges_df()
    nsyns = np.zeros((N, N), dtype=int)
    nsyns[frame["source_node_id"], frame["target_node_id"]] = frame["nsyns"]
    positions = net.nodes().table["positions"]
    return nsyns, cdist(positions, positions)


def one_by_one(source, target, **params):
    """The rule for two nodes, which the builder does not know to have a faster form."""
    return distance_connector(source, target, **params)


@pytest.fixture(scope="module", params=[distance_connector, one_by_one])
def by_distance(request):
    return built(request.param, PARAMS)


class TestDistance:
    def test_the_probability_falls_linearly(self, by_distance):
        nsyns, distance = by_distance
        bins = np.linspace(0, D_MAX, 11)
        bin_of = np.digitize(distance, bins) - 1
        np.fill_diagonal(bin_of, -1)
        # 1 of 11 synapse numbers is 0, which is no edge
        probability = (MOST + (LEAST - MOST) * distance / D_MAX) * 10 / 11
        seen = np.array([(nsyns[bin_of == i] > 0).sum() for i in range(10)])
        expected = np.array([probability[bin_of == i].sum() for i in range(10)])
        variance = np.array([(probability * (1 - probability))[bin_of == i].sum() for i in range(10)])
        chi_squared = ((seen - expected) ** 2 / variance).sum()
        assert stats.chi2(10).sf(chi_squared) > 0.001

    def test_nothing_connects_beyond_the_largest_distance_nor_to_itself(self, by_distance):
        nsyns, distance = by_distance
        assert (distance > D_MAX).any()
        assert not nsyns[distance > D_MAX].any()
        assert not np.diag(nsyns).any()

    def test_synapse_numbers_are_uniform_with_both_ends(self, by_distance):
        nsyns, _ = by_distance
        counts = np.bincount(nsyns[nsyns > 0], minlength=11)[1:]
        assert len(counts) == 10
        assert stats.chisquare(counts).pvalue > 0.001

    def test_directions_are_independent(self, by_distance):
        nsyns, distance = by_distance
        there = nsyns > 0
        i, j = np.nonzero(np.triu(distance < D_MAX, 1))
        p = (MOST + (LEAST - MOST) * distance[i, j] / D_MAX) * 10 / 11
        both = (there[i, j] & there[j, i]).sum()
        assert abs(both - (p**2).sum()) < 4 * np.sqrt((p**2 * (1 - p**2)).sum())


def test_certain_connection():
    nsyns, distance = built(
        distance_connector, PARAMS | {"d_weight_min": 1.0, "d_weight_max": 1.0, "nsyn_min": 3}, N=60
    )
    near = distance <= D_MAX
    np.fill_diagonal(near, False)
    assert ((nsyns > 0) == near).all()


def test_the_search_tree_finds_the_pairs_that_measuring_finds(monkeypatch):
    measured, _ = built(distance_connector, PARAMS)
    monkeypatch.setattr("colonnade.builder.connectors.PAIRS_WITHOUT_TREE", 0)
    monkeypatch.setattr("colonnade.builder.connectors.PAIRS_AT_ONCE", 1000)
    searched, _ = built(distance_connector, PARAMS)
    np.testing.assert_array_equal(searched, measured)


class TestRandom:
    def test_numbers_are_uniform_and_the_upper_end_is_excluded(self):
        nsyns, _ = built(connect_random, {"nsyn_min": 0, "nsyn_max": 12}, N=200)
        counts = np.bincount(nsyns.ravel())
        assert len(counts) == 12
        assert stats.chisquare(counts).pvalue > 0.001

    def test_cells_may_connect_to_themselves(self):
        nsyns, _ = built(connect_random, {"nsyn_min": 1, "nsyn_max": 3}, N=50)
        assert nsyns.min() == 1
        assert np.diag(nsyns).min() == 1

    def test_degrees_are_binomial(self):
        nsyns, _ = built(connect_random, {"nsyn_min": 0, "nsyn_max": 4}, N=400)
        for axis in (0, 1):
            degrees = (nsyns > 0).sum(axis=axis)
            spread = ((degrees - 300) ** 2).sum() / (400 * 0.75 * 0.25)
            assert 0.0005 < stats.chi2(400).cdf(spread) < 0.9995

    def test_two_nodes_alone(self):
        np.random.seed(1)
        drawn = [connect_random(None, None, 2, 6) for _ in range(3000)]
        assert stats.chisquare(np.bincount(drawn, minlength=6)[2:]).pvalue > 0.001
        assert set(drawn) == {2, 3, 4, 5}


def test_two_nodes_by_distance():
    random.seed(1)
    here, there = {"positions": [0.0, 0.0, 0.0]}, {"positions": (25.0, 0.0, 0.0)}
    drawn = [distance_connector(here, there, **PARAMS) for _ in range(4000)]
    connected = sum(number is not None for number in drawn)
    assert stats.binomtest(connected, 4000, (MOST + LEAST) / 2).pvalue > 0.001
    assert distance_connector(here, here, **PARAMS | {"d_weight_max": 1.0}) is None
    assert distance_connector(here, {"positions": [50.1, 0, 0]}, **PARAMS | {"d_weight_min": 1.0}) is None


def test_ids_of_another_network_are_no_autapses():
    net, other = NetworkBuilder("net"), NetworkBuilder("other")
    for each in (net, other):
        each.add_nodes(N=1, positions=[(0.0, 0.0, 0.0)])
    params = PARAMS | {"d_weight_max": 1.0, "nsyn_min": 1}
    net.add_edges(
        source=other.nodes(), target=net.nodes(), connection_rule=distance_connector, connection_params=params
    )
    assert len(net.edges()) == 1
