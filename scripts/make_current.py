"""Write a current as a CSV file of times (ms) and amplitudes (nA), from a table or a function of your own."""

import argparse
import json

from _program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--settings",
        type=json.loads,
        required=True,
        help='JSON: {"type": "array", "file": "own.h5", "timestamps_column": "t", "amplitudes_column": "i", '
        '"tstop": 100, "dt": 0.1} (ms, nA); the file may be file.py:function of the times in ms',
    )
    parser.add_argument("--output", required=True, metavar="OUT.csv", help="file to write")
    given = parser.parse_args()

    from colonnade.stimuli.tables import write_current

    count = write_current(given.settings, given.output)
    print(f"{count} amplitudes")


run(main)
