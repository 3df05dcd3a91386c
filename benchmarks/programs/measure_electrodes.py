"""What electrodes cost: the run time of a simulation config with a probe beside the cells and without one, in turn.

For each engine one line of JSON: the shortest time of both in s and its ratio, which a busy machine disturbs least, and
the median of the ratios of the rounds. Electrodes which the config has itself are left out.
"""

import argparse
import json
import os
import statistics
import tempfile
from pathlib import Path

from colonnade.simulation.electrodes import electrode_positions, write_electrodes
from colonnade.simulation.run import Simulation
from colonnade.sonata.config import read_config

SPACING = 50.0  # um, between channels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path, help="SONATA simulation config")
    parser.add_argument("--engine", nargs="+", default=["lockstep"])
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    for engine in arguments.engine:
        print(json.dumps(measured(arguments, engine)), flush=True)


def measured(arguments, engine: str) -> dict:
    """Return the times of one engine; the first round, in which all is loaded, does not count."""
    rounds = []
    with tempfile.TemporaryDirectory(dir=arguments.config.parent) as folder:
        for turn in range(arguments.rounds + 1):
            order = (0, arguments.channels) if turn % 2 else (arguments.channels, 0)
            rounds.append({channels: run_seconds(arguments, engine, channels, Path(folder)) for channels in order})
    pairs = [(one[0], one[arguments.channels]) for one in rounds[1:]]
    without, with_probe = (min(column) for column in zip(*pairs, strict=True))
    return {
        "engine": engine,
        "threads": arguments.threads,
        "channels": arguments.channels,
        "without_s": round(without, 4),
        "with_s": round(with_probe, 4),
        "ratio": round(with_probe / without, 3),
        "median_ratio": round(statistics.median(seen / alone for alone, seen in pairs), 3),
        "load_average": round(os.getloadavg()[0], 2),
    }


def run_seconds(arguments, engine: str, channels: int, folder: Path) -> float:
    """Simulate with a probe of ``channels``, or without one for 0; return the seconds of the phase run."""
    config = read_config(arguments.config, folder / "output")
    reports = {name: entry for name, entry in config.reports.items() if entry.get("module") != "extracellular"}
    if channels:
        first = [30.0, -SPACING * (channels // 2), 0.0]
        probe = {"first": first, "direction": [0.0, 1.0, 0.0], "spacing": SPACING, "channels": channels}
        write_electrodes(folder / "probe.csv", electrode_positions({"probe": probe}))
        reports["probe"] = {"module": "extracellular", "electrode_positions": str(folder / "probe.csv"),
                            "minimum_distance": "auto"}  # fmt: skip
    config.reports = reports
    simulation = Simulation(config, engine, arguments.threads)
    simulation.run()
    return simulation.timing["run"]


if __name__ == "__main__":
    main()
