"""Run small experiments of several sizes and write what each of their steps took: the data behind needs.json.

Each step says its time and its memory in its log. Sizes, synapses, recorded columns and engines vary, so that a fit can
tell them apart.
"""

import argparse
import copy
import csv
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from colonnade.experiment import Experiment
from colonnade.experiment.estimate import size_of
from colonnade.experiment.needs import terms

ROOT = Path(__file__).resolve().parents[2]
# cells, ms, the most synapses of a pair, reports: somata or all segments
CASES = [(30, 50.0, 12, "soma"), (300, 50.0, 12, "soma"), (1000, 30.0, 12, "soma"), (300, 50.0, 48, "soma"),
         (100, 100.0, 12, "all"), (300, 300.0, 12, "soma")]  # fmt: skip
ENGINES = {"lockstep": CASES, "neuron": CASES[:2] + CASES[3:5], "coreneuron": CASES[:2] + CASES[3:5]}
LOGS = {"build_nodes": "nodes", "build_edges": "edges", "generate_spikes": "inputs", "compile_mechanisms": "mechanisms",
        "compile_kernels": "kernels", "compute_statistics": "statistics", "plot": "figures"}  # fmt: skip
SAID = re.compile(r"([\d.]+) s, (\d+) MB of memory")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="CSV file of the measurements")
    arguments = parser.parse_args()
    base = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    rows = []
    for engine, cases in ENGINES.items():
        for case in cases:
            rows += measured(base, engine, *case, fresh=case is cases[0])
            print(f"{engine} {case}: done", file=sys.stderr, flush=True)
    with arguments.output.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def measured(
    base: dict, engine: str, cells: int, tstop: float, synapses: int, sections: str, fresh: bool
) -> list[dict]:
    """Run chapter 3, widened to ``cells``, and return a row a step; with a ``fresh`` cache, of compiling, too."""
    values = copy.deepcopy(base)
    nodes = values["networks"]["mcortex"]["nodes"][0]
    nodes["N"] = cells
    nodes["positions"]["max_radius"] = 30.0 * max(1.0, (cells / 100) ** 0.5)
    values["networks"]["mthalamus"]["edges"][0]["connection_params"]["nsyn_max"] = synapses
    values["simulation"] |= {"engine": engine, "tstop": tstop}
    values["inputs"]["mthalamus"]["times"] = [0.0, tstop / 1000]
    values["simulation"]["reports"]["v_report"]["sections"] = sections
    values["figures"] = {"raster": values["figures"]["raster"]}
    config = Experiment(values).config
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "experiment.yaml").write_text(yaml.safe_dump(values))
        command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", folder,
                   "--configfile", place / "experiment.yaml", "--cores", "2"]  # fmt: skip
        cache = {"COLONNADE_CACHE": str(place / "cache")} if fresh else {}
        answer = subprocess.run(
            list(map(str, command)), cwd=folder, capture_output=True, text=True, env=os.environ | cache
        )
        if answer.returncode:
            sys.exit(answer.stdout + answer.stderr)
        logs = place / "results" / values["experiment"] / "logs"
        size, rows = size_of(config), []
        for log in sorted(logs.rglob("*.log")):
            program = log.relative_to(logs).parts[0].removesuffix(".log")
            kind = f"simulation.{engine}" if program == "simulate" else LOGS.get(program)
            if kind in ("mechanisms", "kernels") and not fresh:
                continue
            if kind and (said := SAID.search(log.read_text())):
                threads = values["simulation"]["threads"] if program == "simulate" else 1
                took = {"seconds": float(said[1]), "memory": 1e6 * int(said[2])}
                rows.append({"step": kind, **terms(size, threads), **took})
    return rows


if __name__ == "__main__":
    main()
