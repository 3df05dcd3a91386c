"""Placement of synapses: segments and distances, weights by overlap, draws as BMTK makes them."""

import numpy as np
import pytest
from cell_examples import BALL_AND_STICK, BRANCHED, write
from scipy.stats import chisquare

from colonnade.cells import SegmentTable, bmtk_stream, place, segment_table
from colonnade.errors import InputError, UnsupportedError


@pytest.fixture
def stick(tmp_path) -> SegmentTable:
    """A soma of 20 um in 1 segment and a dendrite of 200 um, from 10 to 210 um, in 11 segments."""
    return segment_table(write(tmp_path, "cell.swc", BALL_AND_STICK), None, 20.0)


@pytest.fixture
def tree(tmp_path) -> SegmentTable:
    return segment_table(write(tmp_path, "cell.swc", BRANCHED), "aibs_perisomatic", 20.0)


def test_segments_lie_where_the_morphology_has_them(stick):
    length = 200 / 11
    np.testing.assert_array_equal(stick.section_id, [0] + [1] * 11)
    np.testing.assert_allclose(stick.x, [0.5, *(np.arange(11) + 0.5) / 11])
    np.testing.assert_allclose(stick.length, [20, *[length] * 11])
    np.testing.assert_allclose(stick.half_length, stick.length / 2)
    # From soma(0): the dendrite is joined to the middle of the soma, 10 um away.
    np.testing.assert_allclose(stick.distance, [10, *(10 + length * (np.arange(11) + 0.5))])
    assert stick.section_type.tolist() == ["soma"] + ["dend"] * 11
    assert len(stick) == 12


def test_a_weight_is_the_length_inside_the_range(stick):
    weights = stick.weights([50.0, 90.0], ["basal"])
    starts = stick.distance - stick.half_length
    expected = np.clip(np.minimum(starts + stick.length, 90) - np.maximum(starts, 50), 0, None)
    np.testing.assert_allclose(weights, expected, atol=1e-12)
    assert weights.sum() == pytest.approx(40.0)


def test_a_weight_counts_the_sections_that_are_asked_for_once(stick):
    everything = stick.weights([0, 1000], ["soma", "dend"])
    np.testing.assert_allclose(everything, stick.length)
    np.testing.assert_array_equal(everything, stick.weights((0, 1000), ("somatic", "basal", "dend", "apical")))
    assert stick.weights([0, 1000], ["apic", "axon"]).sum() == 0


@pytest.mark.parametrize(
    ("distance_range", "sections", "message"),
    [
        ([0, 100], ["basel"], "target_sections: no such section .found 'basel'.. Did you mean 'basal'"),
        ([100, 0], ["basal"], "distance_range: not a range of distances"),
        ([0], ["basal"], "distance_range: not a range of distances"),
        ([0, float("nan")], ["basal"], "distance_range: not a range of distances"),
    ],
)
def test_a_wrong_target_is_refused(stick, distance_range, sections, message):
    with pytest.raises(InputError, match=message):
        stick.weights(distance_range, sections)


def test_no_segment_in_the_range_is_an_error_that_names_it(stick):
    assert len(stick.targets([500, 600], ["basal"])[0]) == 0
    with pytest.raises(InputError, match=r"no segment of \['basal'\] lies within \[500, 600\] um"):
        place(stick, 3, [500, 600], ["basal"], np.random.default_rng(1))


def test_draws_are_those_of_bmtk_for_the_same_gid(tree):
    # BMTK 1.2.0: np.random.RandomState(gid).choice(segments, nsyns, p=lengths / sum(lengths)), edge by edge.
    edges = [((0.0, 150.0), ("basal", "apical"), 7), ((30.0, 90.0), ("soma", "basal"), 1), ((0.0, 1e6), ("axon",), 300)]
    for gid in (0, 1, 99, 123456):
        peer, stream = np.random.RandomState(gid), bmtk_stream(gid)
        for distance_range, sections, count in edges:
            weights = tree.weights(distance_range, sections)
            segments = np.flatnonzero(weights)
            probability = weights[segments] / np.sum(weights[segments])
            expected = peer.choice(segments, count, p=probability)
            np.testing.assert_array_equal(place(tree, count, distance_range, sections, stream), expected)


def test_one_draw_of_many_is_many_draws_of_one(tree):
    together = place(tree, 50, (0, 150), ("basal", "apical"), bmtk_stream(3))
    stream = bmtk_stream(3)
    apart = [place(tree, 1, (0, 150), ("basal", "apical"), stream)[0] for _ in range(50)]
    np.testing.assert_array_equal(together, apart)


def test_draws_fall_in_proportion_to_length(tree):
    target = ((20.0, 120.0), ("basal", "apical"))
    segments, _ = tree.targets(*target)
    drawn = place(tree, 200_000, *target, np.random.default_rng(11))
    assert set(drawn) == set(segments)
    observed = np.bincount(drawn, minlength=len(tree))[segments]
    weights = tree.weights(*target)[segments]
    assert chisquare(observed, weights / weights.sum() * observed.sum()).pvalue > 0.001


def test_the_stub_of_the_axon_counts_as_axon(tree):
    ids = tree.section_id[tree.section_type == "axon"]
    np.testing.assert_array_equal(ids, [tree.section_id.max() - 1, tree.section_id.max()])


def test_unknown_processing_is_refused(tmp_path):
    with pytest.raises(UnsupportedError, match="Did you mean 'aibs_perisomatic'"):
        segment_table(write(tmp_path, "cell.swc", BRANCHED), "aibs_perisomatc", 20.0)
