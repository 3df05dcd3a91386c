"""Extracellular potentials: what electrodes see of the membrane currents, by the line-source approximation.

Each segment is a line of uniform current in an endless homogeneous medium (Holt and Koch 1999,
doi:10.1023/A:1008832702585).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colonnade.cells.interpreter import h
from colonnade.errors import InputError, MissingFile
from colonnade.geometry.rotation import rotation

CONDUCTIVITY = 0.3  # S/m, of grey matter
POSITION_COLUMNS = ("x_pos", "y_pos", "z_pos")


@dataclass(frozen=True)
class Electrodes:
    """The places (C, 3) in um of the channels (C,) of an electrode."""

    channels: np.ndarray
    positions: np.ndarray


@dataclass(frozen=True)
class Lines:
    """Segments as lines: ``starts`` and ``ends`` (S, 3) and ``diameters`` (S,) in um."""

    starts: np.ndarray
    ends: np.ndarray
    diameters: np.ndarray

    def placed(self, angles: Sequence[float], position: Sequence[float]) -> "Lines":
        """Return these lines turned about the origin and moved to ``position`` (um).

        ``angles`` are in radians about the axes x, y, z; the turn about z comes first, then y, then x, each
        counter-clockwise when seen against the axis.
        """
        turn = rotation(*angles).T
        shift = np.asarray(position, float)
        return Lines(self.starts @ turn + shift, self.ends @ turn + shift, self.diameters)


def read_electrodes(path) -> Electrodes:
    """Read the channels of an electrode from a CSV file, separated by blanks: channel x_pos y_pos z_pos (um)."""
    import pandas as pd  # a quarter of a second, which only tables need

    path = Path(path)
    if not path.is_file():
        raise MissingFile("there is no such file of electrodes", file=path)
    table = pd.read_csv(path, sep=r"\s+")
    if not len(table):
        raise InputError("has no electrode", file=path, expected="channel x_pos y_pos z_pos, a row for each channel")
    for name in POSITION_COLUMNS:
        if name not in table:
            raise InputError("a column is missing", file=path, value=name, options=table.columns)
    channels = table["channel"] if "channel" in table else np.arange(len(table))
    return Electrodes(np.asarray(channels), table[list(POSITION_COLUMNS)].to_numpy(float))


def segment_lines(sections: Sequence, somata: Sequence) -> Lines:
    """Return the segments of live NEURON ``sections`` by their 3-d points; the middle of the ``somata`` is the origin.

    The middle is the mean of the somata's 3-d points. A segment's ends lie on the course of the section at its share
    of the length.
    """
    middle = np.mean(np.concatenate([_points(section)[1] for section in somata]), axis=0)
    starts, ends, diameters = [], [], []
    for section in sections:
        arc, points = _points(section)
        edges = np.linspace(0, 1, section.nseg + 1)
        course = np.column_stack([np.interp(edges, arc / section.L, axis) for axis in (points - middle).T])
        starts.append(course[:-1])
        ends.append(course[1:])
        diameters.extend(segment.diam for segment in section)
    return Lines(np.concatenate(starts), np.concatenate(ends), np.array(diameters))


def transfer_resistances(
    electrodes: Electrodes, lines: Lines, minimum_distance: float | str | None = None
) -> np.ndarray:
    """Return the potential (C, S) in mV at each channel for 1 nA out of each segment.

    ``minimum_distance`` (um, or ``auto`` for the radius of the segment) keeps a channel that far from the axis of a
    segment, since a line has an endless potential on itself; none by default.
    """
    along = lines.ends - lines.starts
    length = np.linalg.norm(along, axis=1)
    if not (length > 0).all():
        raise InputError("a segment has no extent in space, so it has no extracellular potential")
    from_middle = electrodes.positions[:, None, :] - (lines.starts + lines.ends) / 2
    parallel = np.abs(np.einsum("csd,sd->cs", from_middle, along)) / length
    apart2 = np.einsum("csd,csd->cs", from_middle, from_middle) - parallel**2
    far, near = parallel + length / 2, parallel - length / 2
    if minimum_distance:
        least = lines.diameters / 2 if minimum_distance == "auto" else np.full(len(length), float(minimum_distance))
        apart2 = np.where(near < least, np.maximum(apart2, least**2), apart2)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (far + np.sqrt(far**2 + apart2)) / (near + np.sqrt(near**2 + apart2))
        found = np.log(ratio) / length / (4 * np.pi * CONDUCTIVITY)
    if not np.isfinite(found).all():
        channel = int(np.flatnonzero(~np.isfinite(found).all(axis=1))[0])
        raise InputError("a channel is on the axis of a segment, where the potential of a line has no end",
                         key="electrode_positions", value=electrodes.positions[channel].tolist(),
                         expected="a place beside the cells, or minimum_distance: auto")  # fmt: skip
    return found


def _points(section) -> tuple[np.ndarray, np.ndarray]:
    """Return the arc length (P,) and the place (P, 3) in um of the 3-d points of a section."""
    if not section.n3d():
        h.define_shape()
    count = range(section.n3d())
    places = np.array([[section.x3d(i), section.y3d(i), section.z3d(i)] for i in count])
    return np.array([section.arc3d(i) for i in count]), places
