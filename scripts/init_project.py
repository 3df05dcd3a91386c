"""Make a folder for an experiment of your own: its config, functions, notes and a Snakefile for rules of your own."""

import argparse
import shlex
import shutil
from pathlib import Path

from _program import run

from colonnade.command.project import experiments, new_project
from colonnade.errors import InputError


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default=".", metavar="NAME", help="the new folder; default: this one")
    parser.add_argument(
        "--from", dest="origin", default="chapter3", metavar="EXPERIMENT",
        help=f"what to begin with: {', '.join(experiments())}, or a YAML file; default: chapter3",
    )  # fmt: skip
    arguments = parser.parse_args()
    folder = Path(arguments.name)
    made = new_project(folder, arguments.origin)
    for path in made:
        print(f"  {path}")
    here = "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    print(f"Next: {here}colonnade run")
    if shutil.which("g++") is None and shutil.which("c++") is None:
        raise InputError("no C++ compiler, which NEURON's mechanisms need", expected="apt-get install g++ make, say")


if __name__ == "__main__":
    run(main)
