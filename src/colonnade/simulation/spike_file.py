"""Spikes of a run in a file, in the order in which they came; read back in the order of their times or ids."""

import hashlib
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from colonnade.errors import InputError

SPIKE = np.dtype([("time", "<f8"), ("gid", "<i8")])  # ms
AT_ONCE = 1 << 20  # spikes in memory (16 MB)
SAMPLES = 256  # of the keys of AT_ONCE spikes


class SpikeFile:
    """Spikes one after the other in a file, which is made with the first ones."""

    def __init__(self, path: Path):
        self.path, self._count, self._sum = path, 0, hashlib.sha256()

    def __len__(self) -> int:
        return self._count

    def begin(self, origin: Path | None, done: tuple[int, str] | None) -> None:
        """Begin with as many spikes of the file ``origin`` as ``done`` counts; without these, with none."""
        if origin is None or not done:
            self.path.unlink(missing_ok=True)
            return
        if origin != self.path:
            shutil.copyfile(origin, self.path)
        self._count = done[0]
        os.truncate(self.path, self._count * SPIKE.itemsize)
        for spikes in self.pieces():
            self._sum.update(spikes.tobytes())

    def append(self, times: np.ndarray, gids: np.ndarray) -> None:
        """Append spikes: times (S,) in ms and gids (S,)."""
        spikes = np.empty(len(times), SPIKE)
        spikes["time"], spikes["gid"] = times, gids
        with open(self.path, "r+b" if self.path.exists() else "w+b") as file:
            file.seek(self._count * SPIKE.itemsize)  # after a failure, more may be there
            file.write(spikes.tobytes())
            file.truncate()
        self._count += len(times)
        self._sum.update(spikes.tobytes())

    def done(self) -> tuple[int, str]:
        """Return how many spikes are safely on the disk, and their SHA-256."""
        with open(self.path, "ab") as file:
            os.fsync(file.fileno())
        return self._count, self._sum.hexdigest()

    def pieces(self) -> Iterator[np.ndarray]:
        """Yield the spikes (S,), ``time`` in ms and ``gid``, as they came."""
        for number in range(-(-self._count // AT_ONCE)):
            yield self._piece(number)

    def pieces_by(self, key: Callable[[np.ndarray], np.ndarray]) -> Iterator[np.ndarray]:
        """Yield the spikes by ``key(spikes)`` (S,), a number of each: none of a later piece has one as low, or lower.

        A piece is about as large as those of ``pieces``, if not too many spikes have the same key. Its bounds come from
        samples of sorted pieces (H. Shi, J. Schaeffer, J. Parallel Distrib. Comput. 14:361, 1992).
        """
        spans, samples = [], []
        for spikes in self.pieces():
            keys = np.sort(key(spikes))
            spans.append((keys[0], keys[-1]))
            samples.append(keys[:: max(1, AT_ONCE // SAMPLES)])
        if not spans:
            return
        bounds = np.unique(np.sort(np.concatenate(samples))[::SAMPLES])
        for low, high in itertools.pairwise([*bounds.tolist(), np.inf]):
            parts = []
            for number, (first, last) in enumerate(spans):
                if first < high and last >= low:
                    spikes = self._piece(number)
                    keys = key(spikes)
                    parts.append(spikes[(keys >= low) & (keys < high)])
            yield np.concatenate(parts)

    def _piece(self, number: int) -> np.ndarray:
        count = min(AT_ONCE, self._count - number * AT_ONCE)
        return np.fromfile(self.path, SPIKE, count, offset=number * AT_ONCE * SPIKE.itemsize)


def check_spikes(path: Path, count: int, digest: str) -> None:
    """Raise ``InputError`` if the file does not begin with ``count`` spikes of the SHA-256 ``digest``."""
    found, left = hashlib.sha256(), count * SPIKE.itemsize
    try:
        with open(path, "rb") as file:
            while piece := file.read(min(left, AT_ONCE * SPIKE.itemsize)):
                found.update(piece)
                left -= len(piece)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=path) from None
    if found.hexdigest() != digest:
        raise InputError("its spikes are not those that were written", file=path)
