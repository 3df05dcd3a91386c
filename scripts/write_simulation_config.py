"""Write the SONATA configs of a simulation into a folder, with paths relative to it."""

import argparse
import json

from _program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--settings", required=True, type=json.loads, metavar="JSON", help="populations, inputs and simulation"
    )
    parser.add_argument(
        "--nodes", nargs=2, action="append", required=True, metavar=("H5", "CSV"), help="nodes and their types"
    )
    parser.add_argument(
        "--edges", nargs=2, action="append", default=[], metavar=("H5", "CSV"), help="edges, their types"
    )
    parser.add_argument(
        "--spikes", nargs=2, action="append", default=[], metavar=("NAME", "FILE"), help="an input and its spikes"
    )
    parser.add_argument("--components", required=True, metavar="DIR", help="folder of the folders of models")
    parser.add_argument("--mechanisms", required=True, metavar="DIR", help="folder of the compiled mechanisms")
    parser.add_argument("--output", required=True, metavar="DIR", help="folder of the configs")
    arguments = parser.parse_args()

    from colonnade.simulation.settings import ConfigFiles, write_configs

    files = ConfigFiles(
        arguments.output,
        arguments.nodes,
        arguments.edges,
        dict(arguments.spikes),
        arguments.components,
        arguments.mechanisms,
    )
    write_configs(files, arguments.settings)


if __name__ == "__main__":
    run(main)
