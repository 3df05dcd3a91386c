"""`scripts/simulate.py`, but a run waits in its last fifth for the signal that stops it, however late that comes."""

import runpy
import sys
import time
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[2] / "scripts" / "simulate.py"
sys.path[0] = str(PROGRAM.parent)  # as if it were started itself

from _program import run  # noqa: E402, F401  finds the library

from colonnade.simulation.run import Simulation  # noqa: E402

go_on = Simulation._save


def held(self, states, step):
    while 0.8 * self.loaded.model.n_steps <= step < self.loaded.model.n_steps and self._stop.number is None:
        time.sleep(0.001)
    go_on(self, states, step)


Simulation._save = held
runpy.run_path(str(PROGRAM), run_name="__main__")
