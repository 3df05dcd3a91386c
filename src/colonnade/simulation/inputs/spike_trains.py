"""Inputs of a simulation config: which kind each is, and the spike trains of virtual cells."""

import logging

import numpy as np

from colonnade.errors import InputError, UnsupportedError
from colonnade.simulation.inputs.own_trains import generated_trains
from colonnade.simulation.inputs.stand_ins import replay, spontaneous
from colonnade.simulation.network.populations import Network, Population
from colonnade.simulation.network.synapses import Connector, Synapses, is_recurrent
from colonnade.sonata.nwb_spikes import read_nwb_spikes
from colonnade.sonata.spikes import read_spikes
from colonnade.stimuli.registry import kind_of_module, stimulus_kinds

log = logging.getLogger(__name__)
FUNCTION = "function"
SPIKE_MODULES = ("sonata", "h5", "hdf5", "csv", "nwb", "synapse_replay", FUNCTION)
CURRENT_TYPES = ("current_clamp", "csv", "file", "nwb", "allen")
FIELD_MODULES = ("xstim", "comsol")
KINDS = ("spikes", "IClamp", "SEClamp", "conductance", "replay", "syn_activity", "xstim", "comsol")


def kind_of(name: str, entry: dict, file) -> str:
    """Return which of ``KINDS`` an input is; ``UnsupportedError`` naming its module otherwise."""
    module, input_type = str(entry.get("module", "")), str(entry.get("input_type", ""))
    if input_type == "spikes" and module.lower() in SPIKE_MODULES:
        return "spikes"
    if module.lower() == "iclamp" and input_type in CURRENT_TYPES:
        return "IClamp"
    if input_type == "current_clamp" and kind_of_module(module, "current"):
        return "IClamp"
    if input_type == "conductance" and kind_of_module(module, "conductance"):
        return "conductance"
    if module.lower() == "seclamp":
        return "SEClamp"
    if module.lower() in FIELD_MODULES:
        return "field"
    if module in ("replay", "disconnected"):
        return "replay"
    if module == "syn_activity":
        return "syn_activity"
    waves = (kind.module for kind in stimulus_kinds().values() if kind.makes in ("current", "conductance"))
    options = (*SPIKE_MODULES, *KINDS[1:], *filter(None, waves))
    if not module:
        raise InputError("the input names no module", file=file, key=f"inputs.{name}.module", options=options)
    raise UnsupportedError(
        f"inputs of the type {input_type!r} with this module are not supported",
        file=file,
        key=f"inputs.{name}.module",
        value=module,
        options=options,
    )


def connect_all(network: Network, connector: Connector) -> tuple[list[Synapses], np.ndarray, np.ndarray]:
    """Return all synapses, and times (M,) in ms and gids (M,) of the spikes that come in, sorted by time.

    Simulated sources are connected first, then the inputs in their order, each with the edges of its virtual cells:
    the order in which BMTK draws sites. A virtual population without input stays unconnected.
    """
    inputs = Inputs(network, connector)
    config = network.config.inputs
    kinds = {name: kind_of(name, entry, network.config.path) for name, entry in config.items()}
    all_at_once = [name for name, kind in kinds.items() if kind == "syn_activity" and "rate" not in config[name]]
    inputs.connect_simulated(all_at_once)
    for name, kind in kinds.items():
        if kind == "spikes":
            inputs.connect_virtual(name)
        elif kind == "replay":
            inputs.replay(name)
    return inputs.parts, *inputs.spikes()


