"""A figure's function of a user's own."""


def spike_count(result, axes, population="mcortex"):
    """Draw the number of spikes of each cell."""
    activity = result.activity(population)
    axes.plot(activity.node_ids, activity.counts(), ".")
    axes.set(xlabel="node id", ylabel="number of spikes (all)")


def broken(result, axes):
    raise KeyError("depth")
