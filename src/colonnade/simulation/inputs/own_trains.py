"""Spike trains that a user's function makes, by BMTK's names: one call for each virtual cell."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import numpy as np

from colonnade.cells.own_cells import Node
from colonnade.errors import InputError
from colonnade.simulation.network.local_cells import attribute_of
from colonnade.simulation.network.populations import Population
from colonnade.simulation.network.weights import own_function
from colonnade.sonata.config import SimulationConfig
from colonnade.sonata.spikes import SpikeTrains
from colonnade.streams import seeded
from colonnade.user_functions import check_function, registering, users_code, where_defined

SECTION = "spikes_generators"  # of the config's own settings
_registered: dict[str, Callable] = {}


def add_spikes_generator(function: Callable, name: str | None = None, overwrite: bool = True) -> Callable:
    """Let inputs of the module ``function`` whose ``spikes_function`` is ``name`` (default: its own) have its spikes.

    ``function(node, sim)`` gets a virtual cell (``node["firing_rate"]``, ``node.node_id``) and the run (``sim.tstop``
    and ``sim.dt`` in ms), and returns the times of its spikes (S,) in ms. What it draws from ``random`` and
    ``numpy.random`` is each cell's own.
    """
    check_function(function, "add_spikes_generator")
    name = name or function.__name__
    if overwrite or name not in _registered:
        _registered[name] = function
    return function


def spikes_generator(*function, name: str | None = None):
    """Register a function as ``add_spikes_generator`` does, as a decorator with or without a name."""
    return registering(add_spikes_generator, function, name)


def generated_trains(
    key: str, entry: dict, population: Population, rows: np.ndarray, config: SimulationConfig
) -> SpikeTrains:
    """Return the spikes of the nodes at ``rows``, up to the end of the run, that the input at ``key`` asks for."""
    name, named = entry.get("spikes_function"), config.settings.get(SECTION, {})
    if name not in _registered and name not in named:
        raise InputError(
            "no such function of spikes; name its file in the config, under colonnade.spikes_generators",
            file=config.path,
            key=f"{key}.spikes_function",
            value=name,
            options=[*_registered, *named],
        )
    folder = str(config.path.parent)
    function = _registered.get(name) or own_function(named[name], folder, f"colonnade.{SECTION}")
    run = SimpleNamespace(tstart=0.0, tstop=config.tstop, dt=config.dt, celsius=config.celsius, v_init=config.v_init)
    trains = []
    for row in rows.tolist():
        node_id = int(population.nodes.node_ids[row])
        node = Node(
            {}, node_id, int(population.gids[row]), population.name, partial(attribute_of, population.nodes, row)
        )
        with (
            users_code("the function of spikes", function, f"node {node_id} of {population.name}"),
            seeded(0, "spikes", key, population.name, node_id),
        ):
            times = np.atleast_1d(np.asarray(function(node, run), float))
        if times.ndim != 1 or not (np.isfinite(times) & (times >= 0)).all():
            raise InputError(f"the function gave no times of spikes{where_defined(function)}", file=config.path,
                             key=f"{key}.spikes_function", value=f"{name} for node {node_id}",
                             expected="times in ms, 0 or later")  # fmt: skip
        trains.append(np.sort(times[times <= config.tstop]))
    ids = np.repeat(population.nodes.node_ids[rows], [len(times) for times in trains])
    return SpikeTrains(population.name, ids, np.concatenate([*trains, np.zeros(0)]))
