"""Extracellular potentials of lines of current: far and near fields, superposition, turns, mistakes in the file."""

import numpy as np
import pytest

from colonnade.errors import InputError, MissingFile
from colonnade.simulation.recorders.line_source import (
    CONDUCTIVITY,
    Electrodes,
    Lines,
    read_electrodes,
    rotation,
    transfer_resistances,
)


def line(start, end, diameter=1.0):
    return Lines(np.array([start], float), np.array([end], float), np.array([diameter]))


def channel(*position):
    return Electrodes(np.array([0]), np.array([position], float))


def test_far_from_a_segment_it_is_a_point_source():
    far = transfer_resistances(channel(3000, 4000, 0), line((0, 0, -1), (0, 0, 1)))
    assert far[0, 0] == pytest.approx(1 / (4 * np.pi * CONDUCTIVITY * 5000), rel=1e-6)


def test_a_line_is_the_sum_of_its_halves():
    whole = transfer_resistances(channel(7, 3, 11), line((0, 0, 0), (0, 0, 20)))[0, 0]
    halves = Lines(np.array([[0, 0, 0], [0, 0, 10.0]]), np.array([[0, 0, 10], [0, 0, 20.0]]), np.ones(2))
    assert transfer_resistances(channel(7, 3, 11), halves)[0].mean() == pytest.approx(whole, rel=1e-12)


def test_a_line_equals_many_points_along_it():
    points = np.linspace(0, 20, 200_001)[:-1] + 20 / 400_000
    sources = 1 / (4 * np.pi * CONDUCTIVITY * np.hypot(5, 13 - points))
    assert transfer_resistances(channel(5, 0, 13), line((0, 0, 0), (0, 0, 20)))[0, 0] == pytest.approx(
        sources.mean(), rel=1e-8
    )


def test_turning_the_cell_is_turning_the_electrode_back():
    angles, position = (0.3, -1.1, 2.0), np.array([5.0, -7.0, 20.0])
    turned = line((1, 2, 3), (9, 4, -6)).placed(angles, position)
    there = np.array([30.0, 40.0, -10.0])
    back = rotation(*angles).T @ (there - position)
    np.testing.assert_allclose(
        transfer_resistances(channel(*there), turned),
        transfer_resistances(channel(*back), line((1, 2, 3), (9, 4, -6))),
        rtol=1e-12,
    )


def test_the_turn_about_z_comes_first_and_counter_clockwise():
    np.testing.assert_allclose(rotation(np.pi / 2, 0, np.pi / 2) @ [1, 0, 0], [0, 0, 1], atol=1e-12)


def test_a_channel_on_the_axis_is_held_at_the_radius():
    on_axis = transfer_resistances(channel(0, 0, 10), line((0, 0, 0), (0, 0, 20), 4.0), "auto")
    beside = transfer_resistances(channel(2, 0, 10), line((0, 0, 0), (0, 0, 20), 4.0))
    assert on_axis == pytest.approx(beside)


def test_electrodes_are_read_and_a_missing_column_is_named(tmp_path):
    (tmp_path / "good.csv").write_text("channel x_pos y_pos z_pos\n7 1 2 3\n9 4.5 5 6\n")
    electrodes = read_electrodes(tmp_path / "good.csv")
    assert electrodes.channels.tolist() == [7, 9]
    assert electrodes.positions[1].tolist() == [4.5, 5, 6]
    (tmp_path / "bad.csv").write_text("channel x y z\n7 1 2 3\n")
    with pytest.raises(InputError, match="x_pos"):
        read_electrodes(tmp_path / "bad.csv")
    with pytest.raises(MissingFile, match="none"):
        read_electrodes(tmp_path / "none.csv")
