"""Spike trains from a config: Poisson trains, or a file of the user's own, checked against the nodes that spike."""

import os
from collections.abc import Mapping

import numpy as np

from colonnade.errors import ColonnadeError, InputError
from colonnade.sonata.nodes import read_node_ids
from colonnade.sonata.spikes import SpikeTrains, read_spikes, write_spikes
from colonnade.spikes.poisson import PoissonSpikeGenerator
from colonnade.streams import derived_seed
from colonnade.user_functions import described_error, is_reference, load_function

KEYS = {
    "poisson": {"type", "seed", "population", "name", "firing_rate", "times", "node_ids"},
    "spikes": {"type", "seed", "population", "name", "file"},
}


def generate_spikes(settings: Mapping, nodes_file: str | os.PathLike, output: str | os.PathLike) -> SpikeTrains:
    """Write the spikes that ``settings`` describe as SONATA, and return them.

    ``settings`` has ``population``, and either ``seed``, ``firing_rate`` (Hz: a number, a list with a rate for each of
    ``times``, or ``file.py:function``) and ``times`` (s), or ``file``: spikes in SONATA or CSV. ``node_ids`` chooses
    nodes; without it all nodes of ``nodes_file`` spike. ``name``, where it is not the population's, gives draws of
    its own.
    """
    kind = settings.get("type", "spikes" if "file" in settings else "poisson")
    if kind not in KEYS:
        raise InputError("is no kind of spike trains", key="type", value=kind, options=KEYS)
    for key in settings:
        if key not in KEYS[kind]:
            raise InputError(f"is no key of {kind}", value=key, options=KEYS[kind])
    for key in ("population", *(("file",) if kind == "spikes" else ("seed", "firing_rate", "times"))):
        if key not in settings:
            raise InputError("is missing", key=key, expected=f"a value for {kind}")
    population = settings["population"]
    known = read_node_ids(nodes_file, population)
    if kind == "spikes":
        train, seed = _from_file(settings["file"], population, known, nodes_file), None
    else:
        train, seed = _poisson(settings, population, known, nodes_file), settings["seed"]
    write_spikes(output, [train], seed=seed)
    return train


def _poisson(settings: Mapping, population: str, known: np.ndarray, nodes_file) -> SpikeTrains:
    rate = settings["firing_rate"]
    if is_reference(rate):
        rate = load_function(rate, "firing_rate")
    ids = np.asarray(settings.get("node_ids", known))
    _check_ids(ids, known, nodes_file, "node_ids")
    seed = settings["seed"]
    if settings.get("name", population) != population:  # several inputs may make one population spike
        seed = derived_seed(seed, "inputs", settings["name"])
    generator = PoissonSpikeGenerator(population=population, seed=seed)
    try:
        generator.add(node_ids=ids, firing_rate=rate, times=settings["times"])
        return generator.trains()[0]
    except ColonnadeError:
        raise
    except Exception as error:
        if not callable(rate):
            raise
        reference = settings["firing_rate"]
        raise InputError(f"the function {reference} failed: {described_error(error)}", key="firing_rate") from error


def _from_file(path: str, population: str, known: np.ndarray, nodes_file) -> SpikeTrains:
    found = read_spikes(path, population)
    train = found.get(population)
    if train is None:
        raise InputError("has no spikes of that population", file=path, value=population, options=found)
    if (train.timestamps < 0).any():
        raise InputError(
            "has a negative spike time", file=path, value=float(train.timestamps.min()), expected=">= 0 ms"
        )
    _check_ids(np.unique(train.node_ids), known, nodes_file, path)
    return train


def _check_ids(ids: np.ndarray, known: np.ndarray, nodes_file, where) -> None:
    unknown = np.setdiff1d(ids, known)
    if len(unknown):
        raise InputError(f"names nodes that {nodes_file} does not have", key=str(where), value=unknown.tolist()[:10])
