"""Spikes of a run are kept in a file and sorted a few at a time, into the same files as all at once."""

import itertools

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.simulation import spike_file
from colonnade.simulation.spike_file import SpikeFile
from colonnade.sonata.spikes import SpikeTrains, csv_writer, spike_writer, write_spikes, write_spikes_csv

ORDERS = {"time": lambda spikes: spikes["time"], "id": lambda spikes: spikes["gid"]}


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch):
    monkeypatch.setattr(spike_file, "AT_ONCE", 8)
    monkeypatch.setattr(spike_file, "SAMPLES", 4)


def filled(path, times, gids) -> SpikeFile:
    spikes = SpikeFile(path)
    half = len(times) // 2
    spikes.append(times[:half], gids[:half])
    spikes.append(times[half:], gids[half:])
    return spikes


@given(spikes=st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.5, 2.0, 3.5]) | st.floats(0, 9), st.integers(0, 5))))
@settings(max_examples=60)
def test_pieces_come_in_the_order_of_a_key_and_none_is_lost(spikes, tmp_path_factory):
    times, gids = (np.array(column) for column in zip((0.0, 0), *spikes, strict=True))
    file = filled(tmp_path_factory.mktemp("spikes") / "spikes.bin", times, gids)
    assert len(file) == len(times)
    for key in ORDERS.values():
        pieces = list(file.pieces_by(key))
        for before, after in itertools.pairwise(pieces):
            assert key(before).max() < key(after).min()
        found = np.concatenate(pieces)
        order, expected = np.lexsort((found["gid"], found["time"])), np.lexsort((gids, times))
        np.testing.assert_array_equal(found["time"][order], times[expected])
        np.testing.assert_array_equal(found["gid"][order], gids[expected])


@pytest.mark.parametrize("key", ORDERS.values(), ids=ORDERS)
def test_pieces_stay_small_in_whatever_order_spikes_come(key, tmp_path):
    rng = np.random.default_rng(1)
    for times in (np.arange(300.0), np.arange(300.0)[::-1], rng.permutation(300) * 1.0):
        file = filled(tmp_path / "spikes.bin", times, rng.permutation(300))
        assert max(map(len, file.pieces_by(key))) <= 8 * 4
        assert sum(map(len, file.pieces_by(key))) == 300


def test_no_spikes_are_no_pieces(tmp_path):
    file = SpikeFile(tmp_path / "spikes.bin")
    assert list(file.pieces_by(ORDERS["time"])) == list(file.pieces()) == []


@pytest.mark.parametrize("sort", ["time", "id"])
@pytest.mark.parametrize("count", [0, 1, 3000])
def test_files_written_in_pieces_have_the_bytes_of_those_written_at_once(count, sort, tmp_path):
    rng = np.random.default_rng(2)
    ids, times = rng.integers(0, 50, count), rng.integers(0, 400, count) / 4.0
    trains = [SpikeTrains("b", ids, times), SpikeTrains("a", ids[::3], times[::3]), SpikeTrains("none", [], [])]
    write_spikes(tmp_path / "once.h5", trains, sort, seed=3)
    write_spikes_csv(tmp_path / "once.csv", trains, sort)
    sizes = {train.population: len(train) for train in trains}
    with spike_writer(tmp_path / "s.h5", sizes, sort, seed=3) as binary, csv_writer(tmp_path / "s.csv", sort) as text:
        for low, high in itertools.pairwise((0, 5, 6, 20, 1000)):
            some = []
            for train in trains:
                key = train.timestamps if sort == "time" else train.node_ids
                mine = (key >= low) & (key < high)
                some.append(SpikeTrains(train.population, train.node_ids[mine], train.timestamps[mine]))
            binary(some)
            text(some)
    assert (tmp_path / "s.h5").read_bytes() == (tmp_path / "once.h5").read_bytes()
    assert (tmp_path / "s.csv").read_bytes() == (tmp_path / "once.csv").read_bytes()
    with h5py.File(tmp_path / "once.h5") as file:
        assert len(file["spikes/b/timestamps"]) == count
        assert len(file["spikes/none/node_ids"]) == 0
