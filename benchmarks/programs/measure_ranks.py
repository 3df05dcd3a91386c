"""Load a simulation on several ranks and tell what each of them holds: memory, cells, edges read, spikes heard.

``--ranks 1 2 3`` starts itself under mpiexec, once for each number of ranks; nothing is simulated.
"""

import argparse
import subprocess
import sys
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="SONATA simulation config")
    parser.add_argument("--ranks", type=int, nargs="+", help="numbers of ranks; without it, this is one of the ranks")
    arguments = parser.parse_args()
    if not arguments.ranks:
        load(arguments.config)
        return
    print("ranks,rank,MB before,MB peak,cells,edges read,spikes heard,seconds")
    for count in arguments.ranks:
        command = [Path(sys.executable).parent / "mpiexec", "-n", count, sys.executable, __file__]
        subprocess.run([str(word) for word in [*command, "--config", arguments.config]], check=True)


def load(path: Path) -> None:
    """Load one rank's part of the simulation at ``path``; rank 0 prints a line for each rank."""
    from colonnade.simulation.run import Simulation
    from colonnade.sonata.config import read_config

    simulation = Simulation(read_config(path))
    ranks, before = simulation.ranks, _peak()
    simulation.load()
    loaded = simulation.loaded
    edges = sum(len(population) for population in loaded.network.edges)
    said = before, _peak(), len(loaded.model.gids), edges, len(loaded.model.spike_times), simulation.timing["load"]
    for rank, (first, peak, cells, read, heard, seconds) in enumerate(ranks.gather(said) or ()):
        print(f"{ranks.count},{rank},{first:.0f},{peak:.0f},{cells},{read},{heard},{seconds:.2f}", flush=True)
    ranks.leave()


def _peak() -> float:
    """Return the most memory (MB) that this process has had, as Linux tells it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1e3


if __name__ == "__main__":
    main()
