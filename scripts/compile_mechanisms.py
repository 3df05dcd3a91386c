"""Compile .mod files for NEURON and CoreNEURON, with a manifest of what they hold."""

import argparse
import json

from _program import run

from colonnade.mechanisms import compile_mechanisms
from colonnade.places import project_file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mod_files", nargs="*", help=".mod files, or one folder; default: our own")
    parser.add_argument(
        "--settings", type=json.loads, default={},
        help='JSON: {"flags": of the C++ compiler, "directory": .mod files to add, "coreneuron": for it, too}',
    )  # fmt: skip
    parser.add_argument("--output", required=True, help="folder for modfiles/, the libraries and mechanisms.json")
    parser.add_argument("--no-coreneuron", action="store_true", help="compile for the engine neuron only")
    arguments = parser.parse_args()
    sources = arguments.mod_files or [project_file("mechanisms")]
    compiled = compile_mechanisms(
        sources[0] if len(sources) == 1 else sources,
        arguments.output,
        own=arguments.settings.get("directory"),
        coreneuron="try" if arguments.settings.get("coreneuron", not arguments.no_coreneuron) else False,
        flags=arguments.settings.get("flags"),
    )
    print(f"{len(compiled.mechanisms)} mechanisms: {compiled.library}")
    print(f"CoreNEURON: {compiled.coreneuron_library or 'not compiled'}")
    if compiled.manifest["replaced"]:
        print(f"Of {arguments.settings['directory']}, instead of ours: {', '.join(compiled.manifest['replaced'])}")
    if compiled.refusal:
        print(f"CoreNEURON cannot take\n{compiled.refusal}")


if __name__ == "__main__":
    run(main)
