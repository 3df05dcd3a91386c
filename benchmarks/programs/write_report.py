"""Turn measurements into the tables and the figure of the benchmark page, and into the table of the README."""

import argparse
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

import matplotlib
import pandas as pd

matplotlib.use("Agg")
import matplotlib.pyplot as plt

PEER = "BMTK"
RIVAL = "coreneuron, 2 threads"  # of larger networks and other models
COLOURS = {PEER: "#555555", "neuron": "#0072B2", "coreneuron": "#D55E00", "lockstep": "#CC79A7", "Colonnade": "#009E73"}
BEGIN, END = "<!-- benchmark: start -->", "<!-- benchmark: end -->"


def read(files: list[Path]) -> pd.DataFrame:
    """Return all measurements: benchmark, size, contender, round, phase, value."""
    return pd.concat([pd.read_csv(file) for file in files], ignore_index=True)


def span(values: pd.Series, digits: int = 3) -> str:
    """Return the median of some values, with the smallest and the largest where there are several."""
    text = f"{values.median():.{digits}g}"
    return text if len(values) < 2 else f"{text} ({values.min():.{digits}g} to {values.max():.{digits}g})"


def ratios(measured: pd.DataFrame, contender: str, peer: str = PEER) -> pd.Series:
    """Return, round by round, how many times the peer's value is that of a contender."""
    by_round = {name: measured[measured.contender == name].set_index("round")["value"] for name in (contender, peer)}
    return (by_round[peer] / by_round[contender]).dropna()


def table(
    measured: pd.DataFrame, benchmark: str, phases: dict[str, str], unit: str = "s", peer: str = PEER
) -> list[str]:
    """Return the lines of a Markdown table: a row for each size, phase and contender, with the ratio to the peer."""
    lines = [
        f"| N | phase | who | {unit}, median (range) | {peer} is so many times that |",
        "| --- | --- | --- | --- | --- |",
    ]
    rows = measured[measured.benchmark == benchmark]
    for (size, phase), group in rows.groupby(["size", "phase"], sort=True):
        if phase not in phases:
            continue
        for contender in sorted(group.contender.unique(), key=lambda name: (name != peer, name)):
            values = group[group.contender == contender]["value"]
            against = pd.Series(dtype=float)
            if contender != peer and peer in set(group.contender):
                against = ratios(group, contender, peer)
            ratio = span(against) if len(against) else ""
            lines.append(f"| {size:,} | {phases[phase]} | {contender} | {span(values)} | {ratio} |")
    return lines


def targets(measured: pd.DataFrame, goals: list[dict]) -> list[str]:
    """Return the lines of a Markdown table that holds each goal against what was measured."""
    lines = ["| what | goal | measured |", "| --- | --- | --- |"]
    for goal in goals:
        benchmark, peer = goal["benchmark"], goal.get("peer", PEER)
        chosen = measured[
            (measured.benchmark == (f"{benchmark}: {goal['model']}" if "model" in goal else benchmark))
            & (measured["size"] == goal["size"])
            & (measured.phase == goal["phase"])
        ]
        if "ratio" in goal:
            found = ratios(chosen, goal["contender"], peer)
            unit, wanted = f" times faster than {peer.partition(',')[0]}", f"at least {goal['ratio']}"
        else:
            found = chosen[chosen.contender == goal["contender"]]["value"]
            unit, wanted = f" {goal['unit']}", f"below {goal['below']}"
        text = f"{span(found)}{unit}" if len(found) else "not measured"
        lines.append(f"| {goal['what']} | {wanted}{unit} | {text} |")
    return lines


def same_spikes(measured: pd.DataFrame) -> str:
    """Return how many cells had other spikes than BMTK's, over all simulations, in a sentence."""
    found = measured[measured.phase == "cells_that_differ"]
    differ = int(found["value"].sum())
    cells = int(found["size"].sum())
    return f"In {len(found)} simulations of {cells:,} cells, {differ or 'no'} cells had other spikes than in BMTK."


def busy(measured: pd.DataFrame) -> str:
    """Return how busy the machine was before each run, in a sentence."""
    load = measured[measured.phase == "load_average"]["value"]
    return f"Programs that waited for a core when a run began (load average): {span(load, 2)}." if len(load) else ""


def machine() -> str:
    """Return the machine and the versions in one line."""
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    model = names[0] if names else platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GB; {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, NEURON {version('neuron')}, numpy {version('numpy')}"
    )


