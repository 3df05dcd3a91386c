"""Currents, conductances and clamps act on cells as their equations say, on every engine that takes them."""

import json

import h5py
import numpy as np
import pytest
from ball_cells import CAPACITANCE, DT, LEAK, TSTOP, E, balls, solved, voltages
from small_simulation import build_network, simulate, spikes, write_config

from colonnade.stimuli.registry import stimulus_kind
from colonnade.streams import stream

pytestmark = pytest.mark.slow

ENGINES = ["neuron", "coreneuron", "lockstep"]
MIDDLES = DT * (np.arange(round(TSTOP / DT)) + 0.5)
CURRENTS = {
    "pulse": {"amp_start": 0.02, "width": 4.0, "frequency": 40.0, "delay": 10.0, "duration": 60.0},
    "linear": {"amp_start": -0.01, "amp_end": 0.03, "delay": 20.0, "duration": 50.0},
    "sinusoidal": {"amp_start": 0.02, "frequency": 30.0, "phase": 0.3},
    "chirp": {"amp_start": 0.02, "frequency_start": 5.0, "frequency_end": 80.0, "delay": 5.0, "duration": 90.0},
    "ornstein_uhlenbeck": {"mean": 0.01, "sigma": 0.02, "tau": 5.0, "delay": 3.0, "random_seed": 8},
}


def current(module):
    """Return the current (nA) in each step, from the formula of the kind."""
    from colonnade.stimuli.registry import kind_of_module

    entry = CURRENTS[module]
    kind = kind_of_module(module, "current")
    settings = kind.from_sonata(entry)
    delay = entry.get("delay", 0.0)
    settings.setdefault("duration", TSTOP - delay)
    on = (delay < MIDDLES) & (delay + settings["duration"] > MIDDLES)
    found = np.zeros(len(MIDDLES))
    found[on] = kind.waveform(settings, MIDDLES[on] - delay, stream(8, "inputs.i", "balls", 0, 0))
    return found


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("module", CURRENTS)
def test_a_current_acts_as_the_equation_of_the_membrane_says(tmp_path, module, engine):
    entry = {"input_type": "current_clamp", "module": module, "node_set": "all", **CURRENTS[module]}
    config = balls(tmp_path, inputs={"i": entry})
    simulate(config, "--engine", engine)
    found = voltages(tmp_path / "output")[:, 0]
    assert np.ptp(found) > 1
    np.testing.assert_allclose(found, solved(current(module)), atol=1e-9)


def test_a_current_from_a_file_is_the_same_on_all_engines(tmp_path):
    rows = "".join(f"{t} {amp}\n" for t, amp in [(0, 0.0), (7.3, 0.01), (20.0, -0.02), (20.05, 0.02), (61.23, 0.0)])
    config = balls(
        tmp_path, inputs={"i": {"input_type": "csv", "module": "IClamp", "node_set": "all", "file": "i.csv"}}
    )
    (tmp_path / "i.csv").write_text("timestamps amps\n" + rows)
    found = {}
    for engine in ENGINES:
        simulate(config, "--engine", engine)
        found[engine] = voltages(tmp_path / "output")
    for engine in ENGINES[1:]:
        np.testing.assert_allclose(found["neuron"], found[engine], atol=1e-10)
    assert np.ptp(found["neuron"]) > 1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_noisy_conductance_acts_as_the_equation_of_the_membrane_says(tmp_path, engine):
    noise = {"mean": 2e-4, "sigma": 2e-4, "tau": 4.0, "delay": 10.0}
    entry = {"input_type": "conductance", "module": "ornstein_uhlenbeck", "node_set": "all", "reversal": 0.0, **noise}
    config = balls(tmp_path, N=2, inputs={"g": {**entry, "random_seed": 4}})
    simulate(config, "--engine", engine, "--threads", "2")
    found = voltages(tmp_path / "output")
    kind, on = stimulus_kind("noise_conductance"), MIDDLES > 10
    for node in range(2):
        conductance = np.zeros(len(MIDDLES))
        conductance[on] = kind.waveform(noise, MIDDLES[on], stream(4, "inputs.g", "balls", node, 0))
        np.testing.assert_allclose(found[:, node], solved(conductance=conductance), atol=1e-6)
    assert np.abs(found[:, 0] - found[:, 1]).max() > 1


