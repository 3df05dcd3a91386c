"""The synapses of a simulation are saved as edge files that give the same simulation; what cannot be is named."""

import json
import re
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from ball_cells import balls
from small_simulation import build_network, simulate, spikes, voltages, write_config

from colonnade.builder import NetworkBuilder
from colonnade.sonata.edges import read_edges

pytestmark = pytest.mark.slow
MPIEXEC = Path(sys.executable).parent / "mpiexec"
SAVE = {"module": "SaveSynapses", "network_dir": "saved"}
SITE = {"distance_range": [0.0, 500.0], "target_sections": ["basal"], "model_template": "exp2syn"}


def own_delay(source, target):
    return 1.0 + 0.5 * source.node_id


@pytest.fixture(scope="module")
def network(tmp_path_factory) -> Path:
    """The small network, with tuned weights, and with an input whose delays and places are each synapse's own."""
    folder = build_network(tmp_path_factory.mktemp("network"))
    cells = NetworkBuilder("cells")
    cells.import_nodes(folder / "network" / "cells_nodes.h5", folder / "network" / "cells_node_types.csv")
    cells.add_edges(
        source={"pop_name": "hh"}, target={"pop_name": "hh"}, connection_rule=lambda s, t: 5 * (s != t),
        syn_weight=5e-4, delay=1.5, dynamics_params="slow.json", weight_function="gaussianLL", weight_sigma=50.0,
        **SITE,
    )  # fmt: skip
    cells.add_edges(
        source={"pop_name": "hh"}, target={"pop_name": "lif"}, connection_rule=2, syn_weight=0.3, delay=1.5,
        dynamics_params="point.json", **SITE,
    )  # fmt: skip
    cells.build()
    cells.save_edges(output_dir=folder / "network")
    sources = NetworkBuilder("sources")
    sources.import_nodes(folder / "network" / "sources_nodes.h5", folder / "network" / "sources_node_types.csv")
    edges = sources.add_edges(
        source=sources.nodes(), target=cells.nodes(pop_name="hh"), connection_rule=7, syn_weight=1.5e-3,
        dynamics_params="fast.json", **SITE,
    )  # fmt: skip
    edges.add_properties("delay", rule=own_delay, dtypes=float)
    edges.add_properties(["sec_id", "sec_x"], rule=lambda s, t: (t.node_id % 3, 0.25), dtypes=[int, float])
    sources.build()
    sources.save_edges(output_dir=folder / "network")
    write_config(folder, lambda values: values["reports"].update(synapses=SAVE))
    return folder


@pytest.fixture(scope="module")
def saved(network) -> Path:
    simulate(network / "config.json")
    return network / "output" / "saved"


def edges_of(folder, name):
    return read_edges(folder / f"{name}_edges.h5", folder / f"{name}_edge_types.csv")[0]


def as_edges(folder):
    """Return the section of a config that names the saved edges."""
    return [{"edges_file": str(folder / f"{n}_edges.h5"), "edge_types_file": str(folder / f"{n}_edge_types.csv")}
            for n in ("cells_cells", "sources_cells")]  # fmt: skip


def test_the_saved_network_has_the_same_spikes_and_voltages(network, saved, tmp_path):
    assert len(spikes(network / "output" / "spikes.h5")) > 5
    config = write_config(network, lambda values: values["networks"].update(edges=as_edges(saved)), "again.json")
    simulate(config, "--output", tmp_path)
    assert spikes(tmp_path / "spikes.h5") == spikes(network / "output" / "spikes.h5")
    np.testing.assert_array_equal(voltages(tmp_path / "v.h5"), voltages(network / "output" / "v.h5"))


def test_each_synapse_is_a_row_with_its_place_and_its_final_weight(network, saved):
    recurrent, outer = edges_of(saved, "cells_cells"), edges_of(saved, "sources_cells")
    onto_point = recurrent.target_ids == 4
    assert (~onto_point).sum() == 4 * 3 * 5
    assert onto_point.sum() == 4
    np.testing.assert_allclose(recurrent.values("syn_weight")[onto_point], 2 * 0.3)
    assert len(np.unique(recurrent.values("syn_weight")[~onto_point])) > 1
    assert not {"nsyns", "weight_function"} & set(recurrent.columns)
    assert (recurrent.values("sec_id")[~onto_point] >= 0).all()
    np.testing.assert_array_equal(outer.values("sec_id"), outer.target_ids % 3)
    np.testing.assert_array_equal(outer.values("delay"), 1.0 + 0.5 * outer.source_ids)


