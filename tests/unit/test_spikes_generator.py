"""Generated spike trains are Poisson, each node's its own, and say so in their files."""

import h5py
import numpy as np
import pytest
from scipy import stats

from colonnade.errors import InputError, MissingFile, UnsupportedError
from colonnade.sonata.nodes import write_nodes
from colonnade.sonata.spikes import read_spikes
from colonnade.spikes import PoissonSpikeGenerator
from colonnade.spikes.trains_from_config import generate_spikes


def poisson(seed=1, **arguments):
    generator = PoissonSpikeGenerator(population="p", seed=seed)
    generator.add(**arguments)
    return generator


@pytest.fixture
def nodes(tmp_path):
    write_nodes(tmp_path / "p_nodes.h5", "p", np.arange(10), np.full(10, 100), [{}])
    return tmp_path / "p_nodes.h5"


class TestConstantRate:
    trains = poisson(node_ids=range(200), firing_rate=15.0, times=(1.0, 11.0))

    def test_counts_are_poisson(self):
        counts = np.array([len(self.trains.get_times(node)) for node in range(200)])
        dispersion = ((counts - 150) ** 2).sum() / 150
        assert abs(counts.mean() - 150) < 4 * np.sqrt(150 / 200)
        assert 0.0005 < stats.chi2(200).cdf(dispersion) < 0.9995

    def test_times_are_uniform_within_the_stretch(self):
        times = self.trains.to_dataframe()["timestamps"]
        assert stats.kstest(times, stats.uniform(1000.0, 10000.0).cdf).pvalue > 0.001

    def test_intervals_are_exponential(self):
        intervals = np.concatenate([np.diff(self.trains.get_times(node)) for node in range(200)])
        # Intervals of a train that is cut off at 10 s are a little short: a mean of 66.7 ms in 10 s, so 1%.
        assert stats.kstest(intervals[:4000], stats.expon(scale=1000 / 15.0).cdf).pvalue > 0.001

    def test_chapter_3_gives_about_4500_spikes(self):
        trains = poisson(node_ids=range(100), firing_rate=15.0, times=(0.0, 3.0))
        assert abs(len(trains) - 4500) < 4 * np.sqrt(4500)

    def test_a_dead_time_keeps_the_rate(self):
        trains = poisson(node_ids=range(100), firing_rate=50.0, times=(0.0, 10.0), abs_ref=0.005)
        intervals = np.concatenate([np.diff(trains.get_times(node)) for node in range(100)])
        assert intervals.min() >= 5.0
        assert abs(len(trains) / 1000 - 50.0) < 1.0


class TestChangingRate:
    def test_a_ramp_given_as_array(self):
        trains = poisson(node_ids=range(300), firing_rate=[0.0, 40.0], times=[0.0, 4.0])
        times = trains.to_dataframe()["timestamps"].to_numpy()
        assert abs(len(times) - 300 * 80) < 4 * np.sqrt(300 * 80)
        assert stats.kstest((times / 4000) ** 2, stats.uniform.cdf).pvalue > 0.001

    def test_a_function_of_time(self):
        def rate(t):
            return 20.0 * (1 + np.cos(2 * np.pi * t))

        times = poisson(node_ids=range(300), firing_rate=rate, times=(0.0, 2.0)).to_dataframe()["timestamps"] / 1000
        cumulated = (times + np.sin(2 * np.pi * times) / (2 * np.pi)) / 2
        assert abs(len(times) - 300 * 40) < 4 * np.sqrt(300 * 40)
        assert stats.kstest(cumulated, stats.uniform.cdf).pvalue > 0.001

    def test_no_spike_where_the_rate_is_zero(self):
        trains = poisson(node_ids=range(50), firing_rate=[0, 0, 50, 50, 0, 0], times=[0, 1, 1.001, 2, 2.001, 3])
        times = trains.to_dataframe()["timestamps"]
        assert times.between(1000, 2001).all()
        assert len(times) > 2000


