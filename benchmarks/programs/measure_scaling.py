"""Simulate widened columns of chapter 3 on threads and on ranks and write what they took: the table of scaling.md.

Strong scaling keeps the network and adds cores; weak scaling adds cells with the cores. Runs take turns, round by
round, and each figure is a median. Needs mpiexec (the extra "mpi") for the ranks.
"""

import argparse
import csv
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from measure import run

ROOT = Path(__file__).resolve().parents[2]
FIELDS = ["engine", "cells", "threads", "ranks", "load", "run", "memory_mb"]
# engine: ms, cells of one core; two cores simulate them, and twice as many
ENGINES = {"lockstep": (300.0, 1000), "neuron": (100.0, 300), "coreneuron": (100.0, 300)}
CORES = [(1, 1), (2, 1), (1, 2)]  # threads, ranks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=list(ENGINES))
    parser.add_argument("--output", type=Path, required=True, help="CSV file of the medians")
    arguments = parser.parse_args()
    if not (mpiexec := Path(sys.prefix, "bin", "mpiexec")).is_file():
        sys.exit("error: no mpiexec in this environment: pip install 'colonnade[mpi]'")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for engine in arguments.engines:
            tstop, cells = ENGINES[engine]
            configs = {n: prepared(Path(folder, f"{engine}{n}"), engine, n, tstop) for n in (cells, 2 * cells)}
            cases = [(n, *cores) for n in configs for cores in CORES]
            took = {case: [] for case in cases}
            for _ in range(arguments.rounds):
                for case in cases:
                    took[case].append(simulated(configs[case[0]], mpiexec, *case[1:]))
            for case, runs in took.items():
                medians = [round(statistics.median(values), 3) for values in zip(*runs, strict=True)]
                rows.append(dict(zip(FIELDS, [engine, *case, *medians], strict=True)))
                print(rows[-1], file=sys.stderr, flush=True)
    with arguments.output.open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def prepared(folder: Path, engine: str, cells: int, tstop: float) -> Path:
    """Build a column of ``cells`` cells with all that its simulation needs; return the simulation's config."""
    values = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    nodes = values["networks"]["mcortex"]["nodes"][0]
    nodes["N"] = cells
    nodes["positions"]["max_radius"] = 30.0 * max(1.0, (cells / 100) ** 0.5)
    values["simulation"] |= {"engine": engine, "tstop": tstop}
    values["inputs"]["mthalamus"]["times"] = [0.0, tstop / 1000]
    values["figures"] = {}
    folder.mkdir()
    (folder / "experiment.yaml").write_text(yaml.safe_dump(values))
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", folder,
               "--configfile", folder / "experiment.yaml", "--cores", "2", "--", "simulations"]  # fmt: skip
    answer = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True)
    if answer.returncode:
        sys.exit(answer.stdout + answer.stderr)
    return folder / "results" / values["experiment"] / "simulation" / "config.json"


def simulated(config: Path, mpiexec: Path, threads: int, ranks: int) -> tuple[float, float, float]:
    """Simulate on threads or ranks; return the seconds of loading and of running, and the memory of a rank in MB."""
    output = config.parent / f"output_{threads}_{ranks}"
    launcher = [mpiexec, "-n", ranks] if ranks > 1 else []
    command = [*launcher, sys.executable, ROOT / "scripts" / "simulate.py", "--config", config, "--output", output,
               "--threads", threads, "--fresh"]  # fmt: skip
    memory = run(list(map(str, command)), config.parent / "log.txt")["peak_mb"]
    seconds = json.loads((output / "timing.json").read_text())["seconds"]
    return seconds["load"], seconds["run"], memory


if __name__ == "__main__":
    main()
