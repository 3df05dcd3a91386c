"""Run an experiment from its YAML file to its figures, write its report and its crate, and name what came out."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from _program import run

from colonnade.crate import METADATA
from colonnade.errors import raise_all
from colonnade.experiment import Experiment, Plan, load_config
from colonnade.experiment.chain import misfits
from colonnade.places import project_file, project_folder
from colonnade.provenance import toolchain_versions
from colonnade.verification import STAGES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--config", type=Path, default=project_file("config", "config.yaml"), help="the experiment's YAML file"
    )
    parser.add_argument("--cores", default="all", help="number of cores, or 'all'")
    arguments, more = parser.parse_known_args()
    experiment = Experiment(load_config(arguments.config), file=arguments.config)
    snakemake = [
        sys.executable,
        "-m",
        "snakemake",
        "--snakefile",
        project_file("Snakefile"),
        "--configfile",
        arguments.config,
    ]
    checked(*snakemake, "--cores", arguments.cores, *more)
    raise_all(misfits(Plan(experiment, project_folder(), toolchain_versions())))
    folder = Path(experiment.folder)
    report, crate = folder / "report.html", folder / METADATA
    results = [path for stage in STAGES for path in (folder / stage).rglob("*") if path.is_file()]
    newest = max(path.stat().st_mtime for path in [*results, arguments.config])
    if not report.exists() or report.stat().st_mtime < newest:
        checked(*snakemake, "--report", report)
    if not crate.exists() or crate.stat().st_mtime < report.stat().st_mtime:
        checked(sys.executable, project_file("scripts", "write_crate.py"), "--config", arguments.config)
    print(f"\n{experiment.name} is done.")
    for path in sorted((folder / "figures").rglob("*.pdf")):
        print(f"  figure  {path} (.svg, .png)")
    print(f"  report  {report}")


def checked(*command) -> None:
    """Run a command; leave with its exit code if it fails."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    answer = subprocess.run([str(part) for part in command], env=environment)
    if answer.returncode:
        sys.exit(answer.returncode)


if __name__ == "__main__":
    run(main)
