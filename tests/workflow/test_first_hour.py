"""The first hour: the notebook is made of docs/first-hour.py, and runs to pictures."""

import subprocess
import sys

import jupytext
import nbformat
import pytest
from workflow_runs import ROOT

SOURCE = ROOT / "docs" / "first-hour.py"
pytestmark = pytest.mark.xdist_group("notebook")


def pictures(notebook) -> list[bool]:
    """Return for each code cell that shows a figure whether its picture is there."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [cell for cell in code if cell.source.splitlines()[-1].startswith("show(")]
    return [any("image/png" in output.get("data", {}) for output in cell.outputs) for cell in shown]


def test_the_notebook_is_that_of_its_source_with_pictures():
    stored = nbformat.read(SOURCE.with_suffix(".ipynb"), as_version=4)
    source = jupytext.read(SOURCE)
    assert [cell.source for cell in stored.cells] == [cell.source for cell in source.cells]
    assert len(pictures(stored)) >= 7
    assert all(pictures(stored))
    assert SOURCE.with_suffix(".ipynb").stat().st_size < 1_500_000


@pytest.mark.slow
def test_it_runs_from_the_first_cell_to_chapter_3(tmp_path):
    command = [
        sys.executable,
        ROOT / "scripts" / "execute_tutorial.py",
        "--source",
        SOURCE,
        "--output",
        tmp_path / "a.ipynb",
    ]
    answer = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr[-3000:]
    assert all(pictures(nbformat.read(tmp_path / "a.ipynb", as_version=4)))