def test_engines_and_ranks_save_the_same_bytes(network, saved, tmp_path):
    runs = {"lockstep": ((), ("--engine", "lockstep")), "ranks": ((MPIEXEC, "-n", "2"), ())}
    for name, (launcher, options) in runs.items():
        if launcher and not MPIEXEC.exists():
            pytest.skip(f"no MPI in this environment: {MPIEXEC} is missing (pip install 'colonnade[mpi]')")
        simulate(network / "config.json", "--output", tmp_path / name, *options, launcher=launcher)
        for path in saved.iterdir():
            assert (tmp_path / name / "saved" / path.name).read_bytes() == path.read_bytes(), (name, path.name)


FEW_AT_ONCE = """
import sys
from colonnade.simulation import simulate
from colonnade.simulation.recorders import saved_synapses
most, biggest = int(sys.argv[1]), []
saved_synapses.AT_ONCE, taken = most, saved_synapses._attributes
saved_synapses._attributes = lambda edges, row, *halves: (biggest.append(len(row)), taken(edges, row, *halves))[1]
simulate(sys.argv[2], sys.argv[3])
assert not biggest or (max(biggest) <= most and len(biggest) > 1)  # rank 0 has them all
"""


def save_few_at_once(most: int, config: Path, folder: Path, launcher=()) -> Path:
    """Simulate with at most so many synapses of all ranks on rank 0; return the folder of the saved ones."""
    command = [*launcher, sys.executable, "-c", FEW_AT_ONCE, most, config, folder]
    answer = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    return folder / "saved"


def datasets(path: Path) -> dict:
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, part: found.update({name: part[()]} if isinstance(part, h5py.Dataset) else {}))
    return found


