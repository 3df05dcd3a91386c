"""Reports: written by blocks, read back node by node, older layouts too."""

import h5py
import numpy as np
import pytest

from colonnade.errors import InputError, MissingFile
from colonnade.files import sha256
from colonnade.sonata.reports import ReportLayout, lay_out, read_report, rows_name, units_of
from colonnade.sonata.row_file import RowFile, check_rows

VALUES = np.arange(28.0).reshape(7, 4) - 70.0


def layout(**more):
    return ReportLayout(
        population="cortex",
        variable="v",
        units="mV",
        node_ids=np.array([2, 5, 9]),
        offsets=np.array([0, 1, 3, 4]),
        element_ids=np.array([0, 0, 4, 0]),
        element_pos=np.array([0.5, 0.5, 0.25, 0.5]),
        start=0.0,
        stop=0.7,
        dt=0.1,
        n_rows=7,
        **more,
    )


ROWS = rows_name("cortex")


def created(path, **more):
    return RowFile.create(path, lambda file: lay_out(file, [layout(**more)]))


def write(path, blocks=(3, 4), **more):
    file, begin = created(path, **more), 0
    for size in blocks:
        file.write(ROWS, VALUES[begin : begin + size])
        begin += size
    file.finish()
    return path


def test_room_is_taken_before_the_run_where_the_system_has_no_call_for_it(tmp_path, monkeypatch):
    """As on macOS. Blocks of a file with holes would be missing on the disk."""
    monkeypatch.delattr("os.posix_fallocate")
    monkeypatch.setattr("colonnade.sonata.row_file.ZEROS", 7)
    file = created(tmp_path / "v.h5")
    assert (tmp_path / "v.h5").stat().st_size >= VALUES.nbytes
    file.write(ROWS, VALUES)
    file.finish()
    np.testing.assert_array_equal(read_report(tmp_path / "v.h5")["cortex"].values(), VALUES)


def test_rows_come_back_by_node(tmp_path):
    report = read_report(write(tmp_path / "v.h5"))["cortex"]
    assert (report.variable, report.units, report.shape) == ("v", "mV", (7, 4))
    np.testing.assert_array_equal(report.values(5), VALUES[:, 1:3])
    np.testing.assert_array_equal(report.values(9, slice(2, 4)), VALUES[2:4, 3:])
    np.testing.assert_allclose(report.times(), np.arange(1, 8) * 0.1)
    np.testing.assert_array_equal(report.mean([2, 9]), VALUES[:, [0, 3]].mean(axis=1))
    np.testing.assert_array_equal(report.mean(), VALUES.mean(axis=1))


def test_the_bytes_do_not_depend_on_the_blocks(tmp_path):
    files = [write(tmp_path / f"{i}.h5", blocks) for i, blocks in enumerate([(7,), (1, 6), (2, 2, 3)])]
    assert len({sha256(file) for file in files}) == 1


def test_single_precision_takes_half_the_room(tmp_path):
    report = read_report(write(tmp_path / "v.h5", precision="single"))["cortex"]
    assert report.values().dtype == np.float32
    np.testing.assert_array_equal(report.values(), VALUES.astype(np.float32))


def test_a_sampled_report_knows_the_time_of_its_first_row(tmp_path):
    report = read_report(write(tmp_path / "v.h5", first=0.025))["cortex"]
    np.testing.assert_allclose(report.times(), 0.025 + 0.1 * np.arange(7))


def test_a_report_with_missing_rows_or_too_many_is_refused(tmp_path):
    with pytest.raises(ValueError, match="3 of 7 rows"):
        write(tmp_path / "v.h5", blocks=(3,))
    with pytest.raises(ValueError, match="do not fit"):
        created(tmp_path / "w.h5").write(ROWS, np.zeros((8, 4)))


@pytest.mark.parametrize("in_another_file", [False, True])
def test_rows_that_were_written_are_gone_on_from(in_another_file, tmp_path):
    file = created(tmp_path / "begun.h5")
    file.write(ROWS, VALUES[:3])
    done = file.done()
    file.write(ROWS, np.zeros((2, 4)))  # what came after, of which nobody knows
    check_rows(tmp_path / "begun.h5", done)
    if in_another_file:
        file = created(tmp_path / "whole.h5")
        file.take(tmp_path / "begun.h5", done)
    else:
        file = RowFile.reopen(tmp_path / "begun.h5", done)
    file.write(ROWS, VALUES[3:])
    file.finish()
    assert sha256(file.path) == sha256(write(tmp_path / "at_once.h5"))
    with h5py.File(tmp_path / "begun.h5") as hdf5:
        place = hdf5[ROWS].id.get_offset()
    with open(tmp_path / "begun.h5", "r+b") as damaged:
        damaged.seek(place)
        damaged.write(b"?")
    with pytest.raises(InputError, match="not those that were written"):
        check_rows(tmp_path / "begun.h5", done)
    (tmp_path / "begun.h5").write_bytes((tmp_path / "begun.h5").read_bytes()[: place + 9])
    with pytest.raises(InputError):
        check_rows(tmp_path / "begun.h5", done)


def test_the_layout_without_populations_is_read(tmp_path):
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file["data"] = VALUES
        file["data"].attrs["variable_name"] = "v"
        for name, values in (("gids", [2, 5, 9]), ("index_pointer", [0, 1, 3, 4]), ("element_id", [0, 0, 4, 0])):
            file[f"mapping/{name}"] = values
        file["mapping/time"] = [0.0, 0.7, 0.1]
    report = read_report(tmp_path / "old.h5", "cortex")["cortex"]
    np.testing.assert_array_equal(report.values(5), VALUES[:, 1:3])


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingFile):
        read_report(tmp_path / "v.h5")
    write(tmp_path / "v.h5")
    with pytest.raises(InputError, match="Did you mean 'cortex'"):
        read_report(tmp_path / "v.h5", "cortx")
    with pytest.raises(InputError, match="node 3 of cortex is not in the report"):
        read_report(tmp_path / "v.h5")["cortex"].values(3)
    (tmp_path / "other.h5").write_text("text")
    with pytest.raises(InputError):
        read_report(tmp_path / "other.h5")


@pytest.mark.parametrize(
    ("variable", "unit"), [("v", "mV"), ("cai", "mM"), ("ina", "mA/cm2"), ("i_membrane_", "nA"), ("gbar_NaTs", "S/cm2")]
)
def test_the_unit_of_a_variable_is_neurons(variable, unit):
    assert units_of(variable) == unit
