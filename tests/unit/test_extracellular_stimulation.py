"""Potentials outside the cells: the cable equation in a uniform field, point electrodes, files, BMTK's words."""

import json

import h5py
import numpy as np
import pytest
from ball_cells import BALL, balls
from small_simulation import simulate

from colonnade.simulation.engines.neuron.gathered import Scattered
from colonnade.simulation.model import ExtracellularPotential

pytestmark = pytest.mark.slow

LENGTH, DIAMETER, RA, G, E = 1000.0, 2.0, 100.0, 1e-4, -65.0
STICK = (
    BALL.replace("L = 20.0 diam = 20.0", f"L = {LENGTH} diam = {DIAMETER}")
    .replace("begintemplate Ball", "begintemplate Ball")
    .replace("soma[0] { L", "soma[0] { pt3dclear() pt3dadd(0, 0, 0, 2) pt3dadd(1000, 0, 0, 2) L")
)
LAMBDA = np.sqrt(DIAMETER * 1e-4 / (4 * RA * G)) * 1e4  # um
REST = {"cells": "all", "variable_name": "v", "sections": "all", "module": "membrane_report"}


def stick(folder, entry, tstop=300.0, **more):
    """Write a straight cable of 1 mm along x, its middle at the origin, under a potential; return the config."""
    inputs = {"field": {"input_type": "lfp", "module": "xstim", "node_set": "all", **entry}}
    config = balls(folder, 1, inputs=inputs, reports={"v": REST}, run={"tstop": tstop, "dt": 0.1, "dL": 10.0}, **more)
    (folder / "templates" / "Ball.hoc").write_text(STICK)
    return config


def profile(folder):
    with h5py.File(folder / "output" / "v.h5") as file:
        group = file["report/balls"]
        return group["mapping/element_pos"][()] * LENGTH - LENGTH / 2, group["data"][()]


def steady(size):
    return {"field": [1.0, 0.0, 0.0], "waveform": {"type": "current_clamp", "amp": size, "delay": 0.0, "duration": 1e4}}


def test_a_cable_in_a_uniform_field_has_the_potential_of_the_cable_equation(tmp_path):
    simulate(stick(tmp_path, steady(50.0)))
    x, v = profile(tmp_path)
    # sealed ends, potential outside -E x: V = E lambda sinh(x/lambda)/cosh(L/(2 lambda)), 1 V/m = 1e-3 mV/um
    expected = 50.0e-3 * LAMBDA * np.sinh(x / LAMBDA) / np.cosh(LENGTH / 2 / LAMBDA)
    assert np.abs(expected).max() > 10
    np.testing.assert_allclose(v[-1] - E, expected, atol=2e-3 * np.abs(expected).max())


