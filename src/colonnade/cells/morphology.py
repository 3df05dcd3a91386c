"""Morphologies: an SWC file is imported by NEURON once, then cloned section by section for each cell."""

import functools
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colonnade.cells.interpreter import h
from colonnade.cells.swc import check_swc
from colonnade.errors import InputError, UnsupportedError

AXON_STUBS = ("aibs_perisomatic", "aibs_allactive", "aibs_perisomatic_directed", "aibs_allactive_directed")
STUB_LENGTH = 30.0  # um, of each of the two sections which replace the reconstructed axon

_HOLDER = """
begintemplate ColonnadeImportedCell
public soma, dend, apic, axon, all, somatic, basal, apical, axonal
objref all, somatic, basal, apical, axonal, this
create soma[1], dend[1], apic[1], axon[1]
proc init() {
    forall delete_section()
    all = new SectionList()
    somatic = new SectionList()
    basal = new SectionList()
    apical = new SectionList()
    axonal = new SectionList()
}
endtemplate ColonnadeImportedCell
"""


@dataclass(frozen=True, eq=False)
class Morphology:
    """The sections of a neuron, S of them in the order of the ``all`` list of BMTK's ``Biophys1`` template.

    ``names`` (``dend[3]``) and ``types`` (``dend``) have a word each; ``lengths`` and ``diameters`` (in the middle)
    are in um; ``parents`` is the index of the parent section or -1, ``parent_x`` where on the parent a section starts,
    ``ends`` the end (0 or 1) of the section that is joined there; ``points`` holds the 3-d points of each section as
    four NEURON vectors x, y, z and diameter (um), or None for a plain cylinder; ``anchors`` the place on the parent
    to which a section that shares no point with it is joined, or None.
    """

    file: Path
    axon: str | None
    names: tuple[str, ...]
    types: tuple[str, ...]
    lengths: np.ndarray
    diameters: np.ndarray
    parents: np.ndarray
    parent_x: np.ndarray
    ends: np.ndarray
    points: tuple
    anchors: tuple

    def __len__(self) -> int:
        return len(self.names)

    def nseg(self, dL: float | None) -> np.ndarray:
        """Return the number of segments (S,) of each section so that none is much longer than ``dL`` um.

        It is odd, by the rule of the Allen Institute's models, 1 + 2 int(L / (2 dL)); 1 everywhere if dL is None.
        """
        if dL is None:
            return np.ones(len(self), int)
        return 1 + 2 * (self.lengths / (2 * dL)).astype(int)

    def sections(self, cell=None, nseg: np.ndarray | None = None) -> list:
        """Make new NEURON sections with this form, owned by ``cell``, with ``nseg`` (S,) segments each."""
        names, owner = self.names, {} if cell is None else {"cell": cell}
        sections = [h.Section(name=name, **owner) for name in names]
        layout = zip(sections, self.parents.tolist(), self.parent_x.tolist(), self.ends.tolist(), strict=True)
        for section, parent, x, end in layout:
            if parent >= 0:
                section.connect(sections[parent](x), end)
        pt3dadd, pt3dstyle = h.pt3dadd, h.pt3dstyle
        for index, (section, points, anchor) in enumerate(zip(sections, self.points, self.anchors, strict=True)):
            if points is None:
                section.L, section.diam = float(self.lengths[index]), float(self.diameters[index])
                continue
            if anchor is not None:
                pt3dstyle(1, *anchor, sec=section)
            pt3dadd(*points, sec=section)
        if nseg is not None:
            for section, count in zip(sections, nseg.tolist(), strict=True):
                if count != 1:
                    section.nseg = count
        return sections


def morphology(path: str | os.PathLike, axon: str | None = None) -> Morphology:
    """Return the morphology in the SWC file ``path``, imported once a process and version of the file.

    ``axon`` names what becomes of the reconstructed axon: None keeps it; ``aibs_perisomatic`` puts two sections of
    30 um length and 1 um diameter in its place, at soma(0.5); ``aibs_allactive`` gives these two the diameters of the
    first and the last axon section and joins them to soma(1). Raises the errors of ``check_swc``.
    """
    if axon is not None and axon not in AXON_STUBS:
        raise UnsupportedError("unknown treatment of the axon", value=axon, options=AXON_STUBS)
    path = Path(path)
    stamp = path.stat() if path.is_file() else None
    return _imported(path, axon, stamp and (stamp.st_mtime_ns, stamp.st_size))


@functools.lru_cache(maxsize=256)
def _imported(path: Path, axon: str | None, stamp) -> Morphology:
    check_swc(path)
    if not hasattr(h, "ColonnadeImportedCell"):
        h(_HOLDER)
    holder = h.ColonnadeImportedCell()
    reader = h.Import3d_SWC_read()
    reader.quiet = 1
    reader.input(str(path))
    h.Import3d_GUI(reader, 0).instantiate(holder)
    if axon is not None:
        _replace_axon(holder, axon, path)
    return _described(holder, path, axon)


def section_type(section) -> str:
    """Return the type of a section, the first four letters of its name without the cell: soma, dend, apic, axon."""
    return section.name().rpartition(".")[2][:4]


def _replace_axon(holder, axon: str, path: Path) -> None:
    """Put a stub of two sections in the place of the reconstructed axon of ``holder``."""
    reconstructed = [section for section in holder.all if section_type(section) == "axon"]
    diameters, joint = [1.0, 1.0], 0.5
    if axon.startswith("aibs_allactive"):
        if not reconstructed:
            raise InputError(f"has no axon, whose diameter {axon} needs", file=path, expected="points of type 2")
        diameters, joint = [reconstructed[0].diam, reconstructed[-1].diam], 1.0
    for section in reconstructed:
        h.delete_section(sec=section)
    h.execute("create axon[2]", holder)
    for section, diameter in zip(holder.axon, diameters, strict=True):
        section.L = STUB_LENGTH
        section.diam = diameter
        holder.all.append(sec=section)
    holder.axon[0].connect(holder.soma[0], joint, 0)
    holder.axon[1].connect(holder.axon[0], 1, 0)


def _described(holder, path: Path, axon: str | None) -> Morphology:
    """Return the sections of ``holder`` as a ``Morphology``, after a check of what NEURON made of the file."""
    sections = list(holder.all)
    number = {section.name(): index for index, section in enumerate(sections)}
    parents, parent_x, ends, points, anchors = [], [], [], [], []
    for section in sections:
        joint = section.parentseg()
        parents.append(-1 if joint is None else number[joint.sec.name()])
        parent_x.append(0.0 if joint is None else joint.x)
        ends.append(int(section.orientation()))
        points.append(_points(section))
        anchors.append(_anchor(section))
        if not (np.isfinite(section.L) and section.L > 0 and np.isfinite(section.diam) and section.diam > 0):
            raise InputError(
                f"section {section.name().rpartition('.')[2]} has no extent",
                file=path,
                value=(section.L, section.diam),
                expected="a positive length and diameter in um",
            )
    return Morphology(
        file=path,
        axon=axon,
        names=tuple(section.name().rpartition(".")[2] for section in sections),
        types=tuple(map(section_type, sections)),
        lengths=np.array([section.L for section in sections]),
        diameters=np.array([section.diam for section in sections]),
        parents=np.array(parents),
        parent_x=np.array(parent_x),
        ends=np.array(ends),
        points=tuple(points),
        anchors=tuple(anchors),
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