@pytest.mark.parametrize("engine", ["neuron", "lockstep"])
def test_a_voltage_clamp_holds_one_voltage_after_the_other_and_lets_go(tmp_path, engine):
    entry = {"input_type": "voltage_clamp", "module": "seclamp", "node_set": "all", "delay": 10.0}
    levels = {"voltage_levels": [-80.0, -40.0], "duration_levels": [20.0, 30.0], "series_resistance": 0.001}
    config = balls(tmp_path, inputs={"v": {**entry, **levels}})
    simulate(config, "--engine", engine)
    found = voltages(tmp_path / "output")[:, 0]
    times = DT * np.arange(1, len(found) + 1)
    for begin, end, held in ((0.0, 10.0, E), (10.5, 30.0, -80.0), (30.5, 60.0, -40.0)):
        inside = (times > begin + 0.01) & (times < end + 0.01)
        np.testing.assert_allclose(found[inside], held, atol=0.02)
    free = found[times > 60.01] - E
    np.testing.assert_allclose(free[1:] / free[:-1], CAPACITANCE / (CAPACITANCE + DT * LEAK), rtol=1e-6)
    answer = simulate(config, "--engine", "coreneuron", check=False)
    assert "CoreNEURON cannot simulate a voltage clamp" in answer.stderr
    assert "--engine neuron" in answer.stderr


def test_each_section_of_a_kind_gets_it_where_all_are_asked_for(tmp_path):
    folder = build_network(tmp_path, with_point_neuron=False)
    entry = {"input_type": "current_clamp", "module": "sinusoidal", "node_set": {"node_id": [0]}, "amp_start": 0.05,
             "frequency": 50.0, "section_name": "dend"}  # fmt: skip
    found = []
    for index in (0, "all"):
        change = {"wave": {**entry, "section_index": index}}
        config = write_config(folder, lambda values, change=change: values.update(inputs=change))
        simulate(config)
        with h5py.File(folder / "output" / "v.h5") as file:
            found.append(np.ptp(file["report/cells/data"][:, 0]))
    assert found[1] > 1.5 * found[0]


class TestSpontaneousEvents:
    def run(self, folder, **entry):
        act = {"input_type": "spikes", "module": "syn_activity", "precell_filter": {"population": "sources"}, **entry}
        config = write_config(folder, lambda values: values["inputs"].update(act=act) if entry else None)
        simulate(config)
        with h5py.File(folder / "output" / "v.h5") as file:
            return file["report/cells/data"][()], spikes(folder / "output" / "spikes.h5")

    def test_they_come_beside_the_spikes_at_their_rate_and_repeat(self, tmp_path):
        folder = build_network(tmp_path, with_point_neuron=False)
        alone, _ = self.run(folder)
        silent, _ = self.run(folder, rate=0.0)
        np.testing.assert_array_equal(alone, silent)
        first, fired = self.run(folder, rate=5.0, random_seed=2)
        again, _ = self.run(folder, rate=5.0, random_seed=2)
        other, _ = self.run(folder, rate=5.0, random_seed=3)
        np.testing.assert_array_equal(first, again)
        assert np.abs(first - alone).max() > 1
        assert np.abs(first - other).max() > 1
        assert len(fired) > 0

    def test_those_of_a_longer_run_begin_with_those_of_a_shorter_one(self, tmp_path):
        folder = build_network(tmp_path, with_point_neuron=False)
        long, _ = self.run(folder, rate=20.0)
        values = json.loads((folder / "config.json").read_text())
        values["run"]["tstop"] = 60.0
        (folder / "config.json").write_text(json.dumps(values))
        simulate(folder / "config.json")
        with h5py.File(folder / "output" / "v.h5") as file:
            np.testing.assert_array_equal(file["report/cells/data"][()], long[:1200])

    def test_threads_and_engines_agree(self, tmp_path):
        folder = build_network(tmp_path, with_point_neuron=False)
        _, found = self.run(folder, rate=20.0)
        for options in (["--threads", "3"], ["--engine", "coreneuron", "--threads", "2"], ["--engine", "lockstep"]):
            simulate(folder / "config.json", *options)
            assert spikes(folder / "output" / "spikes.h5") == found

    def test_a_wrong_rate_is_named(self, tmp_path):
        folder = build_network(tmp_path, with_point_neuron=False)
        values = json.loads(write_config(folder).read_text())
        values["inputs"]["act"] = {"input_type": "spikes", "module": "syn_activity", "precell_filter": {}, "rate": -1}
        (folder / "config.json").write_text(json.dumps(values))
        answer = simulate(folder / "config.json", check=False)
        assert "inputs.act.rate" in answer.stderr


@pytest.mark.parametrize(
    ("entry", "said"),
    [({"module": "sinusoidal", "amp_start": 0.1, "frequncy": 3.0}, "Did you mean 'frequency'"),
     ({"module": "sinusoidal", "amp_start": "x", "frequency": 3.0}, "inputs.i.amp_start"),
     ({"module": "sinusoidl", "amp_start": 1, "frequency": 3.0}, "Did you mean 'sinusoidal'"),
     ({"module": "pulse", "amp_start": 1, "frequency": 30.0, "width": 50.0}, "longer than their period"),
     ({"module": "linear", "amp_start": 1}, "inputs.i.delay")],
)  # fmt: skip
def test_slips_are_named(tmp_path, entry, said):
    config = balls(tmp_path, inputs={"i": {"input_type": "current_clamp", "node_set": "all", **entry}})
    answer = simulate(config, check=False)
    assert answer.returncode
    assert said in answer.stderr
