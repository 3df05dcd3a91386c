"""How large a cell of an experiment is before it is made: its compartments, and the channels in them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from colonnade.cells.cell_type import AXON_STUBS
from colonnade.components import model_path
from colonnade.errors import ColonnadeError
from colonnade.geometry.morphology import swc_lines, swc_sections
from colonnade.geometry.segments import segment_counts
from colonnade.geometry.swc import SECTION_TYPES
from colonnade.json_file import read_json

KINDS = ("soma", "dend", "apic", "axon")


@dataclass(frozen=True)
class CellSize:
    """How many compartments a cell has, and how many mechanisms other than pas there are in all of them together."""

    compartments: float
    channels: float


POINT = CellSize(1, 0)
CHAPTER3 = CellSize(264, 12)  # Scnn1a at dL 20, where the files are not there yet, or are not as they should be


def cell_size(group: Mapping, components: Mapping, dL: float) -> CellSize:
    """Return the size of a cell of the nodes ``group``.

    ``components`` are those of the config, ``dL`` in um.
    """
    if group["model_type"] != "biophysical":
        return POINT
    morphology, processing, fit = (
        value if isinstance(value := group.get(key), str) else None
        for key in ("morphology", "model_processing", "dynamics_params")
    )
    if morphology is None:
        return CHAPTER3
    name = morphology if morphology.endswith(".swc") else f"{morphology}.swc"
    try:
        form = _stamped(model_path(components, f"morphologies/{name}"))
        channels = _stamped(model_path(components, f"biophysical_neuron_models/{fit}")) if fit else None
        segments = _segments(*form, processing, dL) if form else None
        mechanisms = _mechanisms(*channels) if channels else {"soma": CHAPTER3.channels}
    except (OSError, ColonnadeError, LookupError, TypeError, ValueError):  # said by those who use the files
        return CHAPTER3
    if segments is None:
        return CHAPTER3
    return CellSize(sum(segments.values()), sum(segments[kind] * mechanisms.get(kind, 0) for kind in KINDS))


def _stamped(path: Path | None) -> tuple[str, int] | None:
    return None if path is None else (str(path), path.stat().st_mtime_ns)


@cache
def _segments(path: str, changed: int, processing: str | None, dL: float) -> dict[str, float]:
    """Return the number of segments of each kind of section; about, where only NEURON can tell."""
    axon = next((word for word in AXON_STUBS if processing and processing.split(",")[0].strip() == word), None)
    sections = swc_sections(Path(path), axon)
    found = dict.fromkeys(KINDS, 0.0)
    if sections is not None:
        counts = segment_counts([section.length for section in sections], dL)
        for section, count in zip(sections, counts.tolist(), strict=True):
            found[section.kind] += count
        return found
    pieces, types = swc_lines(Path(path))
    lengths = np.linalg.norm(np.diff(pieces[:, :, :3], axis=1)[:, 0], axis=1)
    for number, kind in SECTION_TYPES.items():
        found[kind] = float(math.ceil(lengths[types == number].sum() / dL))
    return found | {"soma": 1.0} | ({"axon": 2.0} if axon else {})


@cache
def _mechanisms(path: str, changed: int) -> dict[str, int]:
    """Return the number of mechanisms but pas that a fit of the Allen Institute puts into each kind of section."""
    there = {(entry["section"], entry["mechanism"]) for entry in read_json(path)["genome"]}
    return {kind: sum(bool(name) and name != "pas" for section, name in there if section == kind) for kind in KINDS}
