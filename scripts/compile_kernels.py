"""Make the kernels of the engine lockstep from compiled mechanisms: C++ from each .mod file, in one library."""

import argparse
from pathlib import Path

from _program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mechanisms", type=Path, metavar="DIR", help="folder of compile_mechanisms.py")
    parser.add_argument("--settings", help="JSON; there are none")
    parser.add_argument("--output", required=True, type=Path, help="folder for the library and kernels.json")
    arguments = parser.parse_args()

    from colonnade.mechanisms import read_compiled
    from colonnade.simulation.engines.lockstep.library import compile_kernels

    library = compile_kernels([read_compiled(arguments.mechanisms)], arguments.output)
    print(f"{len(library.kernels)} kernels: {library.path}")
    for reason in library.refusals.values():
        print(f"Without a kernel: {reason}")


if __name__ == "__main__":
    run(main)
