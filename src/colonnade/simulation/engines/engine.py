"""What every engine offers: a model goes in, spikes and recorded rows come out."""

from pathlib import Path
from typing import Protocol

import numpy as np


class Engine(Protocol):
    """What every engine offers. One engine simulates one model, from step 0 on or from a state that was saved."""

    name: str
    threads: int
    first_block: int

    def load(self) -> None:
        """Build the cells, connections, inputs and recordings. Refuse by name what the engine cannot do."""

    def initialise(self) -> None:
        """Set all states to their values at 0 ms."""

    def save(self, path: Path) -> None:
        """Write all that this rank needs to go on from the current step into the new file ``path``.

        Called after ``advance``, ``rows`` and ``spikes``: what was recorded is no part of it. It does not depend on the
        number of threads. Raises ``OSError`` where the file does not get whole.
        """

    def restore(self, path: Path, step: int) -> None:
        """Go on, bit for bit, from the state that ``save`` has written at ``step``; called instead of ``initialise``.

        The model may differ in what comes later: spikes that come in after ``step``, clamps that begin after it, the
        number of steps.
        """

    def steps_at_once(self, memory: int) -> int:
        """Return how many steps may be run before the rows are fetched, for about ``memory`` bytes of them."""

    def next_block(self, steps: int, seconds: float, most: int) -> int:
        """Return how many steps to run before the next look, after ``steps`` of them have taken ``seconds``."""

    def advance(self, step: int) -> None:
        """Run until ``step`` time steps are done."""

    def rows(self) -> list[np.ndarray]:
        """Return, for each recording of the model, the rows (steps, E) recorded since the last call."""

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return times (ms) and gids of the spikes of local cells since the last call."""

    def unload(self) -> None:
        """Free the model, so that the same process can simulate another one."""

    def states(self) -> np.ndarray:
        """Return what tells of each cell (C,) whether it is well: v in mV of its soma, or a point neuron's state."""

    def worst_place(self, gid: int) -> str:
        """Return in words where a local cell's potential is worst, with the mechanisms there; '' if that is unknown."""
