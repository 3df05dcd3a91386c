"""Write spikes and traces of a result as one NWB file, for the tools of physiologists."""

import argparse
from pathlib import Path

from _program import run

from colonnade.analysis.comparison import settings_of_result, simulation_config
from colonnade.analysis.result import Result
from colonnade.nwb import write_nwb
from colonnade.sonata.config import read_config


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", type=Path, help="an experiment's folder, or a simulation config")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: NAME.nwb in the folder")
    arguments = parser.parse_args()
    config = simulation_config(arguments.result)
    about = settings_of_result(arguments.result)
    about = {"experiment": about.get("experiment", arguments.result.name)} | {
        key: about[key] for key in ("title", "authors") if about.get(key)
    }
    about["dt"] = read_config(config).dt
    folder = arguments.result if arguments.result.is_dir() else arguments.result.parent
    output = arguments.output or folder / f"{about['experiment']}.nwb"
    write_nwb(Result.from_config(config), output, about)
    print(output)


if __name__ == "__main__":
    run(main)
