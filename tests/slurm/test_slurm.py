"""The project's profile on a real Slurm: the files of a local run, whatever happens to a node or a job on the way."""

import os
import re
import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from one_node import CPUS, jobs

ROOT = Path(__file__).resolve().parents[2]
PROFILE = ROOT / "profiles" / "slurm"
SOON = ("--slurm-init-seconds-before-status-checks", "2", "--seconds-between-status-checks", "2", "--latency-wait", "5")
RATE = "inputs.sources.firing_rate"

pytestmark = [pytest.mark.timeout(2400), pytest.mark.xdist_group("slurm"), pytest.mark.slow]


@pytest.fixture
def mpich() -> None:
    try:
        metadata.version("mpich")
    except metadata.PackageNotFoundError:
        pytest.skip("no MPI library: the mpich package is missing (the extra 'mpi')")


class Run:
    """A run of Snakemake on ``folder``/experiment.yaml in the background; what it says is in ``folder``/said."""

    def __init__(self, folder: Path, *arguments: str):
        self._said = folder / "said"
        command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", folder,
                   "--configfile", folder / "experiment.yaml", *arguments]  # fmt: skip
        with self._said.open("w") as said:
            self._process = subprocess.Popen(list(map(str, command)), cwd=folder, stdout=said, stderr=said)

    def said(self) -> str:
        return self._said.read_text(errors="replace")

    def wait_until(self, holds):
        """Return what ``holds()`` gives, once that is something."""
        while not (found := holds()):
            assert self._process.poll() is None, f"it has ended early:\n{self.said()}"
            time.sleep(0.2)
        return found

    def finish(self) -> str:
        """Return all that was said once the run is done, which has to go well."""
        assert self._process.wait(2000) == 0, self.said()
        return self.said()

    def fail(self) -> str:
        """Return all that was said once the run is done, which has to fail."""
        assert self._process.wait(2000) != 0, self.said()
        return self.said()


def on_slurm(folder: Path, *arguments: str) -> Run:
    return Run(folder, "--workflow-profile", PROFILE, "--cores", str(CPUS), *SOON, *arguments)


def files_of(folder: Path, pattern: str) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.glob(pattern))}


def simulate(config: Path, output: Path) -> None:
    """Simulate a config here, on one rank."""
    program = [sys.executable, ROOT / "scripts" / "simulate.py", "--config", config, "--output", output]
    answer = subprocess.run(list(map(str, program)), capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr


def submitted(said: str) -> list[str]:
    return re.findall(r"has been submitted with SLURM jobid (\d+)", said)


def test_chapter_3_on_slurm_gives_the_files_of_a_local_run(node, tmp_path):
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    config["networks"]["mcortex"]["nodes"][0]["N"] = 10
    config["simulation"]["tstop"] = 50.0
    config["figures"] = {"raster": config["figures"]["raster"]}
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "experiment.yaml").write_text(yaml.safe_dump(config))
    Run(tmp_path / "here", "--cores", "2").finish()
    said = on_slurm(tmp_path / "there").finish()
    assert len(submitted(said)) == 1, said  # the simulation with the libraries; all else is little work
    for pattern in ("results/chapter3/network/*.h5", "results/chapter3/simulation/output/*.h5",
                    "results/chapter3/statistics/*.csv", "results/chapter3/figures/*.svg"):  # fmt: skip
        here = files_of(tmp_path / "here", pattern)
        assert here
        assert files_of(tmp_path / "there", pattern) == here