class Inputs:
    """Connects the edges of a network, and collects the spikes of the sources that are not simulated."""

    def __init__(self, network: Network, connector: Connector):
        self.network, self._connector = network, connector
        self.parts: list[Synapses] = []
        self._times, self._gids = [np.zeros(0)], [np.zeros(0, np.int64)]
        self._simulated = [is_recurrent(edges, network.populations) for edges in network.edges]
        self._connected: set[int] = set()
        self._next_gid = network.end_gid

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return times (M,) in ms and gids (M,) of all spikes, sorted by time; warn of virtual cells without input."""
        for i, (edges, simulated) in enumerate(zip(self.network.edges, self._simulated, strict=True)):
            source = self.network.populations[edges.source_population]
            unheard = edges.stored and source.virtual.all() if not len(simulated) else not simulated.all()
            if i not in self._connected and unheard:
                log.warning("%s has no spike input; its edges %s do nothing", edges.source_population, edges.name)
        times, gids = np.concatenate(self._times), np.concatenate(self._gids)
        order = np.lexsort((gids, times))
        order = order[times[order] <= self.network.config.tstop]
        return times[order], gids[order]

    def connect_simulated(self, spontaneous_inputs: list[str]) -> None:
        """Connect the edges from simulated cells; of those in the inputs of spontaneous synapses, none by spikes."""
        if len(spontaneous_inputs) > 1:
            raise UnsupportedError("only one input of spontaneous synapses is supported", file=self.network.config.path,
                                   key=f"inputs.{spontaneous_inputs[1]}")  # fmt: skip
        acting = None
        for name in spontaneous_inputs:
            acting = spontaneous(self.network, name, self.network.config.inputs[name], self._next_gid)
            self._next_gid += 1
            self._add_spikes(acting.times, np.full(len(acting.times), acting.gid))
        for edges, simulated in zip(self.network.edges, self._simulated, strict=True):
            rows = np.flatnonzero(simulated)
            if acting is not None:
                self.parts.append(acting.connect(self.network, self._connector, edges, rows))
            else:
                self.parts.append(self._connector.connect(edges, rows))

    def connect_virtual(self, name: str) -> None:
        """Connect the virtual populations of a spike input with the spikes of its file."""
        network, entry, key = self.network, self.network.config.inputs[name], f"inputs.{name}.node_set"
        node_set = entry.get("source", "all") if entry["module"] == "synapse_replay" else entry.get("node_set", "all")
        chosen = {}
        for population, rows in network.select(node_set, key).items():
            rows = rows[network.populations[population].virtual[rows]]
            if len(rows):
                chosen[population] = rows
        if not chosen:
            raise InputError("spike trains belong to virtual cells, but none is chosen", file=network.config.path,
                             key=key, value=node_set)  # fmt: skip
        for population, rows in chosen.items():
            times, gids = _trains(name, entry, network.populations[population], rows, network.config, len(chosen) == 1)
            self._add_spikes(times, gids)
            for i, (edges, simulated) in enumerate(zip(network.edges, self._simulated, strict=True)):
                if edges.source_population == population and i not in self._connected:
                    self._connected.add(i)
                    self.parts.append(self._connector.connect(edges, np.flatnonzero(~simulated)))

    def replay(self, name: str) -> None:
        """Connect the edges of an input that plays the spikes of an earlier run again."""
        entry = self.network.config.inputs[name]
        parts, times, gids = replay(self.network, self._connector, name, entry, self._next_gid)
        self._next_gid += self.network.end_gid
        self.parts += parts
        self._add_spikes(times, gids)

    def _add_spikes(self, times: np.ndarray, gids: np.ndarray) -> None:
        self._times.append(times)
        self._gids.append(gids)


def _trains(name: str, entry: dict, population: Population, rows: np.ndarray, config, only: bool):
    """Return times and gids of the spikes of the virtual cells at ``rows``, in no order."""
    key = f"inputs.{name}"
    if str(entry["module"]).lower() == FUNCTION:
        spikes = generated_trains(key, entry, population, rows, config)
        return spikes.timestamps, population.first_gid + spikes.node_ids.astype(np.int64)
    path = entry.get("input_file", entry.get("spike_file", entry.get("file")))
    if path is None:
        raise InputError("the input names no file", file=config.path, key=f"{key}.input_file")
    if str(entry.get("module")).lower() == "nwb":
        trains = read_nwb_spikes(path, trial=entry.get("trial"))
    else:
        trains = read_spikes(path)
    if population.name in trains:
        spikes = trains[population.name]
    elif len(trains) == 1 or (only and trains):
        spikes = next(iter(trains.values()))
        log.warning("%s has no spikes of %s; those of %r are taken", path, population.name, spikes.population)
    elif not trains:
        return np.zeros(0), np.zeros(0, np.int64)
    else:
        raise InputError("the file has no spikes of this population", file=path, value=population.name, options=trains)
    if len(spikes.timestamps) and spikes.timestamps.min() < 0:
        raise InputError("a spike is before 0 ms", file=path, value=float(spikes.timestamps.min()))
    ids = spikes.node_ids.astype(np.int64)
    wanted = np.isin(ids, population.nodes.node_ids[rows].astype(np.int64))
    strangers = ~np.isin(ids, population.nodes.node_ids.astype(np.int64))
    if strangers.any():
        log.warning(
            "%s: %d spikes belong to nodes that %s does not have (the first is node %d); they are left out",
            path,
            strangers.sum(),
            population.name,
            ids[strangers][0],
        )
    late = spikes.timestamps > config.tstop
    if late.all() and len(late):
        log.warning("%s: all %d spikes come after the end of the run at %g ms", path, len(late), config.tstop)
    elif late.any():
        log.info("%s: %d spikes come after the end of the run at %g ms", path, late.sum(), config.tstop)
    keep = wanted & ~late
    return spikes.timestamps[keep], population.first_gid + ids[keep]
