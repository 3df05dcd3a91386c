"""From node types to cells: fits, NeuroML, hoc templates, point neurons; what is wrong or unknown is named."""

import copy
import json
import warnings

import numpy as np
import pytest
from cell_examples import BALL_AND_STICK, BRANCHED, HH_FIT, HH_NEUROML, TEMPLATE, write

from colonnade.cells import CellFactory, segment_table
from colonnade.cells.interpreter import h
from colonnade.cells.morphology import morphology
from colonnade.errors import InputError, MissingFile, UnsupportedError

PERISOMATIC = {
    "model_type": "biophysical",
    "model_template": "ctdb:Biophys1.hoc",
    "model_processing": "aibs_perisomatic",
    "morphology": "cell.swc",
    "dynamics_params": "fit.json",
}
NEUROML = {**PERISOMATIC, "model_template": "nml:cell.nml", "dynamics_params": None}
HOC = {"model_type": "biophysical", "model_template": "hoc:TwoParts", "dynamics_params": {"params": [20.0, 110.0]}}
POINT = {"model_type": "point_neuron", "model_template": "nrn:IntFire1", "dynamics_params": "point.json"}


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, "cell.swc", BRANCHED)
    write(tmp_path, "fit.json", json.dumps(HH_FIT))
    write(tmp_path, "cell.nml", HH_NEUROML)
    write(tmp_path, "TwoParts.hoc", TEMPLATE)
    write(tmp_path, "point.json", json.dumps({"tau": 0.024, "refrac": 0.003, "type": "NEURON_IntFire1"}))
    return tmp_path


@pytest.fixture
def factory(folder):
    names = ("morphologies_dir", "biophysical_neuron_models_dir", "point_neuron_models_dir", "templates_dir")
    return CellFactory(dict.fromkeys(names, folder), dL=20.0)


def changed_fit(folder, change):
    """Write the example's fit after ``change`` has altered it in place."""
    fit = copy.deepcopy(HH_FIT)
    change(fit)
    write(folder, "fit.json", json.dumps(fit))


def values(section, name):
    return {getattr(segment, name) for segment in section}


def of_type(cell, kind):
    return [section for section in cell.sections if f".{kind}[" in section.name()]


def test_a_perisomatic_cell_has_what_its_fit_says(factory):
    cell = factory.prototype(PERISOMATIC).instantiate(5)
    (soma,) = of_type(cell, "soma")
    assert cell.soma == soma
    assert cell.gid == 5
    assert values(soma, "gnabar_hh") == {0.15}
    assert (soma.ena, soma.ek) == (53.0, -91.0)
    for kind, cm, g_pas in (("soma", 1, 3e-5), ("dend", 2, 5e-5), ("apic", 2.5, 6e-5), ("axon", 0.9, 7e-5)):
        for section in of_type(cell, kind):
            assert (section.Ra, values(section, "e_pas")) == (120.0, {-68.5})
            assert (values(section, "cm"), values(section, "g_pas")) == ({cm}, {g_pas})
            assert section.has_membrane("hh") == (kind == "soma")
    assert [section.name().rpartition(".")[2] for section in cell.sections[-2:]] == ["axon[0]", "axon[1]"]


def test_the_temperature_of_a_fit_does_not_count(factory):
    h.celsius = 34
    factory.prototype(PERISOMATIC).instantiate(0)
    assert h.celsius == 34


def test_section_ids_count_as_those_of_the_segment_table(factory, folder):
    prototype = factory.prototype(PERISOMATIC)
    cell, table = prototype.instantiate(0), prototype.table
    segments = [segment for section in cell.sections for segment in section]
    assert len(segments) == len(table)
    for row, segment in enumerate(segments):
        assert cell.segment(table.section_id[row], table.x[row]) == segment
    np.testing.assert_array_equal(table.distance, segment_table(folder / "cell.swc", "aibs_perisomatic", 20.0).distance)


def test_the_same_attributes_give_the_same_prototype(factory):
    first = factory.prototype(PERISOMATIC)
    assert factory.prototype({**PERISOMATIC, "positions": [1, 2, 3], "dynamics_params": np.str_("fit.json")}) is first
    assert factory.prototype({**PERISOMATIC, "model_processing": "aibs_allactive"}) is not first


def test_cells_of_one_prototype_are_apart(factory):
    prototype = factory.prototype(PERISOMATIC)
    one, other = prototype.instantiate(1), prototype.instantiate(2)
    one.soma.gnabar_hh = 0
    assert values(other.soma, "gnabar_hh") == {0.15}
    assert not set(map(str, one.sections)) & set(map(str, other.sections))


