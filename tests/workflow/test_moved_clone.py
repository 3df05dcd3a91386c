"""A finished clone, copied to another folder with its results, has nothing to do."""

import shutil
import subprocess
import sys
from pathlib import Path


def run(clone: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "snakemake", "--configfile", "experiment.yaml", "--cores", "2", *arguments]
    answer = subprocess.run(command, cwd=clone, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_a_copied_clone_has_nothing_to_do_and_an_edit_still_counts(project, small_experiment, tmp_path):
    first, second = project, tmp_path / "elsewhere" / "second"
    shutil.copytree(small_experiment / "models", first / "models")
    shutil.copy(small_experiment / "experiment.yaml", first)
    run(first)
    shutil.copytree(first, second)
    assert "Nothing to be done" in run(second, "--dry-run")
    program = second / "scripts" / "build_nodes.py"
    program.write_text(program.read_text().replace('nodes")', 'nodes.")'))
    assert "build_nodes" in run(second, "--dry-run")
    program.write_text("# A comment reruns nothing.\n" + (first / "scripts" / "build_nodes.py").read_text())
    assert "Nothing to be done" in run(second, "--dry-run")
