"""Say what made a figure: the origin that a PDF, SVG or PNG of Colonnade carries in itself."""

import argparse
import json

from _program import run

from colonnade.figures.saving import origin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figure", nargs="+", metavar="FILE", help="a .pdf, .svg or .png file")
    figures = parser.parse_args().figure
    for path in figures:
        if len(figures) > 1:
            print(f"{path}:")
        print(json.dumps(origin(path), indent=2, sort_keys=True, ensure_ascii=False))


if __name__ == "__main__":
    run(main)
