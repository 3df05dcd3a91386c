"""Where synapses may sit on a cell: its segments, their distance from the soma, and draws in proportion to length."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from colonnade.errors import InputError

MOST_SEGMENTS = 32767  # of a section in NEURON
SECTION_LABELS = {
    "soma": "soma",
    "somatic": "soma",
    "dend": "dend",
    "basal": "dend",
    "apic": "apic",
    "apical": "apic",
    "axon": "axon",
    "axonal": "axon",
}


@dataclass(frozen=True, eq=False)
class SegmentTable:
    """The segments of a cell, S of them, in the order of its sections and along each of these.

    ``section_id`` (S,) is the index of the section in the cell's ``all`` list, ``x`` (S,) the middle of the segment
    as a fraction of its section, ``distance`` (S,) the path from soma(0) to that middle in um, ``length`` (S,) the
    length of the segment in um, ``section_type`` (S,) the word soma, dend, apic or axon.
    """

    section_id: np.ndarray
    x: np.ndarray
    distance: np.ndarray
    length: np.ndarray
    section_type: np.ndarray
    _targets: dict = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def half_length(self) -> np.ndarray:
        """Half the length (S,) of each segment in um."""
        return self.length / 2

    def weights(self, distance_range: Sequence[float], target_sections: Sequence[str]) -> np.ndarray:
        """Return the length (S,) in um of each segment that lies within a range of distances; 0 outside.

        ``distance_range`` is (nearest, farthest) in um from the soma. A segment reaches half its length to either
        side of its middle. ``target_sections`` are names from ``SECTION_LABELS``; other sections have weight 0.
        """
        nearest, farthest = _checked_range(distance_range)
        half = self.length / 2.0
        overlap = np.minimum(self.distance + half, farthest) - np.maximum(self.distance - half, nearest)
        within = np.isin(self.section_type, _checked_labels(target_sections))
        # The division and multiplication by the length are what BMTK does: the last bit decides a draw now and then.
        return np.where(within, self.length * (np.maximum(0, overlap) / self.length), 0.0)

    def targets(self, distance_range: Sequence[float], target_sections: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the segments (K,) with a weight above 0, and their cumulated probability (K,), 1 at its end."""
        key = (tuple(distance_range), tuple(target_sections))
        if key not in self._targets:
            weights = self.weights(distance_range, target_sections)
            segments = np.flatnonzero(weights)
            weights = weights[segments]
            # Normalised twice, as numpy's choice does after BMTK has done it, for the same last bit.
            cumulated = np.cumsum(weights / np.sum(weights)) if len(segments) else weights
            self._targets[key] = segments, cumulated / cumulated[-1:]
        return self._targets[key]


def segment_counts(lengths: Sequence[float], dL: float | None) -> np.ndarray:
    """Return the number of segments (S,) of sections of ``lengths`` (S,) um: none is much longer than ``dL`` um.

    It is odd, by the rule of the Allen Institute's models, 1 + 2 int(L / (2 dL)); 1 everywhere if dL is None.
    """
    if dL is None:
        return np.ones(len(lengths), int)
    halves = np.asarray(lengths) / (2 * dL)
    if not (halves < MOST_SEGMENTS // 2).all():
        raise InputError("a section would have more segments than NEURON allows", key="dL", value=dL,
                         expected=f"at most {MOST_SEGMENTS} in {np.max(lengths):g} um")  # fmt: skip
    return 1 + 2 * halves.astype(int)


def place(
    table: SegmentTable,
    nsyns: int,
    distance_range: Sequence[float],
    target_sections: Sequence[str],
    rng: np.random.Generator | np.random.RandomState,
) -> np.ndarray:
    """Draw ``nsyns`` segments (indices into ``table``) in proportion to their weight, with replacement.

    With ``bmtk_stream(gid)`` as ``rng``, kept for one target cell and used for its edges in their order, the draws
    are those of BMTK 1.2.0; n draws of one synapse are the same as one draw of n. Raises ``InputError`` if no segment
    lies in the range; ``table.targets`` tells so beforehand.
    """
    segments, cumulated = table.targets(distance_range, target_sections)
    if not len(segments):
        message = f"no segment of {list(target_sections)} lies within {list(distance_range)} um of the soma"
        raise InputError(message, key="distance_range")
    return segments[cumulated.searchsorted(rng.random(nsyns), side="right")]


def bmtk_stream(gid: int) -> np.random.RandomState:
    """Return the random stream from which BMTK draws all synapse sites of the target cell ``gid``."""
    return np.random.RandomState(gid)


def _checked_range(distance_range: Sequence[float]) -> tuple[float, float]:
    """Return the two ends of a range of distances, after a check that they are two and in order."""
    ends = [float(end) for end in distance_range]
    if len(ends) != 2 or not ends[0] <= ends[1]:
        expected = "[nearest, farthest] in um"
        raise InputError("not a range of distances", key="distance_range", value=distance_range, expected=expected)
    return ends[0], ends[1]


def _checked_labels(target_sections: Sequence[str]) -> list[str]:
    """Return the section types which ``target_sections`` name."""
    for label in target_sections:
        if label not in SECTION_LABELS:
            raise InputError("no such section", key="target_sections", value=label, options=SECTION_LABELS)
    return [SECTION_LABELS[label] for label in target_sections]
