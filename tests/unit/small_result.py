"""A small SONATA result written with nothing but h5py: two networks, edges, spikes, reports of v and cai, a config."""

import json
from pathlib import Path

import h5py
import numpy as np

GROUPS = ["Rorb"] * 40 + ["PV"] * 20 + ["Scnn1a"] * 40
RULE = {"d_weight_min": 0.0, "d_weight_max": 0.34, "d_max": 50.0, "nsyn_min": 0, "nsyn_max": 10}
STICK = "1 1 0 0 0 6 -1\n2 3 6 0 0 0.5 1\n3 3 60 10 0 0.5 2\n4 3 120 0 20 0.4 3\n"
TSTOP = 1000.0
DT = 0.1


def write_result(folder: Path, *, groups=GROUPS, spiking=True, seed=0, tstop=TSTOP, rate=30.0) -> Path:
    """Write the result into ``folder`` and return the path of its simulation config."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stick.swc").write_text(STICK)
    n_cells = len(groups)
    angle, radius = rng.uniform(0, 2 * np.pi, n_cells), 30 * np.sqrt(rng.uniform(size=n_cells))
    height = 100 * rng.uniform(size=n_cells)
    positions = np.stack([radius * np.cos(angle), height, radius * np.sin(angle)], axis=1)
    _write_nodes(folder, "mcortex", groups, "biophysical", positions)
    _write_nodes(folder, "mthalamus", ["tON"] * 50, "virtual", None)

    distance = np.sqrt(((positions[:, None] - positions[None]) ** 2).sum(axis=2))
    near = np.clip(RULE["d_weight_max"] * (1 - distance / RULE["d_max"]), 0, 1)
    synapses = (rng.uniform(size=distance.shape) <= near) * rng.integers(0, 11, distance.shape)
    np.fill_diagonal(synapses, 0)
    _write_edges(folder, "mcortex", "mcortex", synapses)
    _write_edges(folder, "mthalamus", "mcortex", rng.integers(0, 12, (50, n_cells)))

    spikes = spike_times(rng, n_cells, tstop, rate) if spiking else (np.empty(0), np.empty(0, dtype=int))
    _write_spikes(folder / "spikes.h5", "mcortex", *spikes)
    _write_spikes(folder / "input.h5", "mthalamus", *spike_times(rng, 50, tstop, 15.0))
    times = DT * np.arange(1, round(tstop / DT) + 1)
    v = np.tile(-65 + 5 * np.sin(2 * np.pi * times / 120)[:, None], (1, n_cells)) + rng.normal(0, 1, (1, n_cells))
    for time, cell in zip(*spikes, strict=True):
        row = int(time / DT)
        v[row : row + 8, cell] = [-40, 10, 35, 20, -10, -40, -60, -70][: len(v) - row]
    cai = 1e-4 + 2e-5 * np.cumsum(v > 0, axis=0) / 100
    _write_potentials(folder / "probe.h5", times, tstop)
    _write_report(folder / "v.h5", "v", "mV", v, tstop)
    _write_report(folder / "cai.h5", "cai", "mM", cai, tstop)
    return _write_config(folder, tstop)


def spike_times(rng, n_cells: int, tstop: float, rate: float):
    """Return times in ms, multiples of 0.1, and cells of gamma-distributed trains, sorted by time."""
    times, cells = [], []
    for cell in range(n_cells):
        own = np.cumsum(rng.gamma(4, 1000 / rate / 4, int(tstop / 1000 * rate * 3) + 10))
        own = np.unique(np.round(own[own < tstop - 1], 1))
        times.append(own)
        cells.append(np.full(len(own), cell))
    times, cells = np.concatenate(times), np.concatenate(cells)
    order = np.argsort(times, kind="stable")
    return times[order], cells[order]


def _write_nodes(folder, name, groups, model_type, positions):
    kinds = sorted(set(groups))
    with h5py.File(folder / f"{name}_nodes.h5", "w") as file:
        group = file.create_group(f"nodes/{name}")
        group["node_id"] = np.arange(len(groups), dtype=np.uint64)
        group["node_type_id"] = np.array([100 + kinds.index(each) for each in groups], dtype=np.uint64)
        group["node_group_id"] = np.zeros(len(groups), dtype=np.uint32)
        group["node_group_index"] = np.arange(len(groups), dtype=np.uint64)
        own = group.create_group("0")
        if positions is not None:
            own["positions"] = positions
    more = [] if model_type == "virtual" else ["stick.swc", "aibs_perisomatic"]
    head = ["node_type_id", "pop_name", "model_type", *(["morphology", "model_processing"] if more else [])]
    rows = [[str(100 + number), kind, model_type, *more] for number, kind in enumerate(kinds)]
    lines = [" ".join(row) for row in [head, *rows]]
    (folder / f"{name}_node_types.csv").write_text("\n".join(lines) + "\n")


def _write_edges(folder, source, target, synapses):
    sources, targets = np.nonzero(synapses)
    order = np.argsort(targets, kind="stable")
    sources, targets = sources[order], targets[order]
    with h5py.File(folder / f"{source}_{target}_edges.h5", "w") as file:
        group = file.create_group(f"edges/{source}_to_{target}")
        for end, ids in (("source", sources), ("target", targets)):
            group[f"{end}_node_id"] = ids.astype(np.uint64)
            group[f"{end}_node_id"].attrs["node_population"] = source if end == "source" else target
        group["edge_type_id"] = np.full(len(sources), 100, dtype=np.uint32)
        group["edge_group_id"] = np.zeros(len(sources), dtype=np.uint16)
        group["edge_group_index"] = np.arange(len(sources), dtype=np.uint32)
        group["0/nsyns"] = synapses[sources, targets].astype(np.uint32)
        group["0/afferent_section_id"] = (np.arange(len(sources)) % 2).astype(np.uint32)  # the soma, the dendrite
        group["0/afferent_section_pos"] = np.linspace(0.1, 0.9, len(sources))
    (folder / f"{source}_{target}_edge_types.csv").write_text("edge_type_id syn_weight delay\n100 0.0002 2.0\n")


def _write_spikes(path, population, times, cells):
    with h5py.File(path, "w") as file:
        group = file.create_group(f"spikes/{population}")
        group["timestamps"] = times
        group["timestamps"].attrs["units"] = "milliseconds"
        group["node_ids"] = cells.astype(np.uint64)


def _write_report(path, variable, units, values, tstop):
    n_cells = values.shape[1]
    with h5py.File(path, "w") as file:
        group = file.create_group("report/mcortex")
        group["data"] = values
        group["data"].attrs["units"] = units
        group["data"].attrs["variable_name"] = variable
        group["mapping/node_ids"] = np.arange(n_cells, dtype=np.uint64)
        group["mapping/index_pointer"] = np.arange(n_cells + 1, dtype=np.uint64)
        group["mapping/element_ids"] = np.zeros(n_cells, dtype=np.uint32)
        group["mapping/element_pos"] = np.full(n_cells, 0.5)
        group["mapping/time"] = np.array([0.0, tstop, DT])


def _write_potentials(path, times, tstop):
    depths = 50.0 * np.arange(8)
    waves = np.sin(2 * np.pi * times[:, None] / 100) * np.cos(2 * np.pi * depths / 400)
    with h5py.File(path, "w") as file:
        file["ecp/data"] = 1e-3 * waves
        file["ecp/time"] = np.array([0.0, tstop, DT])
        file["ecp/channel_id"] = np.arange(8)
        file["ecp/positions"] = np.column_stack([np.full(8, 30.0), depths, np.zeros(8)])
        file["ecp/populations/mcortex"] = 1e-3 * waves


def _write_config(folder, tstop) -> Path:
    def entry(kind, name):
        return {f"{kind}s_file": f"{name}_{kind}s.h5", f"{kind}_types_file": f"{name}_{kind}_types.csv"}

    report = {"module": "membrane_report", "cells": "all", "sections": "soma"}
    config = {
        "run": {"tstop": tstop, "dt": DT},
        "networks": {
            "nodes": [entry("node", "mcortex"), entry("node", "mthalamus")],
            "edges": [entry("edge", "mcortex_mcortex"), entry("edge", "mthalamus_mcortex")],
        },
        "inputs": {
            "drive": {"input_type": "spikes", "module": "h5", "input_file": "input.h5", "node_set": "mthalamus"}
        },
        "components": {"morphologies_dir": "."},
        "output": {"output_dir": ".", "spikes_file": "spikes.h5"},
        "reports": {
            "v": report | {"variable_name": "v", "file_name": "v.h5"},
            "cai": report | {"variable_name": "cai", "file_name": "cai.h5"},
            "probe": {"module": "extracellular", "electrode_positions": "probe.csv", "file_name": "probe.h5"},
        },
    }
    path = folder / "config.json"
    path.write_text(json.dumps(config, indent=2))
    return path
