"""What cannot be packed is named before anything is written."""

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
