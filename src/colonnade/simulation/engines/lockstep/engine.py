"""The engine lockstep: a model's arrays laid out for the compiled kernels, which run it; see docs/lockstep.md."""

from pathlib import Path

import numpy as np

from colonnade.cells import define_shapes
from colonnade.cells.interpreter import h
from colonnade.errors import SimulationError, UnsupportedError
from colonnade.mechanisms import linear_mechanisms
from colonnade.simulation.clamp_steps import ELECTRODES, steps_of
from colonnade.simulation.engines.lockstep.calls import Runtime
from colonnade.simulation.engines.lockstep.connections import connect
from colonnade.simulation.engines.lockstep.fields import place_fields
from colonnade.simulation.engines.lockstep.library import KernelLibrary, kernel_library
from colonnade.simulation.engines.lockstep.probes import place_probes
from colonnade.simulation.engines.lockstep.trees import read_tree
from colonnade.simulation.engines.lockstep.types import CellTypes
from colonnade.simulation.engines.neuron.engine import has_rough_stub
from colonnade.simulation.model import Clamp, FieldRecording, Model
from colonnade.simulation.ranks import Ranks

LOOK_EVERY, LOOK_COST = 0.2, 1e-5  # s from one look at the solution to the next, and more for each cell
MAX_EXCHANGE = 10.0  # ms, longest interval between two exchanges of spikes, as in NEURON


class LockstepEngine:
    """Runs a ``Model`` by kernels over lanes of cells, on ``threads`` threads of this process (and of other ranks)."""

    name = "lockstep"
    first_block = 2

    def __init__(self, model: Model, threads: int = 1):
        self.model, self.threads = model, threads
        self.ranks = Ranks()
        self._runtime: Runtime | None = None
        self._rows = np.zeros((0, 0))
        self._sums = np.zeros((0, 0), np.int64)
        self._singles: list = []
        self._columns: list[slice] = []  # of the sums, of each field recording
        self._n_shared = 0
        self._begin = self._now = 0

    def load(self) -> None:
        model = self.model
        if model.fields:
            raise refused("a potential outside the cells, as inputs of the module xstim or comsol make")
        if model.extracellular:
            raise refused("the extracellular layer, which reports of i_membrane and vext need")
        if len(model.gap_junctions):
            raise refused("gap junctions")
        library = kernel_library(model.mechanisms)
        exchange = self._exchange_steps()
        self._runtime = Runtime(library, model, exchange, self.threads)
        prototypes = list({id(prototype): prototype for prototype in model.prototypes}.values())
        trees = self._trees([prototype for prototype in prototypes if prototype.kind != "point"], library)
        self._types = types = CellTypes(model, trees, library, self.ranks)
        types.add_to(self._runtime)
        connect(model, types, library, self._runtime, self._merged(library))
        self._singles = [each for each in model.recordings if not isinstance(each, FieldRecording)]
        types.lay_out(self._runtime, any(recording.variable == "i_membrane_" for recording in self._singles))
        for clamp in model.clamps:
            self._add_clamp(clamp)
        place_probes(model, types, library, self._runtime)
        self._columns, self._n_shared = place_fields(model, types, self._runtime)

    def _merged(self, library: KernelLibrary) -> frozenset[str]:
        return linear_mechanisms() & frozenset(library.kernels) if self.model.merge_synapses else frozenset()

    def _trees(self, prototypes: list, library: KernelLibrary) -> dict:
        """Read one live cell of each prototype; they are gone again afterwards."""
        cells = {id(prototype): prototype.instantiate(0) for prototype in prototypes}
        if any(has_rough_stub(cell) for cell in cells.values()):
            define_shapes()
        h.celsius = self.model.celsius
        refusals = library.refusals
        try:
            return {key: read_tree(cell, library.kernels) for key, cell in cells.items()}
        except UnsupportedError as error:
            name = error.message.rpartition(" ")[2]
            if name in refusals:
                raise refused(f"the mechanism {name} ({refusals[name]})") from None
            raise

    def _exchange_steps(self) -> int:
        """Return the number of whole steps in the shortest delay of all ranks."""
        delay, dt = self.model.synapses.delay, self.model.dt
        shortest = h.ParallelContext().allreduce(float(delay.min()) if len(delay) else MAX_EXCHANGE, 3)
        if shortest < dt:
            raise refused(f"a delay shorter than the time step ({shortest} ms)")
        return max(1, int(min(shortest, MAX_EXCHANGE) / dt + 1e-6))

    def _add_clamp(self, clamp: Clamp) -> None:
        group, lane, node = self._types.place(clamp.site.gid, clamp.site.section, clamp.site.x)
        steps, conductance, current = steps_of(clamp, self._runtime.half, self.model.dt)
        self._runtime.clamp(group, node, lane, isinstance(clamp, ELECTRODES), steps, conductance, current)

    def initialise(self) -> None:
        self._runtime.initialise()

    def save(self, path: Path) -> None:
        self._runtime.save(path)

    def restore(self, path: Path, step: int) -> None:
        self.initialise()
        if not self._runtime.restore(path):
            raise SimulationError(f"{path} is damaged, or the state of another model or processor")
        self._now = self._runtime.now
        if self._now != step:
            raise SimulationError(f"{path} is the state after {self._now} steps, not after {step}")

    def steps_at_once(self, memory: int) -> int:
        columns = sum(len(recording) for recording in self.model.recordings)
        return max(1, min(self.model.n_steps, memory // max(1, 8 * columns)))

    def next_block(self, steps: int, seconds: float, most: int) -> int:
        between = LOOK_EVERY + LOOK_COST * len(self.model.gids)
        return max(1, min(most, round(steps * between / max(seconds, 1e-6))))

    def advance(self, step: int) -> None:
        self._begin = self._now
        self._rows = np.empty((sum(map(len, self._singles)), step - self._now))
        self._sums = np.zeros((step - self._now, max([each.stop for each in self._columns], default=0)), np.int64)
        self._runtime.record_into(self._rows, self._sums, self._n_shared)
        while self._now < step:
            self._now = self._runtime.advance(step, self.ranks.count == 1)
            if self.ranks.count > 1:
                parts = self.ranks.gather_all(self._runtime.fresh_spikes())
                times, gids = (np.concatenate([part[i] for part in parts]) for i in range(2))
                order = np.lexsort((gids, times))
                self._runtime.inject(times[order], gids[order])

    def rows(self) -> list[np.ndarray]:
        ends = np.cumsum([len(recording) for recording in self._singles])
        singles, columns = iter(np.split(self._rows.T, ends[:-1], axis=1) if len(ends) else []), iter(self._columns)
        return [self._sums[:, next(columns)] if isinstance(each, FieldRecording) else next(singles)
                for each in self.model.recordings]  # fmt: skip

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        return self._runtime.taken_spikes()

    def states(self) -> np.ndarray:
        """Return of each cell (C,) the potential that is farthest from 0 (mV); of a point neuron its state."""
        return self._types.worst(self._runtime)[0]

    def worst_place(self, gid: int) -> str:
        return self._types.worst_place(self._runtime, gid)

    def unload(self) -> None:
        if self._runtime is not None:
            self._runtime.close()
        self._runtime = self._types = None
        self._rows, self._sums = np.zeros((0, 0)), np.zeros((0, 0), np.int64)


def refused(what: str) -> UnsupportedError:
    """Return the error that lockstep cannot do ``what``, with the word to change."""
    return UnsupportedError(
        f"lockstep cannot simulate {what}", key="engine", expected="engine neuron (--engine neuron)"
    )
