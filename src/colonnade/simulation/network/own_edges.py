"""The edges of one of several ranks: those onto its cells alone are read, so that no rank holds the ids of all."""

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from colonnade.simulation.network.gap_junctions import COLUMN as GAP_COLUMN
from colonnade.sonata.edge_index import TargetIndex, id_blocks, read_target_index
from colonnade.sonata.edges import EdgePopulation, read_edges

if TYPE_CHECKING:
    from colonnade.simulation.network.populations import Population

log = logging.getLogger(__name__)
NONE = slice(0)


class EdgesOf:
    """Reads of edge files what concerns the cells that ``local`` (all gids,) bool marks.

    Rows are found by the index from targets, else by going through the ids block by block, which needs more time but
    no more memory. ``highest`` gives the highest of a number on all ranks: an index that does not fit what one of
    them has read is used by none.
    """

    def __init__(self, local: np.ndarray, populations: Mapping[str, "Population"], highest: Callable[[int], int]):
        self._local, self._populations, self._highest = local, populations, highest

    def read(self, elements, types) -> Iterator[EdgePopulation]:
        """Yield all populations of an edge file with the edges onto local cells, and gap junctions of these."""
        for head in read_edges(elements, types, rows=NONE):
            if {head.source_population, head.target_population} <= set(self._populations):
                yield self._indexed(head, types) or self._chosen(head, types, self._gone_through(head))
            else:
                yield head

    def _indexed(self, head: EdgePopulation, types) -> EdgePopulation | None:
        """Return the edges as the index of the file has them; None where it has none that fits."""
        target = self._populations[head.target_population]
        index = None if head.has(GAP_COLUMN) else read_target_index(head.file, head.name)
        if index is None or _counts(index, target) is None:
            return None
        found = self._chosen(head, types, index.rows_into(target.nodes.node_ids[self._local[target.gids]]))
        misled = not self._local[target.gids[target.simulated(found.target_ids, head)]].all()
        if not self._highest(int(misled)):
            return found
        log.warning("%s: the index of %s does not fit its edges, and is not used", head.file, head.name)
        return None

    def _gone_through(self, head: EdgePopulation) -> np.ndarray:
        source, target = (self._populations[name] for name in (head.source_population, head.target_population))
        here, from_here = (self._local[population.gids] for population in (target, source))
        both, found = head.has(GAP_COLUMN), [np.zeros(0, np.int64)]
        names = ("target_node_id", "source_node_id")[: 1 + both]
        for begin, targets, *sources in id_blocks(head.file, head.name, *names):
            wanted = here[target.simulated(targets, head)]
            for ids in sources:
                wanted |= from_here[source.rows(ids, head.file)]
            found.append(begin + np.flatnonzero(wanted))
        return np.concatenate(found)

    def _chosen(self, head: EdgePopulation, types, rows: np.ndarray) -> EdgePopulation:
        return read_edges(head.file, types, head.name, rows)[0]


def edge_counts(elements, population: "Population") -> np.ndarray:
    """Return the number of edges of a file onto each node (N,) of ``population``, in the order of its rows."""
    onto = np.zeros(len(population.nodes), np.int64)
    for head in read_edges(elements, rows=NONE):
        if head.target_population != population.name:
            continue
        index = read_target_index(elements, head.name)
        counts = None if index is None else _counts(index, population)
        if counts is not None:
            onto += counts
            continue
        for _, targets in id_blocks(elements, head.name, "target_node_id"):
            onto += np.bincount(population.simulated(targets, head), minlength=len(onto))
    return onto


def _counts(index: TargetIndex, population: "Population") -> np.ndarray | None:
    """Return the number of edges onto each node (N,); None where the index has some onto what is no simulated cell."""
    counts, ids = index.counts(), population.nodes.node_ids.astype(np.int64)
    there = ids < len(counts)
    onto = np.zeros(len(ids), np.int64)
    onto[there] = counts[ids[there]]
    return onto if onto[~population.virtual].sum() == counts.sum() else None
