"""Tables and numbers as reStructuredText."""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path


def read_table(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """Return the rows of a CSV file, each {column: text}; [] where there is no such file."""
    if not path.is_file():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=delimiter, skipinitialspace=True))


def rst_table(columns: Sequence[str], rows: Iterable[Sequence]) -> str:
    """Return a reStructuredText table with ``columns`` as its head; each cell is shown as it stands."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    body = [["\\-" if cell == "-" else escaped(str(cell)) for cell in row] for row in rows]  # alone, it starts a list
    if not body:
        return "None."
    writer.writerows([[escaped(column) for column in columns], *body])
    lines = "".join(f"   {line}\n" for line in text.getvalue().splitlines())
    return f".. csv-table::\n   :header-rows: 1\n   :widths: auto\n   :class: results\n\n{lines}"


def rst_block(text: str, language: str) -> str:
    """Return ``text`` as a reStructuredText block of code."""
    lines = "".join(f"   {line}\n" if line else "\n" for line in text.splitlines())
    return f".. code:: {language}\n\n{lines}"


def folded(title: str, body: str) -> str:
    """Return ``body`` as a block that opens at a click on ``title``."""
    head = f".. raw:: html\n\n   <details><summary>{title}</summary>\n"
    return f"{head}\n{body}\n\n.. raw:: html\n\n   </details>\n"


def number(value: float | str | None, digits: int = 3, zeros: bool = False) -> str:
    """Return a number with ``digits`` significant digits, or all digits of a larger whole part; '-' for none.

    ``zeros`` keeps those at the end, as in 1.50.
    """
    if value in (None, "") or math.isnan(float(value)):
        return "-"
    value = float(value)
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - int(f"{value:.{digits - 1}e}".partition("e")[2]))
    text = f"{value:,.{decimals}f}" if decimals < 6 else f"{value:.{digits - 1}e}"
    return text if zeros or "." not in text or "e" in text else text.rstrip("0").rstrip(".")


def interval(row: Mapping[str, str], measure: str, unit: str = "") -> str:
    """Return 'mean (low to high)' of a measure in a row of populations.csv."""
    ending = f"_{unit}" if unit else ""
    mean, low, high = (row.get(f"{measure}_{part}{ending}") for part in ("mean", "low", "high"))
    return f"{number(mean)} ({number(low)} to {number(high)})" if mean else "-"


def escaped(text: str) -> str:
    """Return ``text`` with the signs that reStructuredText reads as markup escaped."""
    return "".join("\\" + sign if sign in "\\*`|_" else sign for sign in text)
