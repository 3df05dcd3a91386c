"""The tutorial's script runs with its import lines changed, and what it leaves behind runs in BMTK."""

import re
import sys

import pytest
import sonata_files as results
from conftest import HERE, once, run

IMPORTS = {
    "from bmtk.builder import NetworkBuilder": "from colonnade.builder import NetworkBuilder",
    "from bmtk.builder.auxi.edge_connectors import": "from colonnade.builder import",
    "from bmtk.builder.auxi.node_params import": "from colonnade.builder import",
    "from bmtk.simulator import bionet": "from colonnade import simulation as bionet",
    "from bmtk.utils.reports.spike_trains import": "from colonnade.spikes import",
    "from bmtk.utils.sim_setup import": "from colonnade.simulation import",
}


@pytest.fixture(scope="session")
def ran(shared):
    """Return the folder which the tutorial's script, with our imports, has filled."""
    folder = shared / "tutorial"

    def work():
        script = (HERE / "peer" / "tutorial.py").read_text()
        for theirs, mine in IMPORTS.items():
            assert script.count(theirs) == 1
            script = script.replace(theirs, mine)
        assert not re.search(r"^(from|import) bmtk", script, re.MULTILINE)
        (folder / "tutorial.py").write_text(script)
        run([sys.executable, "tutorial.py"], cwd=folder)

    once(folder, work)
    return folder


def test_the_script_runs_with_its_import_lines_changed(ran):
    spikes = results.spikes(ran / "sim" / "output" / "spikes.h5")
    assert {population for population, _ in spikes} == {"mcortex"}
    assert sum(map(len, spikes.values())) > 8
    for variable in ("v", "cai"):
        (found,) = (ran / "sim" / "output").glob(f"{variable}*.h5")
        assert results.report(found)["mcortex"].time == (0.0, 150.0, 0.1)


def test_bmtk_runs_what_the_script_left_and_has_the_same_spikes(ran, peer_python, tmp_path):
    mine = results.spikes(ran / "sim" / "output" / "spikes.h5")
    config = (ran / "sim" / "config.json").read_text()
    (ran / "sim" / "config.peer.json").write_text(re.sub(r"/output\"", '/peer"', config))
    program = "import sys; sys.path.insert(0, sys.argv[1]); import run_case; run_case.run(sys.argv[2])"
    run([peer_python, "-c", program, HERE / "peer", ran / "sim" / "config.peer.json"], cwd=ran)
    assert results.spike_differences(mine, results.spikes(ran / "sim" / "peer" / "spikes.h5")) == []
