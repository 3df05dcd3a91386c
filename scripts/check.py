"""Look for everything that is wrong in an experiment's YAML file or a SONATA simulation config; run nothing."""

import argparse
import logging
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from _program import run

from colonnade.errors import ColonnadeError, InputError, raise_all
from colonnade.log_lines import Collected


def main() -> None:
    parser = argparse.ArgumentParser(description=f"{__doc__} Exit code 1 where there is an error, 2 without a file.")
    parser.add_argument(
        "config", nargs="?", type=Path, default=Path("config.yaml"), metavar="CONFIG",
        help="a .yaml file, or a SONATA config (.json); default: config.yaml",
    )  # fmt: skip
    parser.add_argument("--engine", help="for a SONATA config, in place of its own")
    arguments = parser.parse_args()
    path = arguments.config
    warnings = Collected()
    logging.getLogger("colonnade").addHandler(warnings)
    problems = in_experiment if path.suffix in (".yaml", ".yml") else partial(in_simulation, engine=arguments.engine)
    found = list(all_of(problems, path))
    if not path.is_file():  # the call is wrong, not a config
        raise_all(found)
    errors = dict.fromkeys(map(str, found))
    for kind, messages in (("error", errors), ("warning", dict.fromkeys(warnings.messages))):
        for message in messages:
            print(f"{kind:8} {message}")
    print(f"{path}: {len(errors)} errors, {len(set(warnings.messages))} warnings")
    sys.exit(1 if errors else 0)


def all_of(problems, path: Path) -> Iterator[ColonnadeError]:
    """Yield the errors that are found, and those which end the search."""
    try:
        yield from problems(path)
    except ColonnadeError as error:
        yield from getattr(error, "errors", [error])


def in_experiment(path: Path) -> Iterator[InputError]:
    """Yield what is wrong in an experiment, and in a result of it that is there; say what it takes."""
    from colonnade.experiment import Experiment, Plan
    from colonnade.experiment.chain import changed_files, estimate
    from colonnade.experiment.user_file_checks import missing_files
    from colonnade.experiment.yaml_file import YamlFile, read_yaml
    from colonnade.places import project_folder
    from colonnade.provenance import toolchain_versions

    plan = Plan(Experiment(read_yaml(path), file=YamlFile(path)), project_folder(), toolchain_versions())
    yield from missing_files(plan)
    yield from changed_files(plan)
    if said := estimate(plan):
        print(said)


def in_simulation(path: Path, engine: str | None) -> Iterator[InputError]:
    """Yield what is wrong in a SONATA config and its files, and what its engine refuses."""
    from colonnade.simulation.engines.registry import engine_kind
    from colonnade.simulation.loading import found_in
    from colonnade.simulation.network.local_cells import load_config_mechanisms
    from colonnade.simulation.run import engine_of
    from colonnade.sonata.config import read_config

    config = read_config(path)
    kind = engine_kind(engine or engine_of(config), path)
    return found_in(config, lambda: load_config_mechanisms(config, kind.needs_coreneuron_library), kind)


if __name__ == "__main__":
    run(main)
