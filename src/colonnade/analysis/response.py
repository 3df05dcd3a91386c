"""A model's response beside a recorded one: spikes, latency, and how far the potentials lie apart."""

import numpy as np


def spike_times(times: np.ndarray, potential: np.ndarray, threshold: float) -> np.ndarray:
    """Return when ``potential`` (T,) in mV, at ``times`` (T,) in ms, rises above ``threshold``."""
    above = potential > threshold
    rising = np.flatnonzero(above[1:] & ~above[:-1]) + 1
    return times[rising]


def response_table(
    recorded: tuple[np.ndarray, np.ndarray], model: tuple[np.ndarray, np.ndarray], onset: float, threshold: float
) -> list[tuple[str, float, float]]:
    """Return rows (measure, recorded, model) of two responses, each times (T,) in ms and potentials (T,) in mV.

    The latency is from ``onset``. The last row is the root mean square of the difference of both potentials below the
    ``threshold``, at the times of the recording, in the column of the model.
    """
    rows = []
    trains = [spike_times(*each, threshold) for each in (recorded, model)]
    rows.append(("spikes", *(float(len(train)) for train in trains)))
    rows.append(("latency (ms)", *(float(train[0] - onset) if len(train) else float("nan") for train in trains)))
    intervals = [np.diff(train) for train in trains]
    rows.append(("mean interval (ms)", *(float(each.mean()) if len(each) else float("nan") for each in intervals)))
    rows.append(("resting potential (mV)", *(float(np.mean(v[t < onset])) if (t < onset).any() else float("nan")
                                             for t, v in (recorded, model))))  # fmt: skip
    there = np.interp(recorded[0], *model)
    quiet = (recorded[1] < threshold) & (there < threshold)
    distance = float(np.sqrt(np.mean((there - recorded[1])[quiet] ** 2))) if quiet.any() else float("nan")
    rows.append(("distance below threshold (mV)", 0.0, distance))
    return rows
