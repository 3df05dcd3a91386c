"""Run a finished experiment again in a scratch folder and say of each file whether it came out the same."""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

import yaml
from _program import run

from colonnade.command.display import shown
from colonnade.errors import MissingFile, raise_all
from colonnade.experiment import Experiment, Plan, load_config
from colonnade.experiment.chain import misfits
from colonnade.places import project_file, project_folder
from colonnade.provenance import toolchain_versions
from colonnade.verification import DIFFERENT, MISSING, compare_results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, metavar="CONFIG", help="the experiment's YAML file")
    parser.add_argument("--config", type=Path, default=Path("config.yaml"), help="the same; default: config.yaml")
    parser.add_argument(
        "--results", type=Path, help="the finished experiment's folder, if it is no longer where it was"
    )
    parser.add_argument("--cores", default="all", help="number of cores, or 'all'")
    arguments = parser.parse_args()
    file = arguments.file or arguments.config
    config = load_config(file)
    experiment = Experiment(config, file=file)
    finished = arguments.results or Path(experiment.folder)
    if not finished.is_dir():
        raise MissingFile("nothing to verify", file=finished, expected="a finished experiment: run it first")
    if not arguments.results:  # elsewhere, its receipts name the files where they were
        raise_all(misfits(Plan(experiment, project_folder(), toolchain_versions())))
    with tempfile.TemporaryDirectory(prefix="colonnade-verify-") as scratch:
        copy = Path(scratch) / "experiment.yaml"
        copy.write_text(yaml.safe_dump({**config, "results": f"{scratch}/results"}, sort_keys=False), encoding="utf-8")
        command = [sys.executable, "-m", "snakemake", "--snakefile", project_file("Snakefile"), "--configfile", copy]
        again = Path(scratch) / "results" / config["experiment"]
        shown(again, *command, "--cores", arguments.cores, "--nolock", kept=False)
        verdicts = compare_results(finished, again, config["simulation"]["dt"])
    for verdict in verdicts:
        print(f"{verdict.word:10}  {verdict.path}" + (f"  ({verdict.difference})" if verdict.difference else ""))
    count = Counter(verdict.word for verdict in verdicts)
    print(", ".join(f"{number} {word}" for word, number in count.items()))
    sys.exit(1 if count[DIFFERENT] or count[MISSING] else 0)


if __name__ == "__main__":
    run(main)
