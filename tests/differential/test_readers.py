"""Others read what the workflow makes: libsonata, bluepysnap and its validation, and BMTK, which runs it, too."""

import json
import shutil
import sys

import h5py
import libsonata
import numpy as np
import pytest
import sonata_files as results
import yaml
from bluepysnap import Circuit, Simulation
from bluepysnap.circuit_validation import validate
from peer_programs import HERE, ROOT, once, run

CELLS, SOURCES, TSTOP = 6, 10, 120.0
# Attributes which the Blue Brain Project asks of its own circuits; SONATA leaves them to the types file or to nobody.
BLUE_BRAIN_ONLY = (
    "is a required property",  # of an HDF5 group, though SONATA takes the attribute from the types file as well
    "incorrect datatype",  # smaller numbers than SONATA's examples and BMTK's files have
)


@pytest.fixture(scope="session")
def result(models, shared):
    """Return the folder of a small experiment of chapter 3's kind that the workflow has run to its spikes."""
    folder = shared / "experiment"

    def make():
        config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
        config.update(experiment="small", components={"source": "directory", "directory": str(models)}, figures={})
        config["networks"]["mcortex"]["nodes"][0]["N"] = CELLS
        config["networks"]["mthalamus"]["nodes"][0]["N"] = SOURCES
        config["networks"]["mthalamus"]["edges"][0]["syn_weight"] = 4e-4
        config["inputs"]["mthalamus"].update(firing_rate=60.0, times=[0.0, TSTOP / 1000])
        config["simulation"].update(tstop=TSTOP, threads=1)
        (folder / "experiment.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
        command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", folder]
        run([*command, "--configfile", folder / "experiment.yaml", "--cores", "2", "--until", "simulate"], cwd=folder)

    once(folder, make)
    return folder / "results" / "small"


@pytest.fixture(scope="session")
def spikes(result):
    found = results.spikes(result / "simulation" / "output" / "spikes.h5")
    assert len(found) == CELLS, "every cell is meant to fire"
    return found


def test_libsonata_reads_the_circuit(result):
    circuit = libsonata.CircuitConfig.from_file(str(result / "simulation" / "circuit_config.json"))
    assert circuit.node_populations == {"mcortex", "mthalamus"}
    cells = circuit.node_population("mcortex")
    assert cells.size == CELLS
    assert set(cells.get_attribute("x", cells.select_all()).shape) == {CELLS}
    for name in circuit.edge_populations:
        edges = circuit.edge_population(name)
        with h5py.File(result / "network" / f"{edges.source}_{edges.target}_edges.h5") as file:
            targets = file[f"edges/{name}/target_node_id"][()]
        for node in range(CELLS):
            assert edges.afferent_edges([node]).flat_size == (targets == node).sum()
        sections = edges.get_attribute("afferent_section_id", edges.select_all())
        assert len(sections) == edges.size == len(targets)


def test_libsonata_reads_the_simulation_config_and_the_node_sets(result):
    folder = result / "simulation"
    config = libsonata.SimulationConfig.from_file(str(folder / "simulation_config.json"))
    assert config.run.tstop == TSTOP
    assert config.list_report_names == {"v_report", "cai_report"}
    assert config.conditions.celsius == 34.0
    sets = libsonata.NodeSets.from_file(str(folder / "node_sets.json"))
    circuit = libsonata.CircuitConfig.from_file(str(folder / "circuit_config.json"))
    assert sets.materialize("mcortex", circuit.node_population("mcortex")).flat_size == CELLS


def test_libsonata_reads_the_spikes_and_the_reports(result, spikes):
    output = result / "simulation" / "output"
    read = libsonata.SpikeReader(str(output / "spikes.h5"))["mcortex"]
    assert read.sorting == "by_time"
    assert len(read.get()) == sum(map(len, spikes.values()))
    for name in ("v_report", "cai_report"):
        report = libsonata.SomaReportReader(str(output / f"{name}.h5"))["mcortex"]
        frame = report.get()
        mine = results.report(output / f"{name}.h5")["mcortex"]
        assert report.get_node_ids() == sorted(mine.values)
        np.testing.assert_array_equal(frame.data, np.hstack([mine.values[node] for node in sorted(mine.values)]))
        assert report.times == pytest.approx((0.0, TSTOP, 0.1))


def test_bluepysnap_reads_everything(result, spikes):
    folder = result / "simulation"
    simulation = Simulation(str(folder / "simulation_config.json"))
    assert len(simulation.spikes["mcortex"].get()) == sum(map(len, spikes.values()))
    assert simulation.reports["v_report"]["mcortex"].get().shape == (TSTOP * 10, CELLS)
    circuit = Circuit(str(folder / "circuit_config.json"))
    assert set(circuit.nodes["mcortex"].get().columns) >= {"x", "y", "z", "rotation_angle_yaxis"}
    assert circuit.edges["mthalamus_to_mcortex"].size > 0
    assert len(circuit.nodes["mcortex"].ids({"population": "mcortex"})) == CELLS


def test_bluepysnap_finds_nothing_that_sonata_forbids(result):
    errors = validate(str(result / "simulation" / "circuit_config.json"), skip_slow=False, print_errors=False)
    lines = [line.strip() for error in errors for line in str(error.message).splitlines()[1:]]
    assert [line for line in lines if line and not any(text in line for text in BLUE_BRAIN_ONLY)] == []


def test_bmtk_runs_the_folder_wherever_it_stands_and_has_the_same_spikes(result, spikes, peer_python, tmp_path):
    shutil.copytree(result, tmp_path / "elsewhere")
    config = tmp_path / "elsewhere" / "simulation" / "config.json"
    shutil.rmtree(config.parent / "output")
    program = "import sys; sys.path.insert(0, sys.argv[1]); import run_case; run_case.run(sys.argv[2])"
    run([peer_python, "-c", program, HERE / "peer", config], cwd=tmp_path)
    theirs = results.spikes(config.parent / "output" / "spikes.h5")
    assert results.spike_differences(spikes, theirs) == []


def test_bmtk_reads_our_spikes_and_reports(result, spikes, peer_python):
    program = """
import json, sys
from bmtk.utils.reports.compartment import CompartmentReport
from bmtk.utils.reports.spike_trains import SpikeTrains
spikes = SpikeTrains.load(sys.argv[1] + "/spikes.h5")
report = CompartmentReport.load(sys.argv[1] + "/v_report.h5")
counts = {int(n): len(spikes.get_times(n, population="mcortex")) for n in spikes.node_ids("mcortex")}
print(json.dumps([counts, report.data(node_id=2)[:5].ravel().tolist(), list(map(int, report.node_ids()))]))
"""
    answer = run([peer_python, "-c", program, result / "simulation" / "output"]).stdout
    counts, trace, nodes = json.loads(answer.strip().splitlines()[-1])
    assert {("mcortex", int(node)): count for node, count in counts.items()} == {k: len(v) for k, v in spikes.items()}
    mine = results.report(result / "simulation" / "output" / "v_report.h5")["mcortex"]
    assert trace == pytest.approx(mine.values[2][:5, 0].tolist())
    assert nodes == sorted(mine.values)
