"""Physics without a peer: cables, synapses and charging curves against their solutions, and how errors shrink."""

import numpy as np
import pytest
from cell_examples import write
from scipy.integrate import quad

from colonnade.cells.interpreter import h
from colonnade.cells.morphology import morphology

LENGTH, DIAMETER = 1000.0, 2.0  # um
RA, G_PAS, E_PAS, CM = 150.0, 1e-4, -70.0, 1.0  # ohm cm, S/cm2, mV, uF/cm2
TAU = CM / G_PAS * 1e-3  # ms
CURRENT = 0.1  # nA


def cylinder(folder, length, dL):
    """A passive cylinder of our own as SWC, imported and cut into segments: the sections in NEURON."""
    radius = DIAMETER / 2
    path = write(folder, "cylinder.swc", f"1 1 0 0 0 {radius} -1\n2 1 {length} 0 0 {radius} 1\n")
    form = morphology(path)
    (section,) = form.sections(nseg=form.nseg(dL))
    section.Ra, section.cm = RA, CM
    section.insert("pas")
    section.g_pas, section.e_pas = G_PAS, E_PAS
    return section


def run(tstop, dt):
    """Advance from rest to ``tstop`` ms with the fixed step ``dt`` ms."""
    h.CVode().active(0)
    h.secondorder, h.dt, h.celsius = 0, dt, 6.3
    h.finitialize(E_PAS)
    for _ in range(round(tstop / dt)):
        h.fadvance()


def current_into(segment, amplitude):
    clamp = h.IClamp(segment)
    clamp.delay, clamp.dur, clamp.amp = 0, 1e9, amplitude
    return clamp


def cable_error(folder, dL):
    """Largest deviation (mV) along a sealed cable, of the steady state with a current into its start."""
    section = cylinder(folder, LENGTH, dL)
    clamp = current_into(section(0), CURRENT)
    run(tstop=50 * TAU, dt=TAU)  # an implicit step is stable at any length and ends in the steady state
    assert clamp.i == CURRENT
    space_constant = 1e4 * np.sqrt(DIAMETER * 1e-4 / (4 * RA * G_PAS))  # um
    cross_section = np.pi * (DIAMETER * 1e-4 / 2) ** 2  # cm2
    resistance = RA * space_constant * 1e-4 / cross_section * 1e-6  # Mohm, of a cable without end
    x = np.array([segment.x for segment in section]) * LENGTH
    # Rall 1959; Koch 1999, chapter 2: a finite cable with a sealed end
    exact = CURRENT * resistance * np.cosh((LENGTH - x) / space_constant) / np.sinh(LENGTH / space_constant)
    return np.abs(np.array([segment.v for segment in section]) - E_PAS - exact).max()


def test_a_passive_cable_has_its_steady_state(tmp_path):
    assert cable_error(tmp_path, dL=5.0) < 2e-3  # of 63 mV at the start; the error of the compartments, see below


def test_the_error_of_a_cable_falls_with_the_square_of_dL(tmp_path):
    errors = [cable_error(tmp_path, dL) for dL in (50.0, 16.0, 5.0)]
    segments = [1 + 2 * int(LENGTH / (2 * dL)) for dL in (50.0, 16.0, 5.0)]
    orders = np.diff(np.log(errors)) / -np.diff(np.log(segments))
    np.testing.assert_allclose(orders, 2, atol=0.1)


def charging_error(folder, dt):
    """Deviation (mV) of an isopotential membrane from its charging curve, 10 ms into a current step."""
    section = cylinder(folder, 10.0, 20.0)
    area = np.pi * DIAMETER * 10.0 * 1e-8  # cm2
    clamp = current_into(section(0.5), 1e-3)
    run(tstop=TAU, dt=dt)
    assert clamp.i == 1e-3
    exact = 1e-3 * 1e-6 / (G_PAS * area) * (1 - np.exp(-1))  # mV
    return abs(section(0.5).v - E_PAS - exact), exact


def test_an_isopotential_membrane_charges_with_its_time_constant(tmp_path):
    error, exact = charging_error(tmp_path, 0.01)
    assert exact == pytest.approx(10.06, abs=0.01)
    assert error < 1e-3 * exact  # backward Euler: dt / (2 tau) / (e - 1) = 3e-4


def test_the_error_of_charging_falls_with_dt(tmp_path):
    errors = [charging_error(tmp_path, dt)[0] for dt in (0.1, 0.05, 0.025, 0.0125)]
    np.testing.assert_allclose(np.diff(np.log2(errors)), -1, atol=0.02)


def synapse_error(folder, dt):
    """Largest deviation (mV) over 40 ms after one event at an exponential synapse on an isopotential membrane."""
    section = cylinder(folder, 10.0, 20.0)
    area = np.pi * DIAMETER * 10.0 * 1e-8  # cm2
    tau, weight, onset = 3.0, 5e-5, 1.0  # ms, uS, ms
    synapse = h.ExpSyn(section(0.5))
    synapse.tau, synapse.e = tau, 0.0
    source = h.NetStim()
    source.number, source.start, source.noise = 1, 0, 0
    connection = h.NetCon(source, synapse, 0, onset, weight)
    v, t = h.Vector().record(section(0.5)._ref_v), h.Vector().record(h._ref_t)
    run(tstop=41.0, dt=dt)
    assert connection.weight[0] == weight
    leak = G_PAS / CM * 1e3  # 1/ms
    peak = weight * 1e-6 / (CM * 1e-6 * area) * 1e-3  # 1/ms, of the synaptic conductance over the capacity

    def decay(now):
        """Integral of the total conductance over the capacity since the event."""
        return leak * now + peak * tau * (1 - np.exp(-now / tau))

    def exact(now):
        """Solution of dV/dt = -leak (V - E_PAS) - peak exp(-t/tau) V from V(0) = E_PAS, by an integrating factor."""
        drive = quad(lambda s: np.exp(decay(s) - decay(now)) * peak * np.exp(-s / tau), 0, now, epsabs=1e-12)[0]
        return E_PAS - E_PAS * drive

    times, simulated = np.array(t), np.array(v)
    chosen = times >= onset + 0.5
    solution = np.array([exact(now - onset) for now in times[chosen][:: round(0.5 / dt)]])
    return np.abs(simulated[chosen][:: round(0.5 / dt)] - solution).max(), solution.max() - E_PAS


def test_an_exponential_synapse_has_its_potential(tmp_path):
    error, height = synapse_error(tmp_path, 0.003125)
    assert height > 5  # mV, so the driving force counts
    assert error < 2e-3 * height


def test_the_error_of_a_synapse_falls_with_dt(tmp_path):
    errors = [synapse_error(tmp_path, dt)[0] for dt in (0.025, 0.0125, 0.00625)]
    np.testing.assert_allclose(np.diff(np.log2(errors)), -1, atol=0.1)
