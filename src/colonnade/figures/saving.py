"""Write a figure as PDF, SVG and PNG with its origin inside, and read that origin back from a file."""

import html
import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter
from matplotlib.transforms import Bbox

from colonnade.errors import InputError, MissingFile
from colonnade.figures.registry import FORMATS
from colonnade.figures.style import paper_style
from colonnade.files import atomic_write, canonical_json

_KEY = "colonnade"
LAYOUT_DIGITS = 10
_HEAD = 1_000_000  # characters, in which a page says where it is from
_SVG_DESCRIPTION = "{http://purl.org/dc/elements/1.1/}description"


def save_figure(
    figure: Figure, paths: Iterable[str | os.PathLike], provenance: Mapping, *, title: str | None = None
) -> None:
    """Write ``figure`` to each of ``paths`` (.pdf, .svg, .png), the same bytes for the same figure and provenance.

    ``provenance`` (what JSON can hold: run, config checksum, versions) goes into the file's own metadata: the
    keywords of a PDF, the description of an SVG, the text field ``colonnade`` of a PNG. ``origin`` reads it back.
    """
    origin = canonical_json(dict(provenance))
    software = "Colonnade " + str(provenance.get("version", "")).strip()
    layout = figure.get_layout_engine()
    _make_plain_labels_plain(figure)
    with paper_style():
        figure.draw_without_rendering()
    figure.set_layout_engine("none")  # laid out once for all formats
    _round_layout(figure)
    for path in map(Path, paths):
        form = path.suffix.lower().lstrip(".")
        fields = {
            "pdf": {"Title": title, "Keywords": origin, "Creator": software.strip(), "CreationDate": None},
            "svg": {"Title": title, "Description": origin, "Creator": software.strip(), "Date": None},
            "png": {"Title": title, _KEY: origin, "Software": software.strip()},
        }
        if form not in fields:
            raise InputError("unknown format of a figure", file=path, value=form, options=FORMATS)
        metadata = {key: value for key, value in fields[form].items() if value is not None or key.endswith("Date")}
        with paper_style(), atomic_write(path) as temporary:
            figure.savefig(temporary, format=form, metadata=metadata)
    figure.set_layout_engine(layout)


def _round_layout(figure: Figure) -> None:
    """Round the places of all axes and subfigures to some 1e-10 of the figure.

    Matplotlib's solver takes its terms in an order that depends on their places in memory, and so do the last bits.
    """
    for axes in figure.axes:
        in_layout = axes.get_in_layout()
        places = np.round(axes.get_position(original=True).get_points(), LAYOUT_DIGITS) + 0.0
        axes.set_position(Bbox(places), which="original")
        axes.set_in_layout(in_layout)  # which a place that is set ends
    parts = list(figure.subfigs)
    for part in parts:
        part.bbox_relative.set_points(np.round(part.bbox_relative.get_points(), LAYOUT_DIGITS) + 0.0)
        parts += part.subfigs


def save_page(body: str, path: str | os.PathLike, provenance: Mapping, *, title: str) -> None:
    """Write an HTML page that needs nothing but itself, the ``body``, with its origin in its head."""
    origin = html.escape(canonical_json(dict(provenance)))
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><meta name="{_KEY}" content="{origin}">'
    with atomic_write(path) as temporary:
        temporary.write_text(f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n{body}</html>\n', encoding="utf-8")


def _make_plain_labels_plain(figure: Figure) -> None:
    """Set tick labels as text, not as formulas, on each axis that needs no power of ten: a third of a figure's time."""
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        formatter = axis.get_major_formatter()
        if isinstance(formatter, ScalarFormatter):
            formatter.set_locs(axis.get_majorticklocs())
            if not formatter.get_offset():
                formatter.set_useMathText(False)


def origin(path: str | os.PathLike) -> dict:
    """Return the provenance inside a figure that ``save_figure`` wrote; InputError if there is none."""
    path = Path(path)
    if not path.is_file():
        raise MissingFile("no such figure", file=path)
    readers = {".pdf": _pdf_field, ".svg": _svg_field, ".png": _png_field, ".html": _html_field}
    if path.suffix.lower() not in readers:
        raise InputError("unknown format of a figure", file=path, value=path.suffix, options=readers)
    text = readers[path.suffix.lower()](path)
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise InputError("this figure does not say what made it", file=path, expected="a figure made by Colonnade")
    return found


def _pdf_field(path: Path) -> str | None:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return (PdfReader(path).metadata or {}).get("/Keywords")
    except PyPdfError as error:
        raise InputError(f"not a PDF: {error}", file=path) from error


def _png_field(path: Path) -> str | None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            image.load()
            return image.text.get(_KEY)
    except (UnidentifiedImageError, OSError, AttributeError) as error:
        raise InputError(f"not a PNG: {error}", file=path) from error


def _html_field(path: Path) -> str | None:
    with open(path, encoding="utf-8", errors="replace") as file:
        found = re.search(f'<meta name="{_KEY}" content="([^"]*)">', file.read(_HEAD))
    return html.unescape(found[1]) if found else None


def _svg_field(path: Path) -> str | None:
    try:
        return next((node.text for node in ElementTree.parse(path).iter(_SVG_DESCRIPTION)), None)
    except ElementTree.ParseError as error:
        raise InputError(f"not an SVG: {error}", file=path) from error
