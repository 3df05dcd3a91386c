"""A config is completed with defaults, and what is wrong in it is said with its place and the nearest right name."""

import copy
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from colonnade.errors import InputError, InputErrors, MissingFile
from colonnade.experiment import load_config, resolve

ROOT = Path(__file__).resolve().parents[2]
CHAPTER3 = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
EDGES = "networks.mcortex.edges.0."


def changed(path, value):
    config = copy.deepcopy(CHAPTER3)
    *parents, last = path.split(".")
    place = config
    for part in parents:
        place = place[int(part)] if isinstance(place, list) else place[part]
    place[last] = value
    return config


@pytest.mark.parametrize(
    "path", [ROOT / "config" / "config.yaml", *sorted((ROOT / "config" / "experiments").glob("*.yaml"))]
)
def test_every_config_of_the_project_is_valid(path):
    assert load_config(path)["experiment"]


def test_defaults_are_filled_in_at_every_depth():
    config = copy.deepcopy(CHAPTER3)
    del config["simulation"]["dt"], config["components"], config["simulation"]["reports"]["v_report"]["sections"]
    resolved = resolve(config)
    assert resolved["simulation"]["dt"] == 0.1
    assert resolved["components"] == {"source": "bmtk", "sha256": {}}
    assert resolved["simulation"]["reports"]["v_report"]["sections"] == "soma"
    assert resolved["networks"]["mthalamus"]["edges"][0]["iterator"] == "one_to_one"


def test_resolving_twice_changes_nothing():
    once = resolve(CHAPTER3)
    assert resolve(once) == once


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("sed", 1, ["c.yaml", "sed", "unknown key", "'seed'"]),
        ("simulation.tsop", 1, ["simulation.tsop", "'tstop'"]),
        ("simulation.engine", "coreneron", ["simulation.engine", "'coreneron'", "'coreneuron'"]),
        ("simulation.dt", "5e-2", ["simulation.dt", "write 0.05", "ms"]),
        ("simulation.dt", -1.0, ["simulation.dt", "-1.0", "more than 0", "ms"]),
        ("simulation.dt", 5000.0, ["simulation.dt", "longer than tstop"]),
        ("simulation.tstop", 100.05, ["simulation.tstop", "no multiple of the time step", "100.05", "100 or 100.1 ms"]),
        ("simulation.reports.v_report.dt", 0.25, ["simulation.reports.v_report.dt", "0.2 or 0.3 ms"]),
        ("simulation.reports.v_report.start_time", 0.05, ["simulation.reports.v_report.start_time", "0.1 ms"]),
        ("mechanisms", {"flags": "-O3; touch F #"}, ["mechanisms.flags", "-O3; touch F #"]),
        ("inputs.mthalamus.firing_rat", 3, ["inputs.mthalamus.firing_rat", "'firing_rate'"]),
        ("inputs.mthalamus.firing_rate", -3, ["inputs.mthalamus.firing_rate", "-3", "at least 0", "Hz"]),
        ("inputs.mthalamus.firing_rate", [1.0, 2.0, 3.0], ["3 rates for 2 times"]),
        ("inputs.mthalamus.times", [3.0, 0.0], ["times must increase"]),
        ("inputs.mthalamus.type", "poison", ["'poisson'"]),
        ("inputs.mthalamu", {"type": "spikes", "file": "a.h5"}, ["inputs.mthalamu", "no such network", "'mthalamus'"]),
        ("inputs.mcortex", {"type": "spikes", "file": "a.h5"}, ["inputs.mcortex", "virtual"]),
        ("networks.mthalamus.edges.0.target_network", "mcrtex", ["edges.0.target_network", "'mcortex'"]),
        ("networks.mthalamus.edges.0.target_network", "mthalamus", ["virtual cells cannot be targets"]),
        ("networks.mthalamus.edges.0.delay", 0.05, ["edges.0.delay", "shorter than simulation.dt"]),
        ("networks.mcortex.nodes.0.N", "many", ["networks.mcortex.nodes.0.N", "'many'", "integer"]),
        ("networks.mcortex.nodes.0.morphology", "../../etc/passwd", ["morphology", "without a folder"]),
        ("experiment", "../elsewhere", ["experiment", "'../elsewhere'"]),
        ("simulation.reports.v_report.cells", "mcrtex", ["simulation.reports.v_report.cells", "'mcortex'"]),
        ("figures.traces_v.report", "v_repot", ["figures.traces_v.report", "'v_report'"]),
        ("results", "$HOME/results", ["results", "$HOME/results", "without a $"]),
        ("components.source", "directory", ["'directory' is missing"]),
    ],
)
def test_a_mistake_is_named_with_its_place_and_the_right_name(path, value, said):
    with pytest.raises(InputError) as error:
        resolve(changed(path, value), file="c.yaml")
    for words in ["c.yaml", *said]:
        assert words in str(error.value)


