"""Run a SONATA config with Colonnade and time its phases; prints one line of JSON."""

import argparse
import json
import time
from pathlib import Path

start = time.perf_counter()
import numpy as np  # noqa: E402

from colonnade.simulation.run import Simulation  # noqa: E402
from colonnade.sonata.config import read_config  # noqa: E402
from colonnade.sonata.spikes import read_spikes  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("output", type=Path, help="folder for the results")
    parser.add_argument("--engine", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--compare", type=Path, help="spikes of BMTK; counts the cells which have others")
    arguments = parser.parse_args()
    imported = time.perf_counter()
    simulation = Simulation(read_config(arguments.config, arguments.output), arguments.engine, arguments.threads)
    simulation.load()
    loaded = time.perf_counter()
    simulation.run()
    done = time.perf_counter()
    result = {"import": imported - start, "load": loaded - imported, "run": done - loaded}
    if arguments.compare:
        result["cells_that_differ"] = cells_that_differ(arguments.output / "spikes.h5", arguments.compare)
    print(json.dumps(result), flush=True)


def cells_that_differ(mine: Path, theirs: Path) -> int:
    """Return how many cells do not have the same spikes, to the step."""
    trains = []
    for path in (mine, theirs):
        spikes = read_spikes(path)["mcortex"]
        order = np.lexsort((spikes.timestamps, spikes.node_ids))
        trains.append((spikes.node_ids[order], spikes.timestamps[order]))
    cells = np.unique(np.concatenate([ids for ids, _ in trains]))
    pairs = [[times[ids == cell] for ids, times in trains] for cell in cells]
    return sum(len(a) != len(b) or not np.allclose(a, b, rtol=0, atol=1e-6) for a, b in pairs)


if __name__ == "__main__":
    main()
