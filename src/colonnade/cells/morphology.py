"""Morphologies: an SWC file is imported by NEURON once, then cloned section by section for each cell."""

import functools
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colonnade.cells.cell_type import AXON_STUBS
from colonnade.cells.interpreter import h
from colonnade.errors import InputError, UnsupportedError
from colonnade.geometry.segments import segment_counts
from colonnade.geometry.swc import check_swc

NO_EXTENT = 1e-6  # um; NEURON makes a length of 0 to 1e-9
STUB_LENGTH = 30.0  # um, of each of the two sections which replace the reconstructed axon

_CELL = """
begintemplate {name}
public soma, dend, apic, axon, all, somatic, basal, apical, axonal
objref all, somatic, basal, apical, axonal, this
create soma[1], dend[1], apic[1], axon[1]
proc init() {{ localobj reader, importer
    forall delete_section()
    all = new SectionList()
    somatic = new SectionList()
    basal = new SectionList()
    apical = new SectionList()
    axonal = new SectionList()
    {then}
}}
endtemplate {name}
"""


@dataclass(frozen=True, eq=False)
class Morphology:
    """The sections of a neuron, S of them in the order of the ``all`` list of BMTK's ``Biophys1`` template.

    ``names`` (``dend[3]``) and ``types`` (``dend``) have a word each; ``lengths`` and ``diameters`` (in the middle)
    are in um; ``joints`` says that a section (its index) starts from another one (its index) at x, with its end 0 or 1,
    in the order in which these were made, on which the last bit of a voltage depends; ``points`` holds the 3-d points
    of each section as four NEURON vectors x, y, z and diameter (um), or None for a plain cylinder; ``anchors`` the
    place on the parent to which a section that shares no point with it is joined, or None.
    """

    file: Path
    axon: str | None
    names: tuple[str, ...]
    types: tuple[str, ...]
    lengths: np.ndarray
    diameters: np.ndarray
    joints: tuple[tuple[int, int, float, float], ...]
    points: tuple
    anchors: tuple

    def __len__(self) -> int:
        return len(self.names)

    def nseg(self, dL: float | None) -> np.ndarray:
        """Return the number of segments (S,) of each section; see ``segment_counts``."""
        return segment_counts(self.lengths, dL)

    def sections(self, cell=None, nseg: np.ndarray | None = None) -> list:
        """Make new NEURON sections with this form, owned by ``cell``, with ``nseg`` (S,) segments each."""
        names, owner = self.names, {} if cell is None else {"cell": cell}
        sections = [h.Section(name=name, **owner) for name in names]
        for child, parent, x, end in self.joints:
            sections[child].connect(sections[parent](x), end)
        pt3dadd, pt3dstyle = h.pt3dadd, h.pt3dstyle
        for index, (section, points, anchor) in enumerate(zip(sections, self.points, self.anchors, strict=True)):
            if points is None:
                section.L, section.diam = float(self.lengths[index]), float(self.diameters[index])
                continue
            if anchor is not None:
                pt3dstyle(1, *anchor, sec=section)
            pt3dadd(*points, sec=section)
        if self.axon is not None and self.axon.endswith("_directed"):
            for section in sections[-2:]:
                section.L = STUB_LENGTH  # NEURON keeps points in single precision
        if nseg is not None:
            for section, count in zip(sections, nseg.tolist(), strict=True):
                if count != 1:
                    section.nseg = count
        return sections


def morphology(path: str | os.PathLike, axon: str | None = None) -> Morphology:
    """Return the morphology in the SWC file ``path``, imported once a process and version of the file.

    ``axon`` names what becomes of the reconstructed axon: None keeps it; ``aibs_perisomatic`` puts two sections of
    30 um length and 1 um diameter in its place, at soma(0.5); ``aibs_allactive`` gives these two the diameters of the
    first and the last axon section and joins them to soma(1); with ``_directed`` behind either name, the two follow
    the direction of the axon. Raises the errors of ``check_swc``.
    """
    if axon is not None and axon not in AXON_STUBS:
        raise UnsupportedError("unknown treatment of the axon", value=axon, options=AXON_STUBS)
    path = Path(path)
    stamp = path.stat() if path.is_file() else None
    return _imported(path, axon, stamp and (stamp.st_mtime_ns, stamp.st_size))


def cell_template(name: str, then: str = "") -> str:
    """Return the hoc code of a template for cells without sections yet.

    Its ``init`` goes on with ``then``, which has the local objects ``reader`` and ``importer``.
    """
    return _CELL.format(name=name, then=then)


