"""Write the spike trains of a virtual population as a SONATA file: Poisson trains, or a file of your own."""

import argparse
import json

from _program import run

from colonnade.spikes.trains_from_config import generate_spikes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--settings",
        type=json.loads,
        required=True,
        help='JSON: {"type": "poisson", "seed": 1, "population": "mthalamus", "firing_rate": 15.0, "times": [0, 3]} '
        "(Hz and s; or a list of rates, one for each of the times; or file.py:function of the time in s) or "
        '{"type": "spikes", "population": "mthalamus", "file": "spikes.csv"}',
    )
    parser.add_argument("--nodes", required=True, metavar="FILE.h5", help="nodes file of the population")
    parser.add_argument("--output", required=True, metavar="OUT.h5", help="spike file to write")
    given = parser.parse_args()
    train = generate_spikes(given.settings, given.nodes, given.output)
    print(f"{train.population}: {len(train)} spikes")


run(main)
