"""The segments of cells as NEURON makes them: their places, lengths and distances from the soma."""

import functools
import os
from collections.abc import Sequence

import numpy as np

from colonnade.cells.interpreter import h
from colonnade.cells.morphology import Morphology, morphology, section_type
from colonnade.geometry.segments import SegmentTable


def segment_table(path: str | os.PathLike, processing: str | None, dL: float | None) -> SegmentTable:
    """Return the segments of the cell that the SWC file ``path`` gives after ``processing``; see ``morphology``.

    ``processing`` is the name of the axon's treatment or None; sections are divided by ``dL`` um as for a simulation.
    """
    return morphology_table(morphology(path, processing), dL)


@functools.lru_cache(maxsize=256)
def morphology_table(form: Morphology, dL: float | None) -> SegmentTable:
    """Return the segments of a ``Morphology`` whose sections are divided by ``dL`` um, computed once for each."""
    sections = form.sections(nseg=form.nseg(dL))
    return sections_table(sections, sections[form.types.index("soma")])


def sections_table(sections: Sequence, soma) -> SegmentTable:
    """Return the segments of live NEURON ``sections``, with distances from the 0 end of ``soma``, whatever its name."""
    h.distance(0, soma(0))
    rows = [
        (index, segment.x, h.distance(segment), section.L / section.nseg)
        for index, section in enumerate(sections)
        for segment in section
    ]
    columns = list(zip(*rows, strict=True))
    types = np.array(["soma" if section == soma else section_type(section) for section in sections])
    section_id = np.array(columns[0])
    return SegmentTable(section_id, *map(np.array, columns[1:]), section_type=types[section_id])
