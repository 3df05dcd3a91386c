"""Mistakes in the inputs of a SONATA config, one a row: each is named before anything is simulated."""

import json
import logging

import pytest
from small_simulation import build_network

from colonnade.errors import InputError
from colonnade.simulation.engines.registry import engine_kind
from colonnade.simulation.inputs.clamps import clamps_by_input
from colonnade.simulation.inputs.fields import extracellular_potentials
from colonnade.simulation.inputs.spike_trains import connect_all
from colonnade.simulation.loading import found_in
from colonnade.simulation.network.local_cells import LocalCells
from colonnade.simulation.network.populations import Network
from colonnade.simulation.network.synapses import Connector
from colonnade.sonata.config import read_config

FILES = {
    "text.csv": "timestamps amps\n0 a\n5 0.2\n",
    "nan.csv": "timestamps amps\n0 0.1\n5 nan\n6 0\n",
    "electrodes.csv": "pos_x pos_y pos_z\na 2 3\n",
    "wave.csv": "time amplitude\n0 1\n1 x\n",
    "backwards.csv": "time amplitude\n5 1\n2 3\n",
    "plane.txt": "% x y z V (V)\n0 0 0 1\n1 0 0 1\n0 1 0 1\n1 1 0 1\n",
}
CLAMP = {"input_type": "current_clamp", "module": "IClamp", "amp": 0.1, "delay": 1.0, "duration": 5.0}
FROM_FILE = {"input_type": "csv", "module": "IClamp"}
NOISE = {"input_type": "current_clamp", "module": "ornstein_uhlenbeck", "sigma": 0.1, "tau": 2.0}
WAVE = {"shape": "sin", "del": 1.0, "amp": 0.1, "dur": 20.0, "freq": 8.0}
FIELD = {"input_type": "lfp", "module": "xstim", "positions": [[1000.0, 0.0, 0.0]], "waveform": WAVE}
BY_THEMSELVES = {"input_type": "spikes", "module": "syn_activity", "precell_filter": {"population": "cells"}}

TRIALS = [
    ({**CLAMP, "duration": -5.0}, ("inputs.i.duration", "0 or more")),
    ({**CLAMP, "amp": "big"}, ("inputs.i.amp", "nA")),
    ({**FROM_FILE, "file": "text.csv"}, ("text.csv", "'a'")),
    ({**FROM_FILE, "file": "nan.csv"}, ("nan.csv", "no number")),
    ({**NOISE, "sigma": -0.1}, ("inputs.i.sigma", "at least 0")),
    ({**NOISE, "tau": 0.0}, ("inputs.i.tau", "more than 0")),
    ({**FIELD, "positions": []}, ("inputs.i.positions", "[x, y, z]")),
    ({**FIELD, "resistance": "a"}, ("inputs.i.resistivity", "Ohm cm")),
    ({**FIELD, "waveform": "wave.csv"}, ("wave.csv", "amplitude, row 1")),
    ({**FIELD, "waveform": "backwards.csv"}, ("backwards.csv", "ascending")),
    ({"module": "xstim", "positions_file": "electrodes.csv", "waveform": WAVE}, ("electrodes.csv", "pos_x, row 0")),
    ({"module": "xstim", "file": "plane.txt", "waveform": WAVE}, ("plane.txt", "plane")),
    ({**BY_THEMSELVES, "timestamps": ["a"]}, ("inputs.i.timestamps", "ms")),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = build_network(tmp_path_factory.mktemp("network"), with_point_neuron=False)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def config_with(folder, entry, **sections):
    values = json.loads((folder / "config.json").read_text()) | sections
    values["inputs"]["i"] = {"node_set": "cells", **entry}
    (folder / "with_input.json").write_text(json.dumps(values))
    return read_config(folder / "with_input.json")


def taken(config):
    """Take in all inputs of a config."""
    network = Network(config)
    cells = LocalCells(network)
    connect_all(network, Connector(network, cells.table_of, cells.local))
    clamps_by_input(network, cells.local, cells.table_of)
    extracellular_potentials(network, cells)


@pytest.mark.parametrize(("entry", "words"), TRIALS)
def test_a_mistake_is_named(folder, entry, words):
    with pytest.raises(InputError) as caught:
        taken(config_with(folder, entry))
    for word in words:
        assert word in str(caught.value)


def test_a_frequency_that_the_time_step_does_not_show_is_warned_of(folder, caplog):
    entry = {"input_type": "current_clamp", "module": "sinusoidal", "amp_start": 0.1, "frequency": 10001.0}
    with caplog.at_level(logging.WARNING):
        taken(config_with(folder, entry))
    assert "inputs.i.frequency" in caplog.text
    assert "10001 Hz" in caplog.text


def test_a_key_of_other_modules_is_warned_of(folder, caplog):
    with caplog.at_level(logging.WARNING):
        config_with(folder, {**CLAMP, "gids": [0]})
    assert "inputs.i.gids" in caplog.text


@pytest.mark.parametrize(
    ("engine", "entry", "words"),
    [("lockstep", FIELD, "lockstep cannot simulate a potential outside"),
     ("coreneuron", {"module": "SEClamp", "voltage": -60.0}, "CoreNEURON cannot simulate a voltage clamp")],
)  # fmt: skip
def test_what_an_engine_refuses_is_found_without_a_run(folder, engine, entry, words):
    found = list(found_in(config_with(folder, entry), list, engine_kind(engine)))
    assert len(found) == 1
    assert words in str(found[0])
    assert not (folder / "output").exists()
