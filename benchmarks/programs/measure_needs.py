"""Run small experiments of several sizes and write what each of their steps took: the data behind needs.json.

Each step says its time and its memory in its log; that of processors counts, on one thread, so that other work on the
machine matters little. Cells, sizes, synapses, recorded columns and engines vary, so that a fit can tell them apart.
"""

import argparse
import copy
import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from colonnade.experiment import Experiment
from colonnade.experiment.estimate import size_of
from colonnade.experiment.needs import terms

ROOT = Path(__file__).resolve().parents[2]
ALL, NEURONS, LOCKSTEP = ("lockstep", "neuron", "coreneuron"), ("lockstep", "neuron"), ("lockstep",)
# model, cells, ms, the most synapses of a pair, report (of somata, all segments, none; electrodes beside it), engines
CASES = [
    ("Scnn1a", 30, 50.0, 12, "soma", ALL), ("Scnn1a", 300, 50.0, 12, "soma", ALL),
    ("Scnn1a", 100, 100.0, 12, "all", ALL), ("Scnn1a", 300, 50.0, 48, "soma", ALL),
    ("all-active", 100, 50.0, 12, "soma", ALL), ("Scnn1a", 300, 300.0, 12, "soma", LOCKSTEP),
    ("Scnn1a", 1000, 30.0, 12, "soma", ALL), ("PV", 300, 100.0, 12, "soma", ALL),
    ("point", 1000, 100.0, 12, "none", NEURONS), ("all-active", 30, 300.0, 12, "soma", ALL),
    ("Scnn1a", 300, 30.0, 12, "electrodes", NEURONS), ("Scnn1a", 100, 300.0, 12, "soma", ("neuron", "coreneuron")),
    ("Scnn1a", 3000, 30.0, 12, "soma", LOCKSTEP),
    ("point", 5000, 50.0, 12, "none", NEURONS),
    ("Scnn1a", 10000, 20.0, 12, "soma", LOCKSTEP),
]  # fmt: skip
MODELS = {
    "Scnn1a": {},
    "all-active": {"morphology": "Rorb_325404214_m.swc", "dynamics_params": "318331342_fit.json",
                   "model_processing": "aibs_allactive"},
    "PV": {"morphology": "Pvalb_470522102_m.swc", "dynamics_params": "472912177_fit.json"},
    "point": {"model_type": "point_neuron", "model_template": "nrn:IntFire1",
              "dynamics_params": "IntFire1_exc_1.json"},
}  # fmt: skip
OF_BIOPHYSICAL = ("morphology", "model_processing", "rotation_angle_yaxis", "rotation_angle_zaxis")
ELECTRODE = {"grid": {"first": [-90.0, 0.0, 60.0], "spacing": [20.0, 20.0, 20.0], "counts": [10, 10, 1]}}  # um
LOGS = {"build_nodes": "nodes", "build_edges": "edges", "generate_spikes": "inputs", "compile_mechanisms": "mechanisms",
        "compile_kernels": "kernels", "compute_statistics": "statistics", "plot": "figures"}  # fmt: skip
SAID = re.compile(r"\(([\d.]+) s of processors\), (\d+) MB of memory")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="CSV file of the measurements")
    arguments = parser.parse_args()
    base = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    writer = None
    with arguments.output.open("w", newline="") as file:
        for *case, engines in CASES:
            with tempfile.TemporaryDirectory() as folder:
                for engine in engines:
                    for row in measured(base, Path(folder), engine, *case, fresh=case == list(CASES[0][:-1])):
                        if writer is None:
                            writer = csv.DictWriter(file, row, lineterminator="\n")
                            writer.writeheader()
                        writer.writerow(row)
                    file.flush()
                    print(f"{engine} {case}: done", file=sys.stderr, flush=True)


def measured(base: dict, folder: Path, engine: str, *case, fresh: bool) -> list[dict]:
    """Run an experiment in ``folder`` and return a row a step; with a ``fresh`` cache, of compiling, too.

    Steps that an earlier engine's run has done are not told again.
    """
    values = experiment(base, engine, *case)
    config, logs = Experiment(values).config, folder / "results" / values["experiment"] / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    (folder / "experiment.yaml").write_text(yaml.safe_dump(values))
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", folder,
               "--configfile", folder / "experiment.yaml", "--cores", "2"]  # fmt: skip
    command += [] if engine == "lockstep" else ["--", "simulations"]  # the other steps are the same for all engines
    cache = {"COLONNADE_CACHE": str(folder / "cache")} if fresh else {}
    answer = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, env=os.environ | cache)
    if answer.returncode:
        sys.exit(answer.stdout + answer.stderr)
    size, rows = size_of(config), []
    for log in sorted(logs.rglob("*.log")):
        program = log.relative_to(logs).parts[0].removesuffix(".log")
        kind = f"simulation.{engine}" if program == "simulate" else LOGS.get(program)
        if kind in ("mechanisms", "kernels") and not fresh:
            continue
        if kind and (said := SAID.search(log.read_text())):
            rows.append({"step": kind, **terms(size), "seconds": float(said[1]), "memory": 1e6 * int(said[2])})
    return rows


def experiment(base: dict, engine: str, model: str, cells: int, tstop: float, synapses: int, report: str) -> dict:
    """Return the experiment ``base``, chapter 3, with other cells, at the same density."""
    values = copy.deepcopy(base)
    nodes = values["networks"]["mcortex"]["nodes"][0]
    nodes |= {"N": cells, **MODELS[model]}
    nodes["positions"]["max_radius"] = 30.0 * max(1.0, (cells / 100) ** 0.5)
    edges = [network["edges"][0] for network in values["networks"].values()]
    edges[1]["connection_params"]["nsyn_max"] = synapses
    simulation = values["simulation"]
    simulation |= {"engine": engine, "tstop": tstop, "threads": 1}
    values["inputs"]["mthalamus"]["times"] = [0.0, tstop / 1000]
    values["figures"] = {"raster": values["figures"]["raster"]}
    simulation["reports"]["v_report"]["sections"] = "all" if report == "all" else "soma"
    if report == "electrodes":
        simulation["electrodes"] = {"grid": ELECTRODE}
    if model == "point":
        simulation["reports"] = {}
        for name in OF_BIOPHYSICAL:
            del nodes[name]
        for each in edges:
            each |= {"dynamics_params": "instantaneousExc.json", "syn_weight": 0.01}
            del each["distance_range"], each["target_sections"]
    return values


if __name__ == "__main__":
    main()
