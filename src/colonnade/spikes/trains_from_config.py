"""Spike trains from a config: those of a kind of stimulus, checked against the nodes that spike."""

import os
from collections.abc import Mapping

import numpy as np

from colonnade.errors import InputError
from colonnade.sonata.nodes import read_node_ids
from colonnade.sonata.spikes import SpikeTrains, write_spikes
from colonnade.stimuli.registry import stimulus_kinds
from colonnade.streams import derived_seed, stream


def generate_spikes(settings: Mapping, nodes_file: str | os.PathLike, output: str | os.PathLike) -> SpikeTrains:
    """Write the spikes that ``settings`` describe as SONATA, and return them.

    ``settings`` has ``population``, ``type`` (a kind of ``colonnade.stimuli`` that makes spikes) and that kind's own;
    ``seed`` where it draws. ``node_ids`` chooses nodes; without it all nodes of ``nodes_file`` spike. ``name``, where
    it is not the population's, gives draws of its own.
    """
    kinds = {name: kind for name, kind in stimulus_kinds().items() if kind.makes == "spikes"}
    name = settings.get("type", "spikes" if "file" in settings else "poisson")
    if name not in kinds:
        raise InputError("is no kind of spike trains", key="type", value=name, options=kinds)
    kind = kinds[name]
    known_keys = {"type", "seed", "population", "name", "node_ids", *kind.properties}
    for key in settings:
        if key not in known_keys:
            raise InputError(f"is no key of {name}", value=key, options=known_keys)
    for key in ("population", *(("seed",) if kind.draws else ()), *kind.required):
        if key not in settings:
            raise InputError("is missing", key=key, expected=f"a value for {name}")
    defaults = {key: part["default"] for key, part in kind.properties.items() if "default" in part}
    settings = {**defaults, **settings}
    wrong = kind.check(settings)
    if wrong:
        raise InputError(wrong, key=settings.get("name", settings["population"]))
    population = settings["population"]
    known = read_node_ids(nodes_file, population)
    ids = np.asarray(settings.get("node_ids", known))
    _check_ids(ids, known, nodes_file, "node_ids")
    seed = settings["seed"] if kind.draws else None
    drawn = seed
    if kind.draws and settings.get("name", population) != population:  # several inputs may make one population spike
        drawn = derived_seed(seed, "inputs", settings["name"])

    def streams(*purpose):
        return stream(drawn, name, population, *purpose)

    spiking, times = kind.trains({**settings, "seed": drawn}, ids, streams)
    _check_ids(np.unique(spiking), known, nodes_file, settings.get("file", "node_ids"))
    train = SpikeTrains(population, np.asarray(spiking, np.uint64), np.asarray(times, float)).ordered("time")
    write_spikes(output, [train], seed=seed)
    return train


def _check_ids(ids: np.ndarray, known: np.ndarray, nodes_file, where) -> None:
    unknown = np.setdiff1d(ids, known)
    if len(unknown):
        raise InputError(f"names nodes that {nodes_file} does not have", key=str(where), value=unknown.tolist()[:10])
