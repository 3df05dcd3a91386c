"""What the programs that draw a figure share: arguments, the empty figure, its origin, the files."""

import argparse
import json
from pathlib import Path

import _program  # noqa: F401  finds the library
import matplotlib
from _result import add_result_arguments, result_of
from matplotlib.figure import Figure

import colonnade
from colonnade.figures.saving import save_figure
from colonnade.figures.settings import reads
from colonnade.figures.style import paper_style, size_inches
from colonnade.files import sha256


def plot(figure_module, description: str) -> None:
    """Draw the figure of ``figure_module`` (its ``SIZE`` and ``from_result``) as the command line says."""
    matplotlib.use("agg")
    parser = argparse.ArgumentParser(description=description)
    add_result_arguments(parser)
    parser.add_argument("--points", metavar="CSV", help="table of all points of a sweep")
    parser.add_argument(
        "--settings", type=json.loads, default={}, metavar="JSON", help="settings; their keys are in config/README.md"
    )
    parser.add_argument(
        "--provenance", type=json.loads, default={}, metavar="JSON", help="what made the result, kept in the files"
    )
    parser.add_argument("--output", type=Path, nargs="+", required=True, metavar="FILE", help=".pdf, .svg, .png")
    arguments = parser.parse_args()

    result = result_of(arguments)
    result.points_file = arguments.points
    settings = arguments.settings
    width, height = figure_module.SIZE
    with paper_style():
        figure = Figure(
            figsize=size_inches(settings.get("width", width), settings.get("height", height)), layout="constrained"
        )
        figure_module.from_result(figure, result, settings)
    name = arguments.output[0].stem
    kind = settings.get("kind", figure_module.__name__.rpartition(".")[2])
    origin = {"figure": name, "version": colonnade.__version__, "settings": settings}
    origin["files"] = {f"{path.parent.name}/{path.name}": sha256(path) for path in _read_files(result, settings, kind)}
    save_figure(figure, arguments.output, origin | arguments.provenance, title=name)


def _read_files(result, settings: dict, kind: str) -> list[Path]:
    """Return the files which a figure of this kind is drawn from."""
    parts = [*settings.get("figures", {}).values(), settings]
    reports = {part["report"] for part in parts if part.get("report")} or set(result.report_files)
    named = {
        "nodes": [path for pair in result.node_files for path in pair],
        "edges": [path for pair in result.edge_files for path in pair],
        "spikes": result.spike_files,
        "reports": [path for name, path in result.report_files.items() if name in reports],
        "points": [result.points_file],
    }
    paths = [Path(path) for use in reads(settings | {"kind": kind}) for path in named[use] if path]
    return [path for path in paths if path.is_file()]
