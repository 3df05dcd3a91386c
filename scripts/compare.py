"""Put two results side by side: what differs in their configs, their statistics, and figures of both."""

import argparse
from pathlib import Path

import matplotlib
from _program import run
from matplotlib.figure import Figure

from colonnade.analysis.comparison import (
    config_differences,
    settings_of_result,
    simulation_config,
    statistic_differences,
)
from colonnade.analysis.result import Result
from colonnade.analysis.tables import Settings, activity_tables
from colonnade.figures import overlay
from colonnade.figures.kinds import difference
from colonnade.figures.registry import FORMATS
from colonnade.figures.saving import save_figure
from colonnade.figures.style import paper_style, size_inches
from colonnade.files import atomic_write, sha256


def main() -> None:
    matplotlib.use("agg")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", nargs=2, type=Path, help="an experiment's folder or a simulation config, twice")
    parser.add_argument("--names", nargs=2, metavar="NAME", help="what to call them (default: their folders)")
    parser.add_argument("--output", type=Path, default=Path("comparison"), metavar="FOLDER", help="default: comparison")
    arguments = parser.parse_args()
    names = arguments.names or overlay.names_of(*arguments.results)
    configs = [simulation_config(path) for path in arguments.results]
    results = [Result.from_config(path) for path in configs]

    tables = {
        "config_differences": config_differences(*(settings_of_result(path) for path in arguments.results)),
        "statistics": statistic_differences(
            *(activity_tables(result, Settings(), seed=0)["populations"] for result in results)
        ),
    }
    for name, table in tables.items():
        with atomic_write(arguments.output / f"{name}.csv") as temporary:
            table.to_csv(temporary, index=False, float_format="%.12g")
    sums = {name: sha256(path) for name, path in zip(names, configs, strict=True)}
    for kind, size, draw in (
        ("overlay", overlay.SIZE, lambda figure: overlay.from_results(figure, *results, names)),
        ("difference", ("page", 60.0), lambda figure: difference.of_results(figure, *results, names[1])),
    ):
        with paper_style():
            figure = Figure(figsize=size_inches(*size), layout="constrained")
            draw(figure)
        save_figure(
            figure, [arguments.output / f"{kind}.{form}" for form in FORMATS], {"figure": kind, "configs": sums}
        )

    for name, table in tables.items():
        shown = table[~table["statistic"].str.contains("_low|_high")] if name == "statistics" else table
        headed = shown.rename(columns=dict(zip(("first", "second"), names, strict=True)))
        print(f"{name.replace('_', ' ')}:", "none" if table.empty else f"\n{headed.to_string(index=False)}", "\n")
    print(f"Tables and figures are in {arguments.output}")


if __name__ == "__main__":
    run(main)
