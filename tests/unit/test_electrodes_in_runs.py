"""What electrodes see during a run: sums of whole numbers in any order, currents at the ends of sections."""

import json
import subprocess
import sys

import numpy as np
import pytest
from cell_examples import BRANCHED, HH_FIT

from colonnade.errors import InputError
from colonnade.simulation.model import QUANTUM, FieldRecording
from colonnade.simulation.recorders.line_source import Electrodes, Lines, transfer_resistances


def recording(order, parts, resistances, currents):
    """Return a recording of cells of 3, 7 and 4 places in another order, and their currents (T, 14)."""
    cells = np.split(np.arange(14), [3, 10])
    places = np.concatenate([cells[k] for k in order])
    bounds = np.cumsum([0, *(len(cells[k]) for k in order)])
    gids = np.repeat(order, np.diff(bounds))
    part = np.array([parts[k] for k in order])
    return FieldRecording(gids, places, places / 14, bounds, resistances[:, places], part, 2), currents[:, places]


def test_sums_are_those_of_a_product_and_depend_neither_on_the_order_of_cells_nor_on_blocks():
    random = np.random.default_rng(3)
    resistances, currents = random.normal(size=(5, 14)), random.normal(size=(70, 14))
    first, rows = recording([0, 1, 2], [0, 1, 0], resistances, currents)
    found = first.sums(rows, 8)
    assert found.shape == (70, len(first))
    expected = [currents[:, part] @ resistances[:, part].T for part in ([0, 1, 2, 10, 11, 12, 13], range(3, 10))]
    np.testing.assert_allclose(found * QUANTUM, np.concatenate(expected, axis=1), atol=1e-12)
    second, turned = recording([2, 0, 1], [0, 1, 0], resistances, currents)
    np.testing.assert_array_equal(second.sums(turned, 8), found)
    blocks = [first.sums(rows[begin:end], 8 + begin) for begin, end in ((0, 1), (1, 18), (18, 70))]
    np.testing.assert_array_equal(np.concatenate(blocks), found)


def test_a_channel_on_the_axis_of_a_segment_is_refused_with_the_way_out():
    line = Lines(np.array([[0.0, 0, 0]]), np.array([[0.0, 0, 20]]), np.array([4.0]))
    channel = Electrodes(np.array([0]), np.array([[0.0, 0, 10]]))
    with pytest.raises(InputError, match=r"axis of a segment.*\[0\.0, 0\.0, 10\.0\].*minimum_distance"):
        transfer_resistances(channel, line)


# A branched cell with a conductance at each end and a current into one, and electrodes: what both engines see of it.
PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from colonnade.cells import CellFactory
from colonnade.mechanisms import load_mechanisms
from colonnade.simulation.engines.registry import engine_kind
from colonnade.simulation.model import (
    QUANTUM, ConductanceSteps, CurrentClamp, FieldRecording, Model, Site, VoltageClamp)
from colonnade.simulation.network.local_cells import OWN_MECHANISMS
from colonnade.simulation.network.synapses import joined
from colonnade.mechanisms import compile_mechanisms

folder = Path(sys.argv[1])
library = compile_mechanisms([OWN_MECHANISMS / "ConductanceSource.mod"], folder / "compiled")
load_mechanisms(folder / "compiled")
factory = CellFactory({"morphologies_dir": folder, "biophysical_neuron_models_dir": folder}, dL=40.0)
cell = factory.prototype({"model_type": "biophysical", "model_template": "ctdb:Biophys1.hoc", "morphology": "cell.swc",
                          "model_processing": "aibs_perisomatic", "dynamics_params": "fit.json"})
table = cell.table
n, sections = len(table), range(max(table.section_id) + 1)
ends = [Site(gid, section, x) for gid in (0, 1) for section in sections for x in (0.0, 1.0)]
clamps = [ConductanceSteps(site, np.array([2.0, 6.0]), np.array([2e-3, 0.0]), 10.0 * i) for i, site in enumerate(ends)]
clamps += [CurrentClamp(ends[3], 1.0, 4.0, 0.1), CurrentClamp(Site(1, 2, 0.4), 3.0, 9.0, -0.2),
           VoltageClamp(Site(0, 0, 0.5), 5.0, 4.0, -40.0, 8.0)]
weights = np.random.default_rng(1).normal(size=(3, 2 * n))
record = FieldRecording(np.repeat([0, 1], n), np.tile(table.section_id, 2), np.tile(table.x, 2),
                        np.array([0, n, 2 * n]), weights, np.arange(2), 2, True)
found = {}
for name in ("neuron", "lockstep"):
    model = Model(gids=np.arange(2), prototypes=[cell] * 2, synapses=joined([]), synapse_models=[],
                  spike_times=np.zeros(0), spike_gids=np.zeros(0, np.int64), dt=0.05, n_steps=301, celsius=12.0,
                  v_init=-68.0, spike_threshold=-15.0, clamps=clamps, recordings=[record], mechanisms=[library])
    engine = engine_kind(name).make(model, 1)
    engine.load()
    engine.initialise()
    parts = []
    for step in (1, 7, 100, 301):
        engine.advance(step)
        parts.append(engine.rows()[0])
    found[name] = np.concatenate(parts) * QUANTUM
    engine.unload()
size = np.abs(found["neuron"]).max()
assert size > 1e-2, size
apart = np.abs(found["neuron"] - found["lockstep"]).max()
assert apart < 2e-6 * size, (apart, size)
"""


@pytest.mark.slow
def test_lockstep_sees_what_neuron_sees_of_currents_at_the_ends_of_sections(tmp_path):
    (tmp_path / "cell.swc").write_text(BRANCHED)
    (tmp_path / "fit.json").write_text(json.dumps(HH_FIT))
    answer = subprocess.run([sys.executable, "-c", PROGRAM, tmp_path], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
