"""Run an experiment from its YAML file to its figures, write its report and its crate, and name what came out."""

import argparse
import subprocess
import sys
from pathlib import Path

from _program import run

from colonnade.command.display import check_cache, check_records, environment, shown
from colonnade.crate import METADATA
from colonnade.errors import raise_all
from colonnade.experiment import Experiment, Plan, load_config
from colonnade.experiment.chain import misfits
from colonnade.places import project_file, project_folder
from colonnade.provenance import toolchain_versions
from colonnade.verification import STAGES

MOST_FIGURES = 8  # that are named at the end


def main() -> None:
    parser = argparse.ArgumentParser(
        description=f"{__doc__} Further options are Snakemake's, such as --dry-run, --forceall or --workflow-profile."
    )
    parser.add_argument("file", nargs="?", type=Path, metavar="CONFIG", help="the experiment's YAML file")
    parser.add_argument("--config", type=Path, help="the same; default: config.yaml here, else chapter 3")
    parser.add_argument("--cores", default="all", help="number of cores, or 'all'")
    parser.add_argument("--raw", action="store_true", help="show all that Snakemake says")
    arguments, more = parser.parse_known_args()
    config = arguments.file or arguments.config or default_config()
    experiment = Experiment(load_config(config), file=config)
    snakemake = [sys.executable, "-m", "snakemake", "--snakefile", project_file("Snakefile"), "--configfile", config]
    dry_run = bool({"-n", "--dry-run", "--dryrun"} & set(more))
    if arguments.raw or dry_run:
        check_cache()
        check_records()
        checked(*snakemake, "--cores", arguments.cores, *more)
        if dry_run:
            return
    else:
        shown(Path(experiment.folder), *snakemake, "--cores", arguments.cores, *more)
    raise_all(misfits(Plan(experiment, project_folder(), toolchain_versions())))
    folder = Path(experiment.folder)
    report, crate = folder / "report.html", folder / METADATA
    results = [path for stage in STAGES for path in (folder / stage).rglob("*") if path.is_file()]
    newest = max(path.stat().st_mtime for path in [*results, config])
    if not report.exists() or report.stat().st_mtime < newest:
        silently(*snakemake, "--report", report)
    if not crate.exists() or crate.stat().st_mtime < report.stat().st_mtime:
        silently(sys.executable, project_file("scripts", "write_crate.py"), "--config", config)
    print(f"{experiment.name} is done.")
    figures = sorted((folder / "figures").rglob("*.pdf"))
    for path in figures[:MOST_FIGURES]:
        print(f"  figure  {path} (.svg, .png)")
    if len(figures) > MOST_FIGURES:
        print(f"  and {len(figures) - MOST_FIGURES} more figures in {folder / 'figures'}")
    for path in sorted((folder / "manuscript").glob("*.pdf")):
        print(f"  paper   {path}")
    print(f"  report  {report}")


def default_config() -> Path:
    """Return the config of the project folder that this is called in, or that of chapter 3."""
    here = Path("config.yaml")
    return here if here.is_file() else project_file("config", "config.yaml")


def silently(*command) -> None:
    """Run a command whose words are shown only if it fails; leave with its exit code then."""
    answer = subprocess.run([str(part) for part in command], env=environment(), capture_output=True, text=True)
    if answer.returncode:
        print(answer.stdout + answer.stderr, file=sys.stderr)
        sys.exit(answer.returncode)


def checked(*command) -> None:
    """Run a command; leave with its exit code if it fails."""
    answer = subprocess.run([str(part) for part in command], env=environment())
    if answer.returncode:
        sys.exit(answer.returncode)


if __name__ == "__main__":
    run(main)
