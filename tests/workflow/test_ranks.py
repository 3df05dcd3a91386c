"""Simulations on several MPI ranks of one machine: the same spikes, and nothing is run again."""

import shutil
from importlib import metadata
from pathlib import Path

import pytest
from workflow_runs import rules_to_run, snakemake

SPIKES = Path("results/small/simulation/output/spikes.h5")


def test_ranks_started_by_mpiexec_give_the_same_spikes_and_rerun_nothing(finished):
    try:
        metadata.version("mpich")
    except metadata.PackageNotFoundError:
        pytest.skip("no MPI library: the mpich package is missing (the extra 'mpi')")
    before = (finished / SPIKES).read_bytes()
    two_ranks = ["--set-resources", "simulate:tasks=2", "simulate:mpi=mpiexec"]
    assert rules_to_run(finished, *two_ranks) == {}
    shutil.rmtree((finished / SPIKES).parent)
    snakemake(finished, *two_ranks, "--", "simulations")
    assert (finished / SPIKES).read_bytes() == before
    assert '"ranks": 2' in (finished / SPIKES).with_name("timing.json").read_text()
