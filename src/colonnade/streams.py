"""Random numbers by name: each use has its own stream, so no draw depends on the order of others."""

import contextlib
import hashlib
import random
from collections.abc import Iterator

import numpy as np

from colonnade.files import canonical_json


def stream(seed: int, *name: str | int) -> np.random.Generator:
    """Return the random generator that belongs to ``name`` under the root ``seed``.

    The name (for example ``"mcortex", "positions", 0``) is hashed into the key of a counter-based Philox generator
    (Salmon et al. 2011, doi:10.1145/2063384.2063405), so two names give independent streams, and a stream does not
    change when others are added or drawn from first.
    """
    digest = hashlib.sha256(canonical_json([int(seed), *name]).encode()).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest[:16], dtype="<u8")))


def derived_seed(seed: int, *name: str | int) -> int:
    """Return a root seed (63 bits) for ``name``, for example one replicate of an experiment."""
    digest = hashlib.sha256(canonical_json([int(seed), *name]).encode()).digest()
    return int.from_bytes(digest[16:24], "little") >> 1


@contextlib.contextmanager
def seeded(seed: int, *name: str | int) -> Iterator[None]:
    """Seed Python's ``random`` and ``numpy.random`` by a name for the code within; both are as before afterwards."""
    python_state, numpy_state = random.getstate(), np.random.get_state()
    reseed(seed, *name)
    try:
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)


def reseed(seed: int, *name: str | int) -> None:
    """Seed Python's ``random`` and ``numpy.random`` by a name, within a block of ``seeded``."""
    value = derived_seed(seed, *name)
    random.seed(value)
    np.random.seed(value & 0xFFFFFFFF)
