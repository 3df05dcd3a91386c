"""The tutorial notebook: made of docs/tutorial.py, executed, and still true."""

import re
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
from workflow_runs import ROOT

DOCS = ROOT / "docs"
MOST_BYTES = 600_000

pytestmark = pytest.mark.xdist_group("notebook")


@pytest.fixture(scope="module")
def stored() -> nbformat.NotebookNode:
    return nbformat.read(DOCS / "tutorial.ipynb", as_version=4)


@pytest.fixture(scope="module")
def executed(tmp_path_factory) -> nbformat.NotebookNode:
    """The notebook executed now, in a folder of its own."""
    path = tmp_path_factory.mktemp("notebook") / "tutorial.ipynb"
    command = [sys.executable, ROOT / "scripts" / "execute_tutorial.py", "--output", path]
    answer = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=path.parent)
    assert answer.returncode == 0, answer.stderr[-3000:]
    return nbformat.read(path, as_version=4)


def outputs(notebook: nbformat.NotebookNode) -> list[list[tuple[str, str]]]:
    """Return for each code cell the kinds of its outputs, with their text in which every number is a 0."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            texts = [(output.output_type, text_of(output)) for output in cell.outputs]
            found.append([(kind, re.sub(r"[ \d.]+", " 0 ", text)) for kind, text in texts])
    return found


def text_of(output) -> str:
    return output.get("text", output.get("data", {}).get("text/plain", ""))


def test_the_notebook_is_that_of_the_script(stored):
    script = jupytext.read(DOCS / "tutorial.py")
    made_of = [(cell.cell_type, cell.source) for cell in script.cells]
    assert [(cell.cell_type, cell.source) for cell in stored.cells] == made_of, "run scripts/execute_tutorial.py"


def test_the_stored_outputs_are_complete_small_and_of_no_machine(stored):
    text = (DOCS / "tutorial.ipynb").read_text()
    assert len(text) < MOST_BYTES
    for place in (f"{Path.home()}/", f"{ROOT}/", "/tmp/", "/home/"):
        assert place == "//" or place not in text  # a home of some containers is /
    code = [cell for cell in stored.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    images = [output for cell in code for output in cell.outputs if "image/png" in output.get("data", {})]
    assert len(images) == 4
    assert not [output for cell in code for output in cell.outputs if output.get("name") == "stderr"]


def test_the_notebook_runs_to_its_end_with_the_same_kinds_of_outputs(stored, executed):
    assert outputs(executed) == outputs(stored)


def test_inhibition_lowers_the_rate_and_leaves_the_other_connections(executed):
    said = "".join(text_of(output) for cell in executed.cells for output in cell.get("outputs", []))
    assert "the same in both networks: True" in said
    alone, inhibited, inhibitory = (
        float(re.search(f"{words}: +([0-9.]+) Hz", said).group(1))
        for words in ("Excitatory cells alone", "with inhibitory ones", "inhibitory cells")
    )
    assert 0 < inhibited < 0.9 * alone
    assert inhibitory > 1
