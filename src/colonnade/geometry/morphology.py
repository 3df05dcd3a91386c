"""The segments of an SWC file by our own arithmetic: to the last bit those that NEURON's Import3d makes of it.

The rules are those of NEURON 9.0.2's own source, ``import3d/read_swc.hoc`` and ``import3d_gui.hoc`` (BSD-3-Clause),
read there and written anew: a soma of one point becomes a cylinder of three points, as long as it is thick; a section
is an unbranched run of points of one type that follow each other in the file; a dendrite of several points at such a
soma starts at its own first point, any other section at the last point of its parent; numbers are read in single
precision and points written with eight digits. That lengths are summed in double, from the leaf to the soma, was
assumed and confirmed by comparison with NEURON's results.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colonnade.geometry.segments import SegmentTable, segment_counts
from colonnade.geometry.swc import SECTION_TYPES, check_swc

STUBS = {None: None, "aibs_perisomatic": 0.5, "aibs_allactive": 1.0}  # where on the soma the axon's stub begins
STUB_LENGTHS = (30.0, 30.0)  # um


@dataclass
class Section:
    """An unbranched piece of a cell, ``length`` um long, which starts at ``x`` of the section ``parent`` (or None).

    ``points`` (n, 4) are its course, x, y, z and diameter in um; None for an axon's stub, which has none. ``ids`` (m,)
    are the numbers of its own points in the SWC file, without that of its parent.
    """

    kind: str
    length: float
    parent: "Section | None" = None
    x: float = 1.0
    nseg: int = 1
    points: np.ndarray | None = None
    ids: np.ndarray | None = None

    def place(self, x: float) -> np.ndarray:
        """Return the point (3,) at the fraction ``x`` of the course, in um; on a stub, where it leaves its parent."""
        if self.points is None:
            return self.parent.place(self.x)
        arc = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(self.points[:, :3], axis=0), axis=1)))
        return np.array([np.interp(x * arc[-1], arc, axis) for axis in self.points[:, :3].T])

    def distance(self, x: float) -> float:
        """Return how far from the section's start the node at ``x`` is, in um."""
        if x in (0.0, 1.0):
            return x * self.length
        return self.length * ((min(int(x * self.nseg), self.nseg - 1) + 0.5) / self.nseg)


def swc_segments(path: str | Path, axon: str | None, dL: float | None) -> SegmentTable | None:
    """Return the segments of the SWC file ``path`` after the treatment ``axon``, divided by ``dL`` um; else None.

    None stands for a form whose segments only NEURON can tell: a soma of several points (Import3d makes a contour or
    a stack of it), a branch at the first point of a dendrite and a section without length (Import3d joins these
    elsewhere), and an axon whose stub follows its course. Raises the errors of ``check_swc``.
    """
    sections = swc_sections(path, axon)
    return None if sections is None else _table(sections, dL)


def swc_sections(path: str | Path, axon: str | None) -> list[Section] | None:
    """Return the sections of the SWC file ``path`` after the treatment ``axon``, in NEURON's order; see above."""
    check_swc(path)
    if axon not in STUBS:
        return None
    points = _points(Path(path))
    sections = _sections(*points)
    if sections is None or (axon == "aibs_allactive" and not any(section.kind == "axon" for section in sections)):
        return None
    if axon is not None:
        sections = [section for section in sections if section.kind != "axon"]
        if any(section.parent is not None and section.parent not in sections for section in sections):
            return None
        first = Section("axon", STUB_LENGTHS[0], sections[0], STUBS[axon])
        sections += [first, Section("axon", STUB_LENGTHS[1], first)]
    return sections


