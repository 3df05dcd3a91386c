"""A script of BMTK's third tutorial chapter runs with Colonnade after only its import lines are changed."""

import shutil
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from bmtk_scripts import run as run_script
from bmtk_scripts import with_our_imports

SCRIPT = Path(__file__).with_name("tutorial_chapter3.py")
SIZE = {"TUTORIAL_CELLS": "10", "TUTORIAL_TSTOP": "300.0"}
DT = 0.1  # ms

pytestmark = pytest.mark.xdist_group("tutorial_script")


def run(python: Path, script: Path, folder: Path, *steps: str) -> None:
    """Run the script, which makes a small network."""
    run_script(python, script, folder, *steps, **SIZE)


def spikes(folder: Path, name: str = "output") -> list[tuple[int, int]]:
    """Return (node, step of the spike) of all spikes of the cortex, sorted."""
    with h5py.File(folder / "sim_ch03" / name / "spikes.h5") as file:
        group = file["spikes/mcortex"]
        steps = np.rint(group["timestamps"][:] / DT).astype(int)
        return sorted(zip(group["node_ids"][:].tolist(), steps.tolist(), strict=True))


@pytest.fixture(scope="module")
def our_script(tmp_path_factory) -> Path:
    """The script with other import lines; every other line is as it was."""
    return with_our_imports(SCRIPT, tmp_path_factory.mktemp("script"))


@pytest.fixture(scope="module")
def our_folder(our_script, tmp_path_factory) -> Path:
    """A folder in which Colonnade ran the whole script."""
    folder = tmp_path_factory.mktemp("ours")
    run(Path(sys.executable), our_script, folder)
    return folder


def test_the_whole_script_runs_with_other_import_lines(our_folder):
    assert len(spikes(our_folder)) > 10
    for file in ("config.json", "network/mthalamus_mcortex_edges.h5", "output/v_report.h5", "output/cai_report.h5"):
        assert (our_folder / "sim_ch03" / file).is_file()


def test_the_script_runs_again_to_the_same_spikes(our_script, our_folder):
    before = spikes(our_folder)
    run(Path(sys.executable), our_script, our_folder, "build", "run")
    assert spikes(our_folder) == before


def test_bmtk_gets_the_same_spikes_from_the_files_that_colonnade_made(our_folder, peer_python, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(our_folder, folder)
    shutil.rmtree(folder / "sim_ch03" / "output")
    run(peer_python, SCRIPT, folder, "run")
    assert spikes(folder) == spikes(our_folder)


def test_colonnade_gets_the_same_spikes_from_the_files_that_bmtk_made(our_script, peer_python, tmp_path):
    run(peer_python, SCRIPT, tmp_path, "build", "run")
    (tmp_path / "sim_ch03" / "output").rename(tmp_path / "sim_ch03" / "output_bmtk")
    run(Path(sys.executable), our_script, tmp_path, "run", "plot")
    assert len(spikes(tmp_path)) > 10
    assert spikes(tmp_path) == spikes(tmp_path, "output_bmtk")
