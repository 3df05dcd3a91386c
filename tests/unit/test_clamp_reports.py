"""The current that clamps inject is reported, in BMTK's layout, on every engine; what cannot be is named."""

import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from ball_cells import CAPACITANCE, DT, LEAK, TSTOP, E, balls, voltages
from small_simulation import simulate

from colonnade.errors import InputError
from colonnade.simulation.output_files import check_output_files
from colonnade.simulation.recorders.clamp_currents import clamp_reports
from colonnade.sonata.config import read_config

pytestmark = pytest.mark.slow

ON_0, ON_1 = {"node_id": [0]}, {"node_id": [1]}
CURRENTS = {
    "pulse": {"input_type": "current_clamp", "module": "IClamp", "node_set": ON_0,
              "amp": [0.02, -0.01], "delay": [10.02, 50.0], "duration": [20.0, 20.0]},
    "wave": {"input_type": "current_clamp", "module": "sinusoidal", "node_set": "all", "amp_start": 0.01,
             "frequency": 30.0},
}  # fmt: skip
VOLTAGES = {
    "hold": {"input_type": "voltage_clamp", "module": "SEClamp", "node_set": ON_1, "amp": -40.0, "delay": 20.0,
             "duration": 30.0, "resistance": 5.0},
    "levels": {"input_type": "voltage_clamp", "module": "SEClamp", "node_set": ON_0, "delay": 30.0,
               "voltage_levels": [-80.0, -50.0], "duration_levels": [20.0, 30.0], "series_resistance": 10.0},
}  # fmt: skip


def report(variable, **more):
    return {"module": "clamp_report", "variable_name": variable, **more}


def soma():
    return {"module": "membrane_report", "cells": "all", "sections": "soma", "variable_name": "v"}


def reported(path):
    """Return the currents (T, clamps) in nA, and of each clamp the input and the node."""
    with h5py.File(path) as file:
        names = [name.decode() for name in file["mapping/input_names"][()]]
        assert file["data"].attrs["units"] == "nA"
        np.testing.assert_allclose(file["mapping/time"], [0.0, TSTOP, DT])
        return file["data"][()], list(zip(names, file["mapping/node_ids"][()].tolist(), strict=True))


def through_the_membrane(folder):
    """Return the current (T, N) in nA that each cell's potential tells of, by the equation of its membrane."""
    v = voltages(folder)
    return CAPACITANCE / DT * np.diff(v, axis=0, prepend=E) + LEAK * (v - E)


@pytest.mark.parametrize("engine", ["neuron", "lockstep"])
def test_the_currents_of_all_clamps_of_a_cell_add_up_to_what_its_membrane_takes(tmp_path, engine):
    reports = {"v": soma(), "ic": report("ic"), "se": report("se", file_name="volts.h5")}
    config = balls(tmp_path, N=2, inputs=CURRENTS | VOLTAGES, reports=reports)
    simulate(config, "--engine", engine)
    (currents, of_currents), (clamped, of_clamped) = (
        reported(tmp_path / "output" / f"{n}.h5") for n in ("ic", "volts")
    )
    assert of_currents == [("pulse", 0), ("pulse", 0), ("wave", 0), ("wave", 1)]
    assert of_clamped == [("hold", 1), ("levels", 0)]
    expected = through_the_membrane(tmp_path / "output")
    for node in (0, 1):
        own = [currents[:, k] for k, (_, n) in enumerate(of_currents) if n == node]
        own += [clamped[:, k] for k, (_, n) in enumerate(of_clamped) if n == node]
        np.testing.assert_allclose(np.sum(own, axis=0), expected[:, node], atol=1e-8)
    assert np.abs(clamped).max(axis=0).min() > 0.05
    assert set(np.unique(currents[:, 0])) == {0.0, 0.02}


def test_one_input_is_chosen_by_its_name_on_coreneuron_too(tmp_path):
    reports = {"v": soma(), "only": report("ic", input_name="wave")}
    config = balls(tmp_path, N=2, inputs={"wave": CURRENTS["wave"]}, reports=reports)
    simulate(config, "--engine", "coreneuron")
    currents, clamps = reported(tmp_path / "output" / "only.h5")
    assert clamps == [("wave", 0), ("wave", 1)]
    np.testing.assert_allclose(currents, through_the_membrane(tmp_path / "output"), atol=1e-8)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (report("i"), r"reports\.mine\.variable_name.*'i'.*ic for current clamps"),
        (report("ic", input_name="waves"), r"reports\.mine\.input_name.*'waves'.*wave"),
        (report("se"), r"reports\.mine\.input_name: no input that is a SEClamp"),
        (report("ic", dt=0.5), r"reports\.mine\.dt.*each step of the run"),
        (report("ic", cells="biophysical"), r"reports\.mine\.cells.*input_name"),
        (report("ic", file_name="../i.h5"), r"reports\.mine\.file_name.*leaves the output folder"),
    ],
)
def test_what_a_report_of_clamps_cannot_be_is_named(tmp_path, entry, message):
    config = read_config(balls(tmp_path, N=2, inputs={"wave": CURRENTS["wave"]}, reports={"mine": entry}))
    with pytest.raises(InputError, match=message):
        clamp_reports(config) and check_output_files(config)


def test_a_voltage_clamp_in_a_field_holds_the_inside_against_the_outside(tmp_path):
    wave = {"type": "sine", "amp": 2000.0, "frequency": 20.0}
    field = {"input_type": "lfp", "module": "xstim", "node_set": "all", "field": [1.0, 0.0, 0.0], "waveform": wave}
    config = balls(tmp_path, N=2, inputs=VOLTAGES | {"field": field}, reports={"v": soma(), "se": report("se")},
                   node_place={"x": [40.0, -25.0], "y": [0.0, 0.0], "z": [0.0, 0.0]})  # fmt: skip
    simulate(config)
    currents, clamps = reported(tmp_path / "output" / "se.h5")
    assert clamps == [("hold", 1), ("levels", 0)]
    expected = through_the_membrane(tmp_path / "output")
    np.testing.assert_allclose(currents, expected[:, [1, 0]], atol=1e-6)
    alone = balls(tmp_path / "alone", N=2, inputs=VOLTAGES, reports={"v": soma(), "se": report("se")})
    simulate(alone)
    assert np.abs(currents - reported(tmp_path / "alone" / "output" / "se.h5")[0]).max() > 0.1
    answer = simulate(config, "--engine", "lockstep", check=False)
    assert "lockstep cannot simulate a potential outside the cells" in answer.stderr
    assert "--engine neuron" in answer.stderr


def test_two_ranks_write_the_bytes_of_one(tmp_path):
    mpiexec = Path(sys.executable).parent / "mpiexec"
    if not mpiexec.exists():
        pytest.skip(f"no MPI in this environment: {mpiexec} is missing (pip install 'colonnade[mpi]')")
    reports = {"v": soma(), "ic": report("ic"), "se": report("se")}
    config = balls(tmp_path, N=3, inputs=CURRENTS | VOLTAGES, reports=reports)
    simulate(config)
    simulate(config, "--output", tmp_path / "ranks", launcher=(mpiexec, "-n", "2"))
    for name in ("ic.h5", "se.h5"):
        assert (tmp_path / "ranks" / name).read_bytes() == (tmp_path / "output" / name).read_bytes()
