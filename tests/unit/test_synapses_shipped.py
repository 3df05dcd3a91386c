"""The synapses that come with Colonnade do what the published equations say, on both engines."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from synapse_cases import CASES, DT, TRAIN, TSTOP

from colonnade.mechanisms import compiled_in_cache
from colonnade.mechanisms.modfile import read_mod_file

pytestmark = pytest.mark.slow

OURS = Path(__file__).resolve().parents[2] / "mechanisms"
STEPS = round(TSTOP / DT) + 1
TIMES = DT * np.arange(STEPS)


def recorded(*options: str) -> dict:
    program = Path(__file__).with_name("synapse_cases.py")
    answer = subprocess.run(
        [sys.executable, program, compiled_in_cache(OURS, coreneuron=True), *options], check=True, capture_output=True,
        text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    found = json.loads(answer.stdout.splitlines()[-1])
    return {case: {name: np.array(values) for name, values in columns.items()} for case, columns in found.items()}


@pytest.fixture(scope="module")
def neuron():
    return recorded()


def pulses(events, amplitudes, rise, decay):
    """Return the sum of pulses of two exponentials, each with its amplitude as its peak, at ``TIMES``."""
    peak = rise * decay / (decay - rise) * np.log(decay / rise)
    size = np.exp(-peak / decay) - np.exp(-peak / rise)
    total = np.zeros(STEPS)
    for event, amplitude in zip(events, amplitudes, strict=True):
        since = TIMES - event
        on = since > DT / 2
        total[on] += amplitude / size * (np.exp(-since[on] / decay) - np.exp(-since[on] / rise))
    return total


def assert_same(found, expected, tolerance=1e-6):
    """NEURON computes conductances and currents of a step from the states before it, so they are one row behind."""
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found[1:], expected[:-1], rtol=tolerance, atol=tolerance * scale)


def unblocked(v, mg):
    return 1 / (1 + mg / 3.57 * np.exp(-0.062 * v))


@pytest.mark.parametrize(("case", "v", "mg", "taus"), [("nmda_low", -65, 1.2, (2, 100)), ("nmda_high", 20, 1, (1, 60))])
def test_magnesium_blocks_nmda_as_jahr_and_stevens_say(neuron, case, v, mg, taus):
    g = pulses(TRAIN, [2e-3] * len(TRAIN), *taus) * unblocked(v, mg)
    assert_same(neuron[case]["g"], g)
    assert_same(neuron[case]["i"], g * v, 1e-4)


def test_ampa_and_nmda_are_two_conductances_of_one_event(neuron):
    found, one = neuron["ampa_nmda"], [1e-3] * len(TRAIN)
    ampa, nmda = pulses(TRAIN, one, 0.2, 1.7), 0.7 * pulses(TRAIN, one, 2, 100) * unblocked(-40, 1)
    assert_same(found["g_ampa"], ampa)
    assert_same(found["g_nmda"], nmda)
    assert_same(found["i"], (ampa + nmda) * -40, 1e-4)


def test_gaba_a_reverses_where_it_is_told_or_where_its_ions_do(neuron):
    g = pulses(TRAIN, [1e-3] * len(TRAIN), 0.5, 8)
    goldman = 8.314462618 * 307.15 / 96485.33212 * 1e3 * np.log((6 + 0.2 * 15) / (130 + 0.2 * 25))
    assert goldman == pytest.approx(-71.7, abs=0.1)
    for case, e in (("gaba_a", -75.0), ("gaba_a_ions", goldman)):
        assert_same(neuron[case]["g"], g)
        assert_same(neuron[case]["i"], g * (-60 - e), 1e-4)


def test_gaba_b_follows_receptors_and_g_protein_and_needs_a_burst(neuron):
    _, _, _, weight, events, *_ = CASES["gaba_b"]
    r = s = 0.0
    share, K2, K3, K4, KD = 0.013409, 0.0012, 0.18, 0.034, 100.0
    expected, spikes = np.zeros(STEPS), {round(event / DT) for event in events}
    inner = 20  # an independent integration: Runge-Kutta of the published pair of equations in steps of DT / 20
    for step in range(STEPS - 1):
        r += share * (1 - r) if step in spikes else 0.0
        for _ in range(inner):
            h = DT / inner
            slopes = []
            for weight_of in (0.0, 0.5, 0.5, 1.0):
                dr, ds = slopes[-1] if slopes else (0.0, 0.0)
                a, b = r + weight_of * h * dr, s + weight_of * h * ds
                slopes.append((-K2 * a, K3 * a - K4 * b))
            r, s = (y + h / 6 * (k[0] + 2 * k[1] + 2 * k[2] + k[3])
                    for y, k in zip((r, s), zip(*slopes, strict=True), strict=True))  # fmt: skip
        expected[step + 1] = s
    assert_same(neuron["gaba_b"]["s"], expected)
    assert_same(neuron["gaba_b"]["g"], weight * expected**4 / (expected**4 + KD))
    one_spike = share * K3 / (K4 - K2) * (K2 / K4) ** (K2 / (K4 - K2))  # about the peak of s after a single spike
    assert neuron["gaba_b"]["g"].max() > 500 * weight * one_spike**4 / KD


@pytest.mark.parametrize("case", ["depressing", "facilitating"])
def test_short_term_plasticity_is_that_of_tsodyks_and_markram(neuron, case):
    _, parameters, _, weight, events, *_ = CASES[case]
    U, rec, facil = parameters["U"], parameters["tau_rec"], parameters.get("tau_facil", 0.0)
    R, u, amplitudes = 1.0, 0.0, []
    for before, now in zip([events[0], *events], events, strict=False):
        steps = max(1, round((now - before) / 1e-3))  # an independent integration, by Euler steps of 1 us
        R = 1 - (1 - R) * (1 - (now - before) / steps / rec) ** steps
        u = u * (1 - (now - before) / steps / facil) ** steps if facil else 0.0
        u += U * (1 - u)
        amplitudes.append(weight * u * R)
        R -= u * R
    assert_same(neuron[case]["g"], pulses(events, amplitudes, 0.2, 3), 1e-4)
    assert (amplitudes[3] > amplitudes[0]) == (case == "facilitating")


def test_depression_comes_to_the_published_steady_state(neuron):
    kept = np.exp(-20 / 50)
    steady = 1e-3 * 0.5 * (1 - kept) / (1 - 0.5 * kept)  # Tsodyks & Markram 1997, the stationary response to a rate
    last = neuron["steady"]["g"][TIMES > 370].max()
    assert last == pytest.approx(steady, rel=5e-3)  # the peak lies between two steps


@pytest.mark.parametrize(
    ("case", "change"), [("pre_post", 0.005 * np.exp(-10 / 20)), ("post_pre", -0.00525 * np.exp(-0.5))]
)
def test_a_pair_of_spikes_changes_the_weight_by_the_window_of_song_and_others(neuron, case, change):
    w = neuron[case]["w"]
    assert w[0] == 1.0
    assert w[-1] - 1 == pytest.approx(change, rel=1e-9)


def test_all_pairs_count_and_the_next_spike_has_the_new_weight(neuron):
    _, _, _, weight, events, own, _ = CASES["pairs"]
    w, sizes = 1.0, []
    for time, is_own in sorted([(t, False) for t in events] + [(t, True) for t in own]):
        if is_own:
            w += 0.005 * sum(np.exp(-(time - t) / 15.0) for t in events if t < time)
        else:
            w -= 0.00525 * sum(np.exp(-(time - t) / 30.0) for t in own if t < time)
            sizes.append(weight * w)
    assert neuron["pairs"]["w"][-1] == pytest.approx(w, rel=1e-9)
    assert_same(neuron["pairs"]["g"], pulses(events, sizes, 0.2, 3))
    assert neuron["bounded"]["w"][-1] == 1.5


def test_spikes_of_the_same_time_are_no_pair_and_meet_what_was_before(neuron):
    found = neuron["together"]
    assert found["w"][-1] == pytest.approx(1 + (0.005 - 0.00525) * np.exp(-10 / 20), rel=1e-9)
    sizes = [1e-3, 1e-3 * (1 - 0.00525 * np.exp(-10 / 20))]
    assert_same(found["g"], pulses([50.0, 60.0], sizes, 0.2, 3))


def test_coreneuron_has_the_values_of_neuron(neuron):
    found = recorded("--coreneuron")
    for case, columns in neuron.items():
        for name, values in columns.items():
            scale = np.abs(values).max()
            np.testing.assert_allclose(
                found[case][name], values, rtol=1e-9, atol=1e-9 * scale, err_msg=f"{case} {name}"
            )


def test_every_shipped_synapse_is_tested_explained_and_plain():
    tested = {mechanism for mechanism, *_ in CASES.values()} | {"Exp2SynFixed"}
    page = (OURS.parent / "docs" / "synapses.md").read_text()
    for mod in map(read_mod_file, OURS.glob("*.mod")):
        if mod.kind == "point" and mod.name not in ("GapJunction", "ConductanceSource", "FieldSum"):
            assert mod.name in tested
            assert mod.threadsafe
            text = mod.path.read_text()
            assert not any(word in text for word in ("VERBATIM", "POINTER", "RANDOM", "TABLE"))
            if mod.name != "Exp2SynFixed":
                section = page.partition(f"## {mod.name}\n")[2].partition("\n## ")[0]
                assert all(f"`{name}`" in section for name in mod.range_variables if name not in "iv")
