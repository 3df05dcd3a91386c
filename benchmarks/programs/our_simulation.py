"""Run a SONATA config with Colonnade and time its phases; prints one line of JSON."""

import argparse
import json
import time
from pathlib import Path

start = time.perf_counter()
from colonnade.simulation.run import Simulation  # noqa: E402
from colonnade.sonata.config import read_config  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("output", type=Path, help="folder for the results")
    parser.add_argument("--engine", required=True)
    parser.add_argument("--threads", type=int, required=True)
    arguments = parser.parse_args()
    imported = time.perf_counter()
    simulation = Simulation(read_config(arguments.config, arguments.output), arguments.engine, arguments.threads)
    simulation.load()
    loaded = time.perf_counter()
    simulation.run()
    done = time.perf_counter()
    print(json.dumps({"import": imported - start, "load": loaded - imported, "run": done - loaded}), flush=True)


if __name__ == "__main__":
    main()
