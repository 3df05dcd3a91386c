"""The workflow is stopped by a signal, and goes on: by itself where Snakemake retries, else with the same command."""

import os
import signal
import subprocess
import sys
import time

import pytest
from workflow_runs import ROOT, snakemake, wait_for_simulation

from colonnade.files import sha256

FILES = ("spikes.h5", "v_report.h5")


def lasting(config):
    config["simulation"] |= {"tstop": 3000.0, "checkpoint_every": 20}
    config["inputs"]["sources"]["times"] = [0.0, 3.0]
    config["figures"] = {}


@pytest.mark.parametrize(
    ("engine", "number", "retries"),
    [("lockstep", signal.SIGUSR1, 1), ("neuron", signal.SIGUSR1, 1),
     ("lockstep", signal.SIGTERM, 0), ("lockstep", signal.SIGINT, 0)],
)  # fmt: skip
def test_a_simulation_goes_on_from_its_state(engine, number, retries, small_experiment, edit_config):
    edit_config(small_experiment, lasting)
    edit_config(small_experiment, lambda config: config["simulation"].update(engine=engine))
    output = small_experiment / "results" / "small" / "simulation" / "output"
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--configfile", "experiment.yaml",
               "--cores", "2", "--retries", retries, "simulations"]  # fmt: skip
    with open(small_experiment / "said.txt", "w") as said:
        process = subprocess.Popen([str(word) for word in command], cwd=small_experiment, stdout=said, stderr=said,
                                   start_new_session=True)  # fmt: skip
        while not list(output.glob(".state/*/[0-9]*.json")):
            assert process.poll() is None, (small_experiment / "said.txt").read_text()
            time.sleep(0.01)
        os.killpg(process.pid, number)  # as a terminal or Slurm does it
        code = process.wait()
    log = small_experiment / "results" / "small" / "logs" / "simulate.log"
    if number == signal.SIGUSR1:
        assert code == 0, (small_experiment / "said.txt").read_text()
    else:
        assert code != 0
        wait_for_simulation(output)
        assert not (output / "spikes.h5").exists()
        snakemake(small_experiment, "--unlock")
        snakemake(small_experiment, "simulations")
    assert "going on at" in log.read_text()
    alone = small_experiment / "alone"
    program = [sys.executable, ROOT / "scripts" / "simulate.py", "--config", output.parent / "config.json"]
    subprocess.run([*map(str, program), "--output", str(alone)], check=True, capture_output=True)
    assert [sha256(output / name) for name in FILES] == [sha256(alone / name) for name in FILES]
    assert not (output / ".state").exists()
