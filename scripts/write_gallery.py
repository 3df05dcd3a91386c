"""Write docs/gallery.md and its pictures: every kind of figure, its lines in a config, and when to use it."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import yaml
from _program import run
from PIL import Image

from colonnade.figures.registry import figure_kinds
from colonnade.files import atomic_write
from colonnade.places import project_file

HEAD = """# Gallery
Every kind of figure, drawn from the project's own experiments. The lines stand in the section `figures:` of a config;
`config/README.md` explains every key. Each figure is written as PDF, SVG and PNG, at the width of a journal's column
(85 mm) or page (174 mm), and says in its own file what made it (`colonnade whence FIGURE`). This page is written by
`python scripts/write_gallery.py`.

Conventions are those of published figures; [Figures beside published ones](figures.md) names them, and says what was
learned from each. Several groups stand in rows of one scale rather than on top of each other, and names stand beside
what they name, so that no figure depends on colours alone.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=Path, default=Path("docs/gallery.yaml"), help="what to show")
    parser.add_argument("--output", type=Path, default=Path("docs/gallery.md"), help="the page; pictures go beside it")
    parser.add_argument("--cores", default="all", help="number of cores, or 'all'")
    arguments = parser.parse_args()
    entries = yaml.safe_load(arguments.entries.read_text(encoding="utf-8"))
    pictures = arguments.output.with_suffix("")
    pictures.mkdir(parents=True, exist_ok=True)
    for entry in entries:
        folder = draw(entry, arguments.cores)
        for name in entry["figures"]:
            found = sorted((folder / "figures").rglob(f"{name}.png"))
            with Image.open(found[0]) as picture:  # half as fine as the printed figure, for the screen
                picture.resize((picture.width // 2, picture.height // 2)).save(pictures / f"{name}.png", optimize=True)
    with atomic_write(arguments.output) as temporary:
        temporary.write_text(page(entries, pictures.name), encoding="utf-8")


def draw(entry: dict, cores: str) -> Path:
    """Run the experiment of an entry with the entry's changes; return the folder of its results."""
    config = yaml.safe_load(Path(entry["experiment"]).read_text(encoding="utf-8"))
    config |= {**entry.get("changes", {}), "figures": entry["figures"]}
    path = Path("results", "gallery", f"{config['experiment']}.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--snakefile", project_file("Snakefile"), "--configfile", path]
    command += ["--cores", cores, "--quiet", "all"]
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    answer = subprocess.run([str(word) for word in command], env=environment)
    if answer.returncode:
        sys.exit(answer.returncode)
    return Path(config.get("results", "results"), config["experiment"])


def page(entries: list[dict], pictures: str) -> str:
    """Return the text of the gallery: a section a kind, in the order in which the entries first show it."""
    of_kind: dict[str, list[tuple[str, dict, str]]] = {}
    for entry in entries:
        for name, settings in entry["figures"].items():
            of_kind.setdefault(settings["kind"], []).append((name, settings, entry["experiment"]))
    sections = []
    for kind, shown in of_kind.items():
        about = figure_kinds()[kind]
        lines = [f"## {kind}", f"{about.shows} Use it {about.use}."]
        for name, settings, experiment in shown:
            text = yaml.safe_dump({name: settings}, sort_keys=False, default_flow_style=None, width=110).rstrip()
            lines += [f"![{name}, of {experiment}]({pictures}/{name}.png)", f"```yaml\n{text}\n```"]
        sections.append("\n\n".join(lines))
    return "\n".join([HEAD, "\n\n".join(sections), ""])


if __name__ == "__main__":
    run(main)
