"""Steps as jobs of a real Slurm, where one answers, and simulations on MPI ranks: the same spikes in each way."""

import shutil
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from conftest import ROOT, rules_to_run, snakemake

SPIKES = Path("results/small/simulation/output/spikes.h5")
INPUT = Path("results/small/inputs/sources_spikes.h5")
SOON = ["--slurm-init-seconds-before-status-checks", "3", "--seconds-between-status-checks", "3"]

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("slurm")]


def answer_of(*command: str) -> str:
    """Return what a program prints on both streams; '' where it is missing, fails or hangs."""
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout + answer.stderr if answer.returncode == 0 else ""


@pytest.fixture(scope="session")
def slurm() -> None:
    if "idle" not in answer_of("sinfo", "--noheader", "--format=%T") and "mix" not in answer_of("sinfo"):
        pytest.skip("no Slurm with a free node answers to sinfo")


@pytest.fixture(scope="session")
def mpich() -> None:
    try:
        metadata.version("mpich")
    except metadata.PackageNotFoundError:
        pytest.skip("no MPI library: the mpich package is missing (the extra 'mpi')")


def again_on_slurm(folder: Path, *arguments: str) -> str:
    """Make what was deleted again, as Slurm jobs with the project's profile; return what Snakemake said."""
    profile = ["--workflow-profile", str(ROOT / "profiles" / "slurm")]
    answer = snakemake(folder, *profile, *SOON, *arguments, "--", "simulations")
    return answer.stdout + answer.stderr


def test_slurm_jobs_give_the_same_files(slurm, finished):
    before = {path: (finished / path).read_bytes() for path in (SPIKES, INPUT)}
    for path in before:
        (finished / path).unlink()
    said = again_on_slurm(finished)
    assert said.count("has been submitted with SLURM jobid") == 2
    assert {path: (finished / path).read_bytes() for path in before} == before


def test_ranks_started_by_srun_give_the_same_spikes(slurm, mpich, finished):
    if "pmi2" not in answer_of("srun", "--mpi=list"):
        pytest.skip("this Slurm cannot start the ranks of MPICH: srun --mpi=list has no pmi2")
    before = (finished / SPIKES).read_bytes()
    (finished / SPIKES).unlink()
    again_on_slurm(finished, "--set-resources", "simulate:tasks=2", "simulate:mpi=srun --mpi=pmi2")
    assert (finished / SPIKES).read_bytes() == before
    assert '"ranks": 2' in (finished / SPIKES).with_name("timing.json").read_text()


def test_ranks_started_by_mpiexec_give_the_same_spikes_and_rerun_nothing(mpich, finished):
    before = (finished / SPIKES).read_bytes()
    two_ranks = ["--set-resources", "simulate:tasks=2", "simulate:mpi=mpiexec"]
    assert rules_to_run(finished, *two_ranks) == {}
    shutil.rmtree((finished / SPIKES).parent)
    snakemake(finished, *two_ranks, "--", "simulations")
    assert (finished / SPIKES).read_bytes() == before
    assert '"ranks": 2' in (finished / SPIKES).with_name("timing.json").read_text()
