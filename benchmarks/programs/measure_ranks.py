"""Load a simulation on several ranks, or run it, and tell what each of them holds: memory, cells, edges, input spikes.

``--ranks 1 2 3`` starts itself under mpiexec, once for each number of ranks; without ``--output`` nothing is simulated.
"""

import argparse
import subprocess
import sys
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="SONATA simulation config")
    parser.add_argument("--ranks", type=int, nargs="+", help="numbers of ranks; without it, this is one of the ranks")
    parser.add_argument("--output", type=Path, help="folder for the results of a run; what was there is lost")
    arguments = parser.parse_args()
    if not arguments.ranks:
        load(arguments.config, arguments.output)
        return
    print("ranks,rank,MB before,MB loaded,MB peak,cells,edges read,spikes heard,seconds")
    for count in arguments.ranks:
        command = [Path(sys.executable).parent / "mpiexec", "-n", count, sys.executable, __file__]
        command += ["--config", arguments.config, *(["--output", arguments.output] if arguments.output else [])]
        subprocess.run([str(word) for word in command], check=True)


def load(path: Path, output: Path | None) -> None:
    """Load one rank's part of the simulation at ``path``, and run it if there is a folder for ``output``.

    Rank 0 prints a line for each rank.
    """
    from colonnade.simulation.run import Simulation
    from colonnade.sonata.config import read_config

    simulation = Simulation(read_config(path, output))
    ranks, before = simulation.ranks, _peak()
    simulation.load()
    loaded, peak = simulation.loaded, _peak()
    edges = sum(len(population) for population in loaded.network.edges)
    counts = len(loaded.model.gids), edges, len(loaded.model.spike_times)
    if output:
        simulation.run()
    timing = sum(simulation.timing.get(phase, 0.0) for phase in ("load", "run", "write"))
    for rank, said in enumerate(ranks.gather(([before, peak, _peak()], counts, timing)) or ()):
        memory, counts, seconds = said
        words = [ranks.count, rank, *(f"{each:.0f}" for each in memory), *counts, f"{seconds:.2f}"]
        print(",".join(map(str, words)), flush=True)
    ranks.leave()


def _peak() -> float:
    """Return the most memory (MB) that this process has had, as Linux tells it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1e3


if __name__ == "__main__":
    main()
