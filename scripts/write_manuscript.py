"""Write what a paper takes from an experiment: numbers, methods, tables, figures; and the paper, by a TeX."""

import argparse
import json
import shutil
from pathlib import Path

from _program import run

from colonnade.json_file import read_json
from colonnade.paper import TEX
from colonnade.paper.manuscript import make_pdf, write_parts
from colonnade.paper.numbers import checked_keys, numbers_of
from colonnade.provenance import versions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--settings", type=json.loads, required=True, metavar="JSON", help="config, captions, manuscript"
    )
    parser.add_argument("--results", type=Path, required=True, metavar="FOLDER", help="the experiment's folder")
    parser.add_argument("--tables", type=Path, nargs="+", required=True, metavar="CSV", help="populations and degrees")
    parser.add_argument("--sweep", type=Path, nargs="*", default=[], metavar="CSV", help="means over replicates")
    parser.add_argument("--figures", type=Path, nargs="*", default=[], metavar="PDF", help="what can be shown")
    parser.add_argument("--models", type=Path, nargs="*", default=[], metavar="JSON", help="parameters of the models")
    parser.add_argument("--tex", type=Path, nargs="+", required=True, metavar="FILE", help="the paper, files beside it")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="folder of what is written")
    arguments = parser.parse_args()

    by_point = {name: {} for name in ("populations", "degrees")}
    for path in arguments.tables:
        point = "" if path.parent.name == "statistics" else path.parent.name
        by_point[path.stem][point] = path
    numbers = numbers_of(by_point["populations"], by_point["degrees"], next(iter(arguments.sweep), None))
    paper = arguments.tex[0]
    checked_keys(paper.read_text(encoding="utf-8"), numbers, paper)
    config = arguments.settings["config"]
    for section, names in arguments.settings["order"].items():
        config[section] = {name: config[section][name] for name in names}
    drawn = {path.relative_to(arguments.results / "figures") for path in arguments.figures}
    # Not those of many points of a sweep, which lie in folders.
    shown = {
        f"figures/{figure}.pdf": caption
        for figure, caption in arguments.settings["figures"] if Path(f"{figure}.pdf") in drawn
    }  # fmt: skip
    models = {path.name: read_json(path, "model") for path in arguments.models}
    write_parts(arguments.output, config, numbers, versions(), shown, models)
    if shutil.which(TEX):
        make_pdf(TEX, paper, arguments.tex[1:], arguments.output, arguments.results / "figures",
                 arguments.output / f"{paper.stem}.pdf")  # fmt: skip
    else:
        print(f"warning: no {TEX} on this machine: the parts are written, not the paper")


if __name__ == "__main__":
    run(main)
