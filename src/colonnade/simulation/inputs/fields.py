"""Potentials outside the cells: of point electrodes, of a uniform field, of a field from a file (xstim, comsol)."""

from pathlib import Path

import numpy as np

from colonnade.errors import InputError, MissingFile, UnsupportedError
from colonnade.simulation.inputs.clamps import steps_of
from colonnade.simulation.inputs.spike_trains import kind_of
from colonnade.simulation.model import ExtracellularPotential
from colonnade.simulation.network.local_cells import LocalCells
from colonnade.simulation.network.populations import Network
from colonnade.simulation.recorders.ecp import lines_of, places_of
from colonnade.stimuli.field_files import NEAREST, read_field
from colonnade.stimuli.registry import stimulus_kinds

RESISTIVITY = 300.0  # Ohm cm
SHAPES = {"dc": "current_clamp", "sin": "sine"}  # BMTK's names of waveforms
POINT_SOURCE = 1e4  # mV um per mA and Ohm cm
UNIFORM = 1e-3  # mV per um and V/m


def extracellular_potentials(network: Network, cells: LocalCells) -> list[ExtracellularPotential]:
    """Return the potentials that the inputs of the modules ``xstim`` and ``comsol`` put outside the local cells."""
    config, found = network.config, []
    for name, entry in config.inputs.items():
        if kind_of(name, entry, config.path) != "field":
            continue
        key = f"inputs.{name}"
        gids, sections, xs, middles = _middles(network, cells, entry, key)
        for potentials, waveform, place in _sources(key, entry, middles, gids, network):
            times, values = _course(place, waveform, config)
            found.append(ExtracellularPotential(gids, sections, xs, potentials, times, values))
    return found


def _middles(network: Network, cells: LocalCells, entry: dict, key: str) -> tuple[np.ndarray, ...]:
    """Return gids, sections, x (K,) and the places (K, 3) in um of the middles of all segments of the chosen cells."""
    of_gid = dict(zip(cells.gids.tolist(), cells.prototypes, strict=True))
    lines, parts = {}, [[], [], [], []]
    for name, rows in network.select(entry.get("node_set", "all"), f"{key}.node_set").items():
        population = network.populations[name]
        rows = rows[~population.virtual[rows] & ~population.point[rows]]
        rows = rows[cells.local[population.gids[rows]]]
        for gid, angles, position in zip(population.gids[rows].tolist(), *places_of(population, rows), strict=True):
            prototype = of_gid[gid]
            if id(prototype) not in lines:
                lines[id(prototype)] = lines_of(prototype)
            placed, table = lines[id(prototype)].placed(angles, position), prototype.table
            columns = np.full(len(table), gid), table.section_id, table.x, (placed.starts + placed.ends) / 2
            for part, column in zip(parts, columns, strict=True):
                part.append(column)
    shapes = [np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros((0, 3))]
    return tuple(np.concatenate([*part, empty]) for part, empty in zip(parts, shapes, strict=True))


def _sources(
    key: str, entry: dict, middles: np.ndarray, gids: np.ndarray, network: Network
) -> list[tuple[np.ndarray, object, str]]:
    """Return the potentials (K,) in mV of each source for a waveform of 1, its waveform, and where that stands."""
    config = network.config
    if entry["module"].lower() == "comsol":
        files = _listed(entry.get("comsol_files"))
        waveforms = _listed(entry.get("waveforms"))
        scales = _listed(entry.get("amplitudes", 1.0))
        if not files or waveforms == [None]:
            raise UnsupportedError("a field that changes in its file is not supported, one with a waveform is",
                                   file=config.path, key=f"{key}.waveforms")  # fmt: skip
        scales = scales * len(files) if len(scales) == 1 else scales
        if not len(files) == len(waveforms) == len(scales):
            raise InputError("not as many files, waveforms and amplitudes", file=config.path, key=key)
        return [(scale * _from_file(file, middles, config), waveform, f"{key}.waveforms")
                for file, waveform, scale in zip(files, waveforms, scales, strict=True)]  # fmt: skip
    waveform = entry.get("waveform")
    if "field" in entry:
        direction = _vector(entry["field"], f"{key}.field", config)
        return [(-UNIFORM * middles @ direction, waveform, f"{key}.waveform")]
    if "file" in entry:
        return [(_from_file(entry["file"], middles, config), waveform, f"{key}.waveform")]
    positions = _electrodes(key, entry, config)
    apart = np.linalg.norm(middles[None] - positions[:, None], axis=2)
    if apart.size and apart.min() < NEAREST:
        electrode, segment = np.unravel_index(np.argmin(apart), apart.shape)
        name, node_id = network.place_of(int(gids[segment]))
        raise InputError(f"electrode {electrode} is too close to node {node_id} of {name}", file=config.path,
                         key=f"{key}.positions", value=round(float(apart.min()), 3),
                         expected=f"{NEAREST:g} um or more from the middle of each segment")  # fmt: skip
    resistivity = entry.get("resistivity", entry.get("resistance", RESISTIVITY))
    if isinstance(resistivity, bool) or not isinstance(resistivity, int | float) or not 0 < resistivity < np.inf:
        raise InputError("no resistivity", file=config.path, key=f"{key}.resistivity", value=resistivity,
                         expected="Ohm cm, above 0")  # fmt: skip
    potentials = POINT_SOURCE * resistivity / (4 * np.pi) * (1 / apart).sum(axis=0)
    return [(potentials, waveform, f"{key}.waveform")]


