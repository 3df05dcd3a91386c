"""Spike trains from a file."""

from colonnade.errors import InputError
from colonnade.json_schema import text
from colonnade.sonata.spikes import read_spikes
from colonnade.stimuli.kind import StimulusKind


def trains(settings, ids, streams):
    """Return the spikes of the file's population of the same name."""
    path, population = settings["file"], settings["population"]
    found = read_spikes(path, population)
    train = found.get(population)
    if train is None:
        raise InputError("has no spikes of that population", file=path, value=population, options=found)
    if (train.timestamps < 0).any():
        raise InputError(
            "has a negative spike time", file=path, value=float(train.timestamps.min()), expected=">= 0 ms"
        )
    return train.node_ids, train.timestamps


KIND = StimulusKind(
    "spikes",
    shows="Spike trains from a file.",
    makes="spikes",
    trains=trains,
    required=("file",),
    properties={"file": text("SONATA (.h5), CSV or NWB spikes, relative to the working directory.")},
)
