"""Runs of the whole workflow on three cells, driven by Snakemake's command line as a user does it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("Snakefile", "config", "envs", "mechanisms", "profiles", "scripts", "src", "workflow")


def snakemake(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
    """Run Snakemake on ``folder``/experiment.yaml with ``folder`` as its working directory."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", folder]
    command += ["--configfile", folder / "experiment.yaml", "--cores", "2", *arguments]
    answer = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True)
    if check:
        assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer


def rules_to_run(folder: Path, *arguments: str) -> dict[str, int]:
    """Return the rules that a run would execute now, with the number of their jobs; targets left out."""
    answer = snakemake(folder, "--dry-run", *arguments)
    jobs = re.findall(r"^(\w+) +(\d+)$", answer.stdout + answer.stderr, flags=re.MULTILINE)
    return {rule: int(number) for rule, number in jobs if rule not in ("all", "total")}


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
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        (tmp_path / "project").mkdir(exist_ok=True)
        copy(ROOT / part, tmp_path / "project" / part)
    return tmp_path / "project"