class TestStreams:
    def test_more_nodes_and_a_later_end_leave_the_spikes_as_they_were(self):
        few = poisson(node_ids=[3, 7], firing_rate=20.0, times=(0.0, 1.0))
        many = poisson(node_ids=range(20), firing_rate=20.0, times=(0.0, 3.0))
        for node in (3, 7):
            longer = many.get_times(node)
            np.testing.assert_array_equal(longer[longer <= 1000], few.get_times(node))

    @pytest.mark.parametrize("refractory", [0.0, 0.01])
    def test_any_end_gives_the_beginning_of_a_longer_train_to_the_bit(self, refractory):
        """However many intervals are drawn at once: some trains need a second draw."""
        for node in range(300):
            longest = poisson(node_ids=node, firing_rate=40.0, times=(0.3, 8.0), abs_ref=refractory).get_times(node)
            for end in (0.31, 0.5, 1.0, 3.0):
                train = poisson(node_ids=node, firing_rate=40.0, times=(0.3, end), abs_ref=refractory).get_times(node)
                np.testing.assert_array_equal(train, longest[longest <= 1000 * end])

    def test_a_node_added_twice_gets_new_spikes(self):
        generator = poisson(node_ids=1, firing_rate=20.0)
        generator.add(node_ids=1, firing_rate=20.0)
        times = generator.get_times(1)
        assert len(np.unique(times)) == len(times)

    def test_population_and_seed_decide(self):
        reference = poisson(node_ids=0, firing_rate=50.0).get_times(0)
        np.testing.assert_array_equal(poisson(node_ids=0, firing_rate=50.0).get_times(0), reference)
        assert poisson(seed=2, node_ids=0, firing_rate=50.0).get_times(0)[0] != reference[0]
        other = PoissonSpikeGenerator(seed=1)
        other.add(node_ids=0, firing_rate=50.0, population="q")
        assert other.get_times(0, "q")[0] != reference[0]

    def test_trains_of_different_nodes_are_independent(self):
        trains = poisson(node_ids=range(60), firing_rate=20.0, times=(0.0, 20.0))
        counts = np.array([np.histogram(trains.get_times(i), np.arange(0, 20001, 100))[0] for i in range(60)])
        pairs = np.corrcoef(counts)[np.triu_indices(60, 1)]
        assert stats.kstest(pairs * np.sqrt(200), stats.norm.cdf).pvalue > 0.001


class TestFiles:
    def test_sonata_and_csv_hold_the_same(self, tmp_path):
        trains = poisson(node_ids=range(5), firing_rate=20.0)
        trains.to_sonata(tmp_path / "s.h5")
        trains.to_csv(tmp_path / "s.csv")
        frame = trains.to_dataframe()
        for name in ("s.h5", "s.csv"):
            read = read_spikes(tmp_path / name)["p"]
            np.testing.assert_array_equal(read.timestamps, frame["timestamps"])
            np.testing.assert_array_equal(read.node_ids, frame["node_ids"])
        assert frame.columns.tolist() == ["timestamps", "population", "node_ids"]
        with h5py.File(tmp_path / "s.h5") as file:
            assert file.attrs["seed"] == 1

    def test_a_nodes_file_stands_for_its_nodes(self, nodes):
        generator = PoissonSpikeGenerator(seed=1)
        generator.add(node_ids=str(nodes), firing_rate=100.0)
        assert sorted(set(generator.to_dataframe()["node_ids"])) == list(range(10))
        assert generator.populations == ["p"]

    def test_no_spikes_is_a_population_without_spikes(self, tmp_path):
        poisson(node_ids=range(3), firing_rate=0.0).to_sonata(tmp_path / "s.h5")
        assert len(read_spikes(tmp_path / "s.h5")["p"]) == 0


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        ({"firing_rate": -1.0}, "firing_rate"),
        ({"firing_rate": float("nan")}, "firing_rate"),
        ({"firing_rate": "fast"}, "firing_rate"),
        ({"firing_rate": [1.0, 2.0, 3.0], "times": [0, 1]}, "firing_rate"),
        ({"firing_rate": 1.0, "times": (2.0, 1.0)}, "times"),
        ({"firing_rate": 1.0, "times": (-1.0, 1.0)}, "times"),
        ({"firing_rate": 1.0, "node_ids": [-1]}, "node_ids"),
        ({"firing_rate": 200.0, "abs_ref": 0.01}, "abs_ref"),
    ],
)
def test_impossible_trains_are_refused_by_name(arguments, key):
    with pytest.raises(InputError, match=rf"^{key}:"):
        poisson(**{"node_ids": [0]} | arguments)