def test_a_morphology_may_be_named_without_its_ending(factory):
    assert factory.prototype({**PERISOMATIC, "morphology": "cell"}).table is factory.prototype(PERISOMATIC).table


def test_allactive_takes_passive_values_from_the_genome_and_skips_absent_ions(factory, folder):
    def change(fit):
        fit["passive"] = [{"ra": 100}]
        fit["genome"] += [
            {"section": "dend", "name": "cm", "value": 3.0, "mechanism": ""},
            {"section": "dend", "name": "Ra", "value": 77.0, "mechanism": ""},
            {"section": "soma", "name": "e_pas", "value": -80.0, "mechanism": ""},
        ]
        fit["conditions"][0]["erev"] += [{"section": "dend", "ena": 1.0, "ek": 2.0}]

    changed_fit(folder, change)
    cell = factory.prototype({**PERISOMATIC, "model_processing": "aibs_allactive"}).instantiate(0)
    dend = of_type(cell, "dend")[0]
    assert (dend.Ra, values(dend, "cm"), cell.soma.Ra) == (77.0, {3.0}, 100.0)
    assert values(cell.soma, "e_pas") == {-80.0}
    assert (cell.soma.ena, cell.soma.ek) == (53.0, -91.0)
    assert str(of_type(cell, "axon")[0].parentseg()).endswith("soma[0](1)")


def test_glob_entries_of_old_fits_are_passed_over_with_a_warning(factory, folder):
    changed_fit(folder, lambda fit: fit["genome"].append({"section": "glob", "name": "Ra", "value": 1.0}))
    with pytest.warns(UserWarning, match=r"genome\[6\]: Ra of the section 'glob' has no effect"):
        factory.prototype(PERISOMATIC)


def test_without_a_fit_the_processing_changes_nothing_and_says_so(factory, folder):
    with pytest.warns(UserWarning, match="without dynamics_params, aibs_perisomatic leaves the axon"):
        prototype = factory.prototype({**PERISOMATIC, "dynamics_params": "NULL"})
    cell = prototype.instantiate(0)
    assert len(cell.sections) == len(morphology(folder / "cell.swc"))
    assert not cell.soma.has_membrane("pas")
    with pytest.raises(InputError, match="aibs_allactive needs dynamics_params"):
        factory.prototype({**PERISOMATIC, "dynamics_params": None, "model_processing": "aibs_allactive"})


@pytest.mark.parametrize("absent", [None, float("nan"), "NULL", "NONE", "None", ""])
def test_no_processing_leaves_the_axon(factory, folder, absent):
    cell = factory.prototype({**PERISOMATIC, "model_processing": absent}).instantiate(0)
    assert len(of_type(cell, "axon")) == 3
    assert not cell.soma.has_membrane("pas")


def test_extracellular_layers_are_inserted(factory):
    cell = factory.prototype({**PERISOMATIC, "model_processing": "aibs_perisomatic,extracellular"}).instantiate(0)
    assert all(section.has_membrane("extracellular") for section in cell.sections)


BROKEN_FITS = {
    "unknown mechanism": (lambda fit: fit["genome"][4].update(mechanism="hhh"), "no such mechanism is loaded .*'hh'"),
    "unknown parameter": (lambda fit: fit["genome"][4].update(name="gnabar"), "no such parameter .*'gnabar_hh'"),
    "unknown section": (lambda fit: fit["genome"][4].update(section="dendrite"), r"genome\[4\].section: .*'dend'"),
    "not a number": (lambda fit: fit["genome"][4].update(value="much"), r"genome\[4\].value: is not a finite number"),
    "NaN": (lambda fit: fit["genome"][4].update(value=float("nan")), r"genome\[4\].value: is not a finite number"),
    "no cm for a section": (lambda fit: fit["passive"][0]["cm"].pop(2), r"passive\[0\].cm: gives no cm for .*'apic'"),
    "no genome": (lambda fit: fit.pop("genome"), "'genome' is missing"),
    "no ek": (lambda fit: fit["conditions"][0]["erev"][0].pop("ek"), r"conditions\[0\].erev\[0\]: 'ek' is missing"),
    "no channel for the ion": (lambda fit: fit.update(genome=[]), "section soma: no such parameter .*'ena'"),
}


