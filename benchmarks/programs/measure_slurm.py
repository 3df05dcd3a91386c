"""Run experiments here and on a Slurm of this one machine, in turn: the table of scaling.md.

Chapter 3 at 300 ms tells what Slurm costs where nobody else waits; a sweep of many short points, how many submissions
it takes and what a point costs. The Slurm is that of the tests, started for this and ended with it: root, and Debian's
slurmctld, slurmd and munge.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "slurm"))
from one_node import OneNode, missing  # noqa: E402

SUBMITTED = re.compile(r"has been submitted with SLURM jobid")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--points", type=int, default=100, help="points of the sweep")
    parser.add_argument("--cores", type=int, default=2)
    arguments = parser.parse_args()
    if reason := missing():
        sys.exit(f"error: no Slurm can be started: {reason}")
    here = ("--cores", str(arguments.cores))
    there = ("--workflow-profile", ROOT / "profiles" / "slurm", *here)
    with tempfile.TemporaryDirectory() as folder, OneNode(Path(folder), cpus=arguments.cores):
        took: dict[str, list[tuple[float, int]]] = {}
        for turn in range(arguments.rounds):
            for place, words in {"here": here, "Slurm": there}.items():
                run = ran(Path(folder, f"chapter3-{place}-{turn}"), chapter_3(), words)
                took.setdefault(f"chapter 3, 300 ms, {place}", []).append(run)
        for place, words in {"here": here, "Slurm": there}.items():
            run = ran(Path(folder, f"sweep-{place}"), sweep(arguments.points), words)
            took[f"{arguments.points} points, {place}"] = [run]
    for name, runs in took.items():
        seconds = [run[0] for run in runs]
        print(json.dumps({"run": name, "median": round(statistics.median(seconds), 1), "least": round(min(seconds), 1),
                          "most": round(max(seconds), 1), "submissions": runs[-1][1]}))  # fmt: skip


def chapter_3() -> dict:
    values = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    values["simulation"]["tstop"] = 300.0
    return values


def sweep(points: int) -> dict:
    """Return chapter 3 with ten cells for 100 ms, which a point simulates in a second with its start."""
    values = chapter_3()
    values["networks"]["mcortex"]["nodes"][0]["N"] = 10
    values["simulation"]["tstop"] = 100.0
    values["figures"] = {}
    rates = [5.0, 10.0, 15.0, 20.0, 25.0]
    values["sweep"] = {"values": {"inputs.mthalamus.firing_rate": rates}, "replicates": points // len(rates)}
    return values


def ran(folder: Path, values: dict, words: tuple) -> tuple[float, int]:
    """Run an experiment in a new folder; return the seconds and the submissions that it took."""
    folder.mkdir()
    (folder / "experiment.yaml").write_text(yaml.safe_dump(values))
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", folder,
               "--configfile", folder / "experiment.yaml", *words]  # fmt: skip
    start = time.perf_counter()
    answer = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    said = answer.stdout + answer.stderr
    if answer.returncode:
        sys.exit(f"{said}\nerror: exit code {answer.returncode} in {folder}")
    print(f"{folder.name}: {seconds:.1f} s", file=sys.stderr, flush=True)
    return seconds, len(SUBMITTED.findall(said))


if __name__ == "__main__":
    main()
