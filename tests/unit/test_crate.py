"""The RO-Crate of a result can be read, lists every file with its checksum, and says what made it."""

import json

import pytest
from crate_validation import violations
from rocrate.rocrate import ROCrate

from colonnade.crate import METADATA, write_crate
from colonnade.errors import MissingFile
from colonnade.files import sha256, write_json

CONFIG = {
    "experiment": "tiny",
    "title": "A test",
    "seed": 7,
    "seeds": {"inputs": 11},
    "simulation": {"engine": "neuron"},
}
STEP = "s\th:m:s\tmax_rss\tcpu_time\n2.5\t0:00:02\t100.0\t1.5\n"


@pytest.fixture
def project(tmp_path):
    """A folder like the project's own, outside git, with a file of user functions."""
    root = tmp_path / "project"
    (root / "envs").mkdir(parents=True)
    (root / "Snakefile").write_text("rule all:\n")
    (root / "envs" / "requirements.lock").write_text("numpy==1\n")
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "one" / "own.py").write_text("def ring(): ...\n")
    (tmp_path / "two" / "own.py").write_text("def line(): ...\n")
    return root


@pytest.fixture
def result(tmp_path):
    """A folder of results with a table, a fetched model and a compiled mechanism."""
    folder = tmp_path / "results" / "tiny"
    for name, text in {
        "statistics/cells.csv": "a,b\n1,2\n",
        "statistics/firing_rate~30,replicate~0/cells.csv": "a,b\n3,4\n",
        "components/morphologies/cell.swc": "1 1 0 0 0 1 -1\n",
        "benchmarks/simulate.tsv": STEP,
        "benchmarks/build_nodes/cells.tsv": STEP,
        ".hidden/lock": "",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    record = {"kind": "morphologies", "file": "cell.swc", "source": "bmtk", "version": "1.2.0", "source_sha256": "ab12"}
    record |= {"licence": "BSD-3-Clause", "url": "https://example.org/bmtk", "sha256": "0", "licence_text": None}
    write_json(folder / "components" / "records" / "morphologies" / "cell.swc.json", record)
    write_json(folder / "mechanisms" / "mechanisms.json", {"neuron": "9.0", "compiler": "g++ 12", "flags": "-O2"})
    return folder


@pytest.fixture
def crate(project, result, tmp_path):
    write_crate(result, CONFIG, project, [str(tmp_path / "one" / "own.py"), str(tmp_path / "two" / "own.py")])
    return ROCrate(result)


def values(crate) -> dict:
    """Return {name: value} of all property values of a crate."""
    return {e["name"]: e["value"] for e in crate.get_entities() if e.type == "PropertyValue"}


def test_every_file_is_listed_with_the_checksum_of_its_bytes(crate, result):
    listed = {entity.id: entity for entity in crate.data_entities}
    paths = [path for path in result.rglob("*") if path.is_file() and ".hidden" not in path.parts]
    found = {path.relative_to(result).as_posix() for path in paths} - {METADATA}
    assert {name.replace("%2C", ",") for name in listed} == found
    for name, entity in listed.items():
        path = result / name.replace("%2C", ",")
        assert entity["sha256"] == sha256(path)
        assert int(entity["contentSize"]) == path.stat().st_size


def test_a_changed_file_has_another_checksum_than_the_crate_says(crate, result):
    path = result / "statistics" / "cells.csv"
    path.write_text(path.read_text().replace("2", "3"))
    assert crate.get("statistics/cells.csv")["sha256"] != sha256(path)


def test_the_run_names_seeds_engine_compiler_times_and_versions(crate):
    said = values(crate)
    assert (said["seed"], said["seeds.inputs"], said["engine"]) == (7, 11, "neuron")
    assert (said["mechanisms compiler"], said["mechanisms flags"]) == ("g++ 12", "-O2")
    assert said["time of all steps together (s)"] == 5.0
    run = crate.get("#run")
    assert run["startTime"] < run["endTime"]
    assert run["instrument"] is crate.mainEntity
    assert crate.root_dataset["mentions"] == run
    software = {entity["name"]: entity["version"] for entity in crate.mainEntity["softwareRequirements"]}
    assert {"colonnade", "neuron", "numpy", "compiler"} <= software.keys()
    assert said["git commit"] == "not a git checkout"


def test_the_profiles_are_those_of_a_workflow_run(crate):
    profiles = {entity.id for entity in crate.root_dataset["conformsTo"]}
    assert "https://w3id.org/ro/wfrun/workflow/0.5" in profiles
    assert crate.mainEntity.type == ["File", "SoftwareSourceCode", "ComputationalWorkflow"]


def test_functions_of_the_user_are_inputs_also_where_two_files_share_a_name(crate, result):
    given = [entity.id for entity in crate.get("#run")["object"]]
    own = [name for name in given if name.endswith("own.py")]
    assert len(own) == 2
    assert {(result / name).read_text() for name in own} == {"def ring(): ...\n", "def line(): ...\n"}
    assert "provenance/experiment.yaml" in given
    results = [entity.id for entity in crate.get("#run")["result"]]
    assert "statistics/cells.csv" in results
    assert not set(own) & set(results)


def test_a_fetched_model_has_its_source_and_licence(crate):
    model = crate.get("components/morphologies/cell.swc")
    assert model["license"] == "BSD-3-Clause"
    assert model["isBasedOn"] == "https://example.org/bmtk"
    assert model["description"] == "from bmtk, sha256 of the archive ab12"


def test_writing_twice_gives_the_same_crate(crate, project, result, tmp_path):
    first = json.loads((result / METADATA).read_text())
    write_crate(result, CONFIG, project, [str(tmp_path / "one" / "own.py"), str(tmp_path / "two" / "own.py")])
    assert json.loads((result / METADATA).read_text()) == first


def test_a_folder_without_finished_steps_is_refused(project, tmp_path):
    with pytest.raises(MissingFile, match="no results"):
        write_crate(tmp_path / "nothing", CONFIG, project, [])
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingFile, match="no step"):
        write_crate(tmp_path / "empty", CONFIG, project, [])


