"""Sources that stand in for simulated cells: replayed spikes of an earlier run, synapses that act by themselves."""

from dataclasses import dataclass

import numpy as np

from colonnade.errors import InputError
from colonnade.simulation.network.populations import Network
from colonnade.simulation.network.synapses import Connector, Synapses, joined
from colonnade.sonata.edges import EdgePopulation
from colonnade.sonata.spikes import read_spikes
from colonnade.streams import stream

DRAWN_TOGETHER = 1000.0  # ms, of the events of synapses that act by themselves


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
    try:
        times = np.atleast_1d(np.asarray(entry.get("timestamps", []), float))
    except (TypeError, ValueError):
        times = np.zeros(0)
    if not len(times) or not (np.isfinite(times) & (times >= 0)).all():
        raise InputError("not times", file=path, key=f"{key}.timestamps", value=entry.get("timestamps"),
                         expected="times in ms, 0 or more")  # fmt: skip
    sources = network.node_sets.select(entry["precell_filter"], f"{key}.precell_filter")
    targets = network.node_sets.select(entry.get("postcell_filter") or "all", f"{key}.postcell_filter")
    return Spontaneous(sources, targets, np.sort(times), gid)


def with_released(
    network: Network, synapses: Synapses, times: np.ndarray, gids: np.ndarray
) -> tuple[Synapses, np.ndarray, np.ndarray]:
    """Return ``synapses`` with copies of those that act by themselves at a rate, and the spikes with their events.

    ``times`` (M,) in ms, ascending, and ``gids`` (M,) are the spikes that come in. Each copy has a source of its own.
    Its times are drawn from a stream that is named after the input and the target, so they depend neither on other
    cells nor on the number of ranks; those of a longer run begin with those of a shorter one.
    """
    first_gid = max(network.end_gid, *(int(column.max()) + 1 for column in (synapses.source, gids) if len(column)), 0)
    parts, times, gids = [synapses], [times], [gids]
    for name, entry in network.config.inputs.items():
        if entry.get("module") != "syn_activity" or "rate" not in entry:
            continue
        key, rate = f"inputs.{name}", entry["rate"]
        if not isinstance(rate, (int, float)) or not 0 <= rate < np.inf:
            raise InputError(
                "no rate", file=network.config.path, key=f"{key}.rate", value=rate, expected="0 Hz or more"
            )
        chosen = np.ones(len(synapses), bool)
        for end, filters in (("source", "precell_filter"), ("target", "postcell_filter")):
            allowed = np.zeros(network.end_gid, bool)
            for population, mask in network.node_sets.select(entry.get(filters) or "all", f"{key}.{filters}").items():
                allowed[network.populations[population].gids[mask]] = True
            of_cells = getattr(synapses, end)
            chosen &= (of_cells < network.end_gid) & allowed[np.minimum(of_cells, network.end_gid - 1)]
        rows = np.flatnonzero(chosen)
        rows = rows[np.argsort(synapses.target[rows], kind="stable")]
        copies = synapses.chosen(rows)
        copies.source = first_gid + np.arange(len(rows))
        first_gid += len(rows)
        for gid, begin, count in zip(*np.unique(copies.target, return_index=True, return_counts=True), strict=True):
            rng = stream(int(entry.get("random_seed", 0)), key, *network.place_of(int(gid)))
            for since in np.arange(0.0, network.config.tstop, DRAWN_TOGETHER).tolist():
                events = rng.poisson(rate * DRAWN_TOGETHER / 1000, count)
                drawn = rng.uniform(since, since + DRAWN_TOGETHER, events.sum())
                within = drawn < network.config.tstop
                times.append(drawn[within])
                gids.append(np.repeat(copies.source[begin : begin + count], events)[within])
        parts.append(copies)
    times, gids = np.concatenate(times), np.concatenate(gids)
    order = np.argsort(times, kind="stable")
    return (joined(parts), times[order], gids[order]) if len(parts) > 1 else (synapses, times, gids)


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
    for edges in network.read_edges(files["edges_file"], files.get("edge_types_file")):
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
