"""What cannot be packed is named before anything is written; who is not named is not made up."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from colonnade.archive.zip_file import write_archive
from colonnade.crate import METADATA
from colonnade.errors import InputError
from colonnade.experiment import Experiment, Plan
from colonnade.places import project_folder


@pytest.fixture
def config(tmp_path, monkeypatch) -> dict:
    """The config of the small experiment, whose results seem to be there."""
    monkeypatch.chdir(tmp_path)
    for results in ("out", "results"):
        (tmp_path / results / "small").mkdir(parents=True)
        (tmp_path / results / "small" / METADATA).write_text("{}")
    return yaml.safe_load((project_folder() / "tests" / "workflow" / "experiment.yaml").read_text())


def packed(config: dict) -> None:
    plan = Plan(Experiment(config), project_folder())
    write_archive(plan, Path("config.yaml"), Path("a.zip"), models=False, wheels=False)


def test_results_outside_of_the_working_directory_are_no_archive(config, tmp_path):
    with pytest.raises(InputError, match=r"config.yaml: results: .*a folder in the working directory"):
        packed({**config, "results": str(tmp_path / "out")})
    assert not Path("a.zip").exists()


def test_files_that_are_named_by_absolute_paths_are_no_archive(config, tmp_path):
    (tmp_path / "own.py").write_text("def panel(result, axes): ...\n")
    config["figures"]["mine"] = {"kind": "own", "function": f"{tmp_path / 'own.py'}:panel"}
    with pytest.raises(InputError, match=r"own\.py: is named by an absolute path"):
        packed(config)


def test_an_experiment_without_authors_has_no_citation_and_one_line_says_so(config):
    root = project_folder()
    shutil.copytree(root / "tests" / "workflow" / "models", "models")
    Path("config.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, root / "scripts" / "archive.py", "--output", "a.zip"]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr.startswith("warning: config.yaml: authors: nobody is named")
    assert len(answer.stderr.splitlines()) == 1
    with zipfile.ZipFile("a.zip") as archive:
        texts = {name.removeprefix("small/"): archive.read(name) for name in archive.namelist()}
    assert "CITATION.cff" not in texts
    assert b"CITATION.cff" not in texts["README.md"]
    assert "authors" not in yaml.safe_load(texts["codecheck.yml"])["paper"]
    assert b"creators" not in texts[".zenodo.json"]
