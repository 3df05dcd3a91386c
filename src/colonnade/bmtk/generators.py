"""Generators of spike trains by BMTK's names, which can be asked for their spikes as ``SpikeTrains`` can."""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from colonnade.bmtk.results import ReadableTrains
from colonnade.errors import InputError
from colonnade.sonata.nodes import read_node_ids
from colonnade.sonata.spikes import SpikeTrains as Trains
from colonnade.spikes import poisson
from colonnade.stimuli.kinds.gamma import trains
from colonnade.streams import stream


class _Readable(ReadableTrains):
    """What a generator has of ``SpikeTrains``; its files have its seed."""

    to_sonata, to_csv = poisson.SpikeGenerator.to_sonata, poisson.SpikeGenerator.to_csv

    @property
    def _default(self) -> str | None:
        return self.population

    @property
    def _trains(self) -> dict[str, Trains]:
        return {train.population: train for train in self.trains()}


class PoissonSpikeGenerator(_Readable, poisson.PoissonSpikeGenerator):
    """Independent Poisson spike trains, those of ``colonnade.spikes``."""


class GammaSpikeGenerator(_Readable, poisson.SpikeGenerator):
    """Independent spike trains with intervals of a gamma distribution, from their equilibrium on.

    They are those of an input of the type ``gamma`` with the same seed; a node that is added again draws others.
    """

    def __init__(self, population: str | None = None, seed: int | None = None, output_units: str = "ms"):
        super().__init__(population, seed, output_units)
        self._added: Counter = Counter()

    def add(
        self,
        node_ids: Iterable[int] | int | str,
        firing_rate: float,
        a: float,
        population: str | None = None,
        times: Iterable[float] | float = (0.0, 1.0),
    ) -> None:
        """Add the spikes of some nodes, numbers or all of a SONATA nodes file, at a rate in Hz.

        ``a`` is the shape of the distribution: 1 is Poisson, more is more regular. ``times`` (s) are start and end, or
        the end alone.
        """
        name = population or self.population
        if name is None:
            raise InputError("is missing", key="population", expected="the name of the spiking population")
        if not np.ndim(firing_rate) == 0 or not 0 <= firing_rate < np.inf:
            raise InputError("is no constant rate", key="firing_rate", value=firing_rate, expected="0 Hz or more")
        if not 0 < a < np.inf:
            raise InputError("is no shape", key="a", value=a, expected="a number above 0")
        span = [0.0, times] if np.ndim(times) == 0 else [*times]
        if len(span) != 2 or not 0 <= span[0] < span[1] < np.inf:
            raise InputError("is no stretch of time", key="times", value=span, expected="start and end in s")
        ids = read_node_ids(node_ids, name) if isinstance(node_ids, str) else np.atleast_1d(np.asarray(node_ids))
        settings = {"firing_rate": firing_rate, "times": span, "shape": a, "refractory": 0.0}

        def streams(node_id: int) -> np.random.Generator:
            again = self._added[name, node_id]
            self._added[name, node_id] += 1
            return stream(self.seed, "gamma", name, node_id, *([again] if again else []))

        self.add_spikes(*trains(settings, ids, streams), name)
