"""Spikes of another run's population played by virtual cells, as they were or jittered."""

import numpy as np

from colonnade.errors import InputError
from colonnade.json_schema import number, text
from colonnade.sonata.spikes import read_spikes
from colonnade.stimuli.kind import StimulusKind


def wrong_window(settings) -> str | None:
    begin, end = settings.get("window", (0.0, np.inf))
    return None if begin < end else "the window ends before it begins"


def trains(settings, ids, streams):
    """Return spikes of the file: the n-th cell plays the train of the n-th node in it, in turn where it has fewer.

    ``source_ids`` are the nodes that are played; without them those of the file that spike, ascending.
    """
    path, source = settings["file"], settings["source"]
    found = read_spikes(path, source)
    if source not in found:
        raise InputError("has no spikes of that population", file=path, value=source, options=found)
    train = found[source]
    begin, end = settings.get("window", (0.0, np.inf))
    inside = (train.timestamps >= begin) & (train.timestamps <= end)
    source_ids, stamps = train.node_ids[inside].astype(np.int64), train.timestamps[inside]
    played = np.asarray(settings.get("source_ids", np.unique(train.node_ids)), np.int64)
    nodes, times = [np.zeros(0, np.int64)], [np.zeros(0)]
    for number_of, node_id in enumerate(ids.tolist() if len(played) else ()):
        spikes = np.sort(stamps[source_ids == played[number_of % len(played)]]) + settings["shift"] - begin
        if settings["jitter"]:
            spikes = spikes + settings["jitter"] * streams(node_id).standard_normal(len(spikes))
        spikes = spikes[spikes >= 0]
        nodes.append(np.full(len(spikes), node_id))
        times.append(spikes)
    return np.concatenate(nodes), np.concatenate(times)


KIND = StimulusKind(
    "replay",
    shows="Spikes of another run's population, played by virtual cells: the n-th cell plays the n-th train, in turn.",
    makes="spikes",
    trains=trains,
    draws=True,
    required=("file", "source"),
    properties={
        "file": text("Spikes of that run (output/spikes.h5, or CSV), relative to the working directory."),
        "source": text("Population in that file."),
        "source_ids": {
            "type": "array",
            "items": {"type": "integer", "minimum": 0},
            "minItems": 1,
            "description": "Its nodes, in the order of the cells that play them. Default: all that spike, ascending.",
        },
        "window": {
            "type": "array",
            "items": {"type": "number", "minimum": 0},
            "minItems": 2,
            "maxItems": 2,
            "description": "ms: the part of that run that is played, moved to 0. Default: all of it.",
        },
        "shift": number("ms, added to each time.", 0.0),
        "jitter": number("ms, standard deviation of each spike's time: copies that differ.", 0.0, least=0),
    },
    check=wrong_window,
)