def _electrodes(key: str, entry: dict, config) -> np.ndarray:
    """Return the places (C, 3) in um of point electrodes, from the config or from BMTK's file."""
    if "positions" in entry:
        places = entry["positions"] if isinstance(entry["positions"], list) else []
        if not places:
            raise InputError("no places of electrodes", file=config.path, key=f"{key}.positions",
                             value=entry["positions"], expected="[[x, y, z], ...] in um")  # fmt: skip
        return np.array([_vector(place, f"{key}.positions", config) for place in places])
    path = entry.get("positions_file")
    if path is None or not Path(path).is_file():
        raise MissingFile("there is no file of electrodes", file=config.path, key=f"{key}.positions_file", value=path)
    table = _table(path, ("pos_x", "pos_y", "pos_z"))
    if "electrode_mesh_file" in table:
        raise UnsupportedError("electrodes of a mesh are not supported: point electrodes are", file=path,
                               key="electrode_mesh_file")  # fmt: skip
    return table[["pos_x", "pos_y", "pos_z"]].to_numpy(float)


def _from_file(path, middles: np.ndarray, config) -> np.ndarray:
    """Return the potentials (K,) in mV at ``middles`` (K, 3), linear between the places of a file."""
    from scipy.interpolate import LinearNDInterpolator

    if not Path(str(path)).is_file():
        raise MissingFile("there is no such file of a field", file=config.path, value=path)
    places, values = read_field(path)
    potentials = LinearNDInterpolator(places, values)(middles)
    if not np.isfinite(potentials).all():
        place = middles[np.argmax(~np.isfinite(potentials))].round(1).tolist()
        raise InputError("a cell reaches out of the field of this file", file=path, value=place,
                         expected="places (um) within those of the file")  # fmt: skip
    return potentials


def _course(key: str, waveform, config) -> tuple[np.ndarray, np.ndarray]:
    """Return the times (n,) in ms and the values (n,) of a waveform: one of ours, BMTK's dc or sin, or a CSV file."""
    if isinstance(waveform, str):
        return _from_csv(waveform, config)
    if not isinstance(waveform, dict):
        raise InputError("the input has no waveform", file=config.path, key=key, value=waveform, expected="{...}")
    kinds = {name: kind for name, kind in stimulus_kinds().items() if kind.makes == "current" and kind.waveform}
    if "shape" in waveform:
        shape = str(waveform["shape"]).lower()
        if shape not in SHAPES:
            raise InputError("no such waveform", file=config.path, key=f"{key}.shape", value=shape, options=SHAPES)
        names = {"del": "delay", "dur": "duration", "freq": "frequency"}
        waveform = {names.get(name, name): value for name, value in waveform.items() if name != "shape"}
        if shape == "sin":
            # BMTK's phase counts from 0 ms, not from the delay, and is pi where it is not given.
            late = 2e-3 * np.pi * waveform.get("frequency", 0.0) * waveform.get("delay", 0.0)
            waveform["phase"] = waveform.get("phase", np.pi) + late
        waveform["type"] = SHAPES[shape]
    if waveform.get("type") not in kinds:
        raise InputError("no such waveform", file=config.path, key=f"{key}.type", value=waveform.get("type"),
                         options=kinds)  # fmt: skip
    kind = kinds[waveform["type"]]
    return steps_of(key, kind.in_sonata(waveform) | {"random_seed": waveform.get("seed", 0)}, kind, config)


def _from_csv(path: str, config) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps of BMTK's CSV of ``time`` (ms) and ``amplitude``, linear between its rows."""
    if not Path(path).is_file():
        raise MissingFile("there is no such waveform", file=config.path, value=path)
    table = _table(path, ("time", "amplitude"))
    if not len(table) or not (np.diff(table["time"]) > 0).all():
        raise InputError("the times are not ascending", file=path, key="time")
    steps = np.arange(config.n_steps)
    return steps * config.dt, np.interp((steps + 0.5) * config.dt, table["time"], table["amplitude"])


def _table(path, numbers: tuple[str, ...]):
    """Return a table of columns separated by blanks, of which those called ``numbers`` have to be there and be that."""
    import pandas as pd  # a quarter of a second, which only tables need

    try:
        table = pd.read_csv(path, sep=r"\s+")
    except (OSError, ValueError) as error:
        raise InputError(f"this is no table: {error}", file=path) from None
    for name in numbers:
        if name not in table:
            raise InputError("a column is missing", file=path, value=name, options=table.columns)
        column = pd.to_numeric(table[name], errors="coerce")
        if not np.isfinite(column).all():
            row = int(np.argmax(~np.isfinite(column)))
            raise InputError("is no number", file=path, key=f"{name}, row {row}", value=table[name].iloc[row])
    return table


def _listed(value) -> list:
    return value if isinstance(value, list) else [value]


def _vector(value, key: str, config) -> np.ndarray:
    try:
        vector = np.array(value, float)
    except (TypeError, ValueError):
        vector = np.zeros(0)
    if vector.shape != (3,) or not np.isfinite(vector).all():
        raise InputError("not three numbers", file=config.path, key=key, value=value, expected="[x, y, z]")
    return vector
