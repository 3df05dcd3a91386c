"""Copy one model file (morphology, biophysics, synapse) from its pinned source, with a record of where it is from."""

import argparse
import json
from dataclasses import asdict

from _program import run

from colonnade.components import fetch_component
from colonnade.errors import InputError
from colonnade.files import write_json


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--settings",
        type=json.loads,
        required=True,
        help='JSON: {"source": "bmtk", "files": {"morphologies": ["NAME.swc"]}}, or with "source": "directory", '
        '"directory": PATH; "sha256": {NAME: digest} demands checksums',
    )
    parser.add_argument("--output", required=True, help="path of the copy")
    parser.add_argument("--record", help="JSON file for the source, licence and checksum")
    arguments = parser.parse_args()
    named = [(kind, file) for kind, files in arguments.settings["files"].items() for file in files]
    if len(named) != 1:
        raise InputError("the settings have to name one file", key="files", value=len(named), expected="one file")
    component = fetch_component(arguments.settings, *named[0], arguments.output)
    if arguments.record:
        write_json(arguments.record, asdict(component))
    print(f"{component.file}: sha256 {component.sha256}, from {component.source} {component.version or ''}")


if __name__ == "__main__":
    run(main)