@pytest.mark.parametrize(("change", "message"), BROKEN_FITS.values(), ids=BROKEN_FITS)
def test_a_broken_fit_is_refused_with_its_place(factory, folder, change, message):
    changed_fit(folder, change)
    with pytest.raises(InputError, match=message) as error:
        factory.prototype(PERISOMATIC)
    assert str(error.value).startswith(str(folder / "fit.json"))


def test_a_fit_that_is_no_json_is_refused(factory, folder):
    write(folder, "fit.json", "{passive: 1}")
    with pytest.raises(InputError, match="is not JSON"):
        factory.prototype(PERISOMATIC)


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"model_type": "biophysics"}, UnsupportedError, "model_type: .*Did you mean 'biophysical'"),
        ({"model_type": "virtual"}, UnsupportedError, "model_type"),
        ({"model_template": "ctdb:Biophys2.hoc"}, UnsupportedError, "model_template: .*'ctdb:Biophys1.hoc'"),
        ({"model_template": None}, UnsupportedError, "model_template"),
        ({"model_template": "nrn:IntFire1"}, UnsupportedError, "unknown template for model_type biophysical"),
        ({"model_processing": "aibs_perisomatik"}, UnsupportedError, "Did you mean 'aibs_perisomatic'"),
        ({"model_processing": "extracellular,aibs_perisomatic"}, UnsupportedError, "it has to come first"),
        ({"model_processing": "aibs_perisomatic,aibs_allactive"}, UnsupportedError, "only one treatment"),
        ({"morphology": "sell.swc"}, MissingFile, "Did you mean 'cell.swc'"),
        ({"morphology": None}, InputError, "a morphology is missing"),
        ({"dynamics_params": "fits.json"}, MissingFile, "fits.json"),
        ({"model_template": "nml:cell.nml"}, UnsupportedError, "a fit file on top of a NeuroML cell"),
        ({"model_template": "nml:none.nml", "dynamics_params": None}, MissingFile, "none.nml"),
        ({"model_template": "hoc:TwoPart"}, InputError, "no such hoc template .*'hoc:TwoParts'"),
    ],
)
def test_what_cannot_be_built_is_refused_by_name(factory, changes, kind, message):
    with pytest.raises(kind, match=message):
        factory.prototype({**PERISOMATIC, **changes})


def test_a_missing_components_folder_is_named(folder):
    with pytest.raises(InputError, match=r"components\.biophysical_neuron_models_dir: the folder is missing"):
        CellFactory({"morphologies_dir": folder}).prototype(PERISOMATIC)
    with pytest.raises(InputError, match="dL: has to be positive"):
        CellFactory({}, dL=-1)


def test_a_neuroml_cell_has_what_its_file_says_in_neurons_units(factory):
    cell = factory.prototype(NEUROML).instantiate(0)
    assert values(cell.soma, "gkbar_hh") == {0.04}
    assert (cell.soma.ena, cell.soma.ek) == (53.0, -91.0)
    dend = of_type(cell, "dend")[0]
    assert (dend.Ra, values(dend, "cm")) == (120.0, {2.0})
    assert dend.g_pas == pytest.approx(3e-5)
    assert len(of_type(cell, "axon")) == 2
    assert not dend.has_membrane("hh")


@pytest.mark.parametrize(
    ("old", "new", "kind", "message"),
    [
        ("<spikeThresh value", "<channelPopulation id='n' value", UnsupportedError, "channelPopulation is not supp"),
        ("1.2 ohm_m", "1.2 ohms", InputError, "has an unknown unit .*Did you mean 'ohm_m'"),
        ("1.2 ohm_m", "twelve", InputError, "is not a number with a unit"),
        ('segmentGroup="dend"', 'segmentGroup="dende"', InputError, "no such segment group .*'dend'"),
        ('ionChannel="hh" erev="53.0 mV"', 'ionChannel="hh"', InputError, "the attribute 'erev' is missing"),
        ('ionChannel="hh"', 'ionChannel="hhh"', InputError, "no such mechanism is loaded .*'hh'"),
        ("</cell>", "", InputError, "is not XML"),
    ],
)
def test_a_wrong_neuroml_file_is_refused_with_its_place(factory, folder, old, new, kind, message):
    path = write(folder, "wrong.nml", HH_NEUROML.replace(old, new))
    with pytest.raises(kind, match=message) as error:
        factory.prototype({**NEUROML, "model_template": "nml:wrong.nml"})
    assert str(path) in str(error.value)