def write_receipt(folder, name: str, inputs, outputs, settings=None):
    """Write the receipt of a step as the steps do."""
    said = {"step": name, "version": "0.1", "code_sha256": "c0de", "settings": settings or {}, "settings_sha256": "5e"}
    said |= {"ended": "2026-03-01T12:00:01.500+00:00"} if name == "simulate" else {}
    said |= {"inputs": dict.fromkeys(inputs, "1"), "outputs": dict.fromkeys(outputs, "2")}
    write_json(folder / "provenance" / "receipts" / f"{name}.json", said)


@pytest.fixture
def with_steps(project, result):
    """The crate of a result whose two steps have left receipts, with an author, a grant and a related work."""
    before = "results/tiny"
    write_receipt(result, "build_nodes/cells", [f"{before}/components/morphologies/cell.swc"], [])
    write_receipt(result, "simulate", [], [f"{before}/statistics/cells.csv"], {"dt": 0.1})
    config = CONFIG | {
        "authors": [
            {"name": "Ada Lovelace", "orcid": "0000-0002-1825-0097", "affiliation": "Engines"},
            {"name": "B. C."},
        ],
        "licence": "CC-BY-4.0",
        "funding": [{"funder": "ERC", "award": "7"}],
        "related": [{"identifier": "doi:10.1371/journal.pcbi.1008386", "relation": "cites"}],
    }
    write_crate(result, config, project, [])
    return result


def test_each_step_is_an_action_with_its_inputs_outputs_program_settings_and_times(with_steps):
    crate = ROCrate(with_steps)
    action = crate.get("#step-simulate")
    assert action["result"].id == "statistics/cells.csv"
    assert json.loads(action["object"]["value"]) == {"dt": 0.1}
    assert (action["instrument"]["name"], action["instrument"]["identifier"]) == ("simulate.py", "sha256:c0de")
    assert (action["startTime"], action["endTime"]) == ("2026-03-01T11:59:59+00:00", "2026-03-01T12:00:01+00:00")
    assert [entity["name"] for entity in action["agent"]] == ["Ada Lovelace", "B. C."]
    given = crate.get("#step-build-nodes-cells")["object"]
    assert [entity.id for entity in given][1:] == ["components/morphologies/cell.swc"]


def test_authors_grants_licence_and_related_works_are_those_of_the_config(with_steps):
    root = ROCrate(with_steps).root_dataset
    assert root["author"][0].id == "https://orcid.org/0000-0002-1825-0097"
    assert root["author"][0]["affiliation"]["name"] == "Engines"
    assert root["license"].id == "https://spdx.org/licenses/CC-BY-4.0"
    assert root["funding"]["funder"]["name"] == "ERC"
    assert root["citation"].id == "https://doi.org/10.1371/journal.pcbi.1008386"


@pytest.mark.slow
def test_the_validator_finds_nothing_required_missing_without_authors_and_licence(with_steps, project, monkeypatch,
                                                                                  tmp_path):  # fmt: skip
    write_crate(with_steps, CONFIG | {"authors": []}, project, [])
    assert "author" not in ROCrate(with_steps).root_dataset.properties()
    assert violations(with_steps, monkeypatch, tmp_path / "one") == []


@pytest.mark.slow
def test_the_validator_finds_nothing_required_missing_and_finds_what_is_taken_away(with_steps, monkeypatch, tmp_path):
    assert violations(with_steps, monkeypatch, tmp_path / "one") == []
    path = with_steps / METADATA
    said = json.loads(path.read_text())
    for entity in said["@graph"]:
        if entity["@id"] == "#control-simulate":
            del entity["instrument"]
    path.write_text(json.dumps(said))
    assert any("provenance-run-crate" in issue for issue in violations(with_steps, monkeypatch, tmp_path / "two"))
