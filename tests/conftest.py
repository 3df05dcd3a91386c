"""Shared by all tests: where the project is, and a copy of the smallest experiment."""

import shutil
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def small_experiment(tmp_path) -> Path:
    """A folder with experiment.yaml (three cells, five sources) and its models; returns the folder."""
    shutil.copytree(ROOT / "tests" / "workflow" / "models", tmp_path / "models")
    shutil.copy(ROOT / "tests" / "workflow" / "experiment.yaml", tmp_path)
    return tmp_path


@pytest.fixture
def edit_config():
    """Return a function edit(folder, change) which lets ``change`` alter the small experiment's config in place."""

    def edit(folder: Path, change) -> None:
        path = folder / "experiment.yaml"
        config = yaml.safe_load(path.read_text())
        change(config)
        path.write_text(yaml.safe_dump(config, sort_keys=False))

    return edit
