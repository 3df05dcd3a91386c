"""Mistakes in SONATA files of any origin, one a row: each is refused by name before the simulation begins."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from cell_examples import HH_FIT
from small_simulation import SIMULATE, build_network, write_config

from colonnade.errors import ColonnadeError, InputError
from colonnade.geometry.morphology import swc_segments
from colonnade.json_file import read_json
from colonnade.sonata.edges import read_edges
from colonnade.sonata.nodes import read_nodes
from colonnade.sonata.reports import ReportLayout, lay_out, read_report
from colonnade.sonata.spikes import SpikeTrains, read_spikes, write_spikes_csv
from colonnade.sonata.types import read_types

pytestmark = pytest.mark.xdist_group("foreign_mistakes")

CELLS, EDGES, SPIKES = "network/cells_nodes.h5", "network/sources_cells_edges.h5", "inputs/sources_spikes.h5"
TYPES = "network/sources_cells_edge_types.csv"
FIT, SYNAPSE = "components/biophysical_neuron_models/hh.json", "components/synaptic_models/fast.json"
POPULATION = "edges/sources_to_cells"


def config(change):
    """Return what alters config.json."""
    return lambda folder: write_config(folder, change)


def put(file, place, value, row=0):
    """Return what sets one row of a dataset; a dataset of another type takes its place where that is needed."""

    def damage(folder):
        with h5py.File(folder / file, "r+") as opened:
            values = opened[place][()]
            if np.asarray(value).dtype.kind == "f" or (np.asarray(value).dtype.kind == "i" and value < 0):
                values = values.astype(float)
            values[row] = value
            attributes = dict(opened[place].attrs)
            del opened[place]
            opened[place] = values
            opened[place].attrs.update(attributes)

    return damage


def hdf5(file, change):
    """Return what alters an HDF5 file by ``change(file)``."""

    def damage(folder):
        with h5py.File(folder / file, "r+") as opened:
            change(opened)

    return damage


def text(file, old, new):
    """Return what replaces words of a text file."""

    def damage(folder):
        content = (folder / file).read_text()
        assert old in content, content
        (folder / file).write_text(content.replace(old, new, 1))

    return damage


def fit(change):
    """Return what alters the fit file."""

    def damage(folder):
        values = json.loads(json.dumps(HH_FIT))
        change(values)
        (folder / FIT).write_text(json.dumps(values))

    return damage


def cut(file, share):
    """Return what cuts a file off."""
    return lambda folder: os.truncate(folder / file, int((folder / file).stat().st_size * share))


def channel(values):
    return next(entry for entry in values["genome"] if "bar" in entry["name"])


def with_section_ids(opened):
    group = opened[f"{POPULATION}/0"]
    count = len(opened[f"{POPULATION}/source_node_id"])
    group["afferent_section_id"] = np.zeros(count)
    group["afferent_section_pos"] = np.full(count, 0.5)


def site(name, value):
    def change(opened):
        with_section_ids(opened)
        opened[f"{POPULATION}/0/{name}"][2] = value

    return hdf5(EDGES, change)


def without_section_ids(opened):
    with_section_ids(opened)
    del opened[f"{POPULATION}/0/afferent_section_id"]


def outside(opened):
    del opened[f"{POPULATION}/source_node_id"]
    opened[f"{POPULATION}/source_node_id"] = h5py.ExternalLink("elsewhere.h5", "/a")


def to_nothing(opened):
    del opened[f"{POPULATION}/source_node_id"]
    opened[f"{POPULATION}/source_node_id"] = h5py.SoftLink("/nowhere")


def short(opened):
    values = opened[f"{POPULATION}/target_node_id"][:-3]
    attributes = dict(opened[f"{POPULATION}/target_node_id"].attrs)
    del opened[f"{POPULATION}/target_node_id"]
    opened[f"{POPULATION}/target_node_id"] = values
    opened[f"{POPULATION}/target_node_id"].attrs.update(attributes)


def with_a_nan_position(opened):
    for number in ("0", "1"):
        if number in opened["nodes/cells"]:
            count = int((opened["nodes/cells/node_group_id"][()] == int(number)).sum())
            positions = np.zeros((count, 3))
            positions[-1 if number == "0" else 0, 1] = np.nan if number == "0" else 0.0
            opened[f"nodes/cells/{number}/positions"] = positions


def clamp_on(node_set, amp=0.1):
    entry = {"input_type": "current_clamp", "module": "IClamp", "node_set": node_set, "amp": amp, "delay": 1.0,
             "duration": 5.0}  # fmt: skip
    return config(lambda values: values["inputs"].update(clamp=entry))


TRIALS = {
    "a key twice in the config": (text("config.json", '"tstop"', '"dt": 0.1, "tstop"'), ["config.json", "dt", "twice"]),
    "a key twice in a fit": (text(FIT, '"passive"', '"genome": [], "passive"'), ["hh.json", "genome", "twice"]),
    "a key twice in a synapse": (text(SYNAPSE, '"tau1"', '"tau1": 3, "tau1"'), ["fast.json", "tau1", "twice"]),
    "misspelt key of run": (config(lambda v: v["run"].update(tstopp=5.0)), ["run.tstopp", "'tstop'"]),
    "misspelt key of output": (config(lambda v: v["output"].update(spike_file="a.h5")), ["output.spike_file",
                                                                                         "'spikes_file'"]),
    "misspelt key of conditions": (config(lambda v: v["conditions"].update(celcius=34)), ["conditions.celcius",
                                                                                          "'celsius'"]),
    "misspelt key of a report": (config(lambda v: v["reports"]["v"].update(section="soma")), ["reports.v.section",
                                                                                             "'sections'"]),
    "misspelt key of an input": (config(lambda v: v["inputs"]["sources"].update(node_sets="a")), ["node_sets",
                                                                                                 "'node_set'"]),
    "clamp on a cell that is not there": (clamp_on({"population": "cells", "node_id": [700]}), ["clamp.node_set",
                                                                                                "700"]),
    "clamp on some cells that are not there": (clamp_on({"population": "cells", "node_id": [0, 700]}), ["[700]"]),
    "clamp of 1 A": (clamp_on("all", 1e9), ["clamp.amp", "no cell bears such a current"]),
    "erev beside e": (text(SYNAPSE, '"tau1"', '"e": -70.0, "tau1"'), ["fast.json", "erev", "stands for e"]),
    "a number as text": (text(SYNAPSE, '"tau1": ', '"tau1": "5", "tau9": '), ["fast.json", "tau1", "is a text"]),
    "clamp on no cell": (clamp_on({"population": "cells", "pop_name": "nobody"}), ["clamp.node_set", "no cell"]),
    "report of a cell that is not there": (config(lambda v: v["reports"]["v"].update(cells=[99])), ["reports.v", "99"]),
    "below absolute zero": (config(lambda v: v["conditions"].update(celsius=-300)), ["conditions.celsius", "-300"]),
    "starting at 5 V": (config(lambda v: v["conditions"].update(v_init=5000)), ["conditions.v_init", "100 mV"]),
    "threshold in uV": (config(lambda v: v["run"].update(spike_threshold=-15000)), ["run.spike_threshold"]),
    "dt 0": (config(lambda v: v["run"].update(dt=0)), ["run.dt"]),
    "tstop NaN": (config(lambda v: v["run"].update(tstop=float("nan"))), ["run.tstop"]),
    "negative weight": (text(TYPES, "0.0015", "-1.0"), ["syn_weight", "-1.0", "uS"]),
    "weight of 1e30 uS": (text(TYPES, "0.0015", "1e30"), ["syn_weight", "1e+30", "uS"]),
    "weight is a word": (text(TYPES, "0.0015", "strong"), ["syn_weight", "strong"]),
    "delay is a word": (text(TYPES, " 1.0 ", " soon "), ["delay", "soon"]),
    "negative delay": (text(TYPES, " 1.0 ", " -5.0 "), ["delay", "-5.0"]),
    "gap junction": (lambda folder: (folder / TYPES).write_text(
        "\n".join(line + (" is_gap_junction" if not number else " True") for number, line in
                  enumerate((folder / TYPES).read_text().splitlines()))), ["gap junctions", "is_gap_junction"]),
    "external link": (hdf5(EDGES, outside), ["sources_cells_edges.h5", "link to another file", "elsewhere.h5"]),
    "link to nothing": (hdf5(EDGES, to_nothing), ["link to nothing", "/nowhere"]),
    "short column": (hdf5(EDGES, short), ["columns differ in length", "target_node_id"]),
    "group that is not there": (put(EDGES, f"{POPULATION}/edge_group_id", 7), ["edge_group_id", "7"]),
    "row of a group twice": (put(EDGES, f"{POPULATION}/edge_group_index", 1), ["edge_group_index", "one row"]),
    "row beyond the group": (put(EDGES, f"{POPULATION}/edge_group_index", 99999), ["99999"]),
    "target that is not there": (put(EDGES, f"{POPULATION}/target_node_id", 77), ["no node 77"]),
    "source -1": (put(EDGES, f"{POPULATION}/source_node_id", -1), ["source_node_id[0]", "-1"]),
    "target 0.5": (put(EDGES, f"{POPULATION}/target_node_id", 0.5, 3), ["target_node_id[3]", "0.5"]),
    "edge type that is not there": (put(EDGES, f"{POPULATION}/edge_type_id", 5), ["edge_types.csv", "5"]),
    "site NaN in one row": (site("afferent_section_pos", np.nan), ["only one of afferent_section_id"]),
    "section NaN in one row": (site("afferent_section_id", np.nan), ["only one of afferent_section_id"]),
    "site off the section": (site("afferent_section_pos", 1.5), ["afferent_section_pos", "1.5"]),
    "section that is not there": (site("afferent_section_id", 500), ["afferent_section_id", "500"]),
    "position NaN in one row": (hdf5(CELLS, with_a_nan_position), ["cells_nodes.h5", "positions of node 4"]),
    "section -1": (site("afferent_section_id", -1), ["afferent_section_id", "-1"]),
    "sites without sections": (hdf5(EDGES, without_section_ids), ["afferent_section_pos but no afferent_section_id"]),
    "spike of node 0.5": (put(SPIKES, "spikes/sources/node_ids", 0.5, 1), ["sources_spikes.h5", "node_ids[1]", "0.5"]),
    "spike of node -1": (put(SPIKES, "spikes/sources/node_ids", -1, 1), ["node_ids[1]", "-1"]),
    "spike at NaN": (put(SPIKES, "spikes/sources/timestamps", np.nan), ["sources_spikes.h5", "not a number"]),
    "spike before 0": (put(SPIKES, "spikes/sources/timestamps", -3.0), ["before 0 ms", "-3.0"]),
    "cm negative": (fit(lambda v: v["passive"][0]["cm"][0].update(cm=-1.0)), ["hh.json", "cm", "-1.0", "uF/cm2"]),
    "cm 0": (fit(lambda v: v["passive"][0]["cm"][0].update(cm=0)), ["cm", "uF/cm2"]),
    "Ra 0": (fit(lambda v: v["passive"][0].update(ra=0)), ["Ra", "ohm cm"]),
    "density negative": (fit(lambda v: channel(v).update(value=-0.1)), ["hh.json", "-0.1", "S/cm2"]),
    "density of 1e30": (fit(lambda v: channel(v).update(value=1e30)), ["1e+30", "S/cm2"]),
    "density twice": (fit(lambda v: v["genome"].append(dict(channel(v)))), ["genome", "too"]),
    "leak reverses at 5 V": (fit(lambda v: v["passive"][0].update(e_pas=5000)), ["e_pas", "5000", "mV"]),
    "synapse reverses at 5 V": (text(SYNAPSE, '"erev": 0', '"erev": 5000'), ["fast.json", "erev", "5000"]),
    "node file cut off": (cut(CELLS, 0.5), ["cells_nodes.h5"]),
    "edge file cut off": (cut(EDGES, 0.9), ["sources_cells_edges.h5"]),
    "spike file empty": (cut(SPIKES, 0), ["sources_spikes.h5"]),
    "morphology cut off": (cut("components/morphologies/branched.swc", 0.3), ["branched.swc"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def network(tmp_path_factory) -> Path:
    """A network that can be simulated; not to be changed."""
    return build_network(tmp_path_factory.mktemp("sound"))


@pytest.fixture
def folder(network, tmp_path) -> Path:
    """A copy of the network."""
    shutil.copytree(network, tmp_path / "copy")
    return tmp_path / "copy"


CHECK = """
import sys
from colonnade.errors import ColonnadeError
from colonnade.simulation.run import Simulation
from colonnade.sonata.config import read_config
for path in sys.argv[1:]:
    try:
        Simulation(read_config(path)).load()
        print("accepted")
    except ColonnadeError as error:
        print(str(error).replace("\\n", " "))
    except Exception as error:
        print("Traceback:", type(error).__name__, error)
