"""Electrodes as steps: from which time step on which conductance and which current go into a node."""

import math

import numpy as np

from colonnade.simulation.model import Clamp, ConductanceSteps, CurrentClamp, CurrentSteps, VoltageClamp, VoltageSteps

# An electrode draws on the outside, so that its current leaves through the membrane; a conductance is a part of that.
ELECTRODES = (CurrentClamp, CurrentSteps, VoltageClamp, VoltageSteps)


def half_steps(n_steps: int, dt: float) -> np.ndarray:
    """Return NEURON's clock (2 n_steps + 1,) in ms: half a step is added twice a step, with its rounding."""
    return np.concatenate([[0.0], np.full(2 * n_steps, 0.5 * dt)]).cumsum()


def steps_of(clamp: Clamp, half: np.ndarray, dt: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return from which step (n,) on which conductance (n,) in uS and which current (n,) in nA at 0 mV hold.

    ``half`` is the clock of ``half_steps``: an electrode's time is the middle of a step, and what a vector
    plays changes in the step whose middle it reaches.
    """
    middle, played = half[1::2], half[:-1:2] + 0.5 * dt
    if isinstance(clamp, CurrentClamp):
        ends = np.searchsorted(middle, [clamp.delay, clamp.delay + clamp.duration])
        return ends, np.zeros(2), np.array([clamp.amplitude, 0.0])
    if isinstance(clamp, CurrentSteps):
        steps = np.searchsorted(played, clamp.times)
        return steps, np.zeros(len(steps)), np.asarray(clamp.amplitudes, float)
    if isinstance(clamp, ConductanceSteps):
        steps, conductance = np.searchsorted(played, clamp.times), np.asarray(clamp.conductances, float)
        return steps, conductance, conductance * clamp.reversal
    if isinstance(clamp, VoltageSteps):
        steps = np.searchsorted(played, [*clamp.times, clamp.end])
        conductance = np.append(np.full(len(clamp.times), 1 / clamp.resistance), 0.0)
        return steps, conductance, conductance * np.append(clamp.voltages, 0.0)
    return _voltage_clamp(clamp, middle, dt)


def _voltage_clamp(clamp: VoltageClamp, middle: np.ndarray, dt: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """BMTK's electrode: in the first step with NEURON's own 1 MOhm, then from one step after its delay on."""
    begin, end = np.searchsorted(middle, [clamp.delay, clamp.delay + clamp.duration]).tolist()
    first = math.ceil(clamp.delay / dt - 1e-9) + 1
    steps = sorted({0, 1, first, begin, end})
    conductance, current = np.zeros(len(steps)), np.zeros(len(steps))
    for i, step in enumerate(steps):
        if step < end and (step == 0 or step >= first):
            conductance[i] = 1.0 if step == 0 else 1 / clamp.resistance
            current[i] = conductance[i] * (clamp.amplitude if step >= begin else 0.0)
    return np.array(steps), conductance, current
