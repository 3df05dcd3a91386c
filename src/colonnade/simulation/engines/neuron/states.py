"""States of a NEURON model in files: NEURON's own SaveState, and what it leaves out.

What SaveState misses was measured on NEURON 9.0.2: events that wait between two threads, what is on its way to several
threads as one event of a source, the position in the spike trains that come in, values that a Vector has played, and
which of the artificial cells a value is of: it has them in the order of the threads that they are on.
"""

import contextlib
import ctypes
import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from colonnade.cells.interpreter import h
from colonnade.errors import UnsupportedError

LENGTH = 8  # bytes at the end of the file, which tell the length of the values beside the state
GROUP = 102  # spikes that PatternStim sends at once, at least


def write_state(path: Path, beside: dict) -> None:
    """Write the state of all that lives in NEURON, with the values ``beside`` it; ``OSError`` where it gets not whole.

    NEURON ignores what the disk says, so that it writes into memory first, where there is a file in memory.
    """
    _deliver_between_threads()
    state = h.SaveState()
    state.save()
    with _memory_file(path.parent) as (memory, name):
        file = h.File(name)
        state.fwrite(file)
        memory.seek(0, os.SEEK_END)
        text = json.dumps(beside).encode()
        memory.write(text + len(text).to_bytes(LENGTH, "little"))
        memory.seek(0)
        with open(path, "wb") as kept:
            shutil.copyfileobj(memory, kept, 1 << 20)
            kept.flush()
            os.fsync(kept.fileno())


def read_state(path: Path) -> object:
    """Return a SaveState, to be restored, of a model that is initialised: NEURON ends the process where it is not."""
    state, file = h.SaveState(), h.File(str(path))
    state.fread(file)
    return state


def read_beside(path: Path) -> dict:
    """Return the values that were written beside a state."""
    with open(path, "rb") as kept:
        kept.seek(-LENGTH, os.SEEK_END)
        length = int.from_bytes(kept.read(LENGTH), "little")
        kept.seek(-LENGTH - length, os.SEEK_END)
        return json.loads(kept.read(length))


@contextlib.contextmanager
def _memory_file(folder: Path) -> Iterator:
    """Give an open file that is no name's, in memory where the system has that, and a path by which NEURON opens it."""
    with contextlib.ExitStack() as stack:
        if hasattr(os, "memfd_create"):
            memory = stack.enter_context(os.fdopen(os.memfd_create("state"), "w+b"))
        else:
            memory = stack.enter_context(tempfile.TemporaryFile(dir=folder))
        yield memory, f"/dev/fd/{memory.fileno()}"


def _deliver_between_threads() -> None:
    """Put the events of the last step that one thread has for another one into that one's queue, as a next step would.

    NEURON has a function for it, but no word in hoc.
    """
    from neuron import hoc

    library = ctypes.CDLL(hoc.__file__)
    try:
        on_all_threads, enqueue = (
            library["_Z19nrn_multithread_jobPFPvP9NrnThreadE"],
            library["_Z23nrn_interthread_enqueueP9NrnThread"],
        )
    except AttributeError:
        raise UnsupportedError("this build of NEURON cannot save the events between threads", key="threads",
                               expected="--threads 1") from None  # fmt: skip
    on_all_threads(enqueue)


class IncomingSpikes:
    """Plays spikes that come in: ``times`` (M,) in ms ascending, ``gids`` (M,); knows which of them NEURON has taken.

    NEURON's PatternStim wakes up, sends a group of spikes ahead of time, and sleeps until the time of the next one.

    Spikes that a state does not know of, since they come later, are sent later than in a run from 0. Where their events
    arrive at one synapse at the very same time as those of spikes from before, the sum of both may be made in another
    order, and its last bit differ. That takes spikes on time steps, such as replayed ones, and different delays.
    """

    def __init__(self, times: np.ndarray, gids: np.ndarray):
        self._times, self._gids = times, gids
        self._stim = h.PatternStim()
        self._wake = h.NetCon(None, self._stim)
        self._play_from(0)

    def _play_from(self, first: int) -> None:
        self._sent = first
        self._awake_at = 0.0 if first == 0 else self._time_of(first)
        self._vectors = h.Vector(self._times[first:]), h.Vector(self._gids[first:])
        if first < len(self._times):
            self._stim.play(*self._vectors)

    def _time_of(self, row: int) -> float:
        return float(self._times[row]) if row < len(self._times) else math.inf

    def place(self, t: float) -> dict:
        """Return how many spikes are sent when all events up to ``t`` ms are delivered, and whether others wait."""
        while self._awake_at <= t and self._sent < len(self._times):
            due = int(np.searchsorted(self._times, self._awake_at, side="right"))
            self._sent = min(len(self._times), max(due, self._sent + GROUP))
            self._awake_at = self._time_of(self._sent)
        return {"sent": self._sent, "waiting": self._sent < len(self._times)}

    def go_on(self, place: dict) -> None:
        """Leave out what is sent at ``place``, after a state was restored; its queue may have the event to wake up."""
        self._play_from(place["sent"])
        self._stim.initps()
        if not place["waiting"] and self._sent < len(self._times):
            self._wake.event(self._time_of(self._sent), 1)