def test_segments_are_known_without_fits(folder):
    bare = CellFactory({"morphologies_dir": folder}, dL=20.0)
    table = bare.table(PERISOMATIC)
    assert table is bare.table({**NEUROML})  # both on the perisomatic stub
    assert len(bare.table({**PERISOMATIC, "model_processing": None}).x) > len(table.x)
    assert bare.table(POINT) is None


def test_a_hoc_template_gets_its_parameters_and_keeps_its_channels_when_divided_anew(factory):
    prototype = factory.prototype(HOC)
    cell = prototype.instantiate(3)
    soma, dend = cell.sections
    assert (soma.L, dend.L, dend.nseg, cell.soma) == (20.0, 110.0, 5, soma)
    assert dend(0.1).g_pas > dend(0.9).g_pas > 0
    assert prototype.table.section_id.tolist() == [0, 1, 1, 1, 1, 1]


def test_a_hoc_template_without_dL_keeps_its_own_segments(folder):
    cell = CellFactory({"templates_dir": folder}, dL=None).prototype(HOC).instantiate(0)
    assert cell.sections[1].nseg == 5
    assert cell.sections[1](0.1).g_pas == pytest.approx(1e-4 * 0.95)


def test_a_hoc_template_gets_the_morphology_if_it_has_no_parameters(factory, folder):
    write(
        folder,
        "FromFile.hoc",
        """
        begintemplate FromFile
        public soma, all, parts
        objref all, parts
        create soma
        proc init() { parts = new Counted($s1)  all = new SectionList()  soma { L = parts.size  all.append() } }
        endtemplate FromFile
        """,
    )
    write(
        folder,
        "ZUsedByIt.hoc",
        """
        begintemplate Counted
        public size
        objref functions
        proc init() { functions = new StringFunctions()  size = functions.len($s1) }
        endtemplate Counted
        """,
    )
    cell = factory.prototype({**HOC, "model_template": "hoc:FromFile", "morphology": "cell", "dynamics_params": None})
    assert len(str(folder / "cell.swc")) == cell.instantiate(0).soma.L


def test_a_file_may_load_others_of_its_folder_by_itself(factory, folder):
    inner = """
        begintemplate LoadedInside
        public length
        proc init() { length = 17 }
        endtemplate LoadedInside
        """
    outer = """
        load_file("inside.hoc")
        begintemplate LoadsOthers
        public soma, all, part
        objref all, part
        create soma
        proc init() { part = new LoadedInside()  all = new SectionList()  soma { L = part.length  all.append() } }
        endtemplate LoadsOthers
        """
    write(folder, "inside.hoc", inner)
    write(folder, "LoadsOthers.hoc", outer)
    node = {**HOC, "model_template": "hoc:LoadsOthers", "dynamics_params": None}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert factory.prototype(node).instantiate(0).soma.L == 17


def test_a_template_may_call_procedures_of_files_without_templates(factory, folder):
    write(folder, "zz_sizes.hoc", "func size_of_soma() { return 12.5 }\n")
    write(folder, "aa_broken.hoc", "proc unfinished() { oops(\n")
    write(
        folder,
        "Calling.hoc",
        """
        begintemplate Calling
        public soma, all
        external size_of_soma
        objref all
        create soma
        proc init() { all = new SectionList()  soma { L = size_of_soma()  all.append() } }
        endtemplate Calling
        """,
    )
    node = {**HOC, "model_template": "hoc:Calling", "dynamics_params": None, "morphology": "blank.swc"}
    with pytest.warns(UserWarning, match="aa_broken.hoc: NEURON cannot read this hoc file"):
        prototype = factory.prototype(node)
    assert prototype.instantiate(0).soma.L == 12.5


@pytest.mark.parametrize(
    ("text", "parameters", "message"),
    [
        ("begintemplate Wrong1\nproc init() { oops(\nendtemplate Wrong1", [1.0], "NEURON cannot read this hoc file"),
        ("begintemplate Wrong2\npublic all\nobjref all\nendtemplate Wrong2", [], "the template has no public 'soma'"),
        ("begintemplate Wrong3\npublic soma\ncreate soma\nendtemplate Wrong3", [], "the template has no public 'all'"),
        (
            "begintemplate Wrong4\npublic soma, all\nobjref all\ncreate soma\n"
            "proc init() { soma.L = $2 }\nendtemplate Wrong4",
            [1.0],
            "could not make a cell of this template",
        ),
    ],
)
def test_a_wrong_hoc_template_is_named(factory, folder, text, parameters, message):
    name = text.split()[1]
    write(folder, f"{name}.hoc", text)
    node = {**HOC, "model_template": f"hoc:{name}", "dynamics_params": {"params": parameters}}
    with pytest.raises(InputError, match=message):
        factory.prototype(node).instantiate(0)


