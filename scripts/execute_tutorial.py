"""Execute docs/tutorial.py as a notebook and write it with its outputs; needs the packages of the extra 'test'."""

import argparse
import tempfile
from pathlib import Path

from _program import run

from colonnade.files import atomic_write

TUTORIAL = Path(__file__).resolve().parent.parent / "docs" / "tutorial.py"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=TUTORIAL.with_suffix(".ipynb"), help="the notebook to write")
    arguments = parser.parse_args()

    import jupytext
    import nbformat
    from nbclient import NotebookClient

    notebook = jupytext.read(TUTORIAL)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": folder}})
        client.execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of day
    notebook.metadata.pop("language_info", None)  # the version of this Python
    with atomic_write(arguments.output) as temporary:
        nbformat.write(notebook, temporary)


if __name__ == "__main__":
    run(main)
