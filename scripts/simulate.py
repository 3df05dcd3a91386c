"""Simulate any SONATA simulation config on NEURON or CoreNEURON; write spikes.h5 and the reports."""

import argparse
import logging
import os
import signal
import sys
import traceback

from _program import run

from colonnade.log_lines import LogLine
from colonnade.simulation.engines.registry import ENGINES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True, metavar="FILE", help="SONATA simulation config (JSON)")
    parser.add_argument("--output", metavar="DIR", help="folder of the results, instead of the config's output_dir")
    parser.add_argument("--engine", choices=tuple(ENGINES), help="default: the config's, else neuron")
    parser.add_argument("--threads", type=int, metavar="N", help="threads a process; default: the config's, else 1")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))

    from colonnade.errors import ColonnadeError
    from colonnade.simulation.output import DiskFull
    from colonnade.simulation.ranks import Ranks
    from colonnade.simulation.run import simulate

    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    logging.getLogger().handlers[0].setFormatter(LogLine("%(message)s"))
    try:
        simulation = simulate(arguments.config, arguments.output, arguments.engine, arguments.threads)
    except BaseException as error:
        # HDF5 would crash at exit after a full disk; the other ranks would wait for ever for one that has failed.
        if not isinstance(error, DiskFull) and Ranks().count == 1:
            raise
        if isinstance(error, ColonnadeError):
            print(f"error: {error}", file=sys.stderr, flush=True)
        else:
            traceback.print_exc()
        os._exit(2)
    at_the_end.append(simulation.ranks)


if __name__ == "__main__":
    at_the_end: list = []
    run(main)
    for ranks in at_the_end:  # after the receipt
        ranks.leave()