"""


@pytest.fixture(scope="module")
def said(network, tmp_path_factory) -> dict[str, str]:
    """What is said of every trial, all in one process, since NEURON takes a second to start."""
    root = tmp_path_factory.mktemp("trials")
    for number, (damage, _) in enumerate(TRIALS.values()):
        shutil.copytree(network, root / str(number))
        damage(root / str(number))
    paths = [str(root / str(number) / "config.json") for number in range(len(TRIALS))]
    answer = subprocess.run([sys.executable, "-c", CHECK, *paths], capture_output=True, text=True)
    lines = answer.stdout.splitlines()
    assert len(lines) == len(TRIALS), answer.stdout + answer.stderr
    return dict(zip(TRIALS, lines, strict=True))


@pytest.mark.parametrize("trial", TRIALS)
def test_a_mistake_is_refused_by_name(trial, said):
    assert said[trial] != "accepted"
    assert not said[trial].startswith("Traceback")
    for words in TRIALS[trial][1]:
        assert words in said[trial]


def test_the_program_says_it_in_one_line_and_leaves_no_result(folder):
    TRIALS["negative weight"][0](folder)
    answer = subprocess.run(
        [sys.executable, SIMULATE, "--config", folder / "config.json"], capture_output=True, text=True
    )
    assert answer.returncode == 2
    assert answer.stderr.splitlines()[-1].startswith("error: ")
    assert "Traceback" not in answer.stderr
    assert not list((folder / "output").glob("*.h5"))


READERS = {
    "components/morphologies/branched.swc": lambda path: swc_segments(path, None, 20.0),
    SYNAPSE: read_json,
    "config.json": read_json,
    TYPES: lambda path: read_types(path, "edge_type_id").rows(np.array([100, 101])),
    "spikes.csv": read_spikes,
    "report.h5": lambda path: [report.values() for report in read_report(path).values()],
    CELLS: lambda path: [population.frame() for population in read_nodes(path)],
    EDGES: lambda path: [population.frame() for population in read_edges(path)],
    SPIKES: read_spikes,
    FIT: read_json,
}


def answer_of(reader, path) -> str:
    """Return the error that a reader raises, '' where it reads the file."""
    try:
        reader(path)
    except ColonnadeError as error:
        return str(error)
    return ""


def content_of(network: Path, name: str) -> bytes:
    """Return the bytes of a file of the network, or of a table of spikes and a report like those of a run."""
    path = network / name
    if name == "spikes.csv":
        write_spikes_csv(path, [SpikeTrains("cells", np.arange(40) % 4, np.arange(40.0))])
    if name == "report.h5":
        layout = ReportLayout(
            "cells", "v", "mV", np.arange(3), np.arange(4), np.zeros(3), np.full(3, 0.5), 0, 2, 0.1, 20
        )
        with h5py.File(path, "w") as file:
            lay_out(file, [layout])[0][...] = 0.0
    return path.read_bytes()


@pytest.mark.parametrize("name", READERS)
def test_flipped_bits_and_cuts_raise_no_other_errors_than_ours(name, network, tmp_path):
    content, rng = content_of(network, name), np.random.default_rng(len(name))
    paths = []
    for number in range(50):
        damaged = bytearray(content)
        if number % 5 == 4:
            damaged = damaged[: rng.integers(len(damaged))]
        else:
            damaged[rng.integers(len(damaged))] ^= 1 << int(rng.integers(8))
        paths.append(tmp_path / f"{number}{Path(name).suffix}")
        paths[-1].write_bytes(damaged)
    answers = [answer_of(READERS[name], path) for path in paths]
    assert all(path.name in said for path, said in zip(paths, answers, strict=True) if said)
    assert sum(map(bool, answers)) >= 5  # what is cut off is noticed, at the least


def test_a_report_that_is_cut_off_is_named(network, tmp_path):
    path = tmp_path / "report.h5"
    path.write_bytes((network / CELLS).read_bytes()[:300])
    with pytest.raises(InputError, match=r"report\.h5"):
        read_report(path)


def check(config_file) -> subprocess.CompletedProcess:
    program = SIMULATE.with_name("check.py")
    return subprocess.run([sys.executable, program, config_file], capture_output=True, text=True)


def test_check_names_everything_and_runs_nothing(folder):
    assert check(folder / "config.json").returncode == 0

    def change(values):
        values["reports"]["v"].update(cells=[99])
        values["inputs"]["sources"].update(node_set="sorces", colour="red")
        values["conditions"].update(v_init=-70.0)

    write_config(folder, change)
    TRIALS["negative weight"][0](folder)
    answer = check(folder / "config.json")
    assert answer.returncode == 1
    for words in ("reports.v.cells", "inputs.sources.node_set", "Did you mean 'sources'", "warning", "colour"):
        assert words in answer.stdout
    assert "Traceback" not in answer.stderr
    assert not (folder / "output").exists()


def test_a_parameter_that_no_synapse_takes_and_a_current_far_too_large_are_warned_of(folder):
    text(SYNAPSE, '"tau1"', '"tau3": 5.0, "tau1"')(folder)
    clamp_on({"population": "cells", "pop_name": "hh"}, 150.0)(folder)
    answer = check(folder / "config.json")
    assert answer.returncode == 0
    assert "fast.json: tau3: is no parameter of this synapse, and has no effect. Did you mean 'tau" in answer.stdout
    assert "inputs.clamp.amp: a current of 150 nA is far larger than cells get" in answer.stdout


def test_check_takes_an_experiment_too(tmp_path):
    from colonnade.places import project_file

    text = project_file("config", "config.yaml").read_text()
    (tmp_path / "wrong.yaml").write_text(text.replace("engine: lockstep", "engine: locksteb"))
    answer = check(tmp_path / "wrong.yaml")
    assert answer.returncode == 1
    assert "Did you mean 'lockstep'?" in answer.stdout
    assert "wrong.yaml:" in answer.stdout
