"""Morphologies for build scripts, by BMTK's names: sections of an SWC file by distance, and places of synapses."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from colonnade.cells.placement import segment_table
from colonnade.errors import InputError, UnsupportedError
from colonnade.geometry.morphology import STUBS, swc_sections
from colonnade.geometry.segments import SegmentTable, place


class SWCReader:
    """The sections of an SWC file, numbered as a simulation numbers them: those with the axon of the file, until
    ``fix_axon`` puts the stub of ``aibs_perisomatic`` in its place."""

    def __init__(self, swc_path: str | os.PathLike, rng_seed: int | None = None):
        self.path, self._axon, self._dL = Path(swc_path), None, None
        self._rng = np.random.RandomState(rng_seed)

    @property
    def table(self) -> SegmentTable:
        """All segments: sections of one each, or as ``set_segment_dl`` divides them."""
        return segment_table(self.path, self._axon, self._dL)

    @property
    def n_sections(self) -> int:
        return int(self.table.section_id[-1]) + 1

    def fix_axon(self) -> None:
        """Replace the axon by a stub of two sections, the last ones."""
        self._axon = "aibs_perisomatic"

    def set_segment_dl(self, dl: float) -> None:
        """Divide sections into segments that are not much longer than ``dl`` um."""
        self._dL = float(dl)

    def find_sections(
        self, section_names: Sequence[str], distance_range: Sequence[float]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the sections (K,) of the segments within a range of distances (um) from the soma, and the part (K,) of
        the length within it that each segment has, which add up to 1."""
        weights = self.table.weights(distance_range, section_names)
        found = np.flatnonzero(weights)
        return self.table.section_id[found], weights[found] / (weights.sum() or 1.0)

    def choose_sections(
        self, section_names: Sequence[str], distance_range: Sequence[float], n_sections: int = 1
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw sections (n,) and places along them (n,), middles of segments, in proportion to the length in range."""
        chosen = place(self.table, n_sections, distance_range, section_names, self._rng)
        return self.table.section_id[chosen], self.table.x[chosen]

    def get_coords(self, sec_id: int, sec_x: float) -> np.ndarray:
        """Return the point (3,) in um of a place, as it is in the file."""
        sections = swc_sections(self.path, self._axon)
        if sections is None:
            raise UnsupportedError("places of a morphology with such a soma or axon are not told", file=self.path)
        if not 0 <= sec_id < len(sections):
            raise InputError("no such section", file=self.path, key="sec_id", value=sec_id,
                             expected=f"0 to {len(sections) - 1}")  # fmt: skip
        return sections[int(sec_id)].place(sec_x)


def get_swc(cell, morphology_dir=None, use_cache: bool = False, dL: float | None = None) -> SWCReader:
    """Return the morphology of a ``cell`` (a node of a builder, or a dict), with the axon that its processing makes.

    ``use_cache`` changes nothing: each file is read once.
    """
    name = cell["morphology"]
    path = Path(morphology_dir or ".") / name
    reader = SWCReader(path if path.suffix or path.is_file() else path.with_suffix(".swc"))
    processing = cell["model_processing"] if "model_processing" in cell else None  # noqa: SIM401 (a node has no get)
    reader._axon, reader._dL = processing if processing in STUBS else None, dL
    return reader


def rand_syn_locations(
    src,
    trg,
    sections: Sequence[str] = ("soma", "apical", "basal"),
    distance_range: Sequence[float] = (0.0, 1e20),
    morphology_dir: str | os.PathLike = "./components/morphologies",
    return_coords: bool = False,
    dL: float | None = None,
) -> list:
    """Return a section and a place on the cell ``trg``, drawn from ``numpy.random``: a rule for ``add_properties``.

    With ``return_coords`` x, y and z of the place in the file of the morphology (um) follow.
    """
    reader = get_swc(trg, morphology_dir, dL=dL)
    chosen = int(place(reader.table, 1, distance_range, sections, np.random)[0])
    section, x = int(reader.table.section_id[chosen]), float(reader.table.x[chosen])
    return [section, x, *reader.get_coords(section, x).tolist()] if return_coords else [section, x]
