"""How the segments of a cell are joined: read from one live NEURON cell, as NEURON has it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass
class Wiring:
    """The N nodes of a cell, parents before children: the segments and the ends of its sections.

    ``parent`` (N,) int, -1 for roots; ``coupling`` (N,) uS to the parent; ``area`` (N,) um2, 0 for ends; ``section``,
    ``x`` (N,) a place at which NEURON finds the node. ``start``, ``first``, ``count``, ``end`` (S,) are of the
    sections: the node at 0, the segment that is next to the parent, how many there are, the node at 1. ``turned`` (S,)
    bool marks sections that are joined by their 1 end.
    """

    parent: np.ndarray
    coupling: np.ndarray
    area: np.ndarray
    section: np.ndarray
    x: np.ndarray
    start: np.ndarray
    first: np.ndarray
    count: np.ndarray
    end: np.ndarray
    turned: np.ndarray

    def nodes(self, section: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Return the node (K,) at each place, as NEURON finds it."""
        count = self.count[section]
        inner = np.minimum((x * count).astype(np.int64), count - 1)
        inner = self.first[section] + np.where(self.turned[section], count - 1 - inner, inner)
        return np.where(x <= 0, self.start[section], np.where(x >= 1, self.end[section], inner))


def read_wiring(sections: Sequence) -> Wiring:
    """Return the wiring of live NEURON ``sections``, all of one cell."""
    index = {section: number for number, section in enumerate(sections)}
    rows: list[tuple] = []  # parent, coupling, area, section, x
    start, first, count, end = (np.full(len(sections), -1, np.int64) for _ in range(4))
    turned = np.zeros(len(sections), bool)

    def node_at(section, x: float) -> int:
        number = index[section]
        if x <= 0 or x >= 1:
            return int(start[number] if x <= 0 else end[number])
        inner = min(int(x * count[number]), count[number] - 1)
        return int(first[number] + (count[number] - 1 - inner if turned[number] else inner))

    for number in _from_the_root(sections, index):
        section = sections[number]
        above = section.parentseg()
        turned[number] = above is not None and section.orientation() == 1
        if above is None:
            rows.append((-1, 0.0, 0.0, number, 0.0))
        near = previous = len(rows) - 1 if above is None else node_at(above.sec, above.x)
        segments = list(section)
        count[number], first[number] = len(segments), len(rows)
        for segment in reversed(segments) if turned[number] else segments:
            rows.append((previous, 1 / segment.ri(), segment.area(), number, segment.x))
            previous = len(rows) - 1
        far, x = len(rows), 0.0 if turned[number] else 1.0
        rows.append((previous, 1 / section(x).ri(), 0.0, number, x))
        start[number], end[number] = (far, near) if turned[number] else (near, far)
    nodes = (np.array(column) for column in zip(*rows, strict=True))
    return Wiring(*nodes, start, first, count, end, turned)


def _from_the_root(sections: Sequence, index: dict) -> list[int]:
    """Return the numbers of the sections, parents before children; ``index`` maps sections to numbers."""
    placed, order = set(), []
    for number in range(len(sections)):
        chain = []
        while number not in placed:
            chain.append(number)
            placed.add(number)
            above = sections[number].parentseg()
            if above is None:
                break
            number = index[above.sec]
        order += reversed(chain)
    return order
