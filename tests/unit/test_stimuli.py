"""Kinds of stimuli: waveforms against their formulas, spike trains against their statistics."""

import h5py
import numpy as np
import pytest

from colonnade.errors import InputError
from colonnade.sonata.nodes import write_nodes
from colonnade.sonata.spikes import SpikeTrains, write_spikes
from colonnade.spikes.trains_from_config import generate_spikes
from colonnade.stimuli.registry import stimulus_kind
from colonnade.stimuli.tables import write_current
from colonnade.streams import stream

TIMES = 0.1 * (np.arange(10000) + 0.5)  # ms


def wave(name, **settings):
    kind = stimulus_kind(name)
    given = {key: part["default"] for key, part in kind.properties.items() if "default" in part}
    return kind.waveform({"duration": 1000.0, **given, **settings}, TIMES, stream(1, name))


class TestCurrents:
    def test_pulses_come_at_their_frequency_and_last_their_width(self):
        found = wave("pulse_train", amp=0.3, width=5.0, frequency=20.0)
        assert set(found) == {0.0, 0.3}
        np.testing.assert_allclose(TIMES[1:][np.diff(found) > 0], 50.0 * np.arange(1, 20) + 0.05)
        assert (found > 0).sum() == 20 * 50

    def test_a_ramp_is_a_line(self):
        np.testing.assert_allclose(wave("ramp", amp_start=-0.1, amp_end=0.4), -0.1 + 0.5 * TIMES / 1000)

    def test_a_sine_has_its_frequency_phase_and_offset(self):
        found = wave("sine", amp=0.2, frequency=8.0, phase=0.5, offset=0.1)
        np.testing.assert_allclose(found, 0.1 + 0.2 * np.sin(2 * np.pi * 8 * TIMES / 1000 + 0.5))

    @pytest.mark.parametrize("course", ["linear", "exponential"])
    def test_a_chirp_goes_from_one_frequency_to_the_other(self, course):
        found = wave("chirp", amp=1.0, frequency_start=2.0, frequency_end=50.0, course=course)
        crossings = TIMES[:-1][np.diff(np.sign(found)) != 0]
        frequency, at = 500 / np.diff(crossings), (crossings[1:] + crossings[:-1]) / 2
        share = at / 1000
        expected = 2 + 48 * share if course == "linear" else 2 * 25**share
        np.testing.assert_allclose(frequency[2:], expected[2:], rtol=0.05)

    def test_noise_has_its_mean_spread_and_correlation_from_the_start_on(self):
        kind = stimulus_kind("noise")
        runs = np.array([kind.waveform({"mean": 0.5, "sigma": 0.2, "tau": 20.0}, TIMES[:2000], stream(1, n))
                         for n in range(400)])  # fmt: skip
        few = 4 * 0.2 / np.sqrt(400)
        np.testing.assert_allclose(runs.mean(axis=0)[[0, 1000, -1]], 0.5, atol=few)
        np.testing.assert_allclose(runs.std(axis=0)[[0, 1000, -1]], 0.2, rtol=0.15)
        lag = 200  # 20 ms
        both = np.mean((runs[:, :-lag] - 0.5) * (runs[:, lag:] - 0.5)) / 0.04
        assert both == pytest.approx(np.exp(-1), abs=0.05)

    def test_a_noisy_conductance_is_never_negative(self):
        found = wave("noise_conductance", mean=0.01, sigma=0.02, tau=3.0, e=0.0)
        assert found.min() == 0
        assert found.max() > 0.03

    @pytest.mark.parametrize("suffix", ["csv", "txt", "h5", "py"])
    def test_an_array_comes_from_a_table_or_a_function(self, tmp_path, suffix):
        times, values = np.array([0.0, 10.0, 20.0, 35.0]), np.array([0.1, 0.1, -0.2, 0.0])
        file = tmp_path / f"own.{suffix}"
        settings = {"type": "array", "file": str(file), "delay": 5.0, "scale": 2.0, "tstop": 50.0, "dt": 0.5}
        if suffix == "h5":
            with h5py.File(file, "w") as h5:
                h5["a/t"], h5["a/i"] = times, values
            settings |= {"timestamps_column": "a/t", "amplitudes_column": "a/i"}
        elif suffix == "py":
            file.write_text("import numpy as np\ndef wave(t):\n"
                            "    return np.select([t < 20, t < 35], [0.1, -0.2], 0.0)\n")  # fmt: skip
            settings["file"] += ":wave"
        else:
            between = {"csv": ",", "txt": " "}[suffix]
            lines = [f"{t}{between}{v}" for t, v in zip(times, values, strict=True)]
            file.write_text("\n".join([f"timestamps{between}amps", *lines]))
        write_current(settings, tmp_path / "current.csv")
        found = np.loadtxt(tmp_path / "current.csv", skiprows=1)
        at = [float(found[found[:, 0] <= t][-1, 1]) for t in (5.0, 24.9, 25.0, 39.9, 40.0)]
        assert at == [0.2, 0.2, -0.4, -0.4, 0.0]

    @pytest.mark.parametrize(
        ("code", "said"),
        [("def wave(t): return t[1:]", "array"), ("def wave(t): return 1 / 0", "ZeroDivisionError"),
         ("def wave(t): return t * float('nan')", "no number"), ("def wavy(t): return t", "Did you mean 'wavy'")],
    )  # fmt: skip
    def test_a_function_that_fails_is_named(self, tmp_path, code, said):
        (tmp_path / "own.py").write_text(code)
        settings = {"type": "array", "file": f"{tmp_path / 'own.py'}:wave", "tstop": 50.0, "dt": 0.5}
        with pytest.raises(InputError, match=said):
            write_current(settings, tmp_path / "current.csv")
        assert not (tmp_path / "current.csv").exists()


