"""`colonnade run` in a new project: its output fits a screen, its logs hold everything, a failure is readable."""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from workflow_runs import ROOT

pytestmark = pytest.mark.xdist_group("command_run")

SCREEN = 24  # lines
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1  # of Linux


def colonnade(folder, *words) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "colonnade", *words], cwd=folder, capture_output=True, text=True)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A project folder made from the small experiment."""
    folder = tmp_path_factory.mktemp("project")
    answer = colonnade(folder, "init", "demo", "--from", ROOT / "tests" / "workflow" / "experiment.yaml")
    assert answer.returncode == 0, answer.stderr
    return folder / "demo"


def test_a_run_ends_in_figures_and_report_and_says_so_on_one_screen(demo):
    answer = colonnade(demo, "run")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert len((answer.stdout + answer.stderr).splitlines()) <= SCREEN
    assert "report  results/demo/report.html" in answer.stdout
    for name in ("report.html", "ro-crate-metadata.json", "figures/raster.pdf"):
        assert (demo / "results" / "demo" / name).is_file()
    assert "Finished jobid" in (demo / "results" / "demo" / "logs" / "run.log").read_text()


def without_write_permission(folder, *words) -> subprocess.CompletedProcess:
    """Run the command in a folder in which nothing may be written: root, too, without the right to pass that over."""
    for path in [folder, *filter(Path.is_dir, folder.rglob("*"))]:
        path.chmod(0o555)
    command = [sys.executable, "-m", "colonnade", *words]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, preexec_fn=drop_override)
    for path in [folder, *filter(Path.is_dir, folder.rglob("*"))]:
        path.chmod(0o755)
    return answer


def drop_override() -> None:
    if os.geteuid() == 0:
        assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0) == 0


def test_where_nothing_may_be_written_a_run_says_so_in_a_line_and_a_check_works(demo, tmp_path):
    (tmp_path / "new").mkdir()
    shutil.copy(demo / "config.yaml", tmp_path / "new")
    shutil.copytree(demo / "models", tmp_path / "new" / "models")
    shutil.copytree(demo, tmp_path / "finished")
    for folder in (tmp_path / "new", tmp_path / "finished"):
        for words in (("run", "--dry-run"), ("run", "--raw"), ("run",)):
            answer = without_write_permission(folder, *words)
            assert (answer.returncode, answer.stdout) == (2, "")
            assert len(answer.stderr.splitlines()) == 1
            assert answer.stderr.startswith(f"error: {folder / '.snakemake'}: Snakemake cannot write its records")
        assert without_write_permission(folder, "check").returncode == 0


def test_a_dry_run_that_shows_all_ends_after_what_it_shows(demo, tmp_path):
    shutil.copy(demo / "config.yaml", tmp_path)
    shutil.copytree(demo / "models", tmp_path / "models")
    answer = colonnade(tmp_path, "run", "--raw", "--dry-run")
    assert (answer.returncode, "is done" in answer.stdout) == (0, False), answer.stderr
    assert not (tmp_path / "results").exists()


def test_plain_snakemake_takes_the_projects_own_snakefile(demo):
    answer = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", "--dry-run"], cwd=demo, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    assert "Nothing to be done" in answer.stdout + answer.stderr


def test_a_failing_function_is_told_in_a_few_lines_with_its_place(demo):
    path = demo / "config.yaml"
    config = yaml.safe_load(path.read_text())
    (demo / "own_functions.py").write_text("def broken(source, target):\n    raise ValueError('too far')\n")
    config["networks"]["cells"]["edges"][0] |= {"connection_rule": "own_functions.py:broken", "connection_params": {}}
    path.write_text(yaml.safe_dump(config))
    answer = colonnade(demo, "run")
    assert answer.returncode != 0
    said = answer.stdout + answer.stderr
    assert "too far" in said
    assert "own_functions.py, line 2" in said
    assert len(said.splitlines()) <= SCREEN
