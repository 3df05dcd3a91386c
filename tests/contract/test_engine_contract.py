"""Every engine of the registry keeps the contract; an engine is tested by being there."""

import subprocess
import sys

import numpy as np
import pytest
from small_simulation import (
    N_SOURCES,
    TSTOP,
    add_electrodes,
    build_network,
    potentials,
    simulate,
    spikes,
    voltages,
    write_config,
)

from colonnade.errors import InputError
from colonnade.files import sha256
from colonnade.simulation.engines.registry import ENGINES, REFERENCE, engine_for, engine_kind
from colonnade.sonata.spikes import SpikeTrains, write_spikes

FIELDS = ("field.h5", "near.h5", "near/1.h5", "near/2.h5")
FILES = ("spikes.h5", "v.h5", *FIELDS)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """Cells with sections, which every engine takes, and the reference's result in ``output``."""
    folder = build_network(tmp_path_factory.mktemp("network"), with_point_neuron=False)
    write_config(folder, lambda values: add_electrodes(folder, values))
    simulate(folder / "config.json", "--engine", REFERENCE)
    return folder


# Runs an engine from 0 or from a state; saves states on its way, and what it has given, for those that go on from them.
RUN = """
import sys
import numpy as np
from pathlib import Path
from colonnade.simulation.run import Simulation
from colonnade.sonata.config import read_config

config, name, folder, threads, begin, *steps = sys.argv[1:]
folder, begin, steps = Path(folder), int(begin), list(map(int, steps))
folder.mkdir(exist_ok=True)
simulation = Simulation(read_config(config, folder / "unused"), name, int(threads))
simulation.load()
engine = simulation.engine
if begin:
    engine.restore(folder / f"{begin}.state", begin)
else:
    engine.initialise()
rows, times, gids = [], [], []
for step in [*steps, simulation.loaded.model.n_steps]:
    engine.advance(step)
    rows.append(np.concatenate(engine.rows(), axis=1))
    spikes = engine.spikes()
    times.append(spikes[0])
    gids.append(spikes[1])
    if not begin and step in steps:
        engine.save(folder / f"{step}.state")
earlier = dict(zip(map(str, steps), np.cumsum([0, *map(len, times)])[1:]))  # spikes before each state
times, gids, rows = map(np.concatenate, (times, gids, rows))
if not begin:
    np.savez(folder / "all.npz", times=times, gids=gids, rows=rows, **earlier)
else:
    known = np.load(folder / "all.npz")
    first = known[str(begin)]
    assert len(rows) and np.array_equal(rows, known["rows"][begin:])
    assert sorted(zip(times, gids)) == sorted(zip(known["times"][first:], known["gids"][first:]))
"""