def swc_lines(path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the pieces between each point of an SWC file and its parent, of any form: (n, 2, 4) and types (n,).

    The last axis is x, y, z and diameter in um; a piece from the soma to a neurite has the neurite's type. Raises the
    errors of ``check_swc``.
    """
    check_swc(path)
    _, types, parents, places = _points(Path(path))
    rows = np.flatnonzero(parents >= 0)
    return np.stack([places[parents[rows]], places[rows]], axis=1), types[rows]


def _points(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return numbers (n,), types (n,), parents (n,) as rows, -1 for none, and x, y, z and diameter (n, 4) in um."""
    lines = (line.split() for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
    values = np.array([[float(word) for word in words[:7]] for words in lines if words and words[0][0] != "#"])
    row_of = {int(number): row for row, number in enumerate(values[:, 0])}
    parents = np.array([row_of.get(int(parent), -1) for parent in values[:, 6]])
    single = values[:, 2:6].astype(np.float32).astype(float)  # the precision that NEURON reads with
    return values[:, 0].astype(int), values[:, 1].astype(int), parents, single * [1, 1, 1, 2]


def _sections(ids: np.ndarray, types: np.ndarray, parents: np.ndarray, places: np.ndarray) -> list[Section] | None:
    """Return the sections in NEURON's order: by type, then by their place in the file; None for other forms."""
    if types[0] != 1 or (types[1:] == 1).any():
        return None
    ends = _ends(types, parents)
    if ends is None:
        return None
    ends_of_soma = [places[0] + [shift * places[0, 3] / 2, 0, 0, 0] for shift in (-1, 0, 1)]
    soma = Section("soma", _length([point[:3] for point in ends_of_soma]), points=np.array(ends_of_soma), ids=ids[:1])
    section_of: list[Section] = [soma]
    ordered = [(1, soma)]
    first = 1
    for last in np.flatnonzero(ends[1:]) + 1:
        parent = section_of[parents[first]]
        rows = list(range(first, last + 1))
        from_soma = parent is soma
        if not from_soma or len(rows) == 1:
            rows.insert(0, parents[first])
        length = _length(places[rows, :3])
        if length == 0.0:
            return None
        section = Section(SECTION_TYPES[types[first]], length, parent, 0.5 if from_soma else 1.0)
        section.points, section.ids = places[rows], ids[first : last + 1]
        section_of += [section] * (last + 1 - first)
        ordered.append((types[first], section))
        first = last + 1
    return [section for _, section in sorted(ordered, key=lambda pair: pair[0])]


def _ends(types: np.ndarray, parents: np.ndarray) -> np.ndarray | None:
    """Return which points (n,) end a section; None where a branch leaves the first point of a dendrite."""
    ends = np.bincount(parents[1:], minlength=len(types)) != 1
    rows = np.arange(1, len(types))
    apart = parents[1:] != rows - 1
    other_type = types[parents[1:]] != types[1:]
    ends[parents[1:][apart | other_type]] = True
    at_first_point = apart & (parents[1:] > 0) & (parents[parents[1:]] == 0)
    return None if at_first_point.any() else ends


def _length(points) -> float:
    """Return the length of a line in um: coordinates of eight digits and single precision, as NEURON stores them."""
    stored = np.array([[np.float32(f"{value:.8g}") for value in point] for point in points], np.float32)
    length = 0.0
    for step in np.diff(stored, axis=0).astype(float):
        length += float(np.sqrt(step[0] * step[0] + step[1] * step[1] + step[2] * step[2]))
    return length


def _table(sections: list[Section], dL: float | None) -> SegmentTable:
    for section, nseg in zip(sections, segment_counts([section.length for section in sections], dL), strict=True):
        section.nseg = int(nseg)
    rows = []
    for index, section in enumerate(sections):
        for number in range(section.nseg):
            x = (number + 0.5) / section.nseg
            rows.append((index, x, _distance(section, x), section.length / section.nseg))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return SegmentTable(*columns, section_type=np.array([section.kind for section in sections])[columns[0]])


def _distance(section: Section, x: float) -> float:
    """Return the path from soma(0) in um, summed from the leaf on, as NEURON sums."""
    path = section.distance(x)
    while section.parent is not None:
        path += section.parent.distance(section.x)
        section = section.parent
    return path
