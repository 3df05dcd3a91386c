"""Morphologies for build scripts, by BMTK's names: sections of an SWC file by distance, and places of synapses."""

import copy
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from colonnade.cells.placement import segment_table
from colonnade.errors import InputError, UnsupportedError
from colonnade.geometry.morphology import STUBS, Section, swc_sections
from colonnade.geometry.rotation import ANGLES, rotation
from colonnade.geometry.segments import SegmentTable, place
from colonnade.geometry.swc import SECTION_TYPES
from colonnade.sonata.nodes import AXES, POSITIONS
from colonnade.user_functions import LISTED, words_of

TYPES = {word: number for number, word in SECTION_TYPES.items()}


class SegmentProps(NamedTuple):
    """Segments, (S,) each: the ``type`` in the SWC file, the middle ``x`` along the section ``sec_id``, the distance
    ``dist`` of it from the soma's beginning and those of its ends, and the ``length``, in um."""

    type: np.ndarray
    x: np.ndarray
    dist: np.ndarray
    length: np.ndarray
    dist0: np.ndarray
    dist1: np.ndarray
    sec_id: np.ndarray


class SWCReader:
    """The sections of an SWC file, numbered as a simulation numbers them: those with the axon of the file, until
    ``fix_axon`` puts the stub of ``aibs_perisomatic`` in its place.

    Draws come from ``rng_seed``, or without one from ``numpy.random``, which the builder seeds for each rule.
    """

    def __init__(self, swc_path: str | os.PathLike, rng_seed: int | None = None):
        self.path, self._axon, self._dL = Path(swc_path), None, None
        self._rng = np.random if rng_seed is None else np.random.RandomState(rng_seed)
        self._rotation, self._soma = np.eye(3), None

    @property
    def table(self) -> SegmentTable:
        """All segments: sections of one each, or as ``set_segment_dl`` divides them."""
        return segment_table(self.path, self._axon, self._dL)

    @property
    def n_sections(self) -> int:
        return int(self.table.section_id[-1]) + 1

    @property
    def nseg(self) -> int:
        """The number of segments of all sections."""
        return len(self.table)

    @property
    def seg_props(self) -> SegmentProps:
        """What is known of each segment."""
        table = self.table
        types = np.array([TYPES[word] for word in table.section_type])
        ends = table.distance - table.half_length, table.distance + table.half_length
        return SegmentProps(types, table.x, table.distance, table.length, *ends, table.section_id)

    def fix_axon(self) -> None:
        """Replace the axon by a stub of two sections, the last ones."""
        self._axon = "aibs_perisomatic"

    def set_segment_dl(self, dl: float) -> None:
        """Divide sections into segments that are not much longer than ``dl`` um."""
        self._dL = float(dl)

    def find_sections(
        self, section_names: Sequence[str], distance_range: Sequence[float]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the segments (K,) within a range of distances (um) from the soma, and the part (K,) of the length
        within it that each has, which add up to 1.

        They are rows of ``seg_props``, and sections until ``set_segment_dl`` divides these.
        """
        weights = self.table.weights(distance_range, section_names)
        found = np.flatnonzero(weights)
        return found, weights[found] / (weights.sum() or 1.0)

    def choose_sections(
        self, section_names: Sequence[str], distance_range: Sequence[float], n_sections: int = 1
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw sections (n,) and places along them (n,), middles of segments, in proportion to the length in range."""
        chosen = place(self.table, n_sections, distance_range, section_names, self._rng)
        return self.table.section_id[chosen], self.table.x[chosen]

    def move_and_rotate(
        self,
        soma_coords: Sequence[float] | None = None,
        rotation_angles: Sequence[float] | None = None,
        inplace: bool = False,
    ) -> "SWCReader":
        """Return the morphology turned around its soma by angles about x, y and z (rad), as cells are, and with its
        soma at ``soma_coords`` (um)."""
        moved = self if inplace else copy.copy(self)
        if rotation_angles is not None:
            moved._rotation = rotation(*rotation_angles) @ self._rotation
        if soma_coords is not None:
            moved._soma = np.asarray(soma_coords, float)
        return moved

    @property
    def soma_position(self) -> np.ndarray:
        """Where the middle of the soma is, (3,) in um: as in the file, or where ``move_and_rotate`` has put it."""
        return self._section(0).place(0.5) if self._soma is None else self._soma

    def get_coords(self, sec_id: int, sec_x: float) -> np.ndarray:
        """Return the point (3,) in um of a place: as it is in the file, or moved by ``move_and_rotate``."""
        origin = self._section(0).place(0.5)
        return self._rotation @ (self._section(sec_id).place(sec_x) - origin) + self.soma_position

    def get_swc_id(self, sec_id: int, sec_x: float) -> tuple[int, float]:
        """Return the number in the file of the point that ends the piece a place is on, and how far before it that is.

        As in BMTK, the points of a section count as equally far from each other, and the distance is in such pieces; in
        a section of one point it is the place itself.
        """
        ids = self._section(sec_id).ids
        if ids is None:
            raise InputError("the axon's stub has no points in the file", file=self.path, key="sec_id", value=sec_id)
        if len(ids) == 1:
            return int(ids[0]), float(sec_x)
        piece = max(0.0, sec_x * len(ids) - 1.0)
        return int(ids[int(np.ceil(piece))]), float(np.ceil(piece) - piece)

    def _section(self, sec_id: int) -> Section:
        sections = swc_sections(self.path, self._axon)
        if sections is None:
            raise UnsupportedError("places of a morphology with such a soma or axon are not told", file=self.path)
        if not 0 <= sec_id < len(sections):
            raise InputError("no such section", file=self.path, key="sec_id", value=sec_id,
                             expected=f"0 to {len(sections) - 1}")  # fmt: skip
        return sections[int(sec_id)]


def get_swc(cell, morphology_dir=None, use_cache: bool = False, dL: float | None = None) -> SWCReader:
    """Return the morphology of a ``cell`` (a node of a builder, or a dict), with the axon that its processing makes,
    turned and put where the cell is.

    ``use_cache`` changes nothing: each file is read once.
    """
    if cell.get("morphology") is None:
        raise InputError("the cell has no morphology", key="morphology", value=cell.get("node_id"))
    path = Path(morphology_dir or ".") / cell["morphology"]
    reader = SWCReader(path if path.suffix or path.is_file() else path.with_suffix(".swc"))
    words = words_of(LISTED, cell.get("model_processing") or "")
    reader._axon, reader._dL = next((word for word in words if word in STUBS), None), dL
    angles = [float(cell.get(name) or 0.0) for name in ANGLES]
    soma = cell.get(POSITIONS)
    if soma is None and any(axis in cell for axis in AXES):
        soma = [float(cell.get(axis) or 0.0) for axis in AXES]
    return reader.move_and_rotate(soma, angles, inplace=True)


def rand_syn_locations(
    src,
    trg,
    sections: Sequence[str] = ("soma", "apical", "basal"),
    distance_range: Sequence[float] = (0.0, 1e20),
    morphology_dir: str | os.PathLike = "./components/morphologies",
    return_coords: bool = False,
    dL: float | None = None,
) -> list:
    """Return a place on the cell ``trg``, drawn from ``numpy.random``: a rule for ``add_properties`` with four names.

    They are the section, the place along it, and those of ``get_swc_id``; with ``return_coords``, x, y and z of the
    place (um) follow.
    """
    reader = get_swc(trg, morphology_dir, dL=dL)
    section, x = (column[0].item() for column in reader.choose_sections(sections, distance_range))
    coords = reader.get_coords(section, x).tolist() if return_coords else []
    return [section, x, *reader.get_swc_id(section, x), *coords]
