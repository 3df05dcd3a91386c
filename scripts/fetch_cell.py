"""Fetch a cell of the Allen Cell Types Database, by its specimen id, as a project that runs."""

import argparse
import shlex
from pathlib import Path

from _program import run

from colonnade.allen import MODELS, SERVICE, fetch_cell


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("specimen", type=int, metavar="SPECIMEN_ID", help="its number on celltypes.brain-map.org")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="default: cell_SPECIMEN_ID")
    parser.add_argument("--model", choices=tuple(MODELS), default="perisomatic", help="default: perisomatic")
    parser.add_argument("--sweep", type=int, metavar="NUMBER", help="default: the strongest long square with spikes")
    parser.add_argument("--service", default=SERVICE, metavar="URL", help=f"default: {SERVICE}")
    arguments = parser.parse_args()
    folder = arguments.output or Path(f"cell_{arguments.specimen}")
    config = fetch_cell(
        arguments.specimen, folder, model=arguments.model, sweep=arguments.sweep, service=arguments.service
    )
    print(f"{config}\nNext: cd {shlex.quote(str(folder))} && colonnade run && colonnade response")


if __name__ == "__main__":
    run(main)
