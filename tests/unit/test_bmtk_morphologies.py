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
    np.testing.assert_array_equal(np.unique(finer), sections)
    assert len(reader.find_sections(["apical"], [5000.0, 6000.0])[0]) == 0


def test_synapses_get_places_that_a_simulation_reads(folder):
    network = cells()
    edges = network.add_edges(connection_rule=2, syn_weight=1e-4, delay=1.0)
    edges.add_properties(
        ["sec_id", "sec_x"],
        rule=rand_syn_locations,
        rule_params={"sections": ["basal"], "distance_range": [0.0, 300.0], "morphology_dir": folder},
        dtypes=[int, float],
    )
    table = get_swc(next(iter(network.nodes())), folder).table
    frame = network.edges_df()
    assert len(frame) == 18
    assert set(table.section_type[np.isin(table.section_id, frame["sec_id"])]) == {"dend"}
    assert frame["sec_x"].between(0, 1).all()


def test_the_axon_is_the_one_of_the_cells_processing(folder):
    node = next(iter(cells().nodes()))
    raw = SWCReader(folder / "branched.swc")
    assert (get_swc(node, folder).table.section_type[-2:] == "axon").all()
    raw.fix_axon()
    assert raw.n_sections == get_swc(node, folder).n_sections
    place = rand_syn_locations(None, node, ["soma"], morphology_dir=folder, return_coords=True)
    assert place[:2] == [0, 0.5]
    np.testing.assert_allclose(place[2:], [10.0, 20.0, 30.0], atol=1e-6)


def test_what_is_not_there_is_named(folder):
    reader = SWCReader(folder / "branched.swc")
    with pytest.raises(InputError, match=r"sec_id.*99"):
        reader.get_coords(99, 0.5)
    with pytest.raises(InputError, match="bassal"):
        reader.find_sections(["bassal"], [0.0, 100.0])
    with pytest.raises(InputError, match=r"missing\.swc"):
        SWCReader(folder / "missing.swc").find_sections(["basal"], [0.0, 100.0])
    with pytest.raises(InputError, match="no segment"):
        reader.choose_sections(["apical"], [5000.0, 6000.0])