@pytest.mark.parametrize("name", ENGINES)
class TestEngine:
    def test_it_gives_the_spikes_and_voltages_of_the_reference(self, name, network, tmp_path):
        simulate(network / "config.json", "--engine", name, "--output", tmp_path)
        found = spikes(tmp_path / "spikes.h5")
        assert len(found) > 10
        assert found == spikes(network / "output" / "spikes.h5")
        # Rounding of the order of sums: some 1e-13 a step, grown by the steepest part of a spike; reports are float32.
        np.testing.assert_allclose(voltages(tmp_path / "v.h5"), voltages(network / "output" / "v.h5"), atol=1e-4)
        for file in FIELDS:
            seen, known = potentials(tmp_path / file), potentials(network / "output" / file)
            assert np.abs(known).max() > 1e-4
            np.testing.assert_allclose(seen, known, atol=1e-6 * np.abs(known).max())

    @pytest.mark.slow
    def test_threads_change_no_byte(self, name, network, tmp_path):
        for threads in ("1", "2", "3"):
            simulate(network / "config.json", "--engine", name, "--output", tmp_path / threads, "--threads", threads)
        for file in FILES:
            assert len({sha256(tmp_path / threads / file) for threads in ("1", "2", "3")}) == 1

    def test_the_same_process_can_run_another_model_after_it(self, name, network, tmp_path):
        program = (
            "from colonnade.simulation import simulate\n"
            f"for n in '12': simulate({str(network / 'config.json')!r}, {str(tmp_path)!r} + '/' + n, {name!r}, 1)\n"
        )
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
        for file in FILES:
            assert sha256(tmp_path / "1" / file) == sha256(tmp_path / "2" / file)

    def test_what_it_refuses_names_the_word_to_change(self, name, network):
        clamp = {"input_type": "voltage_clamp", "module": "SEClamp", "node_set": {"node_id": [0]}}
        clamp |= {"amp": -60.0, "delay": 1.0, "duration": 5.0}
        config = write_config(network, lambda values: values["inputs"].update(clamp=clamp), "clamp.json")
        answer = simulate(config, "--engine", name, "--output", network / f"clamp_{name}", check=False)
        if answer.returncode:
            assert f"--engine {REFERENCE}" in answer.stderr
            assert "Traceback" not in answer.stderr
        assert answer.returncode == 0 or name != REFERENCE

    @pytest.mark.slow
    def test_it_goes_on_from_a_state_bit_for_bit_on_any_number_of_threads(self, name, network, tmp_path):
        if not engine_kind(name).saves_states:
            pytest.skip(f"engine {name} saves no states")

        def fill(values):
            add_electrodes(network, values)
            values["inputs"]["sources"]["input_file"] = str(network / "inputs" / "many.h5")

        # More spikes than one group of NEURON's PatternStim, a third of them at times of steps, where events coincide.
        times = np.sort(np.random.default_rng(7).uniform(0.0, TSTOP, 400))
        times[::3] = np.round(times[::3], 1)
        ids = np.random.default_rng(8).integers(0, N_SOURCES, len(times))
        write_spikes(network / "inputs" / "many.h5", [SpikeTrains("sources", ids, times)])
        write_config(network, fill, "busy.json")
        for saved_with, resumed_with, resumed_at in ((1, 3, [333, 621, 1500]), (2, 2, [622]), (3, 1, [1500])):
            self._run(network / "busy.json", name, tmp_path, saved_with, 0, 333, 620 + saved_with, 1500)
            for step in resumed_at:
                self._run(network / "busy.json", name, tmp_path, resumed_with, step)

    @pytest.mark.slow
    @pytest.mark.parametrize("spikes_before", [True, False])
    def test_what_comes_after_a_state_may_differ(self, name, spikes_before, network, tmp_path):
        if not engine_kind(name).saves_states:
            pytest.skip(f"engine {name} saves no states")
        step, until = 600, 30.0
        clamp = {"input_type": "current_clamp", "module": "IClamp", "node_set": {"node_id": [1]}}
        clamp |= {"amp": 0.2, "delay": 35.0, "duration": 5.0}
        times, ids = np.linspace(0.0 if spikes_before else 40.0, TSTOP, 60), np.arange(60) % N_SOURCES

        def write(file, kept, clamps):
            write_spikes(network / "inputs" / f"{file}.h5", [SpikeTrains("sources", ids[kept], times[kept])])

            def change(values):
                values["inputs"]["sources"]["input_file"] = str(network / "inputs" / f"{file}.h5")
                values["inputs"].update(clamps)

            write_config(network, change, f"{file}.json")

        write("early", times <= until, {})
        write("whole", times >= 0, {"clamp": clamp})
        self._run(network / "whole.json", name, tmp_path, 1, 0, step)
        self._run(network / "early.json", name, tmp_path / "early", 1, 0, step)
        (tmp_path / "early" / f"{step}.state").replace(tmp_path / f"{step}.state")
        self._run(network / "whole.json", name, tmp_path, 2, step)

    @staticmethod
    def _run(*arguments):
        subprocess.run([str(word) for word in (sys.executable, "-c", RUN, *arguments)], check=True)

    def test_its_kind_says_who_it_is(self, name):
        kind = engine_kind(name)
        assert kind.name == name
        assert kind.title
        assert engine_for(kind.target_simulator) is kind or name != REFERENCE


def test_a_name_that_is_no_engine_gets_the_nearest_one():
    with pytest.raises(InputError, match=r"'coreneron'.*Did you mean 'coreneuron'"):
        engine_kind("coreneron")


def test_the_names_of_engines_need_no_simulator():
    program = (
        "import sys\nfrom colonnade.simulation.engines import registry\n"
        "[registry.engine_kind(name) for name in registry.ENGINES]\n"
        "sys.exit(bool({'neuron', 'h5py', 'pandas'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
