"""Morphologies: broken SWC files are refused with their line, clones are what NEURON imports, to the last bit."""

import numpy as np
import pytest
from cell_examples import BALL_AND_STICK, BRANCHED, write

from colonnade.cells.interpreter import h
from colonnade.cells.morphology import define_shapes, morphology, section_type
from colonnade.errors import InputError, MissingFile, UnsupportedError

BROKEN = {
    "missing parent": ("5 3 110 0 0 1 4", "5 3 110 0 0 1 77", "line 6: the parent 77 of point 5"),
    "parent later": ("4 3 10 0 0 1 1", "4 3 10 0 0 1 5", "line 5: the parent 5 of point 4"),
    "own parent": ("4 3 10 0 0 1 1", "4 3 10 0 0 1 4", "line 5: the parent 4 of point 4 is the point itself"),
    "zero radius": ("4 3 10 0 0 1 1", "4 3 10 0 0 0 1", "line 5: the radius has to be positive"),
    "negative radius": ("4 3 10 0 0 1 1", "4 3 10 0 0 -2 1", "line 5: the radius has to be positive (found -2.0)"),
    "NaN": ("4 3 10 0 0 1 1", "4 3 10 nan 0 1 1", "line 5: has a value that is not finite"),
    "infinite": ("4 3 10 0 0 1 1", "4 3 10 inf 0 1 1", "line 5: has a value that is not finite"),
    "six columns": ("4 3 10 0 0 1 1", "4 3 10 0 0 1", "line 5: has 6 columns"),
    "no number": ("4 3 10 0 0 1 1", "4 3 ten 0 0 1 1", "line 5: is not a point"),
    "repeated id": ("5 3 110 0 0 1 4", "4 3 110 0 0 1 1", "line 6: point 4 is here for the second time"),
    "unsorted": ("5 3 110 0 0 1 4", "3000 3 110 0 0 1 4", "line 7: "),
    "fractional id": ("4 3 10 0 0 1 1", "4.5 3 10 0 0 1 1", "line 5: id, type and parent have to be whole numbers"),
    "two trees": ("4 3 10 0 0 1 1", "4 3 10 0 0 1 -1", "line 5: point 4 starts a second tree"),
    "odd type": ("6 3 210 0 0 1 5", "6 7 210 0 0 1 5", "line 7: the point type 7 is not supported"),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_swc_is_refused_with_its_line(tmp_path, old, new, message):
    path = write(tmp_path, "broken.swc", BALL_AND_STICK.replace(old, new))
    with pytest.raises(InputError) as error:
        morphology(path)
    assert str(error.value).startswith(f"{path}: {message}")


def test_swc_without_a_soma_or_without_points_is_refused(tmp_path):
    no_soma = write(tmp_path, "dendrite.swc", "1 3 0 0 0 1 -1\n2 3 9 0 0 1 1\n")
    with pytest.raises(InputError, match="has no soma"):
        morphology(no_soma)
    with pytest.raises(InputError, match="holds no point"):
        morphology(write(tmp_path, "empty.swc", "# nothing\n\n"))
    with pytest.raises(MissingFile):
        morphology(tmp_path / "absent.swc")


def test_a_section_without_extent_is_refused(tmp_path):
    path = write(tmp_path, "flat.swc", "1 1 0 0 0 5 -1\n2 1 0 0 0 5 1\n3 3 5 0 0 1 2\n4 3 50 0 0 1 3\n")
    with pytest.raises(InputError, match=r"section soma\[0\] has no extent"):
        morphology(path)


def test_sections_come_in_the_order_soma_axon_dend_apic(tmp_path):
    form = morphology(write(tmp_path, "cell.swc", BRANCHED))
    assert form.names[0] == "soma[0]"
    assert [kind for kind, _ in zip(form.types, form.names, strict=True)] == sorted(
        form.types, key=["soma", "axon", "dend", "apic"].index
    )
    assert sorted(set(form.types)) == ["apic", "axon", "dend", "soma"]


def test_ball_and_stick_has_the_drawn_lengths(tmp_path):
    form = morphology(write(tmp_path, "cell.swc", BALL_AND_STICK))
    assert form.names == ("soma[0]", "dend[0]")
    assert form.lengths.tolist() == [20.0, 200.0]


@pytest.mark.parametrize(("dL", "expected"), [(20.0, [1, 11]), (200.0, [1, 1]), (3.0, [7, 67]), (None, [1, 1])])
def test_segments_are_odd_and_not_much_longer_than_dL(tmp_path, dL, expected):
    form = morphology(write(tmp_path, "cell.swc", BALL_AND_STICK))
    assert form.nseg(dL).tolist() == expected


def test_an_edited_file_is_read_again(tmp_path):
    path = write(tmp_path, "cell.swc", BALL_AND_STICK)
    assert morphology(path) is morphology(path)
    write(tmp_path, "cell.swc", BALL_AND_STICK.replace("6 3 210", "6 3 2100"))
    assert morphology(path).lengths[1] == 2090.0


def imported(path):
    """Import a cell as a hoc template does, on NEURON's own way and without our arrays."""
    if not hasattr(h, "PlainImport"):
        h("""begintemplate PlainImport
        public soma, dend, apic, axon, all, somatic, basal, apical, axonal
        objref all, somatic, basal, apical, axonal, this, reader, gui
        create soma[1], dend[1], apic[1], axon[1]
        proc init() {
            forall delete_section()
            all = new SectionList()  somatic = new SectionList()  basal = new SectionList()
            apical = new SectionList()  axonal = new SectionList()
            reader = new Import3d_SWC_read()
            reader.quiet = 1
            reader.input($s1)
            gui = new Import3d_GUI(reader, 0)
            gui.instantiate(this)
        }
        endtemplate PlainImport""")
    return h.PlainImport(str(path))


def geometry(sections):
    """Area, axial resistance and diameter of each segment, and the joints, of NEURON sections."""
    rows = [(seg.area(), seg.ri(), seg.diam) for section in sections for seg in section]
    joints = [(str(section.parentseg()).rpartition(".")[2], section.orientation()) for section in sections]
    return np.array(rows), joints


def test_clones_are_the_imported_cell_to_the_last_bit(tmp_path):
    path = write(tmp_path, "cell.swc", BRANCHED)
    form = morphology(path)
    original, copies = imported(path), [form.sections(nseg=form.nseg(15.0)) for _ in range(3)]
    for section, nseg in zip(original.all, form.nseg(15.0).tolist(), strict=True):
        section.nseg = nseg
    rows, joints = geometry(list(original.all))
    for copy in copies:
        copied_rows, copied_joints = geometry(copy)
        np.testing.assert_array_equal(copied_rows, rows)
        assert copied_joints == joints


def charge(sections, soma):
    """Membrane potential (T,) of the soma under a current step, with passive and active membrane."""
    for section in sections:
        section.insert("pas")
        section.insert("hh")
    clamp = h.IClamp(soma(0.5))
    clamp.delay, clamp.dur, clamp.amp = 1, 20, 3
    v = h.Vector().record(soma(0.5)._ref_v)
    h.dt, h.celsius = 0.025, 6.3
    h.finitialize(-65)
    while h.t < 20:
        h.fadvance()
    return np.array(v)


def test_a_clone_spikes_as_the_imported_cell_to_the_last_bit(tmp_path):
    # The order in which branches were joined decides the last bit of a sum, so it has to be kept, too.
    path = write(tmp_path, "cell.swc", BRANCHED)
    original, copy = imported(path), morphology(path).sections()
    expected = charge(list(original.all), original.soma[0])
    assert expected.max() > 0
    np.testing.assert_array_equal(charge(copy, copy[0]), expected)


def test_perisomatic_stub_takes_the_place_of_the_axon(tmp_path):
    form = morphology(write(tmp_path, "cell.swc", BRANCHED), "aibs_perisomatic")
    whole = morphology(tmp_path / "cell.swc")
    assert whole.types.count("axon") == 3
    assert form.names == (*(name for name in whole.names if not name.startswith("axon")), "axon[0]", "axon[1]")
    sections = form.sections()
    first, second = sections[-2:]
    assert [(stub.L, stub.diam) for stub in (first, second)] == [(30, 1), (30, 1)]
    assert (str(first.parentseg()), str(second.parentseg())) == ("soma[0](0.5)", "axon[0](1)")


def test_perisomatic_stub_is_made_where_there_was_no_axon(tmp_path):
    form = morphology(write(tmp_path, "cell.swc", BALL_AND_STICK), "aibs_perisomatic")
    assert form.names == ("soma[0]", "dend[0]", "axon[0]", "axon[1]")


def test_allactive_stub_has_the_diameters_of_the_axon_and_starts_at_the_end_of_the_soma(tmp_path):
    path = write(tmp_path, "cell.swc", BRANCHED)
    original = imported(path)
    axons = [section for section in original.all if section_type(section) == "axon"]
    sections = morphology(path, "aibs_allactive").sections()
    assert [stub.diam for stub in sections[-2:]] == [axons[0].diam, axons[-1].diam]
    assert str(sections[-2].parentseg()) == "soma[0](1)"


@pytest.mark.parametrize("axon", ["aibs_allactive", "aibs_perisomatic_directed", "aibs_allactive_directed"])
def test_a_stub_that_needs_the_axon_is_refused_without_one(tmp_path, axon):
    path = write(tmp_path, "cell.swc", BALL_AND_STICK)
    with pytest.raises(InputError, match=f"has no axon, which {axon} needs"):
        morphology(path, axon)


def test_directed_stub_leaves_the_soma_along_the_axon(tmp_path):
    path = write(tmp_path, "cell.swc", BRANCHED)
    sections = morphology(path, "aibs_perisomatic_directed").sections()
    stub = sections[-1]
    course = np.array([[getattr(stub, f"{axis}3d")(point) for axis in "xyz"] for point in (0, stub.n3d() - 1)])
    direction = (course[1] - course[0]) / np.linalg.norm(course[1] - course[0])
    # The last section of the axon runs from (40, -90, 3) to (10, -160, 3), the soma's middle point is (0, 6, 0).
    cloud = np.array([[0, 6, 0], [40, -90, 3], [10, -160, 3]], float)
    axis = np.linalg.eigh(np.cov(cloud.T))[1][:, -1]
    axis *= np.sign(axis @ (cloud[-1] - cloud[0]))
    np.testing.assert_allclose(direction, axis, atol=1e-5)  # single precision of 3-d points at 160 um
    assert stub.L == 30


def test_an_unknown_treatment_of_the_axon_gets_the_nearest_name(tmp_path):
    path = write(tmp_path, "cell.swc", BRANCHED)
    with pytest.raises(UnsupportedError, match="Did you mean 'aibs_perisomatic'"):
        morphology(path, "aibs_perisomatik")


def test_shapes_of_stubs_are_defined_without_a_change_of_area(tmp_path):
    sections = morphology(write(tmp_path, "cell.swc", BRANCHED), "aibs_perisomatic").sections()
    before, _ = geometry(sections)
    assert sections[-1].n3d() == 0
    define_shapes()
    assert sections[-1].n3d() > 1
    np.testing.assert_allclose(geometry(sections)[0], before, rtol=1e-12)
