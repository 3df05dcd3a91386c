"""Clamps of a simulation config: currents, conductances and voltages at places of cells, step by step."""

import logging
from collections.abc import Callable, Iterator
from functools import partial

import h5py
import numpy as np

from colonnade.errors import InputError, UnsupportedError
from colonnade.geometry.segments import SECTION_LABELS, SegmentTable
from colonnade.json_schema import limits_of, within
from colonnade.simulation.inputs.spike_trains import kind_of
from colonnade.simulation.model import (
    Clamp,
    ConductanceSteps,
    CurrentClamp,
    CurrentSteps,
    Site,
    VoltageClamp,
    VoltageSteps,
)
from colonnade.simulation.network.populations import Network, Population
from colonnade.stimuli.kind import LARGEST_CURRENT, StimulusKind
from colonnade.stimuli.registry import kind_of_module
from colonnade.streams import stream

log = logging.getLogger(__name__)
FREQUENCIES = ("frequency", "frequency_start", "frequency_end")  # Hz, of currents
IMPOSSIBLE_CURRENT = 1e6  # nA: 1 mA, what a whole giant axon of a squid takes under a clamp
Maker = Callable[[Site, tuple[str, int]], object]  # of a clamp at a site of a population's node


def clamps_by_input(
    network: Network, local: np.ndarray, table_of: Callable[[int], SegmentTable]
) -> dict[str, list[Clamp]]:
    """Return the current and voltage clamps on local cells by their input, as in the config, each's by its cells."""
    config, found = network.config, {}
    makers_of = {"IClamp": _currents, "SEClamp": _voltages, "conductance": _conductances}
    for name, entry in config.inputs.items():
        kind = kind_of(name, entry, config.path)
        if kind not in makers_of:
            continue
        key, found[name] = f"inputs.{name}", []
        makers = makers_of[kind](key, entry, config)
        selection = network.select(entry.get("node_set", "all"), f"{key}.node_set")
        if all(network.populations[each].virtual[rows].all() for each, rows in selection.items()):
            raise InputError("virtual cells have no membrane", file=config.path, key=f"{key}.node_set",
                             value=entry.get("node_set", "all"))  # fmt: skip
        for population, rows in selection.items():
            for gid, node_id in _cells(network.populations[population], rows, local, key, config):
                for site in _sites(gid, table_of(gid), entry, key, config):
                    found[name] += [make(site, (population, node_id)) for make in makers]
    return found


def _cells(population: Population, rows: np.ndarray, local, key: str, config) -> Iterator[tuple[int, int]]:
    """Yield gid and node id of those of the nodes at ``rows`` that are cells with sections of this rank."""
    rows = rows[~population.virtual[rows]]
    if population.point[rows].any():
        raise UnsupportedError("a clamp on point neurons is not supported", file=config.path, key=f"{key}.node_set")
    for gid in population.gids[rows].tolist():
        if local[gid]:
            yield gid, gid - population.first_gid


def _sites(gid: int, table: SegmentTable, entry: dict, key: str, config) -> list[Site]:
    """Return the places of a clamp: section ``section_name[section_index]`` at ``section_dist``, else soma[0](0.5).

    The index ``all`` stands for each of these sections.
    """
    label, index = entry.get("section_name", "soma"), entry.get("section_index", 0)
    if not isinstance(label, str) or label not in SECTION_LABELS:
        raise InputError("no such section", file=config.path, key=f"{key}.section_name", value=label,
                         options=SECTION_LABELS)  # fmt: skip
    if index != "all" and (isinstance(index, bool) or not isinstance(index, (int, list, tuple))):
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
    if index == "all":
        chosen = sections.tolist()
    elif not 0 <= int(index) < len(sections):
        raise InputError(
            f"the cell {gid} has no such {label} section",
            file=config.path,
            key=f"{key}.section_index",
            value=index,
            expected=f"0 to {len(sections) - 1}",
        )
    else:
        chosen = [sections[int(index)]]
    x = entry.get("section_dist", 0.5)
    if isinstance(x, bool) or not isinstance(x, int | float) or not 0 <= x <= 1:
        raise InputError("the place is off the section", file=config.path, key=f"{key}.section_dist", value=x,
                         expected="0..1")  # fmt: skip
    return [Site(gid, int(section), x) for section in chosen]


def _is_number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and bool(np.isfinite(value))


