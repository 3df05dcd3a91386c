"""What electrodes see during a run, on all engines: of conductances, currents and voltages at any place."""

import json
import subprocess
import sys

import numpy as np
import pytest
from cell_examples import BRANCHED, HH_FIT

from colonnade.errors import InputError
from colonnade.simulation.recorders.line_source import Electrodes, Lines, read_electrodes, transfer_resistances


def test_a_channel_on_the_axis_of_a_segment_is_refused_with_the_way_out():
    line = Lines(np.array([[0.0, 0, 0]]), np.array([[0.0, 0, 20]]), np.array([4.0]))
    channel = Electrodes(np.array([0]), np.array([[0.0, 0, 10]]))
    with pytest.raises(InputError, match=r"axis of a segment.*\[0\.0, 0\.0, 10\.0\].*minimum_distance"):
        transfer_resistances(channel, line)


def test_a_file_without_a_channel_is_refused(tmp_path):
    (tmp_path / "none.csv").write_text("channel x_pos y_pos z_pos\n")
    with pytest.raises(InputError, match=r"none\.csv: has no electrode"):
        read_electrodes(tmp_path / "none.csv")


# What the engines see of cells, against the membrane currents that NEURON tells of every segment, and with clamps that
# change in cells of both threads.
PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from colonnade.cells import Cell, CellFactory
from colonnade.cells.cell import MadePrototype
from colonnade.cells.interpreter import h
from colonnade.mechanisms import load_mechanisms
from colonnade.simulation.engines.registry import engine_kind
from colonnade.simulation.model import (
    QUANTUM, ConductanceSteps, CurrentClamp, CurrentSteps, FieldRecording, Model, Recording, Site, VoltageClamp,
    VoltageSteps)
from colonnade.simulation.network.local_cells import OWN_MECHANISMS
from colonnade.simulation.network.synapses import joined
from colonnade.mechanisms import compile_mechanisms

class Turned(MadePrototype):
    def __init__(self, electrode):
        self.electrode = electrode

    def instantiate(self, gid):
        cell = Cell(gid)
        soma, near, far = (h.Section(name=name, cell=cell) for name in ("soma", "near", "far"))
        soma.L = soma.diam = 20
        for section, L, diam in ((near, 120, 2), (far, 80, 1)):
            section.L, section.diam, section.nseg = L, diam, 3
        near.pt3dclear(), near.pt3dadd(0, 0, 0, 1), near.pt3dadd(0, 70, 0, 3), near.pt3dadd(0, 120, 0, 2)
        near.connect(soma(1), 1)
        far.connect(near(0.5), 0)
        cell.sections, cell.soma = [soma, near, far], soma
        for section in cell.sections:
            section.insert("hh" if section is soma else "pas")
        if self.electrode:
            cell.instance = h.IClamp(far(0.7))
            cell.instance.delay, cell.instance.dur, cell.instance.amp = 4, 5, 0.2
        return cell

class Apart(Turned):
    def instantiate(self, gid):
        cell = super().instantiate(gid)
        h.disconnect(sec=cell.sections[2])
        return cell

class Untold(Turned):
    def instantiate(self, gid):
        cell = super().instantiate(gid)
        cell.instance = cell.sections.pop()
        return cell

folder = Path(sys.argv[1])
files = [OWN_MECHANISMS / f"{name}.mod" for name in ("ConductanceSource", "FieldSum")]
library = compile_mechanisms(files, folder / "compiled")
load_mechanisms(folder / "compiled")
factory = CellFactory({"morphologies_dir": folder, "biophysical_neuron_models_dir": folder}, dL=40.0)
cell = factory.prototype({"model_type": "biophysical", "model_template": "ctdb:Biophys1.hoc", "morphology": "cell.swc",
                          "model_processing": "aibs_perisomatic", "dynamics_params": "fit.json"})
