"""Densities that change with the distance from the soma, as a fit gives them: on cells, on engines, and mistakes."""

import copy
import json
import math
import shutil

import numpy as np
import pytest
import yaml
from cell_examples import BRANCHED, HH_FIT, write
from small_simulation import build_network, simulate, spikes, voltages

from colonnade.cells import CellFactory
from colonnade.cells.interpreter import h
from colonnade.components import BMTK, wheel_folder
from colonnade.errors import InputError
from colonnade.experiment import Experiment, Plan, load_config
from colonnade.experiment.rehearsal import refused
from colonnade.places import project_folder

CELL = {"model_type": "biophysical", "model_template": "ctdb:Biophys1.hoc", "model_processing": "aibs_perisomatic",
        "morphology": "cell.swc", "dynamics_params": "fit.json"}  # fmt: skip
HAY = {"distance": "exponential", "factor": 2e-4, "offset": -0.8696, "scale": 2.087, "rate": 0.0031}
KINDS = {  # as a fit has them, and the same by hand
    "exponential": (HAY, lambda x: 2e-4 * (-0.8696 + 2.087 * math.exp(0.0031 * x))),
    "linear": ({"distance": "linear", "offset": 1e-3, "slope": -1e-6}, lambda x: 1e-3 - 1e-6 * x),
    "sigmoid": (
        {"distance": "sigmoid", "offset": 1e-5, "scale": 2e-3, "half": 100.0, "width": 30.0},
        lambda x: 1e-5 + 2e-3 / (1 + math.exp((x - 100) / 30)),
    ),
    "step": (
        {"distance": "step", "inside": 1e-2, "outside": 1e-4, "begin": 50.0, "end": 120.0},
        lambda x: 1e-2 if 50 <= x < 120 else 1e-4,
    ),
}

DIVIDED = """\
begintemplate Divided
public soma, dend, axon, all
objref all, this
create soma[1], dend[1], axon[1]
proc init() {
    all = new SectionList()
    connect dend[0](0), soma[0](1)
    connect axon[0](0), soma[0](0)
    soma[0] { L = 20  diam = 20  all.append() }
    dend[0] { L = $1  diam = 2  nseg = 3  all.append() }
    axon[0] { L = 50  diam = 1  all.append() }
}
endtemplate Divided
"""
ONE_POINT_SOMA = """\
1 1 0 0 0 10 -1
2 3 0 -10 0 1 1
3 3 0 -210 0 1 2
4 4 0 10 0 1.5 1
5 4 0 210 0 1.5 4
"""
TOLERANCE = 1e-6  # mV: rounding, enlarged by the upstroke of a spike


def fit_with(*entries) -> str:
    fit = copy.deepcopy(HH_FIT)
    fit["genome"] += [{"mechanism": "hh", "name": "gnabar_hh", **entry} for entry in entries]
    return json.dumps(fit)


def cell_of(folder, *entries, dL=20.0, **changes):
    write(folder, "fit.json", fit_with(*entries))
    names = ("morphologies_dir", "biophysical_neuron_models_dir", "templates_dir")
    return CellFactory(dict.fromkeys(names, folder), dL=dL).prototype({**CELL, **changes}).instantiate(0)


def differences(cell, function, kind: str) -> list[float]:
    """Return the distance between the density in NEURON and ``function``, of each segment in sections of a kind."""
    h.distance(0, cell.soma(0))
    found = [
        abs(segment.gnabar_hh - function(h.distance(segment)))
        for section in cell.sections
        if f".{kind}[" in section.name()
        for segment in section
    ]
    assert len(found) > 3
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_each_segment_of_a_reconstructed_cell_has_the_density_of_its_distance(kind, tmp_path):
    value, function = KINDS[kind]
    shutil.copy(wheel_folder(BMTK) / "morphologies" / "Scnn1a_473845048_m.swc", tmp_path / "cell.swc")
    cell = cell_of(tmp_path, *({"section": each, "value": value} for each in ("dend", "apic")))
    for section in ("dend", "apic"):
        assert max(differences(cell, function, section)) < 1e-15
    somatic = [section.gnabar_hh for section in cell.sections if ".soma[" in section.name()]
    assert somatic == [0.15]
    densities = {segment.gnabar_hh for section in cell.sections if ".apic[" in section.name() for segment in section}
    assert len(densities) > 1, "a density that is the same everywhere would show little"


