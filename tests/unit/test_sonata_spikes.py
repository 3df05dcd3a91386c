"""Spike files: every layout in use is read, what is written is read back."""

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.errors import InputError, MissingFile
from colonnade.sonata.spikes import SpikeTrains, read_spikes, write_spikes, write_spikes_csv

TRAINS = [SpikeTrains("cortex", [4, 2, 2], [3.5, 9.25, 0.1]), SpikeTrains("thalamus", [1], [2.0])]


@pytest.mark.parametrize(("writer", "name"), [(write_spikes, "s.h5"), (write_spikes_csv, "s.csv")])
def test_spikes_are_read_back_sorted_by_time(tmp_path, writer, name):
    writer(tmp_path / name, TRAINS)
    read = read_spikes(tmp_path / name)
    assert read["cortex"].timestamps.tolist() == [0.1, 3.5, 9.25]
    assert read["cortex"].node_ids.tolist() == [2, 4, 2]
    assert read["thalamus"].timestamps.tolist() == [2.0]


def test_sorting_by_id_is_said_in_the_file(tmp_path):
    write_spikes(tmp_path / "s.h5", TRAINS, sort="id", seed=7)
    with h5py.File(tmp_path / "s.h5") as file:
        assert file["spikes/cortex/node_ids"][()].tolist() == [2, 2, 4]
        assert h5py.check_enum_dtype(file["spikes/cortex"].attrs.get_id("sorting").dtype)["by_id"] == 1
        assert file["spikes/cortex"].attrs["sorting"] == 1
        assert file["spikes/cortex/timestamps"].attrs["units"] == "ms"
        assert file.attrs["seed"] == 7


@given(
    times=st.lists(st.floats(0, 1e7, allow_nan=False), max_size=30),
    ids=st.lists(st.integers(0, 2**40), min_size=30, max_size=30),
)
@settings(max_examples=30)
def test_any_spikes_survive_both_formats_to_the_bit(tmp_path_factory, times, ids):
    folder = tmp_path_factory.mktemp("spikes")
    train = SpikeTrains("p", ids[: len(times)], times)
    write_spikes(folder / "s.h5", [train])
    write_spikes_csv(folder / "s.csv", [train])
    expected = train.ordered("time")
    for name in ("s.h5", "s.csv"):
        read = read_spikes(folder / name).get("p", SpikeTrains("p", [], []))
        np.testing.assert_array_equal(read.timestamps, expected.timestamps)
        np.testing.assert_array_equal(read.node_ids, expected.node_ids)


def test_seconds_become_milliseconds(tmp_path):
    with h5py.File(tmp_path / "s.h5", "w") as file:
        file["spikes/p/timestamps"] = [0.5, 1.0]
        file["spikes/p/timestamps"].attrs["units"] = np.bytes_("s")
        file["spikes/p/node_ids"] = [0, 1]
    assert read_spikes(tmp_path / "s.h5")["p"].timestamps.tolist() == [500.0, 1000.0]


def test_the_layout_without_populations_is_read(tmp_path):
    with h5py.File(tmp_path / "s.h5", "w") as file:
        file["spikes/timestamps"] = [5.0]
        file["spikes/gids"] = [3]
    assert read_spikes(tmp_path / "s.h5", "lgn")["lgn"].node_ids.tolist() == [3]


@pytest.mark.parametrize(
    "content",
    [
        "timestamps population node_ids\n1.5 p 0\n2.5 p 1\n",
        "node_ids timestamps\n0 1.5\n1 2.5\n",
        "1.5 p 0\n2.5 p 1\n",
        "1.5 0\n2.5 1\n",
        "timestamps,population,node_ids\n1.5,p,0\n2.5,p,1\n",
        "gid spike-times\n0 1.5\n1 2.5\n",
    ],
)
def test_csv_layouts(tmp_path, content):
    (tmp_path / "s.csv").write_text(content)
    train = read_spikes(tmp_path / "s.csv", "p")["p"]
    assert (train.timestamps.tolist(), train.node_ids.tolist()) == ([1.5, 2.5], [0, 1])


def test_one_line_may_hold_all_spikes_of_a_cell(tmp_path):
    (tmp_path / "s.csv").write_text("gid spike-times\n7 1.0,2.0,3.5\n9 4.0\n")
    train = read_spikes(tmp_path / "s.csv")[""]
    assert train.node_ids.tolist() == [7, 7, 7, 9]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("timestamps population node_ids\nnan p 0\n", "not a number"),
        ("timestamps population node_ids\n1.0 p -4\n", "negative node id"),
        ("time population node_ids\n1.0 p 4\n", "timestamps"),
        ("timestamps population node_ids\nsoon p 4\n", "cannot be read"),
        ("timestamps population node_ids\n1.0 thalamus 4\n", "thalamus"),
    ],
)
def test_bad_csv_files_are_refused_with_the_reason(tmp_path, content, reason):
    (tmp_path / "s.csv").write_text(content)
    with pytest.raises(InputError, match=rf"s\.csv.*{reason}"):
        read_spikes(tmp_path / "s.csv", "p")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MissingFile, match=r"gone\.h5"):
        read_spikes(tmp_path / "gone.h5")
