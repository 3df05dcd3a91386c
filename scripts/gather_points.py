"""Put the statistics of all points of a sweep into one table; a point without them is marked as failed."""

import argparse
import json
from pathlib import Path

from _program import run

from colonnade.analysis.sweep_tables import gather
from colonnade.experiment.sweep import points_of, table_entries
from colonnade.files import atomic_write


def main() -> list[Path]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--settings", type=json.loads, required=True, metavar="JSON", help="seed, seeds and sweep of the config"
    )
    parser.add_argument("--keys", nargs="*", default=[], metavar="KEY", help="sweep keys in the names of the points")
    parser.add_argument("--failed", nargs="*", default=[], metavar="POINT", help="points whose old tables do not count")
    parser.add_argument("--output", type=Path, required=True, metavar="CSV", help="table to write, above the points")
    arguments = parser.parse_args()
    points = table_entries(points_of(arguments.settings), arguments.output.parent, arguments.keys)
    for point in points:
        if point["name"] in arguments.failed:
            point["file"] = ""
    table = gather(points)
    with atomic_write(arguments.output) as temporary:
        table.to_csv(temporary, index=False, float_format="%.12g")
    failed = table.loc[table["status"] == "failed", "point"]
    print(f"{table['point'].nunique()} points, {len(failed)} failed" + "".join(f"\n  {name}" for name in failed))
    return [point["file"] for point in points if Path(point["file"]).is_file()]


if __name__ == "__main__":
    run(main)
