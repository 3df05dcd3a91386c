"""A finished clone, copied to another folder with its results, has nothing to do, file times kept or not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from workflow_runs import ROOT, rules_to_run


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


def test_a_copy_without_file_times_has_nothing_to_do_and_an_edit_still_counts(finished, edit_config):
    """As `cp -r` makes it, at its worst: what was made first is the youngest, and folders are younger still."""
    paths = [finished, *finished.rglob("*")]
    times = sorted((path.stat().st_mtime, path) for path in paths if not path.is_dir())
    for place, (_, path) in enumerate(reversed(times)):
        os.utime(path, (now := times[-1][0] + 10 + place / 100, now))
    for path in filter(Path.is_dir, paths):
        os.utime(path, (now := times[-1][0] + 60, now))
    assert rules_to_run(finished) == {}
    assert rules_to_run(finished, "--forcerun", "compile_mechanisms")["simulate"] == 1
    edit_config(finished, lambda config: config.update(mechanisms={"flags": "-O1"}))
    assert rules_to_run(finished)["simulate"] == 1
