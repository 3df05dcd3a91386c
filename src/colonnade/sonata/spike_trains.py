"""The spikes of one population, in memory."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from colonnade.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Order = Literal["time", "id"] | None


@dataclass
class SpikeTrains:
    """The S spikes of one population: ``node_ids`` (S,) uint64 and ``timestamps`` (S,) float64 in ms."""

    population: str
    node_ids: np.ndarray
    timestamps: np.ndarray

    def __post_init__(self):
        self.node_ids = np.asarray(self.node_ids, dtype=np.uint64)
        self.timestamps = np.asarray(self.timestamps, dtype=np.float64)
        if self.node_ids.shape != self.timestamps.shape:
            raise InputError(
                "needs as many node ids as times", key=self.population, value=(len(self.node_ids), len(self.timestamps))
            )

    def __len__(self) -> int:
        return len(self.timestamps)

    def ordered(self, by: Order) -> "SpikeTrains":
        """Return the spikes sorted by time (then id) or by id (then time); None leaves them as they are."""
        if by is None:
            return self
        keys = (self.node_ids, self.timestamps) if by == "time" else (self.timestamps, self.node_ids)
        order = np.lexsort(keys)
        return SpikeTrains(self.population, self.node_ids[order], self.timestamps[order])

    def frame(self) -> "pd.DataFrame":
        """Return a table with the columns ``timestamps`` (ms), ``population`` and ``node_ids``."""
        import pandas as pd  # half a second, which only tables need

        return pd.DataFrame(
            {"timestamps": self.timestamps, "population": self.population, "node_ids": self.node_ids.astype(np.int64)}
        )
