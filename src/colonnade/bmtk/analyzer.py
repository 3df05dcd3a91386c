"""Tables of a simulation's results, under the names of BMTK's analyzer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from colonnade.bmtk.results import SpikeTrains
from colonnade.errors import InputError
from colonnade.simulation.output import spike_files
from colonnade.sonata.config import read_config
from colonnade.sonata.nodes import read_nodes

if TYPE_CHECKING:
    import pandas as pd


def to_dataframe(config_file=None, spikes_file=None, population: str | None = None) -> "pd.DataFrame":
    """Return the spikes of a simulation as a table of ``timestamps`` (ms), ``population`` and ``node_ids``.

    ``config_file`` is its SONATA config; ``spikes_file``, a file of spikes, stands above that. ``population`` chooses
    one of several.
    """
    return _spikes(spikes_file, config_file).to_dataframe(populations=population)


def spike_statistics(
    spikes_file=None,
    simulation=None,
    population: str | None = None,
    simulation_time: float | None = None,
    group_by: str | None = None,
    config_file=None,
    populations: str | Sequence[str] | None = None,
) -> "pd.DataFrame":
    """Return ``count`` and mean interval ``isi`` (ms) of the spikes of each node that spikes, by population and node.

    With a ``simulation`` (a BioSimulator) or a ``config_file`` and a ``group_by``, an attribute of the nodes, it is the
    mean and the standard deviation of these and of ``firing_rate`` (Hz) over the nodes of each group, silent ones with
    0; ``populations`` chooses among them, ``simulation_time`` (ms) stands above that of the config.
    """
    import pandas as pd  # half a second, which only tables need

    table = _spikes(spikes_file, config_file).to_dataframe(populations=population, sort_order="by_time")
    times = table.groupby(["population", "node_ids"])["timestamps"]
    found = pd.DataFrame({"count": times.size(), "isi": times.agg(lambda train: train.diff().mean()).fillna(0.0)})
    found.index.names = ["population", "node_id"]
    if simulation is None and group_by is None:
        return found
    if simulation is None and config_file is None:
        raise InputError("needs the nodes", key="spike_statistics(group_by=)", expected="simulation= or config_file=")
    config = read_config(config_file) if simulation is None else simulation.simulation.config
    found["firing_rate"] = found["count"] / ((simulation_time or config.tstop) / 1000.0)
    nodes = pd.concat(
        nodes.frame().assign(population=nodes.name)
        for files in config.nodes
        for nodes in read_nodes(files.elements, files.types)
        if populations is None or nodes.name in np.atleast_1d(populations)
    ).set_index(["population", "node_id"])
    if group_by not in nodes:
        raise InputError("is no attribute of these nodes", key="group_by", value=group_by, options=nodes.columns)
    names = ["firing_rate", "count", "isi"]
    return nodes.join(found).fillna(dict.fromkeys(names, 0.0)).groupby(group_by)[names].agg(["mean", "std"])


def nodes_table(nodes_file, population: str) -> "pd.DataFrame":
    """Return the nodes of a population as a table, with the attributes that its HDF5 file holds."""
    return read_nodes(nodes_file, None, population)[0].frame()


def node_types_table(node_types_file, population: str | None = None) -> "pd.DataFrame":
    """Return the types of nodes as a table; a file holds those of one population."""
    import pandas as pd  # half a second, which only tables need

    return pd.read_csv(node_types_file, sep=" ")


def _spikes(spikes_file, config_file) -> SpikeTrains:
    if spikes_file is None and config_file is None:
        raise InputError("names no spikes", expected="spikes_file= or config_file=")
    return SpikeTrains.load(spikes_file if spikes_file is not None else spike_files(read_config(config_file))[0])