sections = range(max(cell.table.section_id) + 1)
ends = [Site(gid, section, x) for gid in (0, 1) for section in sections for x in (0.0, 1.0)]
opening = [ConductanceSteps(site, np.array([2.0, 6.0]), np.array([2e-3, 0.0]), 10.0 * i) for i, site in enumerate(ends)]
currents = [CurrentClamp(ends[3], 1.0, 4.0, 0.1), CurrentClamp(Site(1, 2, 0.4), 3.0, 9.0, -0.2)]
currents += [CurrentSteps(Site(gid, 1, 0.5), np.array([1.0, 4.0, 7.0]), np.array([0.1, -0.1, 0.0])) for gid in (0, 1)]
voltages = [VoltageClamp(Site(0, 0, 0.5), 5.0, 4.0, -40.0, 8.0),
            VoltageSteps(Site(1, 0, 0.5), np.array([2.0, 5.0]), np.array([-50.0, -80.0]), 9.0, 8.0)]

def run(name, threads, prototypes, clamps):
    tables = [prototype.table for prototype in prototypes]
    gids = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
    place = np.concatenate([table.section_id for table in tables]), np.concatenate([table.x for table in tables])
    weights = np.random.default_rng(1).normal(size=(5, len(gids)))
    bounds = np.cumsum([0, *map(len, tables)])
    record = [FieldRecording(gids, *place, bounds, weights, np.arange(len(tables)), len(tables), True)]
    if name == "neuron":
        record += [Recording("i_membrane_", gids, *place)]
    model = Model(gids=np.arange(len(tables)), prototypes=prototypes, synapses=joined([]), synapse_models=[],
                  spike_times=np.zeros(0), spike_gids=np.zeros(0, np.int64), dt=0.05, n_steps=301, celsius=12.0,
                  v_init=-68.0, spike_threshold=-15.0, clamps=clamps, recordings=record, mechanisms=[library])
    engine = engine_kind(name).make(model, threads)
    engine.load()
    engine.initialise()
    parts = []
    for step in (1, 7, 100, 301):
        engine.advance(step)
        parts.append(engine.rows())
    engine.unload()
    found, *rest = (np.concatenate(column) for column in zip(*parts))
    for membrane in rest:
        expected = [membrane[:, a:b] @ weights[:, a:b].T for a, b in zip(bounds[:-1], bounds[1:])]
        apart = np.abs(found * QUANTUM - np.concatenate(expected, axis=1)).max()
        assert apart < 1e-9, (name, threads, apart)
    return found

def agree(prototypes, clamps, *others):
    first = run("neuron", 1, prototypes, clamps)
    assert np.abs(first * QUANTUM).max() > 1e-2
    np.testing.assert_array_equal(first, run("neuron", 2, prototypes, clamps))
    for name in others:
        found = [run(name, threads, prototypes, clamps) for threads in (1, 2)]
        np.testing.assert_array_equal(*found)
        apart = np.abs(first - found[0]).max()
        assert apart < 2e-6 * np.abs(first).max(), (name, apart)

{agree}
"""
CASES = {
    "conductances at ends": 'agree([cell] * 2, opening, "lockstep", "coreneuron")',
    "currents let in": 'agree([cell] * 2, opening + currents, "lockstep", "coreneuron")',
    "voltages held": 'agree([cell] * 2, opening + voltages, "lockstep")',
    "sections joined by their ends, an electrode that a cell brings": (
        'agree([cell, cell, Turned(False), Turned(True)], opening, "coreneuron")'
    ),
    "trees of a cell on two threads": 'agree([cell, cell, Apart(False), Apart(True)], opening, "coreneuron")',
    "sections that a cell does not tell of": 'agree([cell, cell, Untold(False)], opening, "coreneuron")',
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_engines_see_what_the_membrane_currents_of_neuron_give(tmp_path, case):
    (tmp_path / "cell.swc").write_text(BRANCHED)
    (tmp_path / "fit.json").write_text(json.dumps(HH_FIT))
    program = PROGRAM.replace("{agree}", CASES[case])
    answer = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
