"""Phase responses, rate maps, spectrograms and connections between groups against what they have to be."""

import numpy as np
import pytest

from colonnade.analysis.activity import activity
from colonnade.analysis.phase_response import phase_responses
from colonnade.analysis.time_course import rate_map, spectrogram
from colonnade.figures.kinds.connectivity_diagram import GroupConnections


def perturbed_train(period: float, at: float, advance: float) -> list[float]:
    """Return the spikes of a cell of this period in ms, whose spike after ``at`` comes ``advance`` periods earlier."""
    regular = np.arange(0.0, 1000.0, period)
    after = regular > at
    return [*regular[~after], *(regular[after] - advance * period)]


def responses(trains, sources, delays=0.0):
    ids = np.arange(len(trains))
    cells = [np.concatenate([[number] * len(train) for number, train in enumerate(each)]) for each in (trains, sources)]
    spikes, perturbing = (
        activity(np.concatenate(each), of_cell, cells=ids, window=(0, 1000))
        for each, of_cell in zip((trains, sources), cells, strict=True)
    )
    return phase_responses(spikes, perturbing, ids, ids, np.full(len(ids), delays))


@pytest.mark.parametrize(("phase", "advance"), [(0.25, 0.1), (0.5, -0.2), (0.9, 0.05)])
def test_a_perturbation_gives_its_phase_and_the_advance_that_it_made(phase, advance):
    period, delay = 20.0, 2.0
    at = 10 * period + phase * period
    found = responses([perturbed_train(period, at, advance)], [[at - delay]], delay)
    assert found.phases == pytest.approx([phase])
    assert found.advances == pytest.approx([advance])


def test_perturbations_that_are_not_alone_or_come_to_an_irregular_cell_are_left_out():
    regular = perturbed_train(20.0, 205.0, 0.1)
    irregular = [*np.arange(0, 180, 20.0), 183.0, 199.0, 212.0, 240.0]
    assert len(responses([regular], [[205.0, 207.0]]).rows) == 0
    assert len(responses([irregular], [[205.0]]).rows) == 0
    assert len(responses([regular], [[15.0]]).rows) == 0  # no three intervals before


def test_a_rate_map_has_the_mean_rate_of_the_cells_of_a_layer_and_nan_where_there_are_none():
    spikes = activity([5, 15, 16, 17], [0, 1, 1, 2], cells=[0, 1, 2], window=(0, 20))
    times, layers, rate = rate_map(spikes, np.array([-5.0, 3.0, 41.0]), 10.0, 10.0)
    assert times.tolist() == [0, 10, 20]
    assert layers.tolist() == [-10, 0, 10, 20, 30, 40, 50]
    np.testing.assert_allclose(rate[0], [100, 0])
    np.testing.assert_allclose(rate[1], [0, 200])
    np.testing.assert_allclose(rate[5], [0, 100])
    assert np.isnan(rate[2:5]).all()


def test_a_spectrogram_finds_the_frequency_of_each_half_of_a_run():
    times = np.concatenate([np.arange(0, 1000, 50.0), np.arange(1000, 2000, 25.0)])  # 20 Hz, then 40 Hz
    spikes = activity(np.repeat(times, 5), np.tile(np.arange(5), len(times)), window=(0, 2000))
    middles, frequency, power = spectrogram(spikes, 1.0, 400.0, 50.0)
    shown = (frequency > 10) & (frequency < 50)
    peaks = frequency[shown][power[shown].argmax(axis=0)]
    assert (middles[0], middles[1] - middles[0]) == (200.0, 50.0)
    assert set(peaks[middles < 700]) == {20.0}
    assert set(peaks[middles > 1300]) == {40.0}


def test_connection_probability_within_a_group_leaves_out_a_cell_with_itself():
    synapses, pairs = np.array([[12, 4], [0, 3]]), np.array([[6, 2], [0, 0]])
    found = GroupConnections(["a", "b"], np.array([3.0, 1.0]), synapses, pairs)
    np.testing.assert_allclose(found.values("probability"), [[1.0, 2 / 3], [0.0, np.nan]])
    np.testing.assert_allclose(found.values("convergence"), [[4.0, 4.0], [0.0, 3.0]])
