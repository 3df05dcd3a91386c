"""Spike trains as input: generators, and readers and writers of spike files."""

from colonnade.sonata.spikes import SpikeTrains, read_spikes, write_spikes, write_spikes_csv
from colonnade.spikes.poisson import PoissonSpikeGenerator, SpikeGenerator

__all__ = [
    "PoissonSpikeGenerator",
    "SpikeGenerator",
    "SpikeTrains",
    "read_spikes",
    "write_spikes",
    "write_spikes_csv",
]