def test_an_alternating_field_polarises_a_cable_less_the_faster_it_is(tmp_path):
    for frequency, tstop, close in ((4.0, 500.0, 0.02), (1000.0, 20.0, 0.1)):
        wave = {"type": "sine", "amp": 50.0, "frequency": frequency}
        simulate(stick(tmp_path, {"field": [1.0, 0.0, 0.0], "waveform": wave}, tstop=tstop))
        _, v = profile(tmp_path)
        q = np.sqrt(1 + 2j * np.pi * frequency * 1e-3 * 10.0)  # the time constant cm/g is 10 ms
        expected = abs(50e-3 * LAMBDA / q * np.tanh(q * (LENGTH / 2 - 5.0) / LAMBDA))
        assert np.ptp(v[len(v) // 2 :, -1]) / 2 == pytest.approx(expected, rel=close)


def test_point_electrodes_have_the_potential_of_point_sources_and_add_up(tmp_path):
    places = [[0.0, 200.0, 0.0], [300.0, 0.0, -150.0]]
    wave = {"type": "current_clamp", "amp": 0.01, "delay": 1.0, "duration": 1e4}
    reports = {"v": REST, "e": {**REST, "variable_name": "e_extracellular"}}
    config = stick(tmp_path, {"positions": places, "waveform": wave, "resistivity": 250.0}, tstop=2.0)
    values = json.loads(config.read_text()) | {"reports": reports}
    config.write_text(json.dumps(values))
    simulate(config, "--threads", "2")
    x, _ = profile(tmp_path)
    with h5py.File(tmp_path / "output" / "e.h5") as file:
        found = file["report/balls/data"][()]
    middles = np.column_stack([x, 0 * x, 0 * x])
    apart = [np.linalg.norm(middles - place, axis=1) for place in places]
    expected = sum(0.01e-3 * 250.0 / (4 * np.pi * r * 1e-4) for r in apart) * 1e3  # A, Ohm cm, cm, V to mV
    np.testing.assert_allclose(found[-1], expected, rtol=1e-6)  # 3-d points of single precision
    assert (found[5] == 0).all()


def test_bmtks_words_and_files_say_the_same(tmp_path):
    own = {"type": "sine", "amp": 0.02, "frequency": 50.0, "phase": np.pi, "delay": 0.0, "duration": 18.0}
    simulate(stick(tmp_path / "a", {"positions": [[0.0, 100.0, 0.0]], "waveform": own}, tstop=20.0))
    wave = {"shape": "sin", "del": 0.0, "amp": 0.02, "dur": 18.0, "freq": 50.0}
    config = stick(tmp_path / "b", {"positions_file": "e.csv", "waveform": wave}, tstop=20.0)
    (tmp_path / "b" / "e.csv").write_text(
        "ip pos_x pos_y pos_z rotation_x rotation_y rotation_z\n0 0.0 100.0 0.0 0 0 0\n"
    )
    simulate(config)
    np.testing.assert_allclose(profile(tmp_path / "a")[1], profile(tmp_path / "b")[1], atol=1e-9)
    assert np.ptp(profile(tmp_path / "a")[1]) > 1


def test_a_field_from_a_file_is_the_uniform_field_that_it_holds(tmp_path):
    grid = [(x, y, z) for x in (-600, 0, 700) for y in (-9, 9) for z in (-9, 9)]
    rows = "".join(f"{x} {y} {z} {-1e-6 * x}\n" for x, y, z in grid)  # V, of 1 V/m
    wave = steady(50.0)["waveform"]
    simulate(stick(tmp_path / "a", steady(50.0), tstop=20.0))
    config = stick(tmp_path / "b", {"module": "comsol", "comsol_files": "f.txt", "waveforms": wave}, tstop=20.0)
    (tmp_path / "b" / "f.txt").write_text("% Model: x\n% x  y  z  V (V)\n" + rows)
    simulate(config)
    np.testing.assert_allclose(profile(tmp_path / "a")[1], profile(tmp_path / "b")[1], atol=1e-6)
    (tmp_path / "b" / "f.txt").write_text("% x\n" + "".join(f"{x / 9} {y} {z} 0\n" for x, y, z in grid))
    answer = simulate(config, check=False)
    assert "reaches out of the field" in answer.stderr


@pytest.mark.parametrize(
    ("entry", "said"),
    [({"positions": [[0.0, 1.0, 0.0]], "waveform": {"type": "sine", "amp": 1.0, "frequency": 1.0}},
      "positions: electrode 0 is too close to node 0 of balls (found 1.0); expected 10 um"),
     ({"positions": [[0.0, 100.0]], "waveform": {"type": "sine", "amp": 1.0, "frequency": 1.0}}, "three numbers"),
     ({"field": [1, 0, 0]}, "no waveform"),
     ({"field": [1, 0, 0], "waveform": {"type": "sin", "amp": 1.0, "frequency": 1.0}}, "Did you mean 'sine'"),
     ({"field": [1, 0, 0], "waveform": {"shape": "square"}}, "no such waveform"),
     ({"positions_file": "nowhere.csv", "waveform": {"shape": "dc", "amp": 1, "del": 0, "dur": 1}}, "nowhere.csv")],
)  # fmt: skip
def test_slips_are_named(tmp_path, entry, said):
    answer = simulate(stick(tmp_path, entry), check=False)
    assert answer.returncode
    assert said in answer.stderr


def test_an_engine_that_cannot_says_so(tmp_path):
    answer = simulate(stick(tmp_path, steady(1.0)), "--engine", "coreneuron", check=False)
    assert "CoreNEURON cannot simulate a potential outside the cells" in answer.stderr
    assert "--engine neuron" in answer.stderr


def test_a_rank_without_a_cell_in_the_field_goes_on():
    nothing = np.zeros(0)
    field = ExtracellularPotential(nothing, nothing, nothing, nothing, np.array([0.0]), np.array([1.0]))
    Scattered([field], lambda _: [], 0.1).apply(0)
