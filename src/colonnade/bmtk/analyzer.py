"""Tables of a simulation's results, under the names of BMTK's analyzer."""

from typing import TYPE_CHECKING

from colonnade.bmtk.results import SpikeTrains
from colonnade.simulation.output import spike_files
from colonnade.sonata.config import read_config

if TYPE_CHECKING:
    import pandas as pd


def to_dataframe(config_file=None, spikes_file=None, population: str | None = None) -> "pd.DataFrame":
    """Return the spikes of a simulation as a table of ``timestamps`` (ms), ``population`` and ``node_ids``.

    ``config_file`` is its SONATA config; ``spikes_file``, a file of spikes, stands above that. ``population`` chooses
    one of several.
    """
    path = spikes_file if spikes_file is not None else spike_files(read_config(config_file))[0]
    return SpikeTrains.load(path).to_dataframe(populations=population)
