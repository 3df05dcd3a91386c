"""Gap junctions as arrays: on each of the two cells a half, which knows where the potential of the other is from."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np

from colonnade.errors import InputError
from colonnade.sonata.edges import EdgePopulation

COLUMN = "is_gap_junction"
MECHANISM = "GapJunction"
YES = (True, 1, 1.0, "True", "true", "1")
LARGEST_CONDUCTANCE = 1.0  # uS; those of cells in the brain are some 1e-4 to 1e-2 uS


@dataclass
class GapJunctions:
    """Halves of gap junctions on the cells of this rank, J of them.

    ``gid`` (J,), ``section`` (J,) in the cell's list and ``x`` (J,) along it tell where a half is; ``conductance`` (J,)
    in uS; ``here`` (J,) is the number by which its potential is known to the half on the other cell, ``there`` (J,)
    the number of that one. The halves of a junction may be on different ranks.
    """

    gid: np.ndarray
    section: np.ndarray
    x: np.ndarray
    conductance: np.ndarray
    here: np.ndarray
    there: np.ndarray

    def __len__(self) -> int:
        return len(self.gid)


def joined_halves(parts: Iterable[GapJunctions]) -> GapJunctions:
    """Return the halves of all parts, one after the other."""
    nothing = GapJunctions(*(np.zeros(0, np.float64 if name in ("x", "conductance") else np.int64)
                             for name in (field.name for field in fields(GapJunctions))))  # fmt: skip
    parts = [nothing, *parts]
    return GapJunctions(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(nothing)))


def are_gap_junctions(edges, count: int) -> np.ndarray:
    """Return which of ``count`` edges (a population or rows of one) are gap junctions, (count,) bool."""
    if not (edges.has(COLUMN) if isinstance(edges, EdgePopulation) else COLUMN in edges):
        return np.zeros(count, bool)
    values = edges.values(COLUMN) if isinstance(edges, EdgePopulation) else edges[COLUMN]
    return np.array([value in YES for value in values.tolist()], bool)


def check_gap_junctions(edges: EdgePopulation, source, target) -> None:
    """Raise ``InputError`` where a gap junction joins what has no sections, or a cell with itself."""
    gap = are_gap_junctions(edges, len(edges.source_ids))
    if not gap.any():
        return
    file = edges.types_file or edges.file
    for population, ids in ((source, edges.source_ids[gap]), (target, edges.target_ids[gap])):
        rows = population.rows(ids)
        if (population.virtual[rows] | population.point[rows]).any():
            raise InputError("gap junctions join cells that have sections", file=file, key=COLUMN,
                             value=population.name, expected="biophysical cells")  # fmt: skip
    ends = source.gids[source.rows(edges.source_ids[gap])], target.gids[target.rows(edges.target_ids[gap])]
    if (ends[0] == ends[1]).any():
        node = int(edges.source_ids[gap][np.argmax(ends[0] == ends[1])])
        raise InputError("a gap junction joins a cell with itself", file=edges.file, key=f"node {node}",
                         expected="two cells")  # fmt: skip


def check_conductances(conductance: np.ndarray, edges: EdgePopulation) -> None:
    """Raise ``InputError`` for a conductance (uS) that no gap junction has."""
    bad = ~((conductance >= 0) & (conductance <= LARGEST_CONDUCTANCE))
    if bad.any():
        raise InputError("no conductance of a gap junction", file=edges.file, key="syn_weight",
                         value=float(conductance[bad][0]), expected=f"0 to {LARGEST_CONDUCTANCE:g} uS")  # fmt: skip
