"""Hold a fetched cell's simulated response against its recorded sweep: a table and a figure."""

import argparse
import csv
from pathlib import Path

import h5py
import matplotlib
import numpy as np
from _program import run
from matplotlib.figure import Figure

from colonnade.analysis.response import response_table
from colonnade.analysis.result import Result
from colonnade.errors import MissingFile
from colonnade.experiment import Experiment, load_config
from colonnade.figures.registry import FORMATS
from colonnade.figures.saving import save_figure
from colonnade.figures.style import PALETTE, legend_above, paper_style, size_inches, ticks
from colonnade.files import atomic_write, sha256


def main() -> None:
    matplotlib.use("agg")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", nargs="?", type=Path, default=Path("config.yaml"), help="default: config.yaml")
    parser.add_argument("--recorded", type=Path, default=Path("recorded.h5"), metavar="H5", help="times (ms), v (mV)")
    parser.add_argument("--output", type=Path, default=Path("response"), metavar="FOLDER", help="default: response")
    arguments = parser.parse_args()
    experiment = Experiment(load_config(arguments.config), file=arguments.config)
    config = Path(experiment.folder, "simulation", "config.json")
    for path, wanted in ((config, "`colonnade run` first"), (arguments.recorded, "a project of `colonnade fetch`")):
        if not path.is_file():
            raise MissingFile("there is no such file", file=path, expected=wanted)
    with h5py.File(arguments.recorded) as file:
        recorded = file["times"][()], file["v"][()]
    report = Result.from_config(config).report("v")
    model = report.times(), report.mean()
    current = np.loadtxt("stimulus.csv", delimiter=",", skiprows=1, ndmin=2)
    changes = current[current[:, 1] != current[0, 1], 0]
    onset = float(changes[0]) if len(changes) else 0.0
    table = response_table(recorded, model, onset, experiment.config["simulation"]["spike_threshold"])
    with atomic_write(arguments.output / "response.csv") as temporary, open(temporary, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("measure", "recorded", "model"), *table])
    with paper_style():
        figure = Figure(figsize=size_inches("page", 60), layout="constrained")
        axes = figure.subplots()
        for (times, values), colour, name in ((recorded, PALETTE[6], "recorded"), (model, PALETTE[1], "model")):
            axes.plot(times, values, color=colour, linewidth=0.5, label=name, rasterized=len(times) > 50_000)
        axes.set(xlabel="time (ms)", ylabel="membrane potential (mV)", xlim=(0, recorded[0][-1]))
        axes.xaxis.set_major_locator(ticks(6))
        legend_above(axes)
    origin = {"figure": "response", "files": {path.name: sha256(path) for path in (config, arguments.recorded)}}
    save_figure(figure, [arguments.output / f"response.{form}" for form in FORMATS], origin)
    print(f"{'':32}{'recorded':>10}{'model':>10}")
    for measure, one, other in table:
        print(f"{measure:32}{one:10.4g}{other:10.4g}")
    print(f"Table and figure are in {arguments.output}")


if __name__ == "__main__":
    run(main)
