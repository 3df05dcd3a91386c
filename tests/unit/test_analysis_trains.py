"""Spike statistics: the same numbers as elephant's, and sensible answers where there are few or no spikes."""

import numpy as np
import pytest

from colonnade.analysis.activity import activity
from colonnade.analysis.bootstrap import bootstrap_mean
from colonnade.analysis.measures import MEASURES
from colonnade.analysis.synchrony import chi, correlation_matrix, pairs, sampled_cells, spike_contrast
from colonnade.analysis.time_course import power_spectrum, psth
from colonnade.analysis.trains import fano_factors, mean_intervals, rates
from colonnade.errors import InputError
from colonnade.streams import stream

STOP = 3000.0
# Both sides add up the same numbers in another order: 1e-12 leaves room for some thousand roundings of 1e-16.
ROUNDING = 1e-12


@pytest.fixture(scope="module")
def trains():
    """Twelve trains of about 60 spikes, times on a 0.1 ms grid (so that some fall on edges of bins), one silent."""
    rng = np.random.default_rng(7)
    made = [np.unique(np.round(rng.uniform(0, STOP - 0.1, rng.poisson(60)), 1)) for _ in range(11)]
    return [*made, np.empty(0)]


@pytest.fixture(scope="module")
def spikes(trains):
    """The trains as an Activity, given in a scrambled order."""
    times, ids = np.concatenate(trains), np.repeat(np.arange(12), [len(train) for train in trains])
    order = np.random.default_rng(8).permutation(len(times))
    return activity(times[order], ids[order], cells=range(12), window=(0, STOP), population="p")


@pytest.fixture(scope="module")
def neo_trains(trains):
    neo, pq = pytest.importorskip("neo"), pytest.importorskip("quantities")
    return [neo.SpikeTrain(train * pq.ms, t_stop=STOP * pq.ms) for train in trains]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("ours", "theirs"), [("cv", "cv"), ("cv2", "cv2"), ("lv", "lv")])
def test_interval_statistics_are_elephants(spikes, neo_trains, ours, theirs):
    elephant = pytest.importorskip("elephant.statistics")
    expected = [getattr(elephant, theirs)(elephant.isi(train).magnitude) for train in neo_trains[:11]]
    np.testing.assert_allclose(MEASURES[ours].function(spikes, 100.0)[:11], expected, rtol=ROUNDING)


@pytest.mark.filterwarnings("ignore")
def test_rate_fano_factor_and_mean_interval_are_elephants(spikes, neo_trains):
    elephant, pq = pytest.importorskip("elephant.statistics"), pytest.importorskip("quantities")
    expected = [elephant.mean_firing_rate(train).rescale("Hz").item() for train in neo_trains]
    np.testing.assert_allclose(rates(spikes), expected, rtol=ROUNDING)
    intervals = [elephant.isi(train).rescale("ms").magnitude.mean() for train in neo_trains[:11]]
    np.testing.assert_allclose(mean_intervals(spikes)[:11], intervals, rtol=ROUNDING)
    windows = [[train.time_slice(t * pq.ms, (t + 100) * pq.ms) for t in range(0, 3000, 100)] for train in neo_trains]
    # neo's slices hold both ends, ours only the start: shift the ends by less than the grid of the times.
    windows = [[part[part < part.t_stop] for part in parts] for parts in windows[:11]]
    expected = [elephant.fanofactor(parts) for parts in windows]
    np.testing.assert_allclose(fano_factors(spikes, 100.0)[:11], expected, rtol=ROUNDING)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("width", [0.1, 5.0, 10.0, 7.0])
def test_bins_correlations_and_psth_are_elephants(spikes, neo_trains, width):
    conversion = pytest.importorskip("elephant.conversion")
    correlation = pytest.importorskip("elephant.spike_train_correlation")
    pq = pytest.importorskip("quantities")
    n_bins = int(STOP / width + 1e-6)
    stop = n_bins * width * pq.ms
    cut = [train.time_slice(0 * pq.ms, stop) for train in neo_trains]
    binned = conversion.BinnedSpikeTrain(cut, bin_size=width * pq.ms, n_bins=n_bins, t_start=0 * pq.ms)
    np.testing.assert_array_equal(spikes.binned(width), binned.to_array())
    expected = binned.to_array().mean(axis=0) / width * 1000
    np.testing.assert_allclose(psth(spikes, width)[1], expected, rtol=ROUNDING)
    matrix = correlation_matrix(spikes, width)
    np.testing.assert_allclose(matrix[:11, :11], correlation.correlation_coefficient(binned)[:11, :11], atol=1e-10)
    assert np.isnan(matrix[11]).all()
    assert len(pairs(matrix)) == 11 * 10 / 2


@pytest.mark.filterwarnings("ignore")
def test_spectrum_is_elephants(spikes, neo_trains):
    statistics, spectral = pytest.importorskip("elephant.statistics"), pytest.importorskip("elephant.spectral")
    pq = pytest.importorskip("quantities")
    rate = statistics.time_histogram(neo_trains, 1 * pq.ms, output="rate").rescale("Hz").magnitude.ravel()
    frequency, power = spectral.welch_psd(rate, len_segment=500, fs=1000.0)
    ours = power_spectrum(spikes, 1.0, 500.0)
    np.testing.assert_allclose(ours[0], frequency, rtol=ROUNDING)
    np.testing.assert_allclose(ours[1], power, rtol=1e-9)


@pytest.mark.filterwarnings("ignore")
def test_spike_contrast_is_elephants(spikes, neo_trains):
    synchrony = pytest.importorskip("elephant.spike_train_synchrony")
    assert spike_contrast(spikes) == pytest.approx(synchrony.spike_contrast(neo_trains), rel=ROUNDING)


