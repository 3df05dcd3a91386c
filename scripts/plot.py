"""Draw a figure of a result, of any kind in colonnade/figures/kinds/, and keep in its files what made it."""

import argparse
import json
from pathlib import Path

import matplotlib
from _program import run
from _result import add_result_arguments, result_of
from matplotlib.figure import Figure

import colonnade
from colonnade.errors import InputError
from colonnade.figures.registry import figure_kind, figure_kinds, figure_reads
from colonnade.figures.saving import save_figure, save_page
from colonnade.figures.style import paper_style, size_inches
from colonnade.files import sha256


def main() -> None:
    matplotlib.use("agg")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=sorted(figure_kinds()), help="default: that of the settings")
    add_result_arguments(parser)
    parser.add_argument("--points", metavar="CSV", help="table of all points of a sweep")
    parser.add_argument("--morphologies", nargs="+", default=[], metavar="FILE", help="SWC files, or their folder")
    parser.add_argument(
        "--settings", type=json.loads, default={}, metavar="JSON", help="settings; their keys are in config/README.md"
    )
    parser.add_argument(
        "--provenance", type=json.loads, default={}, metavar="JSON", help="what made the result, kept in the files"
    )
    parser.add_argument("--output", type=Path, nargs="+", required=True, metavar="FILE", help=".pdf, .svg, .png, .html")
    arguments = parser.parse_args()
    if not isinstance(arguments.settings, dict) or not isinstance(arguments.provenance, dict):
        parser.error("--settings and --provenance are JSON objects: {...}")

    result = result_of(arguments)
    result.points_file = arguments.points
    result.morphology_files = arguments.morphologies or result.morphology_files
    kind = figure_kind(arguments.kind or arguments.settings.get("kind", "none"))
    settings = {**arguments.settings, "kind": kind.name}
    size = size_inches(settings.get("width", kind.width), settings.get("height", kind.height))
    with paper_style():
        figure = Figure(figsize=size, layout="constrained")
        kind.draw(figure, result, settings)
    name = arguments.output[0].stem
    origin = {"figure": name, "version": colonnade.__version__, "settings": settings}
    origin["files"] = {f"{path.parent.name}/{path.name}": sha256(path) for path in files_read(result, settings)}
    save_figure(
        figure, [path for path in arguments.output if path.suffix != ".html"], origin | arguments.provenance, title=name
    )
    for path in (path for path in arguments.output if path.suffix == ".html"):
        if kind.page is None:
            raise InputError("this kind of figure has no page to turn", key="--output", value=str(path))
        save_page(kind.page(result, settings), path, origin | arguments.provenance, title=name)


def files_read(result, settings: dict) -> list[Path]:
    """Return the files which the figure is drawn from."""
    parts = [*settings.get("figures", {}).values(), settings]
    reports = {part["report"] for part in parts if part.get("report")} or set(result.report_files)
    named = {
        "nodes": [path for pair in result.node_files for path in pair],
        "edges": [path for pair in result.edge_files for path in pair],
        "spikes": result.spike_files,
        "reports": [path for name, path in result.report_files.items() if name in reports],
        "points": [result.points_file],
        "morphologies": result.morphology_files,
    }
    paths = [Path(path) for use in figure_reads(settings) for path in named[use] if path]
    return [path for path in paths if path.is_file()]


if __name__ == "__main__":
    run(main)
