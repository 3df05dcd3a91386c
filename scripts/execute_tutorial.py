"""Execute a page of docs/ as a notebook and write it with its outputs; needs the packages of the extra 'test'."""

import argparse
import tempfile
from pathlib import Path

from _program import run

from colonnade.files import atomic_write

TUTORIAL = Path(__file__).resolve().parent.parent / "docs" / "tutorial.py"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--source", type=Path, default=TUTORIAL, help="the page, a .py file (default: docs/tutorial.py)"
    )
    parser.add_argument("--output", type=Path, help="the notebook to write (default: beside the source)")
    arguments = parser.parse_args()
    output = arguments.output or arguments.source.with_suffix(".ipynb")

    import jupytext
    import nbformat
    from nbclient import NotebookClient

    notebook = jupytext.read(arguments.source)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": folder}})
        client.execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of day
    notebook.metadata.pop("language_info", None)  # the version of this Python
    with atomic_write(output) as temporary:
        nbformat.write(notebook, temporary)


if __name__ == "__main__":
    run(main)
