"""Inputs of a simulation config: spike trains of virtual cells, current clamps, voltage clamps."""

import logging
from collections.abc import Callable

import h5py
import numpy as np

from colonnade.errors import InputError, MissingFile, UnsupportedError
from colonnade.geometry.segments import SECTION_LABELS, SegmentTable
from colonnade.simulation.inputs.stand_ins import replay, spontaneous
from colonnade.simulation.model import CurrentClamp, CurrentSteps, Site, VoltageClamp
from colonnade.simulation.network.populations import Network, Population
from colonnade.simulation.network.synapses import Connector, Synapses, is_recurrent
from colonnade.sonata.spikes import SpikeTrains, read_spikes

log = logging.getLogger(__name__)
SPIKE_MODULES = ("sonata", "h5", "hdf5", "csv", "nwb", "synapse_replay")
CURRENT_TYPES = ("current_clamp", "csv", "file", "nwb", "allen")
CURRENT_MODULES = ("iclamp", "linear")
KINDS = ("spikes", "IClamp", "SEClamp", "replay", "syn_activity")


def kind_of(name: str, entry: dict, file) -> str:
    """Return which of ``KINDS`` an input is; ``UnsupportedError`` naming its module otherwise."""
    module, input_type = str(entry.get("module", "")), str(entry.get("input_type", ""))
    if input_type == "spikes" and module.lower() in SPIKE_MODULES:
        return "spikes"
    if module.lower() in CURRENT_MODULES and input_type in CURRENT_TYPES:
        return "IClamp"
    if module.lower() == "seclamp":
        return "SEClamp"
    if module in ("replay", "disconnected"):
        return "replay"
    if module == "syn_activity":
        return "syn_activity"
    options = (*SPIKE_MODULES, *KINDS[1:])
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
    kinds = {name: kind_of(name, entry, network.config.path) for name, entry in network.config.inputs.items()}
    inputs.connect_simulated([name for name, kind in kinds.items() if kind == "syn_activity"])
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
            if i not in self._connected and not simulated.all():
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
            if len(rows) and acting is not None:
                self.parts.append(acting.connect(self.network, self._connector, edges, rows))
            elif len(rows):
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
                if edges.source_population == population and i not in self._connected and not simulated.all():
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
    path = entry.get("input_file", entry.get("spike_file", entry.get("file")))
    if path is None:
        raise InputError("the input names no file", file=config.path, key=f"{key}.input_file")
    if str(entry.get("module")).lower() == "nwb":
        trains = {"": read_nwb_spikes(path, entry.get("trial"))}
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


def read_nwb_spikes(path, trial: str | None) -> SpikeTrains:
    """Read the spike trains (ms) of one ``trial`` of an NWB 1.0 file, ``processing/<trial>/spike_train/<id>/data``."""
    try:
        with h5py.File(path, "r") as file:
            trials = list(file["processing"])
            if trial is None and len(trials) == 1:
                trial = trials[0]
            if trial not in trials:
                raise InputError("the file has no such trial", file=path, key="trial", value=trial, options=trials)
            trains = {int(node): np.atleast_1d(group["data"][()]) for node, group in
                      file[f"processing/{trial}/spike_train"].items()}  # fmt: skip
    except FileNotFoundError:
        raise MissingFile("there is no such spike file", file=path) from None
    except (OSError, KeyError) as error:
        raise InputError(f"this is not an NWB 1.0 file of spike trains: {error}", file=path) from None
    ids = np.repeat(np.array(list(trains), np.uint64), [len(times) for times in trains.values()])
    return SpikeTrains("", ids, np.concatenate([*trains.values(), np.zeros(0)]))