def imported_cell(path: str | os.PathLike, axon: str | None = None):
    """Return a new hoc object with the sections of the SWC file ``path``, as BMTK's ``Biophys1`` has them."""
    check_swc(path)
    if not hasattr(h, "ColonnadeImportedCell"):
        h(cell_template("ColonnadeImportedCell"))
    holder = h.ColonnadeImportedCell()
    reader = h.Import3d_SWC_read()
    reader.quiet = 1
    reader.input(str(path))
    h.Import3d_GUI(reader, 0).instantiate(holder)
    if axon is not None:
        replace_axon(holder, axon, path)
    return holder


@functools.lru_cache(maxsize=256)
def _imported(path: Path, axon: str | None, stamp) -> Morphology:
    return _described(imported_cell(path, axon), path, axon)


def define_shapes() -> None:
    """Give 3-d points to all sections which have none, the axon stubs, and move each section to where it starts.

    To be called once when all cells are made: the stubs' resistances change in the last bit, to what they are in BMTK.
    """
    h.define_shape()


def section_type(section) -> str:
    """Return the type of a section, the first four letters of its name without the cell: soma, dend, apic, axon."""
    return section.name().rpartition(".")[2][:4]


def replace_axon(holder, axon: str, path: str | os.PathLike) -> None:
    """Put a stub of two sections in the place of the reconstructed axon of the hoc object ``holder``.

    The treatments ``axon`` are those of ``morphology``. Raises ``InputError``, which names ``path``, where a treatment
    needs the reconstructed axon and there is none.
    """
    reconstructed = [section for section in holder.all if section_type(section) == "axon"]
    if not reconstructed and axon != "aibs_perisomatic":
        raise InputError(f"has no axon, which {axon} needs", file=path, expected="points of type 2")
    diameters, joint = [1.0, 1.0], 0.5
    if axon.startswith("aibs_allactive"):
        diameters, joint = [reconstructed[0].diam, reconstructed[-1].diam], 1.0
    course = _course(list(holder.soma)[-1], reconstructed[-1]) if axon.endswith("_directed") else None
    for section in reconstructed:
        h.delete_section(sec=section)
    h.execute("create axon[2]", holder)
    for index, (section, diameter) in enumerate(zip(holder.axon, diameters, strict=True)):
        if course is None:
            section.diam = diameter
        else:
            for point in course[index : index + 2]:
                section.pt3dadd(*point.tolist(), diameter)
        section.L = STUB_LENGTH
        holder.all.append(sec=section)
    holder.axon[0].connect(holder.soma[0], joint, 0)
    holder.axon[1].connect(holder.axon[0], 1, 0)


def _course(soma, axon) -> np.ndarray:
    """Return the three points (3, 3) in um along which a stub leaves the soma in the direction of its ``axon``.

    The direction is the first principal component of the axon's points and the middle point of the soma.
    """
    body, fibre = (np.array(_points(section)[:3]).T for section in (soma, axon))
    centre = body[len(body) // 2]
    cloud = np.vstack([centre, fibre])
    direction = np.linalg.svd(cloud - cloud.mean(axis=0), full_matrices=False)[2][0]
    if direction @ (fibre[-1] - centre) < 0:
        direction = -direction
    return body[-1] + STUB_LENGTH * np.arange(3)[:, None] * direction


def _described(holder, path: Path, axon: str | None) -> Morphology:
    """Return the sections of ``holder`` as a ``Morphology``, after a check of what NEURON made of the file."""
    sections = list(holder.all)
    number = {section.name(): index for index, section in enumerate(sections)}
    for section in sections:
        if not (NO_EXTENT < section.L < np.inf and NO_EXTENT < section.diam < np.inf):
            name, extent = section.name().rpartition(".")[2], (section.L, section.diam)
            raise InputError(f"section {name} has no extent", file=path, value=extent, expected="L and diam above 0 um")
    joints = [
        (number[child.name()], number[section.name()], child.parentseg().x, child.orientation())
        for section in sections
        for child in reversed(section.children())
    ]
    return Morphology(
        file=path,
        axon=axon,
        names=tuple(section.name().rpartition(".")[2] for section in sections),
        types=tuple(map(section_type, sections)),
        lengths=np.array([section.L for section in sections]),
        diameters=np.array([section.diam for section in sections]),
        joints=tuple(joints),
        points=tuple(map(_points, sections)),
        anchors=tuple(map(_anchor, sections)),
    )


def _points(section) -> tuple | None:
    """Return the 3-d points of ``section`` as NEURON vectors x, y, z and diameter (um), or None if it has none."""
    count = range(section.n3d())
    if not count:
        return None
    columns = (section.x3d, section.y3d, section.z3d, section.diam3d)
    return tuple(h.Vector([column(point) for point in count]) for column in columns)


def _anchor(section) -> tuple[float, float, float] | None:
    """Return the point of the parent to which ``section`` is joined by a wire without extent, or None."""
    if not h.pt3dstyle(sec=section):
        return None
    x, y, z = (h.ref(0.0) for _ in range(3))
    h.pt3dstyle(1, x, y, z, sec=section)
    return x[0], y[0], z[0]
