"""The figure of alternating_field.yaml: how each place of the cell is polarised."""

import numpy as np


def polarisation(result, axes, report, node_id=0):
    """Draw the potential of each segment about its mean, coloured by what it is when the soma is at its highest."""
    recorded = result.report(report)
    times, values = recorded.times(), recorded.values(node_id)
    values = values - values.mean(axis=0)
    at_peak = values[np.argmax(values[:, 0])]
    largest = np.abs(at_peak).max() or 1.0
    for segment in np.argsort(np.abs(at_peak)):
        colour = "#D55E00" if at_peak[segment] > 0 else "#0072B2"
        axes.plot(
            times, values[:, segment], color=colour, alpha=0.1 + 0.4 * abs(at_peak[segment]) / largest, linewidth=0.5
        )
    axes.plot(times, values[:, 0], color="black", linewidth=1.2, label="soma")
    for colour, label in (("#D55E00", "segments that rise with it"), ("#0072B2", "that fall")):
        axes.plot([], [], color=colour, label=label)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.02), ncols=3)
    axes.set(xlabel="time (ms)", ylabel="potential about its mean (mV)", xlim=(times[0], times[-1]))
