"""Put the statistics of all points of a sweep into one table; a point without them is marked as failed."""

import argparse
import json
from pathlib import Path

from _program import run

from colonnade.analysis.sweep import gather
from colonnade.files import whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--settings", type=json.loads, required=True, metavar="JSON",
        help='{"points": [{"name": ..., "values": {path: value}, "replicate": 0, "file": its populations.csv}, ...]}',
    )  # fmt: skip
    parser.add_argument("--output", type=Path, required=True, metavar="CSV", help="table to write")
    arguments = parser.parse_args()
    table = gather(arguments.settings["points"])
    with whole(arguments.output) as temporary:
        table.to_csv(temporary, index=False, float_format="%.12g")
    failed = table.loc[table["status"] == "failed", "point"]
    print(f"{table['point'].nunique()} points, {len(failed)} failed" + "".join(f"\n  {name}" for name in failed))


if __name__ == "__main__":
    run(main)