def _currents(key: str, entry: dict, config) -> list[Maker]:
    input_type, kind = entry.get("input_type"), kind_of_module(entry["module"], "current")
    if kind.name == "ramp" and entry.get("amp_end", entry.get("amp_start")) == entry.get("amp_start"):
        entry, kind = {**entry, "amp": entry.get("amp_start"), "module": "IClamp"}, kind_of_module("iclamp", "current")
    if kind.name != "current_clamp":
        return [partial(_wave, key, entry, kind, config, CurrentSteps)]
    if input_type == "current_clamp":
        return [lambda site, _, pulse=pulse: CurrentClamp(site, *pulse) for pulse in _pulses(key, entry, config)]
    times, amplitudes = _csv_current(key, entry, config) if input_type in ("csv", "file") else _sweep(key, entry)
    _check_current(key, amplitudes, config)
    return [lambda site, _: CurrentSteps(site, times, amplitudes)]


def _check_current(key: str, amplitudes: np.ndarray, config) -> None:
    """Refuse a current (nA) that cannot be, warn of one that is far larger than any cell gets."""
    largest = float(np.abs(amplitudes).max(initial=0.0))
    if not largest <= IMPOSSIBLE_CURRENT:
        raise InputError("no cell bears such a current", file=config.path, key=key, value=largest,
                         expected=f"at most {IMPOSSIBLE_CURRENT:g} nA")  # fmt: skip
    if largest > LARGEST_CURRENT:
        log.warning("%s: %s: a current of %g nA is far larger than cells get", config.path, key, largest)


def _conductances(key: str, entry: dict, config) -> list[Maker]:
    kind = kind_of_module(entry["module"], "conductance")
    reversal = kind.from_sonata(entry).get("e")
    if not _is_number(reversal):
        raise InputError("this is not a number", file=config.path, key=f"{key}.reversal", value=reversal,
                         expected="a number in mV")  # fmt: skip
    make = partial(ConductanceSteps, reversal=float(reversal))
    return [partial(_wave, key, entry, kind, config, make)]


def _wave(key: str, entry: dict, kind: StimulusKind, config, make: Callable, site: Site, node: tuple[str, int]):
    """Return the waveform of a stimulus at one place as ``make(site, times, values)``.

    What is drawn is drawn from a stream that is named after the input, the node and the section.
    """
    times, values = steps_of(key, entry, kind, config, *node, site.section)
    if kind.makes == "current":
        _check_current(key, values, config)
    return make(site, times, values)


def steps_of(key: str, entry: dict, kind: StimulusKind, config, *purpose) -> tuple[np.ndarray, np.ndarray]:
    """Return the times (n,) in ms, on steps, and the values (n,) of a waveform, each up to the next time.

    The value of a step is the one in its middle. ``purpose`` names the stream of what is drawn, beside the input.
    ``colonnade.waves_until`` (ms) is the end of a longer run that goes on from this one.
    """
    end = float(config.settings.get("waves_until", config.tstop))
    settings = _settings(key, entry, kind, config, end)
    dt, n_steps = config.dt, round(end / config.dt)
    first = min(n_steps, round(settings["delay"] / dt))
    last = min(n_steps, round((settings["delay"] + settings["duration"]) / dt))
    rng = stream(int(entry.get("random_seed", 0)), key, *purpose) if kind.draws else None
    values = np.asarray(kind.waveform(settings, (np.arange(last - first) + 0.5) * dt, rng), float)
    values = np.concatenate([np.zeros(int(first > 0)), values, np.zeros(int(last < n_steps))])
    steps = np.concatenate([np.zeros(int(first > 0)), np.arange(first, last), np.full(int(last < n_steps), last)])
    changed = np.flatnonzero(np.append(True, np.diff(values) != 0))
    return steps[changed] * dt, values[changed]


