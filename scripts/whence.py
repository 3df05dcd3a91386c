"""Say what made a figure: the origin that a PDF, SVG or PNG of Colonnade carries in itself."""

import argparse
import json

import yaml
from _program import run

from colonnade.figures.saving import origin

FIRST = ("figure", "experiment", "point", "version", "settings", "made_by")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figure", nargs="+", metavar="FILE", help="a .pdf, .svg or .png file")
    parser.add_argument("--json", action="store_true", help="print the origin as JSON, one object a file")
    arguments = parser.parse_args()
    for path in arguments.figure:
        found = origin(path)
        if arguments.json:
            print(json.dumps(found, indent=2, sort_keys=True, ensure_ascii=False))
        else:
            print(f"{path}: {sentence(found)}\n")
            ordered = {key: found[key] for key in (*FIRST, *found) if key in found}
            print(yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None))


def sentence(found: dict) -> str:
    """Return in words which run a figure is of."""
    version = f"drawn by Colonnade {found['version']}" if found.get("version") else "drawn by Colonnade"
    if "experiment" not in found:
        return f"{version}, from {len(found.get('files', {}))} files"
    point = f" at {found['point']}" if found.get("point") else ""
    return f"figure {found.get('figure')} of the experiment {found['experiment']}{point}, {version}"


if __name__ == "__main__":
    run(main)
