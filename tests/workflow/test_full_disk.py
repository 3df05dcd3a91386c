"""A disk that is full, or becomes full, costs nothing of the last result. The disk is a real one: a small tmpfs."""

import shutil
import subprocess
import sys

import pytest
from workflow_runs import ROOT

NAMESPACE = ("unshare", "--map-root-user", "--mount")
MEGABYTES = 64


def can_mount() -> bool:
    """Return whether this user may mount a disk of its own."""
    command = [*NAMESPACE, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"]
    return bool(shutil.which("unshare")) and subprocess.run(command, capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(not can_mount(), reason="this user may not mount a disk")


def run_on_small_disk(folder, free_bytes: int) -> subprocess.CompletedProcess:
    """Run the finished experiment of ``folder`` again with its results on a disk with so much room.

    What is on that disk at the end is copied to ``folder``/after.
    """
    script = f"""
        mv results results_before && mkdir results && mount -t tmpfs -o size={MEGABYTES}m tmpfs results
        cp -a results_before/. results/
        used=$(df --block-size=1 --output=avail results | tail -1)
        head -c $((used - {free_bytes})) /dev/zero > results/filler
        {sys.executable} -m snakemake --snakefile {ROOT}/Snakefile --configfile experiment.yaml --cores 2
        code=$?
        mkdir after && cp -a results/. after/ && umount results && rmdir results && mv results_before results
        exit $code
    """
    return subprocess.run([*NAMESPACE, "sh", "-c", script], cwd=folder, capture_output=True, text=True)


def contents(folder) -> dict[str, bytes]:
    stages = ("simulation/output/spikes.h5", "simulation/output/v_report.h5", "network/cells_nodes.h5",
              "network/cells_cells_edges.h5", "statistics/populations.csv", "figures/raster.pdf")  # fmt: skip
    return {name: (folder / "small" / name).read_bytes() for name in stages}


def test_a_disk_that_is_too_full_is_noticed_before_anything_is_deleted(finished, edit_config):
    edit_config(finished, lambda config: config["simulation"].update(tstop=200_000.0))
    answer = run_on_small_disk(finished, 200_000)
    said = answer.stdout + answer.stderr
    assert answer.returncode != 0
    assert "the disk is too full: about 24 MB are wanted, and 0 MB are free" in said
    assert "Traceback" not in said
    assert contents(finished / "after") == contents(finished / "results")


def test_a_disk_that_becomes_full_in_a_step_costs_nothing(finished, edit_config):
    edit_config(finished, lambda config: config["networks"]["cells"]["nodes"][0]["positions"].update(max_radius=21.0))
    answer = run_on_small_disk(finished, 100_000)
    said = answer.stdout + answer.stderr
    assert answer.returncode != 0
    assert "the disk is full" in said
    assert "Traceback" not in said
    assert "Segmentation fault" not in said
    after, before = contents(finished / "after"), contents(finished / "results")
    assert after.pop("network/cells_nodes.h5") != before.pop("network/cells_nodes.h5")  # this step had come to its end
    assert after == before
