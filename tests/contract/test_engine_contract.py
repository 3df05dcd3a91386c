"""Every engine of the registry keeps the contract; an engine is tested by being there."""

import subprocess
import sys

import numpy as np
import pytest
from small_simulation import build_network, simulate, spikes, voltages, write_config

from colonnade.errors import InputError
from colonnade.files import sha256
from colonnade.simulation.engines.registry import ENGINES, REFERENCE, engine_for, engine_kind

FILES = ("spikes.h5", "v.h5")


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """Cells with sections, which every engine takes, and the reference's result in ``output``."""
    folder = build_network(tmp_path_factory.mktemp("network"), with_point_neuron=False)
    simulate(folder / "config.json", "--engine", REFERENCE)
    return folder


@pytest.mark.parametrize("name", ENGINES)
class TestEngine:
    def test_it_gives_the_spikes_and_voltages_of_the_reference(self, name, network, tmp_path):
        simulate(network / "config.json", "--engine", name, "--output", tmp_path)
        found = spikes(tmp_path / "spikes.h5")
        assert len(found) > 10
        assert found == spikes(network / "output" / "spikes.h5")
        # Rounding of the order of sums: some 1e-13 a step, grown by the steepest part of a spike; reports are float32.
        np.testing.assert_allclose(voltages(tmp_path / "v.h5"), voltages(network / "output" / "v.h5"), atol=1e-4)

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