@pytest.fixture
def nodes(tmp_path):
    write_nodes(tmp_path / "p_nodes.h5", "p", np.arange(200), np.full(200, 100), [{}])
    return tmp_path / "p_nodes.h5"


@pytest.fixture
def made(nodes, tmp_path):
    def made(kind, **settings):
        given = {"type": kind, "seed": 3, "population": "p", **settings}
        return generate_spikes(given, nodes, tmp_path / "s.h5")

    return made


def intervals(train, ids=range(200)):
    return np.concatenate([np.diff(np.sort(train.timestamps[train.node_ids == node])) for node in ids])


def counts(train, start, stop, width):
    edges = np.arange(start, stop + width / 2, width)
    return np.array([np.histogram(train.timestamps[train.node_ids == node], edges)[0] for node in range(200)])


class TestSpikes:
    def test_gamma_intervals_have_the_rate_and_the_regularity_from_the_start_on(self, made):
        train = made("gamma", firing_rate=20.0, shape=4.0, times=[1.0, 11.0])
        assert len(train) == pytest.approx(200 * 200, rel=0.01)
        found = intervals(train)
        assert found.std() / found.mean() == pytest.approx(0.5, abs=0.02)
        first = (train.timestamps < 1010.0).sum()  # 10 ms of 200 cells at 20 Hz: 40
        assert abs(first - 40) < 4 * np.sqrt(40)

    def test_a_dead_time_is_kept_and_the_rate_with_it(self, made):
        for kind, more in (("gamma", {"shape": 1.0}), ("poisson", {})):
            train = made(kind, firing_rate=50.0, refractory=8.0, times=[0.0, 5.0], **more)
            assert intervals(train).min() >= 8.0
            assert len(train) == pytest.approx(200 * 250, rel=0.02)

    def test_regular_spikes_are_a_period_apart_in_phase_or_not(self, made):
        train = made("regular", firing_rate=10.0, phase=0.0, times=[0.0, 1.0])
        np.testing.assert_allclose(np.unique(np.round(train.timestamps, 6)), 100.0 * np.arange(11))
        train = made("regular", firing_rate=10.0, times=[0.0, 1.0])
        np.testing.assert_allclose(intervals(train), 100.0)
        assert np.ptp(train.timestamps[train.timestamps < 100]) > 80
        assert intervals(made("regular", firing_rate=10.0, jitter=2.0, times=[0.0, 1.0])).std() == pytest.approx(
            2 * np.sqrt(2), rel=0.1
        )

    def test_bursts_have_their_spikes_interval_and_rate(self, made):
        train = made("bursts", burst_rate=2.0, spikes=5, interval=4.0, times=[0.0, 20.0])
        found = intervals(train)
        within = np.isclose(found, 4.0)
        assert within.mean() == pytest.approx(0.8, abs=0.01)
        assert found[~within].min() >= 4.0
        assert len(train) == pytest.approx(200 * 20 * 2 * 5, rel=0.03)

    @pytest.mark.parametrize("share", [0.1, 0.5])
    def test_correlated_trains_have_the_rate_and_the_correlation(self, made, share):
        train = made("correlated", firing_rate=20.0, correlation=share, times=[0.0, 50.0])
        assert len(train) == pytest.approx(200 * 1000, rel=0.05)
        matrix = np.corrcoef(counts(train, 0.0, 50000.0, 20.0)[:60])
        assert matrix[np.triu_indices(60, 1)].mean() == pytest.approx(share, abs=0.04)
        spread = made("correlated", firing_rate=20.0, correlation=share, jitter=30.0, times=[0.0, 50.0])
        matrix = np.corrcoef(counts(spread, 0.0, 50000.0, 20.0)[:60])
        assert matrix[np.triu_indices(60, 1)].mean() < share / 1.8

    def test_another_run_is_played_in_turn_and_jittered_copies_differ(self, made, tmp_path):
        source = SpikeTrains("l4", np.array([7, 9, 7, 9]), np.array([10.0, 20.0, 110.0, 150.0]))
        write_spikes(tmp_path / "run.h5", [source])
        train = made("replay", file=str(tmp_path / "run.h5"), source="l4", node_ids=[0, 1, 2])
        assert sorted(zip(train.node_ids.tolist(), train.timestamps.tolist(), strict=True)) == [
            (0, 10.0), (0, 110.0), (1, 20.0), (1, 150.0), (2, 10.0), (2, 110.0)]  # fmt: skip
        part = made(
            "replay", file=str(tmp_path / "run.h5"), source="l4", node_ids=[4], window=[100.0, 140.0], shift=1.0
        )
        assert part.timestamps.tolist() == [11.0]
        copies = made("replay", file=str(tmp_path / "run.h5"), source="l4", source_ids=[7], jitter=2.0)
        first = copies.timestamps[copies.timestamps < 60]
        assert first.mean() == pytest.approx(10.0, abs=4 * 2 / np.sqrt(200))
        assert first.std() == pytest.approx(2.0, rel=0.2)

    @pytest.mark.parametrize(
        ("kind", "settings"),
        [("gamma", {"firing_rate": 9.0}), ("regular", {"firing_rate": 9.0, "jitter": 1.0}),
         ("bursts", {"burst_rate": 2.0}), ("correlated", {"firing_rate": 9.0, "correlation": 0.3})],
    )  # fmt: skip
    def test_a_cells_spikes_are_its_own_whatever_the_others_do(self, made, kind, settings):
        every = made(kind, times=[0.0, 2.0], **settings)
        few = made(kind, times=[0.0, 2.0], node_ids=[5, 17], **settings)
        for node in (5, 17):
            np.testing.assert_array_equal(
                every.timestamps[every.node_ids == node], few.timestamps[few.node_ids == node]
            )
        assert len(every)
        assert len(made(kind, times=[0.0, 2.0], **{**settings, next(iter(settings)): 0.0})) == 0

    @pytest.mark.parametrize(
        ("kind", "settings", "said"),
        [("gamma", {"firing_rate": 200.0, "refractory": 6.0}, "no time"),
         ("bursts", {"burst_rate": 50.0, "spikes": 5, "interval": 5.0}, "longer than"),
         ("gama", {}, "Did you mean 'gamma'"), ("regular", {"rate": 3.0}, "firing_rate"),
         ("correlated", {"firing_rate": 1.0}, "correlation")],
    )  # fmt: skip
    def test_slips_are_named(self, made, kind, settings, said):
        with pytest.raises(InputError, match=said):
            made(kind, times=[0.0, 1.0], **settings)