def test_a_sweep_on_two_ranks_each_survives_the_loss_of_its_node_and_a_cancelled_job(
    node, mpich, small_experiment, edit_config
):
    def sweep(config):
        config["figures"] = {}
        config["sweep"] = {"values": {RATE: [20.0, 40.0, 60.0, 80.0]}, "replicates": 5}

    edit_config(small_experiment, sweep)
    before = set(jobs())
    run = on_slurm(small_experiment, "--set-resources", "simulate:tasks=2", "simulate:mpi=srun --mpi=pmi2",
                   "--", "simulations")  # fmt: skip

    def mine(state):
        return [job for job, now in jobs().items() if job not in before and now == state]

    def cancel():
        """Cancel a job that runs; return whether it had not come to its end by then."""
        for job in mine("RUNNING")[-1:]:
            subprocess.run(["scancel", job])
            while (state := jobs()[job]) in ("RUNNING", "COMPLETING"):
                time.sleep(0.2)
            return state in ("CANCELLED", "FAILED")

    run.wait_until(lambda: len(mine("COMPLETED")) >= 3)
    node.end("slurmd")
    run.wait_until(lambda: mine("RUNNING"))
    node.start_node()
    run.wait_until(cancel)
    run.finish()
    configs = sorted(small_experiment.glob("results/small/simulation/*/config.json"))
    assert len(configs) == 20
    for config in configs:
        assert '"ranks": 2' in (config.parent / "output" / "timing.json").read_text()
    for config in configs[::5]:
        simulate(config, small_experiment / "here")
        spikes = config.parent / "output" / "spikes.h5"
        assert spikes.read_bytes() == (small_experiment / "here" / "spikes.h5").read_bytes()


def test_a_job_that_no_node_can_take_is_named_before_anything_is_submitted(node, small_experiment):
    before = jobs()
    beyond = ("--set-resources", f"simulate:tasks={CPUS + 1}", "simulate:mpi=srun --mpi=pmi2", "simulate:mem_mb=30000")
    said = on_slurm(small_experiment, *beyond, "--", "simulations").fail()
    assert f"simulate:tasks: no node of this Slurm can ever take such a job (found {CPUS + 1})" in said
    assert "simulate:mem_mb: no node of this Slurm can ever take such a job (found 30000)" in said
    assert jobs() == before


def test_a_simulation_that_reaches_its_time_limit_goes_on_in_another_job(node, small_experiment, edit_config):
    def longer(config):
        config["figures"] = {}
        config["simulation"]["engine"] = "neuron"  # it takes seconds: Slurm signals some time after it wakes
        config["simulation"]["tstop"] = 150000.0
        config["simulation"]["reports"] = {}

    edit_config(small_experiment, longer)
    # Slurm looks at limits every 30 s, so that the signal comes after 30 to 60 s.
    # Steps of one job add up their times.
    minutes = [f"{rule}:runtime=1" for rule in ("compile_mechanisms", "write_simulation_config", "simulate")]
    run = on_slurm(small_experiment, "--set-resources", *minutes, "simulate:slurm_extra='--signal=USR1@60'",
                   "--", "simulations")  # fmt: skip
    log = small_experiment / "results" / "small" / "logs" / "simulate.log"
    run.wait_until(lambda: log.is_file() and "running" in log.read_text())
    (process,) = pids_of("simulate.py", str(small_experiment))
    # It waits for the limit without work for the processor; Slurm wakes a stopped process before it signals.
    os.kill(process, signal.SIGSTOP)
    run.wait_until(lambda: not Path(f"/proc/{process}").exists())
    assert list(small_experiment.glob("results/small/simulation/output/.state/*"))
    said = run.finish()
    assert len(submitted(said)) == len(set(submitted(said))) >= 2
    timing = (small_experiment / "results/small/simulation/output/timing.json").read_text()
    assert "began_at_ms" in timing
    simulate(small_experiment / "results/small/simulation/config.json", small_experiment / "here")
    spikes = small_experiment / "results/small/simulation/output/spikes.h5"
    assert spikes.read_bytes() == (small_experiment / "here" / "spikes.h5").read_bytes()


def pids_of(*words: str) -> list[int]:
    """Return the processes of Python whose command line has all ``words``, which are no Snakemake and no shell."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        folder = path.parent / "cwd"
        if line[0].endswith("python") and line[1].endswith(words[0]) and str(folder.resolve()) == words[1]:
            found.append(int(path.parent.name))
    return found