def test_a_relative_refractory_period_is_refused():
    with pytest.raises(UnsupportedError, match="tau_ref"):
        poisson(node_ids=0, firing_rate=1.0, tau_ref=0.01)


class TestSettings:
    settings = {"seed": 1, "population": "p", "type": "poisson", "firing_rate": 15.0, "times": [0.0, 3.0]}  # noqa: RUF012

    def test_the_config_and_the_library_give_the_same_spikes(self, nodes, tmp_path):
        train = generate_spikes(self.settings, nodes, tmp_path / "s.h5")
        expected = poisson(node_ids=range(10), firing_rate=15.0, times=(0.0, 3.0)).trains()[0]
        np.testing.assert_array_equal(train.timestamps, expected.timestamps)

    def test_a_rate_from_the_users_file(self, nodes, tmp_path):
        (tmp_path / "rates.py").write_text("def rate(t):\n    return 30.0 + 0 * t\n")
        function = f"{tmp_path / 'rates.py'}:rate"
        train = generate_spikes(self.settings | {"firing_rate": function}, nodes, tmp_path / "s.h5")
        assert abs(len(train) - 900) < 4 * 30

    @pytest.mark.parametrize("suffix", ["csv", "h5"])
    def test_a_users_own_file_takes_the_place(self, nodes, tmp_path, suffix):
        trains = poisson(node_ids=range(10), firing_rate=15.0)
        {"csv": trains.to_csv, "h5": trains.to_sonata}[suffix](tmp_path / f"own.{suffix}")
        settings = {"type": "spikes", "population": "p", "file": str(tmp_path / f"own.{suffix}")}
        train = generate_spikes(settings, nodes, tmp_path / "s.h5")
        np.testing.assert_array_equal(train.timestamps, trains.trains()[0].timestamps)

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            ("timestamps population node_ids\n1.0 p 10\n", "10"),
            ("timestamps population node_ids\n-1.0 p 1\n", "negative"),
            ("timestamps population node_ids\n1.0 q 1\n", "no spikes of that population"),
        ],
    )
    def test_a_users_file_that_does_not_fit_is_refused(self, nodes, tmp_path, content, reason):
        (tmp_path / "own.csv").write_text(content)
        with pytest.raises(InputError, match=reason):
            generate_spikes({"population": "p", "file": str(tmp_path / "own.csv")}, nodes, tmp_path / "s.h5")
        assert not (tmp_path / "s.h5").exists()

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"type": "poison"}, "Did you mean 'poisson'"),
            ({"fring_rate": 1}, "Did you mean 'firing_rate'"),
            ({"population": "q"}, "q"),
            ({"node_ids": [3, 99]}, "99"),
        ],
    )
    def test_slips_are_named(self, nodes, tmp_path, change, reason):
        with pytest.raises(InputError, match=reason):
            generate_spikes(self.settings | change, nodes, tmp_path / "s.h5")

    def test_a_missing_file_is_named(self, nodes, tmp_path):
        with pytest.raises(MissingFile, match="gone"):
            generate_spikes({"population": "p", "file": "gone.csv"}, nodes, tmp_path / "s.h5")
