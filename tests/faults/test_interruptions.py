"""A run that is killed, started twice, or has no network or no right to write loses nothing and says what is wrong."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from colonnade.components import BMTK, wheel_folder
from colonnade.files import sha256

pytestmark = pytest.mark.xdist_group("interruptions")

ROOT = Path(__file__).resolve().parents[2]
STAGES = ("components", "network", "inputs", "simulation", "statistics", "figures")
NOT_COMPARED = ("timing.json", "log.txt")
KILLS = 14


def experiment(folder: Path) -> Path:
    """Put the small experiment into ``folder``."""
    shutil.copytree(ROOT / "tests" / "workflow" / "models", folder / "models")
    shutil.copy(ROOT / "tests" / "workflow" / "experiment.yaml", folder)
    return folder


def command(folder: Path, *more: str) -> list[str]:
    words = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", folder,
             "--configfile", folder / "experiment.yaml", "--cores", "2", *more]  # fmt: skip
    return [str(word) for word in words]


def finish(folder: Path, *more: str, **environment) -> subprocess.CompletedProcess:
    return subprocess.run(command(folder, *more), cwd=folder, capture_output=True, text=True,
                          env={**os.environ, **environment})  # fmt: skip


def sums(folder: Path) -> dict[str, str]:
    paths = (path for stage in STAGES for path in (folder / "results" / "small" / stage).rglob("*"))
    return {str(path.relative_to(folder)): sha256(path) for path in paths
            if path.is_file() and path.name not in NOT_COMPARED and not path.name.startswith(".")}  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> dict[str, str]:
    """The checksums of all results of a run that was left alone."""
    folder = experiment(tmp_path_factory.mktemp("undisturbed"))
    assert finish(folder).returncode == 0
    return sums(folder)


def test_a_run_killed_at_many_moments_ends_with_the_same_files(undisturbed, tmp_path):
    folder, rng = experiment(tmp_path / "killed"), np.random.default_rng(20)
    for seconds in rng.uniform(1.2, 4.2, KILLS):
        run = subprocess.Popen(command(folder), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               start_new_session=True)  # fmt: skip
        time.sleep(seconds)
        ended = run.poll() is not None
        os.killpg(run.pid, signal.SIGKILL) if not ended else None
        run.wait()
        shutil.rmtree(folder / ".snakemake" / "locks", ignore_errors=True)  # as --unlock does, without its seconds
        if ended:
            shutil.rmtree(folder / "results")
    answer = finish(folder)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert sums(folder) == undisturbed
    assert not [path for path in (folder / "results").rglob(".*-*") if path.suffix in (".h5", ".csv", ".json")]


def test_of_two_runs_at_once_one_is_turned_away_and_the_result_is_whole(undisturbed, tmp_path):
    folder = experiment(tmp_path / "twice")
    with open(tmp_path / "said", "w") as said:
        first = subprocess.Popen(command(folder), cwd=folder, stdout=said, stderr=said)
    while not list(folder.glob(".snakemake/locks/*.output.lock")):  # Snakemake looks for it before it makes its own
        assert first.poll() is None, (tmp_path / "said").read_text()
        time.sleep(0.005)
    second = finish(folder)
    assert second.returncode == 0 or "locked" in second.stdout + second.stderr  # the first may have been done by then
    assert first.wait() == 0
    assert "Traceback" not in second.stdout + second.stderr + (tmp_path / "said").read_text()
    assert sums(folder) == undisturbed


def with_models_of_the_wheel(folder: Path) -> Path:
    text = (ROOT / "config" / "config.yaml").read_text()
    folder.mkdir()
    (folder / "experiment.yaml").write_text(text)
    return folder


OFFLINE = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
FETCH = ("--until", "fetch_component")


def test_offline_with_a_cold_cache_one_error_says_what_to_do(tmp_path):
    folder = with_models_of_the_wheel(tmp_path / "cold")
    answer = finish(folder, *FETCH, COLONNADE_CACHE=str(tmp_path / "cache"), **OFFLINE)
    said = answer.stdout + answer.stderr
    assert answer.returncode != 0
    assert "not in the cache and cannot be downloaded" in said
    assert "PIP_FIND_LINKS" in said
    assert "Traceback" not in said


def test_offline_with_a_damaged_cache_the_damage_is_not_used(tmp_path):
    cached = wheel_folder(BMTK)
    damaged = tmp_path / "cache" / cached.parent.name / cached.name
    shutil.copytree(cached, damaged)
    name = "Scnn1a_473845048_m.swc"
    path = next(damaged.rglob(name))
    path.write_bytes(path.read_bytes().replace(b" 3 ", b" 4 ", 1))
    folder = with_models_of_the_wheel(tmp_path / "damaged")
    answer = finish(folder, *FETCH, COLONNADE_CACHE=str(tmp_path / "cache"), **OFFLINE)
    assert answer.returncode != 0
    assert "cannot be downloaded" in answer.stdout + answer.stderr
    assert not list(folder.rglob(name))


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    """A disk mounted read-only: rights alone would not keep root out."""
    if not shutil.which("unshare"):
        pytest.skip("no unshare on this machine")
    folder = experiment(tmp_path / "readonly")
    words = " ".join(f"'{word}'" for word in command(folder))
    script = f"mkdir results && mount -t tmpfs -o ro tmpfs results && {words}"
    answer = subprocess.run(["unshare", "--map-root-user", "--mount", "sh", "-c", script], cwd=folder,
                            capture_output=True, text=True)  # fmt: skip
    said = answer.stdout + answer.stderr
    if "Operation not permitted" in said or "unshare failed" in said:
        pytest.skip("this user may not mount a disk")
    assert answer.returncode != 0
    assert "Read-only file system" in said or "cannot be written" in said
    assert "results" in said
