"""Values of many places, fetched together after each step: for a whole network's membrane currents.

A Vector that NEURON records into costs some 100 ns a value and step, as each is written somewhere else in memory; one
PtrVector that copies all of them costs a tenth of that.
"""

from collections.abc import Callable

import numpy as np

from colonnade.cells.interpreter import h

ROWS = 32  # after which they are put away


class Scattered:
    """The potentials outside the cells, set before each step: the sum of several fields, each by its steps."""

    def __init__(self, fields: list, references: Callable[[object], list], dt: float):
        self._fields, self._references, self._dt = fields, references, dt
        self._pointers: list | None = None
        self._last: list[float | None] = []

    def forget(self) -> None:
        """Look for the addresses again at the next step."""
        self._pointers = None

    def apply(self, step: int) -> None:
        """Set the potentials of the step from ``step`` to the next one, where they are others than before."""
        if self._pointers is None:
            self._find()
        if not self._place_of:  # of this rank's cells
            return
        now = [self._value(field, step) for field in self._fields]
        if now == self._last:
            return
        self._last = now
        total = np.zeros(len(self._place_of))
        for field, value, places in zip(self._fields, now, self._places, strict=True):
            total[places] += value * field.potentials
        self._values.from_python(total)
        self._pointers.scatter(self._values)

    def _find(self) -> None:
        self._place_of: dict[tuple, int] = {}
        references, self._places = [], []
        for field in self._fields:
            keys = list(zip(field.gids.tolist(), field.sections.tolist(), field.x.tolist(), strict=True))
            for key, reference in zip(keys, self._references(field), strict=True):
                if key not in self._place_of:
                    self._place_of[key] = len(references)
                    references.append(reference)
            self._places.append(np.array([self._place_of[key] for key in keys], np.int64))
        self._pointers, self._values = h.PtrVector(max(1, len(references))), h.Vector()
        for number, reference in enumerate(references):
            self._pointers.pset(number, reference)
        self._last = []

    def _value(self, field, step: int) -> float:
        row = int(np.searchsorted(field.times, (step + 0.5) * self._dt)) - 1
        return float(field.values[row]) if row >= 0 else 0.0


class Gathered:
    """The values of ``count`` variables after each step.

    ``references()`` returns their addresses, ``count`` of NEURON's references; it is called when the first step begins,
    since NEURON moves its arrays until then.
    """

    def __init__(self, references: Callable[[], list], count: int):
        self._references = references
        self._pointers = None
        self._rows = np.empty((ROWS, count))
        self._count = 0  # rows in use
        self._done: list[np.ndarray] = []

    def begin(self) -> None:
        """Look for the addresses again; there are no rows."""
        self._pointers, self._count, self._done = None, 0, []

    def fetch(self) -> None:
        """Keep the values as they are now."""
        if self._pointers is None:
            references = self._references()
            self._pointers, self._values = h.PtrVector(max(1, len(references))), h.Vector(max(1, len(references)))
            for number, reference in enumerate(references):
                self._pointers.pset(number, reference)
        if self._rows.shape[1]:
            self._pointers.gather(self._values)
            self._rows[self._count] = self._values.as_numpy()
        self._count += 1
        if self._count == ROWS:
            self._put_away()

    def rows(self) -> np.ndarray:
        """Return the rows (steps, ``count``) since the last call."""
        self._put_away()
        done, self._done = self._done, []
        return done[0] if len(done) == 1 else np.concatenate(done)

    def _put_away(self) -> None:
        self._done.append(self._rows[: self._count].copy())
        self._count = 0
