"""Every number of the statistics as a LaTeX macro: ``\\result{mcortex.Scnn1a.rate_mean_hz}``."""

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from colonnade.errors import InputError
from colonnade.paper.latex import escaped
from colonnade.report.tables import number, read_table

HEAD = r"""% Written by Colonnade. \result{KEY} has three significant digits, \resultfull{KEY} all of them.
\makeatletter
\newcommand{\result}[1]{\@ifundefined{colonnade:#1}{\PackageError{colonnade}{no such number: #1}{The keys
  are listed in numbers.tex.}}{\csname colonnade:#1\endcsname}}
\newcommand{\resultfull}[1]{\@ifundefined{colonnade*:#1}{\PackageError{colonnade}{no such number: #1}{The keys
  are listed in numbers.tex.}}{\csname colonnade*:#1\endcsname}}
\newcommand{\colonnade@number}[3]{\expandafter\def\csname colonnade:#1\endcsname{#2}%
  \expandafter\def\csname colonnade*:#1\endcsname{#3}}
"""
LABELS = ("population", "group", "edges", "direction", "point", "status", "measure")


def numbers_of(populations: Mapping[str, Path], degrees: Mapping[str, Path], sweep: Path | None) -> dict[str, str]:
    """Return all numbers by key.

    ``populations`` and ``degrees`` are the tables of these names by the name of their sweep point ('' without one):
    their numbers have the keys ``[POINT.]population.group.column`` and ``[POINT.]edges.pairs``, ``edges.synapses``.
    Those of ``sweep``, the means over replicates, have ``PATH=VALUE.population.group.measure.mean`` and so on.
    """
    found: dict[str, str] = {}
    for point, path in populations.items():
        for row in read_table(path):
            front = [point, row["population"], row["group"]]
            found |= {_key(*front, column): value for column, value in row.items() if _is_number(column, value)}
    for point, path in degrees.items():
        totals: dict[str, list[int]] = {}
        for row in read_table(path):
            if row["direction"] == "in":
                total = totals.setdefault(row["edges"], [0, 0])
                total[0] += int(row["n_cells"])
                total[1] += int(row["n_synapses"])
        for edges, (pairs, synapses) in totals.items():
            found |= {_key(point, edges, "pairs"): str(pairs), _key(point, edges, "synapses"): str(synapses)}
    for row in read_table(sweep) if sweep else ():
        paths = list(row)[: list(row).index("population")]
        front = [",".join(f"{path}={row[path]}" for path in paths), row["population"], row["group"], row["measure"]]
        found |= {_key(*front, column): row[column] for column in ("mean", "low", "high", "n") if row[column]}
    return found


def numbers_tex(numbers: Mapping[str, str]) -> str:
    """Return the file with the macros of ``numbers``."""
    lines = [rf"\colonnade@number{{{key}}}{{{escaped(_short(value))}}}{{{value}}}" for key, value in numbers.items()]
    return "\n".join([HEAD, *lines, r"\makeatother", ""])


def _short(value: str) -> str:
    """Return three significant digits of a number, all of a count."""
    return number(value, zeros=not value.isdigit())


def texts_tex(texts: Mapping[str, str]) -> str:
    """Return macros ``\\experimenttitle`` and the like for ``texts`` by the second part of their names."""
    return "".join(rf"\newcommand{{\experiment{name}}}{{{escaped(text)}}}" + "\n" for name, text in texts.items())


def results_tex(numbers: Mapping[str, str]) -> str:
    """Return the macro ``\\experimentresults``: a sentence for each group, whose numbers are macros themselves."""
    groups = [key.removesuffix(".rate_mean_hz") for key in numbers if key.endswith(".rate_mean_hz")]
    said = [
        rf"{escaped(group)}: \result{{{group}.n_spikes}} spikes of \result{{{group}.n_cells}} cells, mean rate "
        rf"\result{{{group}.rate_mean_hz}}~Hz (\result{{{group}.rate_low_hz}} to \result{{{group}.rate_high_hz}})."
        for group in groups
    ]
    return rf"\newcommand{{\experimentresults}}{{{' '.join(said)}}}" + "\n"


def write_csv(numbers: Mapping[str, str], path: Path) -> None:
    """Write the numbers as a table with the columns key and value."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([("key", "value"), *numbers.items()])


def _is_number(column: str, value: str) -> bool:
    if column in LABELS or value in (None, ""):
        return False
    try:
        float(value)
    except ValueError as error:
        raise InputError("no number", key=column, value=value) from error
    return True


def _key(*parts: str) -> str:
    """Return a key without the signs that end a macro's argument or begin a comment."""
    text = ".".join(part for part in parts if part)
    return "".join(sign for sign in text if sign not in "{}\\%#~^$&")


def checked_keys(text: str, numbers: Iterable[str], file: Path) -> None:
    """Raise InputError for the first key that the manuscript ``text`` names in vain, with the nearest right one."""
    known = list(numbers)
    for line, words in enumerate(text.splitlines(), start=1):
        for key in re.findall(r"\\result(?:full)?\{([^}#]+)\}", words.split("%")[0]):
            if key not in known:
                raise InputError("no such number", file=file, key=f"line {line}", value=key, options=known)
