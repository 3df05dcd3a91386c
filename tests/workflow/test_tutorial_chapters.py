"""Scripts of BMTK's first, second and fourth tutorial chapters run with Colonnade after new import lines, and alike."""

import shutil
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from bmtk_scripts import run, with_our_imports

HERE = Path(__file__).parent
CHAPTERS = {1: "mcortex", 2: "mcortex", 4: "V1"}
DT = 0.1  # ms
SAME = 1e-6  # mV, far above rounding, far below what would move a spike

pytestmark = pytest.mark.xdist_group("tutorial_script")


@pytest.fixture(scope="module", params=CHAPTERS, ids=lambda number: f"chapter{number}")
def chapter(request, tmp_path_factory) -> tuple[int, Path]:
    """The number of a chapter and a folder in which Colonnade ran its whole script."""
    number = request.param
    folder = tmp_path_factory.mktemp(f"chapter{number}")
    run(Path(sys.executable), with_our_imports(HERE / f"tutorial_chapter{number}.py", folder), folder)
    return number, folder


def results(number: int, folder: Path) -> tuple[list[tuple[int, int]], dict[int, np.ndarray]]:
    """Return (node, step of the spike) of all spikes, sorted, and the voltage of each soma in mV at each step."""
    output, population = folder / f"sim_ch0{number}" / "output", CHAPTERS[number]
    with h5py.File(output / "spikes.h5") as file:
        group = file[f"spikes/{population}"]
        steps = np.rint(group["timestamps"][:] / DT).astype(int)
        spikes = sorted(zip(group["node_ids"][:].tolist(), steps.tolist(), strict=True))
    with h5py.File(output / "v_report.h5") as file:
        report = file[f"report/{population}"]
        return spikes, dict(zip(report["mapping/node_ids"][:].tolist(), report["data"][:].T, strict=True))


def test_the_whole_script_of_a_chapter_runs_with_other_import_lines(chapter):
    spikes, voltages = results(*chapter)
    assert len(spikes) >= 5
    assert max(v.max() for v in voltages.values()) > 0.0
    if chapter[0] == 4:  # point neurons, too
        assert {node for node, _ in spikes} - set(voltages)


def test_bmtk_has_the_same_spikes_and_voltages_from_the_files_of_a_chapter(chapter, peer_python, tmp_path):
    number, folder = chapter
    shutil.copytree(folder, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / f"sim_ch0{number}" / "output")
    run(peer_python, HERE / f"tutorial_chapter{number}.py", tmp_path / "copy", "run")
    (spikes, voltages), (theirs, their_voltages) = results(number, folder), results(number, tmp_path / "copy")
    assert spikes == theirs
    assert voltages.keys() == their_voltages.keys()
    for node, values in voltages.items():
        np.testing.assert_allclose(values, their_voltages[node], rtol=0, atol=SAME)
