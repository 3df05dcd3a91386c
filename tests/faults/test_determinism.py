"""One result, to the byte, on any number of threads and ranks, merged synapses or not counted apart; and what an
instruction set may change."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_simulation import add_electrodes, build_network, simulate, spikes, voltages, write_config

from colonnade.files import sha256
from colonnade.simulation.engines.registry import ENGINES

ROOT = Path(__file__).resolve().parents[2]
FILES = ("spikes.h5", "v.h5", "field.h5", "near.h5", "near/1.h5", "near/2.h5")
RANKS_AND_THREADS = [(1, 1), (1, 3), (2, 2), (3, 1), (3, 2)]
FLAGS = "-O3 -fopenmp-simd -march={} -ffp-contract=off"


@pytest.fixture(scope="module")
def network(tmp_path_factory) -> Path:
    return build_network(tmp_path_factory.mktemp("network"), with_point_neuron=False)


def launcher(ranks: int) -> tuple[str, ...]:
    if ranks == 1:
        return ()
    mpiexec = Path(sys.prefix, "bin", "mpiexec")
    if not mpiexec.is_file():
        pytest.skip("no mpiexec in this environment: pip install 'colonnade[mpi]'")
    return (str(mpiexec), "-n", str(ranks))


@pytest.mark.parametrize("merged", [True, False])
@pytest.mark.parametrize("engine", ENGINES)
def test_threads_and_ranks_change_no_byte(engine, merged, network, tmp_path):
    def change(values):
        values["colonnade"] = {"merge_synapses": merged}
        add_electrodes(network, values)
        for node_id, section in enumerate(("basal", "apical", "soma")):  # other places on the cells of other ranks
            sine = {"input_type": "current_clamp", "module": "sinusoidal", "amp_start": 0.05, "frequency": 40.0}
            values["inputs"][section] = {**sine, "section_name": section, "node_set": {"node_id": [node_id]}}

    config = write_config(network, change, f"{engine}_{merged}.json")
    sums = {}
    for ranks, threads in RANKS_AND_THREADS:
        output = tmp_path / f"{ranks}_{threads}"
        simulate(config, "--engine", engine, "--threads", str(threads), "--output", output, launcher=launcher(ranks))
        sums[ranks, threads] = tuple(sha256(output / name) for name in FILES)
    assert len(set(sums.values())) == 1, sums


def flags_of_this_machine() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return set()
    return set(next((line for line in lines if line.startswith("flags")), "").split())


@pytest.mark.parametrize("engine", ["coreneuron", "lockstep"])
def test_instruction_sets_change_no_spike(engine, tmp_path):
    """The same network compiled for AVX2 and for AVX-512: the same spikes; for lockstep, whose exp is its own, the same
    bytes."""
    if not {"avx2", "fma", "avx512f", "avx512dq", "avx512vl"} <= flags_of_this_machine():
        pytest.skip("this processor has not both AVX2 and AVX-512")
    results = {}
    for architecture in ("haswell", "skylake-avx512"):
        folder = tmp_path / architecture
        shutil.copytree(ROOT / "tests" / "workflow" / "models", folder / "models")
        text = (ROOT / "tests" / "workflow" / "experiment.yaml").read_text()
        probe = "{probe: {probe: {first: [30.0, -50.0, 0.0], spacing: 20.0, channels: 5}}}"
        text = text.replace("engine: neuron", f"engine: {engine}\n  electrodes: {probe}")
        text += f'\nmechanisms: {{flags: "{FLAGS.format(architecture)}"}}\n'
        (folder / "experiment.yaml").write_text(text)
        command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--configfile",
                   "experiment.yaml", "--cores", "2", "simulations"]  # fmt: skip
        answer = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True,
                                env={**os.environ})  # fmt: skip
        assert answer.returncode == 0, answer.stdout + answer.stderr
        results[architecture] = folder / "results" / "small" / "simulation" / "output"
    first, second = results.values()
    assert len(spikes(first / "spikes.h5")) > 5
    assert spikes(first / "spikes.h5") == spikes(second / "spikes.h5")
    np.testing.assert_allclose(voltages(first / "v_report.h5"), voltages(second / "v_report.h5"), atol=1e-3)
    same = [sha256(first / name) == sha256(second / name) for name in ("spikes.h5", "v_report.h5", "probe.h5")]
    assert all(same) or engine != "lockstep"
