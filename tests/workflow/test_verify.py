"""A finished experiment is run again in a scratch folder, and each file is held against the new one."""

import subprocess
import sys

import h5py
from workflow_runs import ROOT


def verify(folder, *more):
    command = [sys.executable, ROOT / "scripts" / "verify.py", "--config", "experiment.yaml", "--cores", "2", *more]
    return subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True)


def test_a_second_run_gives_identical_files(finished):
    """The results have been moved to another folder in the meantime."""
    (finished / "results" / "small").rename(finished / "moved")
    answer = verify(finished, "--results", "moved")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    words = [line.split()[:2] for line in answer.stdout.splitlines() if " results" not in line and "," not in line]
    named = {path: word for word, path in words if word in ("identical", "equivalent", "different", "missing")}
    assert set(named.values()) == {"identical"}
    for path in ("network/cells_cells_edges.h5", "inputs/sources_spikes.h5", "simulation/output/spikes.h5"):
        assert path in named
    assert "figures/raster.pdf" in named


def test_a_changed_spike_is_found_and_named(finished):
    spikes = finished / "results" / "small" / "simulation" / "output" / "spikes.h5"
    with h5py.File(spikes, "r+") as file:
        file["spikes/cells/timestamps"][0] += 5.0
    (finished / "results" / "small").rename(finished / "moved")
    answer = verify(finished, "--results", "moved")
    assert answer.returncode == 1
    line = next(line for line in answer.stdout.splitlines() if "output/spikes.h5" in line)
    assert line.startswith("different")
    assert "cell" in line
    assert "ms" in line


def test_nothing_to_verify_is_said(small_experiment):
    answer = verify(small_experiment)
    assert answer.returncode == 2
    assert "nothing to verify" in answer.stderr
