"""Pack a finished experiment into one zip, which reviewers and repositories take and a fresh machine runs again."""

import argparse
import sys
from pathlib import Path

from _program import run

from colonnade.archive.zip_file import write_archive
from colonnade.experiment import Experiment, Plan, load_config
from colonnade.places import project_folder
from colonnade.provenance import toolchain_versions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", nargs="?", type=Path, default=Path("config.yaml"), help="default: config.yaml")
    parser.add_argument("--output", type=Path, metavar="ZIP", help="default: NAME.zip")
    parser.add_argument("--models", action="store_true", help="with the models that are taken from a wheel")
    parser.add_argument("--wheels", action="store_true", help="with all packages, for a machine without a network")
    arguments = parser.parse_args()
    experiment = Experiment(load_config(arguments.config), file=arguments.config)
    plan = Plan(experiment, project_folder(), toolchain_versions())
    output = arguments.output or Path(f"{experiment.name}.zip")
    count = write_archive(plan, arguments.config, output, models=arguments.models, wheels=arguments.wheels)
    if not experiment.config["authors"]:
        print(f"warning: {arguments.config}: authors: nobody is named: there is no CITATION.cff, and Zenodo will ask "
              "for creators; expected a list such as [{name: Ada Lovelace}]", file=sys.stderr)  # fmt: skip
    print(f"{output}: {count} files, {output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    run(main)
