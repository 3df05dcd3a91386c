"""Cells of one passive compartment, whose equation anybody can solve, for the tests of what acts on a cell."""

import json
from pathlib import Path

import h5py
import numpy as np

from colonnade.builder import NetworkBuilder

DT, TSTOP = 0.05, 100.0  # ms
SIZE, CM, G, E = 20.0, 1.0, 1e-4, -65.0  # um, uF/cm2, S/cm2, mV
AREA = np.pi * SIZE**2 * 1e-8  # cm2
CAPACITANCE, LEAK = CM * AREA * 1e3, G * AREA * 1e6  # nF, uS
BALL = f"""
begintemplate Ball
public init, soma, dend, apic, all, somatic, basal, apical, axonal
objref all, somatic, basal, apical, axonal
create soma[1]
proc init() {{
    all = new SectionList()  somatic = new SectionList()  basal = new SectionList()
    apical = new SectionList()  axonal = new SectionList()
    soma[0] {{ L = {SIZE} diam = {SIZE} cm = {CM} Ra = 100 insert pas g_pas = {G} e_pas = {E} }}
    soma[0] {{ all.append() somatic.append() }}
}}
endtemplate Ball
"""


def balls(folder: Path, N: int = 1, edges=None, node_place=None, **more) -> Path:
    """Write N cells, with the edges that ``edges(network)`` adds; ``more`` stands above the config. Return its path.

    ``node_place`` are node attributes, such as x, y and z in um.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("templates", "synapses"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "templates" / "Ball.hoc").write_text(BALL)
    network = NetworkBuilder("balls")
    network.add_nodes(N=N, pop_name="ball", model_type="biophysical", model_template="hoc:Ball", **(node_place or {}))
    files = {"nodes": [{"nodes_file": "balls_nodes.h5", "node_types_file": "balls_node_types.csv"}], "edges": []}
    if edges:
        edges(network)
        edge_files = {"edges_file": "balls_balls_edges.h5", "edge_types_file": "balls_balls_edge_types.csv"}
        files["edges"].append(edge_files)
    network.build()
    network.save(output_dir=folder)
    report = {"cells": "all", "variable_name": "v", "sections": "soma", "module": "membrane_report"}
    values = {
        "run": {"tstop": TSTOP, "dt": DT, "dL": 20.0, "spike_threshold": 0},
        "conditions": {"celsius": 34.0, "v_init": E},
        "components": {"templates_dir": "templates", "synaptic_models_dir": "synapses"},
        "networks": files,
        "inputs": {},
        "output": {"output_dir": "output"},
        "reports": {"v": report},
    }
    (folder / "config.json").write_text(json.dumps(values | more))
    return folder / "config.json"


def voltages(folder: Path) -> np.ndarray:
    """Return the voltages (T, N) in mV of all cells after each step."""
    with h5py.File(folder / "v.h5") as file:
        return file["report/balls/data"][()]


def solved(current=None, conductance=None, reversal: float = 0.0) -> np.ndarray:
    """Return the voltage (T,) under a current (nA) and a conductance (uS), (T,) each, by implicit Euler."""
    steps = round(TSTOP / DT)
    current = np.zeros(steps) if current is None else current
    conductance = np.zeros(steps) if conductance is None else conductance
    v, found = E, []
    for i, g in zip(current, conductance, strict=True):
        v = (CAPACITANCE / DT * v + LEAK * E + i + g * reversal) / (CAPACITANCE / DT + LEAK + g)
        found.append(v)
    return np.array(found)