def test_chi_is_one_for_identical_cells_and_falls_with_the_root_of_their_number():
    rng = np.random.default_rng(3)
    train = np.sort(rng.uniform(0, 20_000, 600))
    together = activity(np.tile(train, 5), np.repeat(np.arange(5), len(train)), window=(0, 20_000))
    assert chi(together, 10.0) == pytest.approx(1.0)
    alone = activity(rng.uniform(0, 20_000, 60_000), rng.integers(0, 100, 60_000), window=(0, 20_000))
    # The mean of 100 independent counts in 2,000 bins: chi has a standard error of 0.1 / sqrt(4000); here 4 of them.
    assert chi(alone, 10.0) == pytest.approx(0.1, abs=0.0064)


def test_the_spectrum_of_a_rhythm_peaks_at_its_frequency():
    rng = np.random.default_rng(4)
    times = rng.uniform(0, 10_000, 60_000)
    kept = times[rng.uniform(size=len(times)) < 0.5 * (1 + np.sin(2 * np.pi * 40 * times / 1000))]
    frequency, power = power_spectrum(activity(kept, np.zeros(len(kept)), window=(0, 10_000)), 1.0, 500.0)
    assert frequency[np.argmax(power)] == pytest.approx(40.0)


def test_a_spike_on_an_edge_belongs_to_the_bin_that_starts_there_in_spite_of_rounding():
    # Each is the number before 300 or 0.3, as a sum of time steps gives it.
    spikes = activity([np.nextafter(300.0, 0), 2999.9999999999995], [0, 0], window=(0, 3000))
    assert np.flatnonzero(spikes.binned(10.0)[0]).tolist() == [30]
    assert np.flatnonzero(spikes.binned(300.0)[0]).tolist() == [1]


def test_a_window_keeps_its_start_and_leaves_out_its_stop_and_silent_cells_stay():
    spikes = activity([5.0, 10.0, 15.0, 20.0], [2, 2, 9, 9], cells=[9, 4, 2], window=(10, 20))
    assert spikes.node_ids.tolist() == [9, 4, 2]
    assert spikes.counts().tolist() == [1, 0, 1]
    assert rates(spikes).tolist() == [100.0, 0.0, 100.0]


def test_without_spikes_every_statistic_has_an_answer():
    silent = activity([], [], cells=range(3), window=(0, 1000))
    assert rates(silent).tolist() == [0, 0, 0]
    assert all(np.isnan(MEASURES[key].function(silent, 100.0)).all() for key in ("isi", "cv", "cv2", "lv"))
    assert np.isnan(fano_factors(silent, 100.0)).all()
    assert pairs(correlation_matrix(silent, 10.0)).size == 0
    assert np.isnan(chi(silent, 10.0))
    assert np.isnan(spike_contrast(silent))
    assert psth(silent, 10.0)[1].sum() == 0
    nobody = activity([], [], cells=[], window=(0, 1000))
    assert rates(nobody).size == 0
    assert psth(nobody, 10.0)[1].sum() == 0


def test_one_and_two_spikes_give_only_what_they_can():
    few = activity([10.0, 10.0, 30.0], [0, 1, 1], cells=[0, 1], window=(0, 100))
    values = {key: measure.function(few, 10.0) for key, measure in MEASURES.items()}
    assert np.isnan(values["cv"][0])
    assert values["isi"][1] == 20.0
    assert values["cv"][1] == 0.0
    assert np.isnan(values["lv"]).all()


@pytest.mark.parametrize("width", [0.0, -1.0, 2000.0, float("nan")])
def test_a_bin_that_cannot_be_is_refused(width):
    with pytest.raises(InputError, match="bin"):
        activity([1.0], [0], window=(0, 1000)).binned(width)


def test_wrong_spikes_are_refused_by_name():
    with pytest.raises(InputError, match="2 timestamps for 1 node ids"):
        activity([1.0, 2.0], [0])
    with pytest.raises(InputError, match="named twice"):
        activity([1.0], [0], cells=[0, 0])
    with pytest.raises(InputError, match="window is empty"):
        activity([1.0], [0], window=(10, 10))


def test_bootstrap_interval_agrees_with_scipys():
    scipy_stats = pytest.importorskip("scipy.stats")
    values = np.random.default_rng(1).gamma(3, 2, 40)
    ours = bootstrap_mean(values, stream(0, "test"))
    theirs = scipy_stats.bootstrap(
        (values,), np.mean, method="percentile", rng=np.random.default_rng(2), n_resamples=10_000
    ).confidence_interval
    assert ours.mean == pytest.approx(values.mean())
    # Percentiles of two sets of 10,000 resamples: each has a standard error of about 0.02 of the mean's.
    error = values.std() / np.sqrt(40)
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs), abs=0.1 * error)


def test_bootstrap_is_repeatable_in_any_block_size_and_says_when_it_has_too_few_values():
    values = [*np.random.default_rng(0).normal(size=30), np.nan]
    one = bootstrap_mean(values, stream(5, "a"))
    assert one == bootstrap_mean(values, stream(5, "a"), block=7)
    assert one.n == 30
    assert one != bootstrap_mean(values, stream(5, "b"))
    single, none = bootstrap_mean([3.0], stream(5, "a")), bootstrap_mean([np.nan], stream(5, "a"))
    assert (single.mean, single.n) == (3.0, 1)
    assert np.isnan([single.low, none.mean, none.high]).all()


def test_a_sample_of_cells_depends_on_its_name_only():
    spikes = activity([1.0], [0], cells=range(1000), window=(0, 10))
    drawn = [sampled_cells(spikes, 50, stream(1, "sample", "p")).node_ids.tolist() for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 50
    assert drawn[0] == sorted(drawn[0])
    assert sampled_cells(spikes, 1000, stream(1, "sample")) is spikes
