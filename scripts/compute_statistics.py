"""Write the tables of a simulation's spikes and network: rates, intervals, synchrony, spectra, degrees, distances."""

import argparse
import json
from pathlib import Path

from _program import run
from _result import add_result_arguments, result_of

from colonnade.analysis.tables import (
    Settings,
    activity_tables,
    degree_table,
    distance_table,
    field_tables,
    input_table,
    rows_of,
)
from colonnade.files import atomic_write, write_json


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_result_arguments(parser)
    parser.add_argument(
        "--settings", type=json.loads, default={}, metavar="JSON",
        help='{"seed": 1, "statistics": {...}}; the keys of statistics are in config/README.md',
    )  # fmt: skip
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="folder of the tables")
    arguments = parser.parse_args()
    result = result_of(arguments)
    seed = arguments.settings.get("seed", 0)
    settings = Settings.of(arguments.settings.get("statistics", {}))

    tables = activity_tables(result, settings, seed)
    tables["degrees"] = degree_table(result, settings)
    tables["connection_probability"] = distance_table(result, settings, seed)
    tables |= field_tables(result, settings)
    for name, table in tables.items():
        with atomic_write(arguments.output / f"{name}.csv") as temporary:
            table.to_csv(temporary, index=False, float_format="%.12g")
    summary = {"seed": seed, "settings": vars(settings), "populations": list(rows_of(tables["populations"]))}
    summary["inputs"] = list(rows_of(input_table(result, settings)))
    write_json(arguments.output / "statistics.json", summary)
    for row in summary["populations"]:
        print(f"{row['group']}: {row['n_spikes']} spikes of {row['n_cells']} cells, {row['rate_mean_hz']:.3g} Hz")


if __name__ == "__main__":
    run(main)
