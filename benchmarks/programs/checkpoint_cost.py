"""What a state costs: time and size of saving and of going on, for the chapter 3 network of some sizes, widened.

The network is built by ``build_network.py``; its config is made by ``write_config.py``. Prints one line of JSON a size.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from colonnade.files import sha256
from colonnade.simulation.run import Simulation
from colonnade.sonata.config import read_config


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", nargs="+", type=Path, help="SONATA simulation configs, one a size")
    parser.add_argument("--engine", default="lockstep")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--step", type=int, default=100, help="time step at which the state is saved")
    arguments = parser.parse_args()
    for config in arguments.config:
        print(json.dumps(measured(config, arguments)), flush=True)


def measured(config: Path, arguments) -> dict:
    """Return seconds of loading, of the steps, of saving and of going on, and the size of the state in MB."""
    with tempfile.TemporaryDirectory(dir=config.parent) as folder:
        simulation = Simulation(read_config(config, Path(folder, "output")), arguments.engine, arguments.threads)
        simulation.load()
        engine, path = simulation.engine, Path(folder, "state")
        seconds = {"load": simulation.timing["load"]}
        seconds["initialise"] = timed(engine.initialise)
        seconds["steps"] = timed(lambda: engine.advance(arguments.step))
        block = engine.next_block(arguments.step, seconds["steps"], arguments.step * 1000)
        engine.rows(), engine.spikes()
        seconds["save"] = timed(lambda: engine.save(path))
        seconds["checksum"] = timed(lambda: sha256(path))
        size = path.stat().st_size / 1e6
        seconds["restore"] = timed(lambda: engine.restore(path, arguments.step))
        count = len(simulation.loaded.model.gids)
        engine.unload()
    rounded = {name: round(value, 3) for name, value in seconds.items()}
    return {
        "cells": count,
        "engine": arguments.engine,
        "steps": arguments.step,
        "steps_of_a_block": block,
        "load_average": round(os.getloadavg()[0], 2),
        "MB": round(size, 2),
        "seconds": rounded,
    }


def timed(act) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
