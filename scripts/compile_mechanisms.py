"""Compile .mod files for NEURON and CoreNEURON, with a manifest of what they hold."""

import argparse
import json
from pathlib import Path

from _program import run

from colonnade.mechanisms import compile_mechanisms

OURS = Path(__file__).resolve().parent.parent / "mechanisms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mod_files", nargs="*", help=".mod files, or one folder; default: as the settings say")
    parser.add_argument(
        "--settings", type=json.loads, default={},
        help='JSON: {"flags": flags of the C++ compiler, "directory": folder of .mod files; default: our own}',
    )  # fmt: skip
    parser.add_argument("--output", required=True, help="folder for modfiles/, the libraries and mechanisms.json")
    parser.add_argument("--no-coreneuron", action="store_true", help="compile for the engine neuron only")
    arguments = parser.parse_args()
    given = arguments.mod_files or [arguments.settings.get("directory", OURS)]
    sources = given[0] if len(given) == 1 else given
    compiled = compile_mechanisms(
        sources,
        arguments.output,
        coreneuron=False if arguments.no_coreneuron else "try",
        flags=arguments.settings.get("flags"),
    )
    print(f"{len(compiled.mechanisms)} mechanisms: {compiled.library}")
    print(f"CoreNEURON: {compiled.coreneuron_library or 'not compiled'}")
    if compiled.refusal:
        print(f"CoreNEURON cannot take\n{compiled.refusal}")


if __name__ == "__main__":
    run(main)
