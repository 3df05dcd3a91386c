"""A finished clone, copied to another folder with its results, has nothing to do."""

import shutil
import subprocess
import sys
from pathlib import Path

from workflow_runs import ROOT


def run(clone: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "snakemake", "--configfile", "experiment.yaml", "--cores", "2", *arguments]
    answer = subprocess.run(command, cwd=clone, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_a_copied_clone_has_nothing_to_do_and_an_edit_still_counts(project, finished):
    """The results were made by the clone of these tests; the copy is of all that the workflow uses, and of them."""
    shutil.copytree(finished, project, dirs_exist_ok=True)
    assert "Nothing to be done" in run(project, "--dry-run")
    program = project / "scripts" / "build_nodes.py"
    program.write_text(program.read_text().replace('nodes")', 'nodes.")'))
    assert "build_nodes" in run(project, "--dry-run")
    program.write_text("# A comment reruns nothing.\n" + (ROOT / "scripts" / "build_nodes.py").read_text())
    assert "Nothing to be done" in run(project, "--dry-run")