def clamps(network: Network, local: np.ndarray, table_of: Callable[[int], SegmentTable]) -> list:
    """Return the current and voltage clamps on local cells, in the order of the config and of the cells."""
    config, found = network.config, []
    for name, entry in config.inputs.items():
        kind = kind_of(name, entry, config.path)
        if kind not in ("IClamp", "SEClamp"):
            continue
        key = f"inputs.{name}"
        make = _currents(key, entry, config) if kind == "IClamp" else _voltages(key, entry, config)
        selection = network.select(entry.get("node_set", "all"), f"{key}.node_set")
        if all(network.populations[each].virtual[rows].all() for each, rows in selection.items()):
            raise InputError("virtual cells have no membrane", file=config.path, key=f"{key}.node_set",
                             value=entry.get("node_set", "all"))  # fmt: skip
        for population_name, rows in selection.items():
            population = network.populations[population_name]
            rows = rows[~population.virtual[rows]]
            if population.point[rows].any():
                raise UnsupportedError(
                    "a clamp on point neurons is not supported", file=config.path, key=f"{key}.node_set"
                )
            for gid in population.gids[rows].tolist():
                if local[gid]:
                    site = _site(gid, table_of(gid), entry, key, config)
                    found += [clamp for maker in make for clamp in [maker(site)]]
    return found


def _site(gid: int, table: SegmentTable, entry: dict, key: str, config) -> Site:
    """Return the place of a clamp: section ``section_name[section_index]`` at ``section_dist``, else soma[0](0.5)."""
    label, index = entry.get("section_name", "soma"), entry.get("section_index", 0)
    if not isinstance(label, str) or label not in SECTION_LABELS:
        raise InputError("no such section", file=config.path, key=f"{key}.section_name", value=label,
                         options=SECTION_LABELS)  # fmt: skip
    if isinstance(index, bool) or not isinstance(index, (int, list, tuple)):
        raise InputError("no number of a section", file=config.path, key=f"{key}.section_index", value=index,
                         expected="a whole number, 0 or more")  # fmt: skip
    if isinstance(index, (list, tuple)):
        raise UnsupportedError(
            "a random section within a range is not supported; name one section",
            file=config.path,
            key=f"{key}.section_index",
            value=index,
        )
    sections = np.unique(table.section_id[table.section_type == SECTION_LABELS[label]])
    if not 0 <= int(index) < len(sections):
        raise InputError(
            f"the cell {gid} has no such {label} section",
            file=config.path,
            key=f"{key}.section_index",
            value=index,
            expected=f"0 to {len(sections) - 1}",
        )
    x = entry.get("section_dist", 0.5)
    if isinstance(x, bool) or not isinstance(x, int | float) or not 0 <= x <= 1:
        raise InputError("the place is off the section", file=config.path, key=f"{key}.section_dist", value=x,
                         expected="0..1")  # fmt: skip
    return Site(gid, int(sections[int(index)]), x)


def _currents(key: str, entry: dict, config) -> list[Callable[[Site], object]]:
    input_type = entry.get("input_type")
    if input_type == "current_clamp":
        if entry["module"] == "linear":
            entry = {**entry, "amp": _constant_current(key, entry, config)}
        columns = {}
        for name, unit in (("amp", "nA"), ("delay", "ms"), ("duration", "ms")):
            value = entry.get(name)
            values = value if isinstance(value, list) else [value]
            lowest = -np.inf if name == "amp" else 0
            if not all(isinstance(v, (int, float)) and not isinstance(v, bool) and np.isfinite(v) and v >= lowest
                       for v in values):  # fmt: skip
                raise InputError("this is not a number", file=config.path, key=f"{key}.{name}", value=value,
                                 expected=f"a number in {unit}, or a list")  # fmt: skip
            columns[name] = [float(v) for v in values]
        if len({len(values) for values in columns.values()}) != 1:
            lengths = {name: len(values) for name, values in columns.items()}
            raise InputError("amp, delay and duration differ in length", file=config.path, key=key, value=lengths)
        pulses = list(zip(*columns.values(), strict=True))
        if pulses and min(columns["delay"]) > config.tstop:
            log.warning(
                "%s: %s: all its pulses begin after the end of the run, at %g ms", config.path, key, config.tstop
            )
        return [lambda site, p=pulse: CurrentClamp(site, p[1], p[2], p[0]) for pulse in pulses]
    times, amplitudes = _csv_current(key, entry, config) if input_type in ("csv", "file") else _sweep(key, entry)
    return [lambda site: CurrentSteps(site, times, amplitudes)]


