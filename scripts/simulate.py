"""Simulate any SONATA simulation config on NEURON or CoreNEURON; write spikes.h5 and the reports."""

import argparse
import logging
import sys

from _program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True, metavar="FILE", help="SONATA simulation config (JSON)")
    parser.add_argument("--output", metavar="DIR", help="folder of the results, instead of the config's output_dir")
    parser.add_argument("--engine", choices=("neuron", "coreneuron"), help="default: the config's, else neuron")
    parser.add_argument(
        "--threads", type=int, metavar="N", help="threads of each process; default: the config's, else 1"
    )
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)

    from colonnade.simulation.run import simulate

    simulate(arguments.config, arguments.output, arguments.engine, arguments.threads)


if __name__ == "__main__":
    run(main)