def _settings(key: str, entry: dict, kind: StimulusKind, config, end: float) -> dict:
    """Return the settings of a stimulus, checked; without a duration it lasts until ``end`` (ms)."""
    settings = kind.from_sonata(entry)
    settings.setdefault("duration", end - settings.get("delay", 0.0))
    for name in (*kind.required, *settings):
        value, part = settings.get(name), kind.properties.get(name, {})
        if part.get("type") == "number" and not _is_number(value):
            raise InputError("this is not a number", file=config.path, key=f"{key}.{kind.renamed.get(name, name)}",
                             value=value, expected=f"a number: {part['description']}")  # fmt: skip
        if part.get("type") == "number" and not within(part, value):
            raise InputError("the value is out of range", file=config.path, value=value,
                             key=f"{key}.{kind.renamed.get(name, name)}", expected=limits_of(part))  # fmt: skip
    wrong = kind.check(settings)
    if wrong:
        raise InputError(wrong, file=config.path, key=key)
    for name in FREQUENCIES:
        if settings.get(name, 0.0) > 500.0 / config.dt:
            log.warning("%s: %s.%s: run.dt, %g ms, does not show %g Hz", config.path, key, kind.renamed.get(name, name),
                        config.dt, settings[name])  # fmt: skip
    return settings


def _pulses(key: str, entry: dict, config) -> list[tuple[float, float, float]]:
    """Return delay (ms), duration (ms) and amplitude (nA) of each constant current."""
    columns = {}
    for name, unit in (("delay", "ms"), ("duration", "ms"), ("amp", "nA")):
        value = entry.get(name)
        values = value if isinstance(value, list) else [value]
        lowest, limit = (-np.inf, "") if name == "amp" else (0, ", 0 or more")
        if not all(_is_number(v) and v >= lowest for v in values):
            raise InputError("no value of a current clamp", file=config.path, key=f"{key}.{name}", value=value,
                             expected=f"a number in {unit}{limit}, or a list")  # fmt: skip
        columns[name] = [float(v) for v in values]
    _check_current(f"{key}.amp", np.array(columns["amp"]), config)
    if len({len(values) for values in columns.values()}) != 1:
        lengths = {name: len(values) for name, values in columns.items()}
        raise InputError("amp, delay and duration differ in length", file=config.path, key=key, value=lengths)
    pulses = list(zip(*columns.values(), strict=True))
    if pulses and min(columns["delay"]) > config.tstop:
        log.warning("%s: %s: all its pulses begin after the end of the run, at %g ms", config.path, key, config.tstop)
    return pulses


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
    try:
        times, amplitudes = (table[column].to_numpy(float) for column in columns)
    except (TypeError, ValueError) as error:
        raise InputError(f"the current cannot be read: {error}", file=path, key=f"{key}.file") from None
    if not (np.isfinite(times).all() and np.isfinite(amplitudes).all()):
        raise InputError("a time or a current is no number", file=path, key=f"{key}.file")
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


def _voltages(key: str, entry: dict, config) -> list[Maker]:
    if {"voltage", "voltage_levels"} & set(entry):
        return [_voltage_steps(key, entry, config)]
    numbers = {}
    for name, default in (("amp", None), ("delay", None), ("duration", None), ("resistance", 1.0)):
        value = entry.get(name, default)
        lowest = -np.inf if name == "amp" else 0
        if not _is_number(value) or value < lowest or (name == "resistance" and value == 0):
            raise InputError(
                "this is not a number that can be used", file=config.path, key=f"{key}.{name}", value=value
            )
        numbers[name] = float(value)
    clamp = numbers["delay"], numbers["duration"], numbers["amp"], numbers["resistance"]
    return [lambda site, _: VoltageClamp(site, *clamp)]


def _voltage_steps(key: str, entry: dict, config) -> Maker:
    """Return the clamp of ``voltage_levels`` (mV) for ``duration_levels`` (ms), or of one ``voltage``."""
    delay, resistance = entry.get("delay", 0.0), entry.get("series_resistance", 0.01)
    levels = entry.get("voltage_levels", [entry.get("voltage")])
    spans = entry.get("duration_levels", [entry.get("duration", config.tstop - delay)])
    for name, values in (("voltage_levels", levels), ("duration_levels", spans), ("delay", [delay]),
                         ("series_resistance", [resistance])):  # fmt: skip
        if not isinstance(values, list) or not all(map(_is_number, values)):
            raise InputError("these are not numbers", file=config.path, key=f"{key}.{name}", value=values)
    if len(levels) != len(spans) or min(spans) <= 0 or resistance <= 0 or delay < 0:
        raise InputError("no steps of voltage", file=config.path, key=key, value=[levels, spans, resistance],
                         expected="as many voltages as durations, durations and a resistance above 0")  # fmt: skip
    times = np.round((delay + np.concatenate([[0.0], np.cumsum(spans)])) / config.dt) * config.dt
    return lambda site, _: VoltageSteps(site, times[:-1], np.array(levels, float), float(times[-1]), float(resistance))
