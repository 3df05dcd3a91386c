"""Runs of the whole workflow on three cells, driven by Snakemake's command line as a user does it."""

import os
import shutil
from pathlib import Path

import pytest
from workflow_runs import ROOT, copy_project, snakemake


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory) -> Path:
    """A folder in which the small experiment has been run to its end; not to be changed."""
    folder = tmp_path_factory.mktemp("finished")
    shutil.copytree(ROOT / "tests" / "workflow" / "models", folder / "models")
    shutil.copy(ROOT / "tests" / "workflow" / "experiment.yaml", folder)
    snakemake(folder)
    return folder


@pytest.fixture
def finished(finished_run, tmp_path) -> Path:
    """A copy, with all file times, of the finished small experiment."""
    folder = tmp_path / "copy"
    shutil.copytree(finished_run, folder)
    for path in finished_run.rglob("*"):
        stat = path.stat()
        os.utime(folder / path.relative_to(finished_run), ns=(stat.st_atime_ns, stat.st_mtime_ns))
    return folder


@pytest.fixture
def project(tmp_path) -> Path:
    """A copy of the project."""
    copy_project(tmp_path / "project")
    return tmp_path / "project"