def test_few_synapses_at_a_time_are_the_same_ones(network, saved, tmp_path):
    few = save_few_at_once(60, network / "config.json", tmp_path / "few")
    for path in sorted(saved.glob("*.h5")):
        np.testing.assert_equal(datasets(few / path.name), datasets(path))
    if not MPIEXEC.exists():
        pytest.skip(f"no MPI in this environment: {MPIEXEC} is missing (pip install 'colonnade[mpi]')")
    ranks = save_few_at_once(60, network / "config.json", tmp_path / "ranks", (MPIEXEC, "-n", "2"))
    for path in few.iterdir():
        assert (ranks / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_script_saves_them_by_bmtks_call(network, saved, tmp_path):
    script = f"""
from colonnade import simulation as bionet
from colonnade.bmtk import SaveSynapses
from colonnade.errors import UnsupportedError
from colonnade.simulation.network.synapses import Connector
conf = bionet.Config.from_json({str(write_config(network, name="plain.json"))!r})
conf["output"]["output_dir"] = {str(tmp_path / "output")!r}
sim = bionet.BioSimulator.from_config(conf, network=bionet.BioNetwork.from_config(conf))
Connector.connect = None  # nothing is connected a second time
sim.add_mod(SaveSynapses("mine"))
sim.run()
try:
    sim.add_mod(object())
except UnsupportedError as error:
    print(error)
"""
    answer = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert "SaveSynapses(network_dir)" in answer.stdout
    for path in saved.iterdir():
        assert (tmp_path / "mine" / path.name).read_bytes() == path.read_bytes()


def test_gap_junctions_are_saved_with_both_their_places(tmp_path):
    def edges(cells):
        cells.add_gap_junctions(
            connection_rule=lambda s, t: int(t.node_id == s.node_id + 1), conductance=2e-3,
            distance_range=[0.0, 50.0], target_sections=["somatic"],
        )  # fmt: skip

    clamp = {
        "input_type": "current_clamp",
        "module": "IClamp",
        "node_set": [0],
        "amp": 0.05,
        "delay": 5,
        "duration": 50,
    }
    report = {"module": "membrane_report", "cells": "all", "variable_name": "v", "sections": "soma"}
    config = balls(tmp_path, 3, edges, inputs={"i": clamp}, reports={"v": report, "synapses": SAVE})
    simulate(config)
    found = edges_of(tmp_path / "output" / "saved", "balls_balls")
    assert list(zip(found.source_ids.tolist(), found.target_ids.tolist(), strict=True)) == [(0, 1), (1, 2)]
    assert {"sec_id", "sec_x", "efferent_section_id", "efferent_section_pos", "is_gap_junction"} <= set(found.columns)
    values = json.loads(config.read_text())
    values["networks"]["edges"] = [{f"{key}_file": str(tmp_path / "output" / "saved" / f"balls_balls_{name}") for key,
                                    name in (("edges", "edges.h5"), ("edge_types", "edge_types.csv"))}]  # fmt: skip
    (tmp_path / "again.json").write_text(json.dumps(values))
    simulate(tmp_path / "again.json", "--output", tmp_path / "again")
    with h5py.File(tmp_path / "output" / "v.h5") as first, h5py.File(tmp_path / "again" / "v.h5") as again:
        traces = first["report/balls/data"][()]
        assert np.ptp(traces[:, 2]) > 0.1
        np.testing.assert_array_equal(traces, again["report/balls/data"][()])
    single = save_few_at_once(1, config, tmp_path / "single") / "balls_balls_edges.h5"
    np.testing.assert_equal(datasets(single), datasets(tmp_path / "output" / "saved" / "balls_balls_edges.h5"))
    if MPIEXEC.exists():
        simulate(config, "--output", tmp_path / "ranks", launcher=(MPIEXEC, "-n", "4"))
        for path in (tmp_path / "output" / "saved").iterdir():
            assert (tmp_path / "ranks" / "saved" / path.name).read_bytes() == path.read_bytes()


def test_a_text_that_only_some_edges_have_is_saved_as_theirs(tmp_path):
    folder = build_network(tmp_path)
    cells = NetworkBuilder("cells")
    cells.import_nodes(folder / "network" / "cells_nodes.h5", folder / "network" / "cells_node_types.csv")
    somatic = {"distance_range": [0.0, 500.0], "target_sections": ["basal"], "delay": 1.5}
    edges = cells.add_edges(source={"pop_name": "hh"}, target={"pop_name": "hh"}, dynamics_params="slow.json",
                            connection_rule=lambda s, t: 5 * (s != t), syn_weight=5e-4, **somatic)  # fmt: skip
    edges.add_properties("model_template", rule=lambda s, t: "exp2syn", dtypes=str)
    cells.add_edges(source={"pop_name": "hh"}, target={"pop_name": "lif"}, connection_rule=2, syn_weight=0.3, **somatic)
    cells.build()
    cells.save_edges(output_dir=folder / "network")
    simulate(write_config(folder, lambda values: values["reports"].update(synapses=SAVE)))
    saved = folder / "output" / "saved"
    found = edges_of(saved, "cells_cells")
    onto_point = found.target_ids == 4
    assert onto_point.any()
    assert set(found.values("model_template")[~onto_point]) == {"exp2syn"}
    assert set(found.values("model_template")[onto_point]) == {None}

    again = write_config(folder, lambda values: values["networks"].update(edges=as_edges(saved)), "again.json")
    simulate(again, "--output", tmp_path / "again")
    assert len(spikes(folder / "output" / "spikes.h5")) > 5
    assert spikes(tmp_path / "again" / "spikes.h5") == spikes(folder / "output" / "spikes.h5")


@pytest.mark.parametrize(
    ("report", "output", "message"),
    [
        (SAVE | {"network_dir": "../elsewhere"}, "output", "network_dir: leaves the output folder"),
        (SAVE | {"network_dir": "network"}, ".", "would replace a file of the network"),
        (SAVE | {"single_file": True}, "output", "reports.mine.single_file: one file for all edges is not written"),
        (SAVE | {"network_dirr": "x"}, "output", "reports.mine.network_dirr.*network_dir"),
    ],
)
def test_what_cannot_be_saved_is_named(network, report, output, message):
    def change(values):
        values["reports"] = {"mine": report}
        values["output"]["output_dir"] = output

    answer = simulate(write_config(network, change, "wrong.json"), check=False)
    assert answer.returncode != 0
    assert re.search(message, answer.stderr), answer.stderr
