"""A sweep of conditions that have their beginning in common, with ``settle`` and without: seconds, and equal files.

The experiment is a column of Scnn1a cells under Poisson input, and a current from ``--until`` on that the sweep varies.
Runs the whole workflow in ``--output`` twice; prints one line of JSON.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import yaml

from colonnade.files import sha256

ROOT = Path(__file__).resolve().parents[2]


def experiment(name: str, arguments) -> dict:
    """Return the config: chapter 3 with fewer cells, and the sweep of a current."""
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    config |= {"experiment": name, "figures": {}}
    for network in config["networks"].values():
        network["nodes"][0]["N"] = arguments.cells
    config["inputs"]["mthalamus"]["times"] = [0.0, arguments.tstop / 1000]
    config["inputs"]["step"] = {"type": "current_clamp", "population": "mcortex", "amp": 0.1, "delay": arguments.until,
                                "duration": arguments.tstop - arguments.until}  # fmt: skip
    config["simulation"] |= {"tstop": arguments.tstop, "engine": arguments.engine, "threads": 1}
    for report in config["simulation"]["reports"].values():
        report.pop("end_time", None)
    amplitudes = [round(0.01 * number, 2) for number in range(arguments.conditions)]
    config["sweep"] = {"values": {"inputs.step.amp": amplitudes}}
    if name == "settled":
        config["simulation"]["settle"] = {"until": arguments.until}
    return config


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--conditions", type=int, default=20)
    parser.add_argument("--cells", type=int, default=100)
    parser.add_argument("--until", type=float, default=1000.0, help="ms")
    parser.add_argument("--tstop", type=float, default=1500.0, help="ms")
    parser.add_argument("--engine", default="lockstep")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    seconds = {}
    for name in ("from_0", "settled"):
        file = arguments.output / f"{name}.yaml"
        file.write_text(yaml.safe_dump(experiment(name, arguments), sort_keys=False))
        run(arguments.output, file, "network", "inputs")
        begun = time.perf_counter()
        run(arguments.output, file, "simulations")
        seconds[name] = round(time.perf_counter() - begun, 1)
    results = arguments.output / "results"
    files = [path.relative_to(results / "from_0") for path in (results / "from_0" / "simulation").glob("*/output/*.h5")]
    same = all(sha256(results / "from_0" / file) == sha256(results / "settled" / file) for file in files)
    asked = {name: value for name, value in vars(arguments).items() if name != "output"}
    print(json.dumps({**asked, "seconds": seconds, "files": len(files), "same": same}))


def run(folder: Path, config: Path, *targets: str) -> None:
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", folder,
               "--configfile", config.resolve(), "--cores", "2", *targets, "--quiet", "all"]  # fmt: skip
    subprocess.run([str(word) for word in command], check=True, stdout=sys.stderr)


if __name__ == "__main__":
    main()
