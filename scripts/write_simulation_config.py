"""Write the SONATA configs of a simulation into a folder, with paths relative to it."""

import argparse
import json
from pathlib import Path

from _program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--settings", required=True, type=json.loads, metavar="JSON", help="populations, inputs and simulation"
    )
    parser.add_argument(
        "--nodes",
        nargs="+",
        required=True,
        metavar="FILE",
        help="H5 and CSV file of each network, in order of gids",
    )
    parser.add_argument("--edges", nargs="+", default=[], metavar="FILE", help="H5 and CSV file of each edge set")
    parser.add_argument("--spikes", nargs="+", default=[], metavar="FILE", help="INPUT_spikes.h5 of each spike input")
    parser.add_argument("--currents", nargs="+", default=[], metavar="FILE", help="INPUT_current.csv of each current")
    parser.add_argument("--components", required=True, metavar="DIR", help="folder of the folders of models")
    parser.add_argument("--mechanisms", required=True, metavar="DIR", help="folder of the compiled mechanisms")
    parser.add_argument("--output", required=True, metavar="DIR", help="folder of the configs")
    arguments = parser.parse_args()

    from colonnade.simulation.config_files import ConfigFiles, write_configs

    files = ConfigFiles(
        arguments.output,
        list(zip(arguments.nodes[::2], arguments.nodes[1::2], strict=True)),
        list(zip(arguments.edges[::2], arguments.edges[1::2], strict=True)),
        {Path(path).stem.removesuffix("_spikes"): path for path in arguments.spikes},
        arguments.components,
        arguments.mechanisms,
        arguments.settings.get("components"),
        {Path(path).stem.removesuffix("_current"): path for path in arguments.currents},
    )
    write_configs(files, arguments.settings)


if __name__ == "__main__":
    run(main)
