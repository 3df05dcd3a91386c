"""Random numbers of the builder: streams for functions called by hand."""

import hashlib
from collections import Counter

import numpy as np

from colonnade.streams import stream

DEFAULT_SEED = 0
_calls: Counter = Counter()
_seed = DEFAULT_SEED


def set_seed(seed: int) -> None:
    """Set the seed of networks and of position functions that are given none, and forget earlier calls of these."""
    global _seed
    _seed = int(seed)
    _calls.clear()


def default_seed() -> int:
    """Return the seed which holds where none is given: that of ``set_seed``, else 0."""
    return _seed


def generator(
    purpose: str, arguments: dict, seed: int | None = None, rng: np.random.Generator | None = None
) -> np.random.Generator:
    """Return ``rng`` if given, else the stream that ``seed``, ``purpose`` and the arguments name.

    Without a seed, the name also has how often the same was asked for before: a script draws the same numbers each
    time it is run, while two like calls in it draw different ones.
    """
    if rng is not None:
        return rng
    name = (purpose, *(f"{key}={_named(value)}" for key, value in sorted(arguments.items())))
    if seed is not None:
        return stream(seed, *name)
    _calls[name] += 1
    return stream(default_seed(), *name, _calls[name])


def _named(value) -> str:
    values = np.asarray(value)
    if values.size <= 64:
        return str(values.tolist())
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
