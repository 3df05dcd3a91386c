"""Morphologies by BMTK's names: sections in a range, places for synapses, and what is wrong."""

import numpy as np
import pytest

from colonnade.bmtk import SWCReader, get_swc, rand_syn_locations
from colonnade.builder import NetworkBuilder
from colonnade.errors import InputError

# A soma of one point at (10, 20, 30), an axon, and a dendrite that branches 50 um away.
BRANCHED = """\
1 1 10 20 30 8 -1
2 2 10 12 30 1 1
3 2 10 -40 30 1 2
4 3 18 20 30 1 1
5 3 68 20 30 1 4
6 3 68 60 30 1 5
7 3 68 -20 30 1 5
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "branched.swc").write_text(BRANCHED)
    return tmp_path


def cells():
    network = NetworkBuilder("cells")
    network.add_nodes(N=3, model_type="biophysical", model_processing="aibs_perisomatic", morphology="branched.swc")
    return network


def test_sections_in_a_range_share_its_length(folder):
    reader = SWCReader(folder / "branched.swc", rng_seed=1)
    sections, parts = reader.find_sections(["basal", "apical"], [0.0, 500.0])
    assert parts.sum() == pytest.approx(1.0)
    assert set(reader.table.section_type[np.isin(reader.table.section_id, sections)]) <= {"dend", "apic"}
    reader.set_segment_dl(5.0)
    finer, parts = reader.find_sections(["basal", "apical"], [0.0, 500.0])
    assert len(finer) > len(sections)
    assert parts.sum() == pytest.approx(1.0)
    props = reader.seg_props
    assert reader.nseg == len(props.x) > reader.n_sections
    np.testing.assert_array_equal(np.unique(props.sec_id[finer]), sections)
    assert set(props.type[finer]) == {3}
    assert len(reader.find_sections(["apical"], [5000.0, 6000.0])[0]) == 0


def test_synapses_get_places_that_a_simulation_reads(folder):
    network = cells()
    edges = network.add_edges(connection_rule=2, syn_weight=1e-4, delay=1.0)
    edges.add_properties(
        ["afferent_section_id", "afferent_section_pos", "afferent_swc_id", "afferent_swc_pos"],
        rule=rand_syn_locations,
        rule_params={"sections": ["basal"], "distance_range": [0.0, 300.0], "morphology_dir": folder},
        dtypes=[int, float, int, float],
    )
    table = get_swc(next(iter(network.nodes())), folder).table
    frame = network.edges_df()
    assert len(frame) == 18
    assert set(frame["afferent_swc_id"]) <= {4, 5, 6, 7}
    assert set(table.section_type[np.isin(table.section_id, frame["afferent_section_id"])]) == {"dend"}
    assert frame["afferent_section_pos"].between(0, 1).all()


def test_the_axon_is_the_one_of_the_cells_processing(folder):
    node = next(iter(cells().nodes()))
    raw = SWCReader(folder / "branched.swc")
    assert (get_swc(node, folder).table.section_type[-2:] == "axon").all()
    raw.fix_axon()
    assert raw.n_sections == get_swc(node, folder).n_sections
    place = rand_syn_locations(None, node, ["soma"], morphology_dir=folder, return_coords=True)
    assert place[:4] == [0, 0.5, 1, 0.5]
    np.testing.assert_allclose(place[4:], [10.0, 20.0, 30.0], atol=1e-6)


def test_a_rule_that_chooses_sections_draws_the_same_each_time(folder):
    def places():
        network = cells()
        edges = network.add_edges(connection_rule=2, syn_weight=1e-4, delay=1.0)
        choose = lambda _, target: get_swc(target, folder).choose_sections(["basal"], [0.0, 300.0])[0][0]  # noqa: E731
        edges.add_properties("afferent_section_id", rule=choose, dtypes=int)
        return network.edges_df()["afferent_section_id"].tolist()

    assert places() == places()
    assert len(set(places())) > 1


def test_a_cell_is_turned_around_its_soma_and_put_in_its_place(folder):
    cell = {"morphology": "branched", "x": 100.0, "y": 0.0, "z": -10.0, "rotation_angle_zaxis": np.pi / 2}
    turned, raw = get_swc(cell, folder), SWCReader(folder / "branched.swc")
    np.testing.assert_allclose(turned.soma_position, [100.0, 0.0, -10.0])
    np.testing.assert_allclose(raw.soma_position, [10.0, 20.0, 30.0])
    branch = next(i for i in range(raw.n_sections) if raw.get_swc_id(i, 1.0)[0] == 6)
    np.testing.assert_allclose(raw.get_coords(branch, 1.0), [68.0, 60.0, 30.0], atol=1e-5)
    np.testing.assert_allclose(turned.get_coords(branch, 1.0), [100.0 - 40.0, 58.0, -10.0], atol=1e-5)


def test_what_is_not_there_is_named(folder):
    reader = SWCReader(folder / "branched.swc")
    with pytest.raises(InputError, match=r"sec_id.*99"):
        reader.get_coords(99, 0.5)
    with pytest.raises(InputError, match="no morphology"):
        get_swc({"node_id": 3}, folder)
    stubbed = get_swc({"morphology": "branched.swc", "model_processing": "aibs_perisomatic,extracellular"}, folder)
    with pytest.raises(InputError, match="stub"):
        stubbed.get_swc_id(stubbed.n_sections - 1, 0.5)
    with pytest.raises(InputError, match="bassal"):
        reader.find_sections(["bassal"], [0.0, 100.0])
    with pytest.raises(InputError, match=r"missing\.swc"):
        SWCReader(folder / "missing.swc").find_sections(["basal"], [0.0, 100.0])
    with pytest.raises(InputError, match="no segment"):
        reader.choose_sections(["apical"], [5000.0, 6000.0])
