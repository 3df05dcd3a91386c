"""Simulate any SONATA simulation config; write spikes.h5 and the reports.

A run that was stopped goes on from its last state. SIGTERM, SIGINT and SIGUSR1 save one and end the run with exit code
85; a second signal ends it at once.
"""

import argparse
import logging
import os
import sys
import traceback
from pathlib import Path

from _program import run

from colonnade.log_lines import LogLine
from colonnade.simulation.engines.registry import ENGINES
from colonnade.simulation.stopping import Stopped, StopSignals


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", metavar="CONFIG", help="SONATA simulation config (JSON)")
    parser.add_argument("--config", metavar="FILE", help="the same")
    parser.add_argument("--output", metavar="DIR", help="folder of the results, instead of the config's output_dir")
    parser.add_argument("--engine", choices=tuple(ENGINES), help="default: the config's, else neuron")
    parser.add_argument("--threads", type=int, metavar="N", help="threads a process; default: the config's, else 1")
    parser.add_argument(
        "--checkpoint-every", type=float, metavar="MS", help="biological time between two states; 0: none"
    )
    parser.add_argument(
        "--keep-state", type=int, nargs="?", const=1, choices=(0, 1), help="keep the last states after the end"
    )
    parser.add_argument("--fresh", action="store_true", default=None, help="begin anew, whatever states there are")
    parser.add_argument(
        "--start-from", type=Path, metavar="DIR", help="begin from the state in this folder, if it suits"
    )
    parser.add_argument("--save-to", type=Path, metavar="DIR", help="folder for the state at the end")
    arguments = parser.parse_args()
    if not (config := arguments.file or arguments.config):
        parser.error("the following arguments are required: CONFIG")
    stop = StopSignals().install()

    from colonnade.errors import ColonnadeError
    from colonnade.simulation.output import DiskFull
    from colonnade.simulation.ranks import Ranks
    from colonnade.simulation.run import simulate

    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    logging.getLogger().handlers[0].setFormatter(LogLine("%(message)s"))
    try:
        simulation = simulate(
            config,
            arguments.output,
            arguments.engine,
            arguments.threads,
            stop,
            every=arguments.checkpoint_every,
            keep=arguments.keep_state,
            fresh=arguments.fresh,
            start_from=arguments.start_from,
            save_to=arguments.save_to,
        )
    except Stopped as stopped:
        print(stopped, file=sys.stderr, flush=True)
        Ranks().leave(stopped.exit_code)
        sys.exit(stopped.exit_code)
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