def test_segments_of_a_hoc_template_have_it_after_they_were_divided_anew(tmp_path):
    write(tmp_path, "Divided.hoc", DIVIDED)
    write(tmp_path, "fit.json", json.dumps(json.loads(fit_with({"section": "dend", "value": HAY})) | {"params": [300]}))
    names = ("morphologies_dir", "biophysical_neuron_models_dir", "templates_dir")
    factory = CellFactory(dict.fromkeys(names, tmp_path), dL=5.0)
    cell = factory.prototype({**CELL, "model_template": "hoc:Divided", "morphology": None}).instantiate(0)
    assert max(differences(cell, KINDS["exponential"][1], "dend")) < 1e-15


MISTAKES = {
    "an unknown kind": ({**HAY, "distance": "exponental"}, ["value.distance", "Did you mean 'exponential'"]),
    "no kind": ({"offset": 1.0}, ["value.distance", "no function of the distance"]),
    "a missing parameter": ({"distance": "exponential", "offset": 1, "scale": 1}, ["'rate' is missing", "scale, rate"]),
    "a slip": ({**HAY, "rat": 1.0}, ["'rat'", "Did you mean 'rate'"]),
    "a word": ({**HAY, "rate": "fast"}, ["value.rate", "'fast'", "finite number"]),
    "NaN": ({**HAY, "factor": math.nan}, ["value.factor", "finite number"]),
    "a width of 0": ({**KINDS["sigmoid"][0], "width": 0}, ["value.width", "not 0"]),
    "an empty step": ({**KINDS["step"][0], "end": 50.0}, ["value.begin", "less than end"]),
    "negative far away": (
        {"distance": "linear", "offset": 1e-3, "slope": -1e-5},
        ["gnabar_hh", "apic[0](0.", "um from the soma", "-1.5", "0 to 1000 S/cm2"],
    ),
    "beyond all numbers": ({**HAY, "rate": 1e5}, ["apic[0](", "inf"]),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_place(name, tmp_path):
    value, words = MISTAKES[name]
    write(tmp_path, "cell.swc", BRANCHED)
    with pytest.raises(InputError) as caught:
        cell_of(tmp_path, {"section": "apic", "value": value})
    for word in ("fit.json", "genome[6].value", *words):
        assert word in str(caught.value)


def test_one_resistance_of_the_inside_is_for_a_whole_section(tmp_path):
    write(tmp_path, "cell.swc", BRANCHED)
    with pytest.raises(InputError, match="one value for a whole section"):
        cell_of(tmp_path, {"section": "apic", "value": HAY, "name": "Ra", "mechanism": ""})


def test_a_negative_density_is_known_before_any_job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tests = project_folder() / "tests" / "workflow"
    shutil.copytree(tests / "models", tmp_path / "models")
    config = yaml.safe_load((tests / "experiment.yaml").read_text())
    config["components"] = {"source": "directory", "directory": "models"}
    write(tmp_path / "models" / "morphologies", "ball_and_stick.swc", ONE_POINT_SOMA)
    path = tmp_path / "models" / "biophysical_neuron_models" / "ball_and_stick.json"
    fit = json.loads(path.read_text())
    number = next(i for i, entry in enumerate(fit["genome"]) if entry["section"] == "dend")
    fit["genome"][number]["value"] = {"distance": "linear", "offset": 1e-4, "slope": -1e-6}
    path.write_text(json.dumps(fit))
    write(tmp_path, "config.yaml", yaml.safe_dump(config))
    (error,) = refused(Plan(Experiment(load_config(tmp_path / "config.yaml")), project_folder()))
    for word in (path.name, f"genome[{number}].value", "dend[0](", "um from the soma"):
        assert word in str(error)


@pytest.mark.slow
def test_engines_agree_on_cells_with_such_densities(tmp_path):
    folder = build_network(tmp_path, with_point_neuron=False)
    graded, fits = {"section": "apic", "value": {**HAY, "factor": 0.03}}, folder / "components"
    simulate(folder / "config.json", "--engine", "neuron", "--output", folder / "without")
    write(fits / "biophysical_neuron_models", "hh.json", fit_with(graded))
    for engine in ("neuron", "coreneuron", "lockstep"):
        simulate(folder / "config.json", "--engine", engine, "--output", folder / engine)
    reference = voltages(folder / "neuron" / "v.h5")
    assert np.abs(reference - voltages(folder / "without" / "v.h5")).max() > 0.1, "the density would show nothing"
    for engine in ("coreneuron", "lockstep"):
        np.testing.assert_allclose(voltages(folder / engine / "v.h5"), reference, rtol=0, atol=TOLERANCE)
        assert spikes(folder / engine / "spikes.h5") == spikes(folder / "neuron" / "spikes.h5")
