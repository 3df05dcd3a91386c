"""Other readers: libsonata and bluepysnap find in our networks and spikes what we wrote."""

import json

import bluepysnap
import libsonata
import numpy as np
import pytest
from cell_examples import BRANCHED

from colonnade.builder import NetworkBuilder, connect_random, distance_connector, positions_columinar
from colonnade.sonata.edges import read_edges
from colonnade.spikes import PoissonSpikeGenerator


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A column of cells with recurrent synapses at sites, a virtual population onto it, spikes, a circuit config."""
    folder = tmp_path_factory.mktemp("network")
    (folder / "morphologies").mkdir()
    (folder / "morphologies" / "branched.swc").write_text(BRANCHED)
    cortex = NetworkBuilder("cortex", seed=1)
    x, y, z = positions_columinar(30, max_radius=30.0, seed=1).T
    cortex.add_nodes(N=30, model_type="biophysical", model_template="ctdb:Biophys1.hoc", morphology="branched",
                     positions=np.column_stack([x, y, z]), x=x, y=y, z=z, ei=["e", "i"] * 15)  # fmt: skip
    places = {"distance_range": [0.0, 500.0], "target_sections": ["basal"], "syn_weight": 1e-4, "delay": 2.0}
    near = {"d_weight_min": 0.1, "d_weight_max": 0.5, "d_max": 60.0, "nsyn_min": 1, "nsyn_max": 4}
    cortex.add_edges(connection_rule=distance_connector, connection_params=near, **places)
    cortex.save(output_dir=folder, morphologies_dir=folder / "morphologies")
    source = NetworkBuilder("lgn", seed=1)
    source.add_nodes(N=10, model_type="virtual")
    source.add_edges(None, cortex.nodes(), connect_random, {"nsyn_min": 0, "nsyn_max": 4}, **places)
    source.save(output_dir=folder)
    trains = PoissonSpikeGenerator("lgn", seed=1)
    trains.add(range(10), 20.0, times=(0.0, 1.0))
    trains.to_sonata(folder / "lgn_spikes.h5")
    nodes = [
        {"nodes_file": str(folder / f"{name}_nodes.h5"), "populations": {name: {"type": kind}}}
        for name, kind in (("cortex", "biophysical"), ("lgn", "virtual"))
    ]
    nodes[0]["populations"]["cortex"] |= {
        "morphologies_dir": str(folder / "morphologies"),
        "biophysical_neuron_models_dir": str(folder / "morphologies"),
    }
    edges = [
        {
            "edges_file": str(folder / f"{name}_cortex_edges.h5"),
            "populations": {f"{name}_to_cortex": {"type": "chemical"}},
        }
        for name in ("cortex", "lgn")
    ]
    (folder / "circuit.json").write_text(json.dumps({"networks": {"nodes": nodes, "edges": edges}}))
    return folder


@pytest.mark.parametrize("source", ["cortex", "lgn"])
def test_libsonata_finds_the_same_edges_of_each_node(folder, source):
    ours = read_edges(folder / f"{source}_cortex_edges.h5")[0]
    theirs = libsonata.EdgeStorage(str(folder / f"{source}_cortex_edges.h5")).open_population(f"{source}_to_cortex")
    assert (theirs.source, theirs.target, theirs.size) == (source, "cortex", len(ours))
    everything = theirs.select_all()
    np.testing.assert_array_equal(theirs.source_nodes(everything), ours.source_ids)
    np.testing.assert_array_equal(theirs.target_nodes(everything), ours.target_ids)
    for name in theirs.attribute_names:
        np.testing.assert_array_equal(theirs.get_attribute(name, everything), ours.values(name))
    for node in range(30):
        assert theirs.afferent_edges([node]).flatten().tolist() == np.flatnonzero(ours.target_ids == node).tolist()
    for node in range(10):
        assert theirs.efferent_edges([node]).flatten().tolist() == np.flatnonzero(ours.source_ids == node).tolist()


def test_libsonata_reads_the_nodes(folder):
    nodes = libsonata.NodeStorage(str(folder / "cortex_nodes.h5")).open_population("cortex")
    assert nodes.size == 30
    assert nodes.get_attribute("ei", nodes.select_all()).tolist() == ["e", "i"] * 15


def test_libsonata_reads_the_spikes_and_their_order(folder):
    spikes = libsonata.SpikeReader(str(folder / "lgn_spikes.h5"))["lgn"]
    trains = PoissonSpikeGenerator("lgn", seed=1)
    trains.add(range(10), 20.0, times=(0.0, 1.0))
    frame = trains.to_dataframe()
    assert spikes.sorting == "by_time"
    assert spikes.get() == list(zip(frame["node_ids"], frame["timestamps"], strict=True))


def test_bluepysnap_reads_the_circuit(folder):
    circuit = bluepysnap.Circuit(str(folder / "circuit.json"))
    cortex, recurrent = circuit.nodes["cortex"], circuit.edges["cortex_to_cortex"]
    ours = read_edges(folder / "cortex_cortex_edges.h5")[0]
    assert sorted(circuit.nodes.population_names) == ["cortex", "lgn"]
    assert cortex.size == 30
    assert cortex.ids({"ei": "i"}).tolist() == list(range(1, 30, 2))
    assert cortex.positions().shape == (30, 3)
    assert (recurrent.source.name, recurrent.target.name, recurrent.size) == ("cortex", "cortex", len(ours))
    sites = recurrent.afferent_edges(3, properties=["afferent_section_id", "afferent_section_pos"])
    into = ours.target_ids == 3
    np.testing.assert_array_equal(sites["afferent_section_id"], ours.values("afferent_section_id")[into])
    np.testing.assert_allclose(sites["afferent_section_pos"], ours.values("afferent_section_pos")[into], rtol=1e-7)
    assert set(recurrent.afferent_nodes(3)) == set(ours.source_ids[into])
