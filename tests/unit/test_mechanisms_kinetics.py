"""The project's mechanisms do what those of the Allen Institute do: gates, conductances, currents, names and units.

The models' own files come from the pinned BMTK wheel and are compiled here; both sets run the same program
(voltage_clamp.py), each in a process of its own.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from voltage_clamp import CHANNELS, MOVED

from colonnade.components import BMTK, wheel_folder
from colonnade.mechanisms import compiled_in_cache

HERE = Path(__file__).resolve().parent
OURS = HERE.parent.parent / "mechanisms"
# Both files hold the same formulas, but a compiler may order the operations of each differently. Populations of NaV sum
# to 1 and come from a system of linear equations, so those near 0 are exact to rounding of 1, not of themselves.
RELATIVE = 1e-9
ABSOLUTE = {"NaV": 1e-12}


@pytest.fixture(scope="module")
def clamped(tmp_path_factory):
    """What the two sets of mechanisms do: (ours, the wheel's)."""
    folder = tmp_path_factory.mktemp("clamp")
    found = []
    for name, source in (("ours", OURS), ("theirs", wheel_folder(BMTK) / "mechanisms")):
        compiled = compiled_in_cache(source, coreneuron=False)
        output = folder / f"{name}.npz"
        program = [sys.executable, str(HERE / "voltage_clamp.py"), str(compiled), str(output)]
        answer = subprocess.run(program, cwd=folder, capture_output=True, text=True)
        assert answer.returncode == 0, answer.stderr
        found.append(np.load(output))
    return found


def test_names_defaults_units_and_ions_are_those_the_models_need(clamped):
    ours, theirs = clamped
    assert list(ours["interface"]) == list(theirs["interface"])
    assert "NaTs parameter gbar_NaTs = 1e-05 (S/cm2)" in ours["interface"]


@pytest.mark.parametrize("mechanism", CHANNELS)
@pytest.mark.parametrize("what", ["initial", "stepped", "flow"])
def test_a_channel_in_voltage_clamp(clamped, mechanism, what):
    ours, theirs = clamped
    cases = [f"{mechanism}/{what}", f"{mechanism}/{what}, other parameters", f"{mechanism}/{what} over calcium"]
    checked = [case for case in cases if case in theirs.files]
    assert len(checked) == 1 + (mechanism in MOVED) + (mechanism == "SK")
    for case in checked:
        assert np.any(theirs[case] != 0)
        np.testing.assert_allclose(
            ours[case], theirs[case], rtol=RELATIVE, atol=ABSOLUTE.get(mechanism, 0.0), err_msg=case
        )


def test_other_parameters_make_a_difference(clamped):
    ours, _ = clamped
    for mechanism in MOVED:
        same = all(
            np.array_equal(ours[f"{mechanism}/{what}"][-len(moved) :], moved)
            for what in ("initial", "stepped", "flow")
            for moved in (ours[f"{mechanism}/{what}, other parameters"],)
        )
        assert not same, mechanism


@pytest.mark.parametrize("case", ["CaDynamics/shell", "CaDynamics/shell, other parameters", "all/whole membrane"])
def test_calcium_and_all_currents_together_through_clamp_steps(clamped, case):
    ours, theirs = clamped
    assert np.all(np.ptp(theirs[case], axis=0) > 0)
    np.testing.assert_allclose(ours[case], theirs[case], rtol=RELATIVE, atol=1e-15)


def test_calcium_decays_to_its_rest_with_its_time_constant(clamped):
    """Without calcium current d(cai)/dt = -(cai - minCai)/decay; at -60 mV, after the pulse, hardly any flows."""
    ours, _ = clamped
    cai = ours["CaDynamics/shell"][:, 0]  # decay 80 ms, dt 0.1 ms
    quiet = cai[-20:] - 1e-4
    assert np.mean(np.diff(np.log(quiet))) == pytest.approx(-0.1 / 80, rel=0.05)
