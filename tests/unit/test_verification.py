"""Files of two runs are called identical, equivalent or different, with the first difference."""

import h5py
import numpy as np
import pytest

from colonnade.errors import MissingFile
from colonnade.verification import compare_files, compare_results


def spikes(path, ids, times, compression=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        group = file.create_group("spikes/cells")
        group.create_dataset("node_ids", data=np.array(ids, "u8"), compression=compression)
        group.create_dataset("timestamps", data=np.array(times, float), compression=compression)
    return path


def test_equal_bytes_are_identical(tmp_path):
    one, other = tmp_path / "a.csv", tmp_path / "b.csv"
    one.write_text("x")
    other.write_text("x")
    assert compare_files(one, other, 0.1) == ("identical", "")


def test_spikes_within_a_step_are_equivalent(tmp_path):
    one = spikes(tmp_path / "a.h5", [0, 1], [1.0, 2.0])
    other = spikes(tmp_path / "b.h5", [1, 0], [2.1, 1.0])
    assert compare_files(one, other, 0.1)[0] == "equivalent"
    assert compare_files(one, other, 0.05) == (
        "different",
        "spikes/cells: cell 1 spikes at 2.0000 ms, then at 2.1000 ms",
    )


def test_a_lost_spike_names_its_cell(tmp_path):
    one = spikes(tmp_path / "a.h5", [0, 1, 1], [1.0, 2.0, 3.0])
    other = spikes(tmp_path / "b.h5", [0, 0, 1], [1.0, 2.0, 3.0])
    assert compare_files(one, other, 0.1) == ("different", "spikes/cells: cell 0 has 1 spikes, then 2")


def test_the_same_data_in_another_layout_are_equivalent(tmp_path):
    one, other = tmp_path / "a.h5", tmp_path / "b.h5"
    for path, compression in ((one, None), (other, "gzip")):
        with h5py.File(path, "w") as file:
            file.create_dataset("nodes/x", data=np.arange(100), compression=compression)
    assert compare_files(one, other, 0.1) == ("equivalent", "the same data")


def test_the_first_different_value_is_named(tmp_path):
    one, other = tmp_path / "a.h5", tmp_path / "b.h5"
    for path, last in ((one, 2.0), (other, 3.0)):
        with h5py.File(path, "w") as file:
            file.create_dataset("report/cells/data", data=np.array([[0.0, 1.0], [1.0, last]]))
    assert compare_files(one, other, 0.1) == ("different", "report/cells/data[1, 1]: 2.0, then 3.0")


def file_with(path, values, **attributes):
    with h5py.File(path, "w") as file:
        file["nodes/x"] = values
        file["nodes/x"].attrs.update(attributes)
    return path


def test_another_attribute_is_named(tmp_path):
    one = file_with(tmp_path / "a.h5", [1.0], units="mV", dt=np.array([0.1, 1.0]))
    other = file_with(tmp_path / "b.h5", [1.0], units="V", dt=np.array([0.1, 1.0]))
    assert compare_files(one, other, 0.1) == ("different", "nodes/x@units: mV, then V")
    other = file_with(tmp_path / "b.h5", [1.0], units="mV", dt=np.array([0.1, 2.0]))
    assert compare_files(one, other, 0.1) == ("different", "nodes/x@dt[1]: 1.0, then 2.0")
    other = file_with(tmp_path / "b.h5", [1.0], units="mV")
    assert compare_files(one, other, 0.1) == ("different", "nodes/x@dt: only one has this attribute")


def test_another_seed_of_the_same_spikes_is_named(tmp_path):
    files = [spikes(tmp_path / name, [0], [1.0]) for name in ("a.h5", "b.h5")]
    for seed, path in enumerate(files):
        with h5py.File(path, "r+") as file:
            file.attrs["seed"] = np.uint64(seed)
    assert compare_files(*files, 0.1) == ("different", "/@seed: 0, then 1")


def test_nan_at_the_same_place_is_the_same(tmp_path):
    one = file_with(tmp_path / "a.h5", [np.nan, 1.0], gap=np.nan)
    assert (
        compare_files(
            one,
            file_with(
                tmp_path / "b.h5",
                [np.nan, 1.0],
                gap=np.nan,
            ),
            0.1,
        )[0]
        != "different"
    )
    other = file_with(tmp_path / "b.h5", [1.0, np.nan], gap=np.nan)
    assert compare_files(one, other, 0.1) == ("different", "nodes/x[0]: nan, then 1.0")


def test_another_type_or_shape_or_group_is_named(tmp_path):
    one = file_with(tmp_path / "a.h5", np.zeros(2))
    other = file_with(tmp_path / "b.h5", np.zeros(2, "f4"))
    assert compare_files(one, other, 0.1) == ("different", "nodes/x: type float64, then float32")
    other = file_with(tmp_path / "b.h5", np.zeros((2, 1)))
    assert compare_files(one, other, 0.1) == ("different", "nodes/x: shape (2,), then (2, 1)")
    with h5py.File(other, "w") as file:
        file.create_group("nodes/x")
    assert compare_files(one, other, 0.1) == ("different", "nodes/x: a dataset, then a group")


def test_the_first_different_line_is_named(tmp_path):
    one, other = tmp_path / "a.csv", tmp_path / "b.csv"
    one.write_text("a\n1\n")
    other.write_text("a\n2\n")
    assert compare_files(one, other, 0.1) == ("different", "line 2: '1', then '2'")


def test_a_missing_file_is_said_and_run_times_are_left_out(tmp_path):
    spikes(tmp_path / "a" / "inputs" / "x.h5", [0], [1.0])
    (tmp_path / "b" / "simulation").mkdir(parents=True)
    (tmp_path / "b" / "simulation" / "timing.json").write_text("{}")
    (tmp_path / "b" / "simulation" / ".hidden").write_text("of Snakemake or a lock")
    (tmp_path / "b" / "simulation" / "output" / ".state" / "run-1").mkdir(parents=True)
    (tmp_path / "b" / "simulation" / "output" / ".state" / "run-1" / "100.json").write_text("a kept state")
    verdicts = compare_results(tmp_path / "a", tmp_path / "b", 0.1)
    assert [(verdict.path, verdict.word) for verdict in verdicts] == [("inputs/x.h5", "missing")]
    with pytest.raises(MissingFile):
        compare_results(tmp_path / "a", tmp_path / "c", 0.1)


def test_a_paper_that_this_machine_cannot_make_is_no_difference(tmp_path, monkeypatch):
    (tmp_path / "one" / "manuscript").mkdir(parents=True)
    (tmp_path / "two").mkdir()
    (tmp_path / "one" / "manuscript" / "paper.pdf").write_text("")
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert [each.word for each in compare_results(tmp_path / "one", tmp_path / "two", 0.1)] == ["not made"]
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/pdflatex")
    assert [each.word for each in compare_results(tmp_path / "one", tmp_path / "two", 0.1)] == ["missing"]


def test_mechanisms_compiled_in_another_environment_are_no_difference(tmp_path):
    for name, checksum in (("one", "1"), ("two", "2")):
        folder = tmp_path / name / "mechanisms"
        folder.mkdir(parents=True)
        (folder / "mechanisms.json").write_text(f'{{"checksums": {{"libnrnmech.so": "{checksum}"}}, "neuron": "9"}}')
    assert [each.word for each in compare_results(tmp_path / "one", tmp_path / "two", 0.1)] == ["equivalent"]
    (tmp_path / "two" / "mechanisms" / "mechanisms.json").write_text('{"checksums": {}, "neuron": "8"}')
    assert [each.word for each in compare_results(tmp_path / "one", tmp_path / "two", 0.1)] == ["different"]