def _constant_current(key: str, entry: dict, config) -> float:
    """Return ``amp_start`` (nA) of the module ``linear``; a current that changes is refused."""
    amplitude = entry.get("amp_start")
    if entry.get("amp_end", amplitude) != amplitude:
        raise UnsupportedError("a current that changes linearly is not supported", file=config.path,
                               key=f"{key}.amp_end", value=entry["amp_end"])  # fmt: skip
    return amplitude


def _csv_current(key: str, entry: dict, config) -> tuple[np.ndarray, np.ndarray]:
    """Return times (ms) and amplitudes (nA) of a CSV; the current is 0 before the first and after the last time."""
    import pandas as pd  # a quarter of a second, which only tables need

    path, separator = entry.get("file", entry.get("input_file")), entry.get("separator", " ")
    if path is None:
        raise InputError("the input names no file", file=config.path, key=f"{key}.file")
    columns = entry.get("timestamps_column", "timestamps"), entry.get("amplitudes_column", "amps")
    try:
        table = pd.read_csv(path, sep=separator)
    except (OSError, ValueError, pd.errors.ParserError) as error:
        raise InputError(f"the current cannot be read: {error}", file=path, key=f"{key}.file") from None
    for column in columns:
        if column not in table.columns:
            raise InputError("the file has no such column", file=path, value=column, options=table.columns)
    times, amplitudes = (table[column].to_numpy(float) for column in columns)
    if len(times) < 2 or not (np.diff(times) > 0).all() or times[0] < 0:
        raise InputError("the times have to be two or more, ascending, from 0 ms on", file=path, key=columns[0])
    if amplitudes[-1] != 0:
        times, amplitudes = np.append(times, 2 * times[-1] - times[-2]), np.append(amplitudes, 0.0)
    if times[0] > 0:
        times, amplitudes = np.insert(times, 0, 0.0), np.insert(amplitudes, 0, 0.0)
    return times, amplitudes


def _sweep(key: str, entry: dict) -> tuple[np.ndarray, np.ndarray]:
    """Return times (ms) and amplitudes (nA) of a sweep in an NWB 1.0 file of the Allen Cell Types Database."""
    path, sweep = entry.get("file"), str(entry.get("sweep_id"))
    sweep = f"Sweep_{int(float(sweep))}" if sweep.replace(".", "", 1).isdigit() else sweep
    try:
        with h5py.File(path, "r") as file:
            if sweep not in file["epochs"]:
                raise InputError("the file has no such sweep", file=path, key=f"{key}.sweep_id", value=sweep,
                                 options=file["epochs"])  # fmt: skip
            series = file[f"epochs/{sweep}/stimulus/timeseries"]
            dt = 1000.0 / float(series["starting_time"].attrs["rate"])
            amplitudes = series["data"][()] * 1e9
    except (OSError, KeyError, TypeError) as error:
        raise InputError(f"the sweep cannot be read: {error}", file=path, key=key) from None
    stride = max(1, round(float(entry.get("downsample") or 0) / dt))
    times, amplitudes = np.arange(len(amplitudes))[::stride] * dt, amplitudes[::stride]
    if entry.get("sweep_window"):
        begin, end = entry["sweep_window"]
        inside = (times >= begin) & (times <= end)
        times, amplitudes = times[inside], amplitudes[inside]
    return times + float(entry.get("delay", 0.0)), amplitudes


def _voltages(key: str, entry: dict, config) -> list[Callable[[Site], object]]:
    numbers = {}
    for name, default in (("amp", None), ("delay", None), ("duration", None), ("resistance", 1.0)):
        value = entry.get(name, default)
        lowest = -np.inf if name == "amp" else 0
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and np.isfinite(value)
        if not number or value < lowest or (name == "resistance" and value == 0):
            raise InputError(
                "this is not a number that can be used", file=config.path, key=f"{key}.{name}", value=value
            )
        numbers[name] = float(value)
    return [
        lambda site: VoltageClamp(site, numbers["delay"], numbers["duration"], numbers["amp"], numbers["resistance"])
    ]
