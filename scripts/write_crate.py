"""Write ro-crate-metadata.json of a finished experiment: what each file is, and what made it."""

import argparse
from pathlib import Path

from _program import run

from colonnade.crate import write_crate
from colonnade.errors import raise_all
from colonnade.experiment import Experiment, Plan, load_config
from colonnade.experiment.chain import misfits
from colonnade.places import project_folder
from colonnade.provenance import toolchain_versions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the experiment's YAML file")
    path = parser.parse_args().config
    experiment = Experiment(load_config(path), file=path)
    plan = Plan(experiment, project_folder(), toolchain_versions())
    raise_all(misfits(plan))
    print(write_crate(Path(experiment.folder), experiment.config, project_folder(), plan.user_files()))


if __name__ == "__main__":
    run(main)