def test_a_missing_key_is_named():
    config = copy.deepcopy(CHAPTER3)
    del config["simulation"]["tstop"]
    with pytest.raises(InputError, match=r"simulation: the key 'tstop' is missing.*ms"):
        resolve(config)


@pytest.mark.parametrize(
    ("path", "right", "wrong", "said"),
    [
        ("", "experiment", "experimnt", "experimnt: unknown key"),
        ("simulation.", "tstop", "tstp", "simulation.tstp: unknown key"),
        ("figures.traces_v.", "report", "reprt", "figures.traces_v.reprt: unknown key"),
        ("figures.raster.", "kind", "knd", "figures.raster.knd: the key 'kind' is missing"),
        ("inputs.mthalamus.", "type", "typ", "inputs.mthalamus.typ: the key 'type' is missing"),
        (EDGES, "connection_rule", "conection_rule", f"{EDGES}conection_rule: the key 'connection_rule' is missing"),
    ],
)
def test_a_misspelt_key_that_has_to_be_there_is_named_once_with_the_right_name(path, right, wrong, said):
    config = copy.deepcopy(CHAPTER3)
    place = config
    for part in path.split(".")[:-1]:
        place = place[int(part)] if isinstance(place, list) else place[part]
    place[wrong] = place.pop(right)
    with pytest.raises(InputError) as error:
        resolve(config, file="c.yaml")
    assert not isinstance(error.value, InputErrors), error.value
    assert str(error.value).startswith(f"c.yaml: {said} (found {wrong!r})")
    assert str(error.value).endswith(f"Did you mean {right!r}?")


@pytest.mark.parametrize(("section", "name"), [("figures", "raster"), ("inputs", "mthalamus")])
def test_what_is_no_mapping_or_has_no_kind_is_one_mistake(section, name):
    for value in (5, {}):
        with pytest.raises(InputError) as error:
            resolve(changed(f"{section}.{name}", value))
        assert not isinstance(error.value, InputErrors), error.value
        assert f"{section}.{name}" in str(error.value)


def test_a_conductance_that_no_gap_junction_has_is_refused():
    gap = {key: CHAPTER3["networks"]["mcortex"]["edges"][0][key] for key in ("source", "target", "connection_rule")}
    gap |= {"is_gap_junction": True, "syn_weight": 5.0}
    assert resolve(changed("networks.mcortex.edges", [gap | {"syn_weight": 1.0}]))
    with pytest.raises(InputError, match=r"edges\.0\.syn_weight: no conductance of a gap junction .*5\.0.* 0 to 1 uS"):
        resolve(changed("networks.mcortex.edges", [gap]))


def test_networks_whose_edges_would_share_a_file_are_refused():
    config = copy.deepcopy(CHAPTER3)
    virtual = config["networks"]["mthalamus"] | {"edges": []}
    config["networks"] |= dict.fromkeys(("a", "a_b", "b_c", "c"), virtual)
    with pytest.raises(InputError, match=r"edges from a_b to c .* from a to b_c .*'a_b_c_edges.h5'.*other names"):
        resolve(config)


def test_a_file_that_is_not_yaml_or_not_there_is_named(tmp_path):
    (tmp_path / "bad.yaml").write_text("a: [1, 2")
    with pytest.raises(InputError, match=r"bad\.yaml: not valid YAML"):
        load_config(tmp_path / "bad.yaml")
    with pytest.raises(MissingFile, match=r"gone\.yaml"):
        load_config(tmp_path / "gone.yaml")


def test_the_readme_lists_every_key_as_the_schema_has_it(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text((ROOT / "config" / "README.md").read_text())
    program = [sys.executable, ROOT / "scripts" / "document_config.py", "--readme", readme]
    subprocess.run(program, check=True)
    assert readme.read_text() == (ROOT / "config" / "README.md").read_text(), "run scripts/document_config.py"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("authors", [{"name": "A", "orcid": "0000-0002-1825-0098"}], r"authors\.0\.orcid: no .*that ends in 7"),
        ("authors", [{"name": name, "orcid": "0000-0002-1694-233X"} for name in "AB"], r"that of authors\.0, too"),
        ("licence", "cc-by-4.0", "no licence of SPDX .*expected CC-BY-4.0"),
        ("licence", "CC-BY-4", "Did you mean 'CC-BY-4.0'"),
        ("licence", "LicenseRef-ours", "no licence of SPDX .*Known: .*CC-BY-4.0"),
    ],
)
def test_people_and_licence_that_a_repository_would_refuse_are_named(path, value, said):
    with pytest.raises(InputError, match=said):
        resolve({**CHAPTER3, path: value})


def test_the_last_sign_of_an_orcid_may_be_x():
    assert resolve({**CHAPTER3, "authors": [{"name": "A", "orcid": "0000-0002-1694-233X"}], "licence": "CC0-1.0"})