def test_the_templates_that_bmtk_brings_need_no_file(factory):
    node = {**PERISOMATIC, "dynamics_params": None, "model_processing": None}
    whole = factory.prototype({**node, "model_template": "hoc:Biophys1"}).instantiate(0)
    stubbed = factory.prototype({**node, "model_template": "hoc:BioAxonStub"}).instantiate(0)
    assert (len(of_type(whole, "axon")), len(of_type(stubbed, "axon"))) == (3, 2)
    fitted = factory.prototype({**PERISOMATIC, "model_template": "hoc:Biophys1"}).instantiate(0)
    assert values(fitted.soma, "gnabar_hh") == {0.15}


def test_a_users_template_can_be_processed(factory, folder):
    write(
        folder,
        "Bare.hoc",
        """
        begintemplate Bare
        public soma, axon, all, axonal
        objref all, axonal
        create soma[1], axon[1]
        proc init() {
            all = new SectionList()  axonal = new SectionList()
            soma { L = 20 diam = 20 all.append() }
            axon { L = 500 diam = 1 all.append() axonal.append() }
            connect axon(0), soma(1)
        }
        endtemplate Bare
        """,
    )
    fit = {**HH_FIT, "genome": [entry for entry in HH_FIT["genome"] if entry["section"] in ("soma", "axon")]}
    node = {**PERISOMATIC, "model_template": "hoc:Bare", "morphology": None, "dynamics_params": fit}
    cell = factory.prototype(node).instantiate(0)
    assert [section.L for section in cell.sections] == [20, 30, 30]
    assert values(cell.soma, "gnabar_hh") == {0.15}
    assert values(cell.sections[2], "g_pas") == {7e-5}


def test_an_intfire1_has_its_times_in_ms(factory):
    prototype = factory.prototype(POINT)
    cell = prototype.instantiate(7)
    assert (cell.point.tau, cell.point.refrac) == (24.0, 3.0)
    assert (cell.sections, cell.soma, prototype.table, prototype.kind) == ([], None, None, "point")


def test_parameters_of_a_point_neuron_may_come_from_the_node_file(factory):
    node = {**POINT, "model_type": "point_process", "dynamics_params": {"tau": np.float64(0.01), "refrac": 0.002}}
    cell = factory.prototype(node).instantiate(0)
    assert (cell.point.tau, cell.point.refrac) == (10.0, 2.0)


def test_other_artificial_cells_take_neurons_own_units(factory):
    node = {**POINT, "model_template": "nrn:IntFire4", "dynamics_params": {"taue": 5.0, "taui1": 10, "taui2": 20.0}}
    cell = factory.prototype(node).instantiate(0)
    assert (cell.point.taue, cell.point.taui1, cell.point.taui2) == (5.0, 10.0, 20.0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model_template": "nrn:IntFire3"}, "no such artificial cell is loaded .*Did you mean 'nrn:IntFire"),
        ({"model_template": "nrn:IClamp"}, "no such artificial cell is loaded"),
        ({"model_template": "ctdb:Biophys1.hoc"}, "unknown template for model_type point_neuron"),
        ({"dynamics_params": {"tau": 0.01}}, "IntFire1 needs 'refrac'"),
        ({"dynamics_params": {"tau": 0.01, "refrac": 0.002, "taum": 3}}, "no such parameter .*'tau'"),
        ({"dynamics_params": {"tau": float("inf"), "refrac": 0.002}}, "tau: is not a finite number"),
        ({"dynamics_params": None}, "IntFire1 needs 'tau'"),
        ({"model_processing": "aibs_perisomatic"}, "a point neuron has nothing to process"),
    ],
)
def test_a_wrong_point_neuron_is_refused_by_name(factory, changes, message):
    with pytest.raises(InputError, match=message):
        factory.prototype({**POINT, **changes})


def test_a_morphology_without_apical_dendrites_takes_a_fit_that_has_them(factory, folder):
    write(folder, "cell.swc", BALL_AND_STICK)
    cell = factory.prototype(PERISOMATIC).instantiate(0)
    assert [section.name().rpartition(".")[2] for section in cell.sections] == [
        "soma[0]",
        "dend[0]",
        "axon[0]",
        "axon[1]",
    ]
