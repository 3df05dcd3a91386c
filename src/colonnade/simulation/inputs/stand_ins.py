"""Sources that stand in for simulated cells: replayed spikes of an earlier run, synapses that act by themselves."""

from dataclasses import dataclass

import numpy as np

from colonnade.errors import InputError
from colonnade.simulation.network.populations import Network
from colonnade.simulation.network.synapses import Connector, Synapses
from colonnade.sonata.edges import EdgePopulation, read_edges
from colonnade.sonata.spikes import read_spikes


@dataclass
class Spontaneous:
    """Synapses of chosen pairs of cells that act at ``times`` (ms) without a spike; all others are silent.

    ``sources`` and ``targets`` map populations to bool masks over their nodes; ``gid`` is the source that stands in.
    """

    sources: dict[str, np.ndarray]
    targets: dict[str, np.ndarray]
    times: np.ndarray
    gid: int

    def connect(self, network: Network, connector: Connector, edges: EdgePopulation, rows: np.ndarray) -> Synapses:
        """Return the synapses of the edges at ``rows``: from the stand-in, or with a weight of 0."""
        source, target = (network.populations[name] for name in (edges.source_population, edges.target_population))
        acting = self.sources[source.name][source.rows(edges.source_ids)]
        acting &= self.targets[target.name][target.rows(edges.target_ids)]
        own = source.first_gid + edges.source_ids.astype(np.int64)
        synapses = connector.connect(edges, rows, np.where(acting, self.gid, own))
        synapses.weight[synapses.source != self.gid] = 0.0
        return synapses


def spontaneous(network: Network, name: str, entry: dict, gid: int) -> Spontaneous:
    """Return what an input of the module ``syn_activity`` asks for."""
    path, key = network.config.path, f"inputs.{name}"
    if not isinstance(entry.get("precell_filter"), dict):
        raise InputError("the input chooses no sources", file=path, key=f"{key}.precell_filter", expected="{...}")
    times = np.atleast_1d(np.asarray(entry.get("timestamps", []), float))
    if not len(times) or not (np.isfinite(times) & (times >= 0)).all():
        raise InputError("not times", file=path, key=f"{key}.timestamps", value=entry.get("timestamps"),
                         expected="times in ms, 0 or more")  # fmt: skip
    sources = network.node_sets.select(entry["precell_filter"], f"{key}.precell_filter")
    targets = network.node_sets.select(entry.get("postcell_filter") or "all", f"{key}.postcell_filter")
    return Spontaneous(sources, targets, np.sort(times), gid)


def replay(
    network: Network, connector: Connector, name: str, entry: dict, first_gid: int
) -> tuple[list[Synapses], np.ndarray, np.ndarray]:
    """Return the synapses of the module ``replay``, and times (ms) and gids of the spikes that are played again.

    Edges of ``edges`` between the cells of ``source_node_set`` and ``target_node_set`` get the spikes of
    ``spikes_file`` from sources with gids of their own, which begin at ``first_gid``.
    """
    path, key = network.config.path, f"inputs.{name}"
    files = entry.get("edges")
    if not isinstance(files, dict) or "edges_file" not in files:
        raise InputError("the input names no edges", file=path, key=f"{key}.edges", expected="{'edges_file': ...}")
    if "spikes_file" not in entry:
        raise InputError("the input names no spikes", file=path, key=f"{key}.spikes_file")
    trains = read_spikes(entry["spikes_file"])
    sources = network.node_sets.select(entry.get("source_node_set", "all"), f"{key}.source_node_set")
    targets = network.node_sets.select(entry.get("target_node_set", "all"), f"{key}.target_node_set")
    parts, played = [], {}
    for edges in read_edges(files["edges_file"], files.get("edge_types_file")):
        network.check(edges)
        source, target = (network.populations[each] for each in (edges.source_population, edges.target_population))
        chosen = sources[source.name][source.rows(edges.source_ids)]
        chosen &= targets[target.name][target.rows(edges.target_ids)]
        own = first_gid + source.first_gid + edges.source_ids.astype(np.int64)
        parts.append(connector.connect(edges, np.flatnonzero(chosen), own))
        spikes = trains.get(source.name) or (next(iter(trains.values())) if len(trains) == 1 else None)
        if spikes is None:
            raise InputError("the file has no spikes of this population", file=entry["spikes_file"], value=source.name,
                             options=trains)  # fmt: skip
        node_gids = first_gid + source.first_gid + spikes.node_ids.astype(np.int64)
        played[source.name] = (spikes.timestamps, node_gids)
    times, gids = ([values[i] for values in played.values()] for i in range(2))
    return parts, np.concatenate([*times, np.zeros(0)]), np.concatenate([*gids, np.zeros(0, np.int64)])