def figure(measured: pd.DataFrame, path: Path) -> None:
    """Draw how the time to build and to simulate grows with the number of cells."""
    plt.rcParams.update({"font.size": 8, "svg.fonttype": "none", "axes.spines.top": False, "axes.spines.right": False})
    build = measured[(measured.benchmark == "build") & (measured.phase == "recurrent")]
    simulate = measured[measured.benchmark.isin(["simulate", "sizes"]) & (measured.phase == "run")]
    memory = measured[(measured.benchmark == "sizes") & (measured.phase == "peak_mb")]
    drawing, axes = plt.subplots(1, 3, figsize=(6.9, 3.2), layout="constrained")
    for axis, rows, title, unit in (
        (axes[0], build, "Building the recurrent edges", "time (s)"),
        (axes[1], simulate, "Simulating", "seconds a biological second"),
        (axes[2], memory, "Memory of a simulation", "peak (MB)"),
    ):
        for name in sorted(rows.contender.unique(), key=lambda name: (name != PEER, name)):
            grouped = rows[rows.contender == name].groupby("size")["value"]
            middle = grouped.median()
            kind = next((kind for kind in COLOURS if kind in name.replace(",", "").split()), "Colonnade")
            style = {"marker": "o", "markersize": 3.5, "linestyle": "--" if "1 thread" in name else "-"}
            axis.plot(middle.index, middle.values, color=COLOURS[kind], label=name, **style)
            axis.fill_between(middle.index, grouped.min(), grouped.max(), color=COLOURS[kind], alpha=0.2, linewidth=0)
        axis.set(xscale="log", yscale="log", xlabel="number of cells", ylabel=unit, title=title)
        sizes = sorted(rows["size"].unique())
        if len(sizes) < 4:
            axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
            axis.set_xticks([], minor=True)
        axis.legend(frameon=False, fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=1, handlelength=3)
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing.savefig(path, dpi=200)


def insert(page: Path, lines: list[str], begin: str = BEGIN, end: str = END) -> None:
    """Put ``lines`` between the two marks of a page; nothing happens where the marks are missing."""
    text = page.read_text() if page.exists() else ""
    if begin in text and end in text:
        before, rest = text.split(begin, 1)
        page.write_text("\n".join([before + begin, *lines, end]) + rest.split(end, 1)[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measurements", nargs="+", type=Path, help="CSV files of measure.py")
    parser.add_argument("--settings", type=json.loads, required=True, help="JSON: the benchmark's config")
    parser.add_argument("--page", type=Path, required=True, help="Markdown file to write")
    parser.add_argument("--figure", type=Path, required=True, help="figure to write")
    parser.add_argument("--readme", type=Path, help="README whose marked part gets the table of goals")
    arguments = parser.parse_args()
    measured = read(arguments.measurements)
    measured["value"] = pd.to_numeric(measured["value"], errors="coerce")
    # Run times of simulations of different length become comparable as seconds a biological second.
    lengths = arguments.settings["simulate"]["tstop"]
    scaled = measured.copy()
    per_second = (scaled.benchmark == "simulate") & (scaled.phase == "run")
    scaled.loc[per_second, "value"] /= scaled.loc[per_second, "size"].map(lambda n: lengths[str(n)] / 1000)
    of_sizes = (scaled.benchmark == "sizes") & (scaled.phase == "run")
    scaled.loc[of_sizes, "value"] /= arguments.settings["sizes"]["tstop"] / 1000
    figure(scaled, arguments.figure)
    goals = targets(measured, arguments.settings["goals"])
    page = [
        "# How fast",
        "",
        f"Written by the workflow in `benchmarks/` (`make bench`), never by hand. Machine: {machine()}.",
        "",
        *(line for text in arguments.settings["introduction"] for line in (text, "")),
        busy(measured),
        "",
        f"![time against the number of cells]({arguments.figure.name})",
        "",
        "## Goals",
        "",
        *goals,
        "",
        "## Simulation",
        "",
        same_spikes(measured),
        "",
        *table(measured, "simulate", {"load": "load", "run": "run", "wall": "whole process"}),
        "",
        "## Larger networks",
        "",
        f"{arguments.settings['sizes']['tstop']:g} ms of the same network, built by Colonnade.",
        "",
        *table(measured, "sizes", {"load": "load", "run": "run", "wall": "whole process"}, peer=RIVAL),
        "",
        *table(measured, "sizes", {"peak_mb": "peak memory"}, "MB", RIVAL),
        "",
        "## Other models",
        "",
        *(
            line
            for name, (n, tstop) in arguments.settings["models"]["sizes"].items()
            for line in (
                f"### {name[0].upper()}{name[1:]}: {n:,} cells, {tstop:g} ms",
                "",
                *table(measured, f"models: {name}", {"load": "load", "run": "run"}, peer=RIVAL),
                "",
            )
        ),
        "## Building",
        "",
        *table(
            measured,
            "build",
            {"recurrent": "recurrent edges", "external": "edges from outside", "wall": "whole process"},
        ),
        "",
        *table(measured, "build", {"peak_mb": "peak memory"}, "MB"),
        "",
        "## From nothing to the figures",
        "",
        *table(measured, "whole", {"wall": "everything"}),
        "",
    ]
    arguments.page.parent.mkdir(parents=True, exist_ok=True)
    arguments.page.write_text("\n".join(page))
    if arguments.readme:
        where = os.path.relpath(arguments.figure, arguments.readme.parent)
        insert(arguments.readme, [f"![time against the number of cells]({where})", "", *goals])


if __name__ == "__main__":
    main()
