"""BMTK and Colonnade save the same synapses, and BMTK has the same spikes from the files that Colonnade saved."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import sonata_files as results

from colonnade.sonata.edges import read_edges

PROGRAM = Path(__file__).parent / "peer" / "save_synapses.py"
CASES = ["electrodes", "identifiers", "column"]
SAVED_BY_BMTK = ["electrodes"]  # it stops with an error at point neurons and at several populations of cells


def bmtk(python: Path, *words) -> None:
    """Run the program with BMTK."""
    command = [str(word) for word in (python, PROGRAM, *words)]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr[-3000:]


def changed(folder: Path, name: str, **sections) -> Path:
    values = json.loads((folder / "config.json").read_text())
    for section, entries in sections.items():
        values[section] = values[section] | entries
    (folder / name).write_text(json.dumps(values))
    return folder / name


def synapses(path: Path) -> list[tuple]:
    """Return source, target, type, section, place and weight of each synapse, sorted."""
    edges = read_edges(path)[0]
    columns = [edges.source_ids, edges.target_ids, edges.type_ids, edges.values("sec_id"),
               edges.values("sec_x").round(9), edges.values("syn_weight")]  # fmt: skip
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


@pytest.fixture(scope="module", params=CASES)
def saved(request, peer, ours, tmp_path_factory):
    """Return a copy of a case's folder, and the folder in which Colonnade saved its synapses."""
    folder = tmp_path_factory.mktemp("saved") / "case"
    # Other workers write configs and results of ours there meanwhile.
    others = shutil.ignore_patterns("ours-*", "config-*", "circuit-*", ".*")
    shutil.copytree(peer(request.param), folder, ignore=others)
    report = {"synapses": {"module": "SaveSynapses", "network_dir": "synapses"}}
    config = changed(folder, "saving.json", reports=report)
    return folder, ours(config) / "synapses"


@pytest.mark.parametrize("saved", SAVED_BY_BMTK, indirect=True)
def test_bmtk_saves_the_same_synapses(saved, peer_python):
    folder, mine = saved
    output = {"output_dir": "peer_again"}
    bmtk(peer_python, changed(folder, "again.json", output=output, run={"tstop": 5.0}), folder / "theirs")
    files = sorted(path.name for path in (folder / "theirs").glob("*_edges.h5"))
    assert files == sorted(path.name for path in mine.glob("*_edges.h5"))
    for name in files:
        assert len(synapses(mine / name)) > 5
        assert synapses(mine / name) == synapses(folder / "theirs" / name)


def test_bmtk_has_the_same_spikes_from_the_files_that_colonnade_saved(saved, peer_python):
    folder, mine = saved
    files = sorted(mine.glob("*_edges.h5"))
    entries = [{"edges_file": str(path), "edge_types_file": str(path).replace("_edges.h5", "_edge_types.csv")}
               for path in files]  # fmt: skip
    output = {"output_dir": "from_ours"}
    bmtk(peer_python, changed(folder, "from_ours.json", networks={"edges": entries}, output=output))
    theirs = results.spikes(folder / "from_ours" / "spikes.h5")
    assert sum(map(len, theirs.values())) > 5
    assert results.spike_differences(theirs, results.spikes(folder / "peer" / "spikes.h5")) == []
