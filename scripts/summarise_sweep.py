"""Write the mean and bootstrap interval over replicates of every statistic, for each point of a sweep."""

import argparse
import json
from pathlib import Path

from _program import run

from colonnade.analysis.sweep_tables import read_points, summarise, varied
from colonnade.files import atomic_write


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=Path, required=True, metavar="CSV", help="table of all points")
    parser.add_argument(
        "--settings", type=json.loads, default={}, metavar="JSON",
        help='{"seed": 0, "confidence": 0.95, "resamples": 10000}',
    )  # fmt: skip
    parser.add_argument("--output", type=Path, required=True, metavar="CSV", help="table to write")
    arguments = parser.parse_args()
    points = read_points(arguments.points)
    summary = summarise(points, varied(points), **{"seed": 0} | arguments.settings)
    with atomic_write(arguments.output) as temporary:
        summary.to_csv(temporary, index=False, float_format="%.12g")
    print(f"{len(summary)} means of {points['point'].nunique()} points")


if __name__ == "__main__":
    run(main)
