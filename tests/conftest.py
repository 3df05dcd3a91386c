"""Shared by all tests: where the project is, and a copy of the smallest experiment."""

import os
import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# Servers of tests are on this machine, whatever proxy there is.
os.environ["no_proxy"] = ",".join(["127.0.0.1", *filter(None, [os.environ.get("no_proxy")])])

# The same examples each time, and as much time for one as the machine takes.
settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")


@pytest.fixture(scope="session")
def peer_python() -> Path:
    """Return the Python which has BMTK: `COLONNADE_PEER_PYTHON`, or that of `.venv-bench`; skip where there is none."""
    given = os.environ.get("COLONNADE_PEER_PYTHON")
    python = Path(given) if given else ROOT / ".venv-bench" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"no BMTK to compare with: {python} is missing (make test makes it; or set COLONNADE_PEER_PYTHON)")
    return python


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
