"""What electrodes see of cells in NEURON and CoreNEURON, summed up inside the steps by the mechanism FieldSum.

With v_i of node i, weight w_i (mV for 1 nA out of it) and coupling g_ij to each node j that it is joined to, the
current out of its membrane is what comes along the tree, so that a channel sees a weighted sum of potentials:

    sum_i w_i sum_j g_ij (v_j - v_i) = sum_i v_i sum_j g_ij (w_j - w_i)

A node without area and point processes has no current of its own, so that it may have any weight: with the mean of the
weights around it, by their couplings, its potential does not count. Where electrodes let currents into a cell, and with
the layer outside of the cells, currents of membranes are summed up instead.
"""

import numpy as np

from colonnade.cells import Cell
from colonnade.cells.interpreter import h
from colonnade.cells.wiring import Wiring, read_wiring
from colonnade.errors import InputError
from colonnade.mechanisms import electrode_mechanisms
from colonnade.simulation.engines.neuron.point_processes import point_process_names
from colonnade.simulation.model import FieldRecording, Model
from colonnade.simulation.network.local_cells import FIELD_SUM

LANES, STEPS, TOGETHER = 8, 8, 4  # as in FieldSum.mod; channels are a multiple of the last, whatever the processor
MEMBERS = ("nodes", "channels", "membrane", "steps", "done", "width", "sums", "node", "column", "weights", "values")
MEMBER = {name: number for number, name in enumerate(MEMBERS)}


class FieldSums:
    """The sums of the field recordings of ``model``: a point process for each tree of each cell of each of them.

    Made when all else is on the ``cells``.
    """

    def __init__(self, model: Model, cells: dict[int, Cell], threads: int):
        recordings = [recording for recording in model.recordings if isinstance(recording, FieldRecording)]
        if recordings and not hasattr(h, FIELD_SUM):
            raise InputError(f"the mechanism {FIELD_SUM}, by which electrodes see the cells, is not loaded",
                             key="mechanisms_dir", expected=f"{FIELD_SUM}.mod beside the others")  # fmt: skip
        self.threads = threads
        self._bounds = np.cumsum([0, *map(len, recordings)]).tolist()
        self._sums = np.zeros((threads, 0, self._bounds[-1]), np.int64)
        self._processes, self._places, self._held = [], [], []
        prototypes = dict(zip(model.gids.tolist(), model.prototypes, strict=True))
        kinds: dict[int, tuple] = {}  # of prototypes: the trees, and the wiring, None for currents of membranes
        with_electrodes = _sections_with_electrodes()
        rows = []
        for recording, first in zip(recordings, self._bounds, strict=False):
            for row, gid in enumerate(recording.gids[recording.bounds[:-1]].tolist()):
                cell, here = cells[gid], slice(recording.bounds[row], recording.bounds[row + 1])
                kind = id(prototypes[gid])
                if kind not in kinds:
                    by_membrane = model.extracellular or _holds_an_electrode(cell) or not _is_whole(cell)
                    kinds[kind] = _trees(cell), None if by_membrane else read_wiring(cell.sections)
                trees, wiring = kinds[kind]
                wiring = None if with_electrodes.intersection(cell.sections) else wiring
                sections, x, weights = recording.sections[here], recording.x[here], recording.resistances[:, here]
                if wiring is not None:
                    sections, x, weights = _along_the_tree(cell, wiring, wiring.nodes(sections, x), weights)
                begin = first + int(recording.part[row]) * len(weights)
                for tree in np.unique(trees[sections]).tolist():
                    of_tree = trees[sections] == tree
                    rows.append(self._field(weights[:, of_tree], begin, wiring is None))
                    self._places.append((cell, sections[of_tree], x[of_tree]))
                    self._processes.append(h.FieldSum(cell.sections[tree](0.5)))
        self._table = np.array(rows, np.int64).reshape(len(rows), len(MEMBERS))
        if self._table[:, MEMBER["membrane"]].any():
            h.cvode.use_fast_imem(1)

    @property
    def bytes_per_step(self) -> int:
        return self._sums.itemsize * self.threads * self._bounds[-1]

    def find_nodes(self) -> None:
        """Tell the fields their nodes, which NEURON numbers when it deals out the cells to its threads."""
        self._nodes = [
            np.array([cell.segment(*place).node_index() for place in zip(sections.tolist(), x.tolist(), strict=True)])
            for cell, sections, x in self._places
        ]
        self._table[:, MEMBER["node"]] = [nodes.ctypes.data for nodes in self._nodes]
        for process, row in zip(self._processes, self._table, strict=True):
            process.address = row.ctypes.data

    def expect(self, steps: int) -> None:
        """Begin a block of so many steps."""
        self._sums = np.zeros((self.threads, steps, self._bounds[-1]), np.int64)
        for name, value in (("steps", steps), ("done", 0), ("sums", self._sums.ctypes.data)):
            self._table[:, MEMBER[name]] = value

    def rows(self) -> list[np.ndarray]:
        """Return the rows (steps, E) of each recording, in quanta, of the last block; the next call returns none."""
        total = self._sums.sum(axis=0) if self.threads > 1 else self._sums[0]
        self._sums = self._sums[:, :0]
        return [total[:, begin:end] for begin, end in zip(self._bounds[:-1], self._bounds[1:], strict=True)]

    def _field(self, weights: np.ndarray, begin: int, by_membrane: bool) -> list[int]:
        """Return the members of a field with ``weights`` (C, n) and sums from column ``begin`` on; the nodes follow."""
        n_channels, n_nodes = weights.shape
        room, channels = -(-n_nodes // LANES) * LANES, -(-n_channels // TOGETHER) * TOGETHER
        padded = np.zeros((channels, room))
        padded[:n_channels, :n_nodes] = weights
        columns = np.where(np.arange(channels) < n_channels, begin + np.arange(channels), -1)
        parts = (columns, padded, np.zeros((STEPS, room)))
        self._held += parts
        return [n_nodes, channels, by_membrane, 0, 0, self._bounds[-1], 0, 0, *(part.ctypes.data for part in parts)]


def _sections_with_electrodes() -> set:
    """Return the sections into which point processes let currents from outside of the cells."""
    names = electrode_mechanisms().intersection(point_process_names())
    return {electrode.get_segment().sec for name in names for electrode in h.List(name)}


def _holds_an_electrode(cell: Cell) -> bool:
    """Return whether a density mechanism lets currents into a cell from its outside."""
    electrodes = electrode_mechanisms()
    return any(mechanism.name() in electrodes for section in cell.sections for mechanism in section(0.5))


def _trees(cell: Cell) -> np.ndarray:
    """Return the first section (S,) of the tree of each section: NEURON may have trees of a cell on several threads."""
    first: dict = {}
    roots = [h.SectionRef(sec=section).root for section in cell.sections]
    return np.array([first.setdefault(root, number) for number, root in enumerate(roots)])


def _is_whole(cell: Cell) -> bool:
    """Return whether all sections that are joined to those of a cell are among them."""
    own = set(cell.sections)
    above = (section.parentseg() for section in cell.sections)
    return own.issuperset(segment.sec for segment in above if segment is not None) and all(
        own.issuperset(section.children()) for section in cell.sections
    )


def _along_the_tree(cell: Cell, wiring: Wiring, nodes: np.ndarray, resistances: np.ndarray) -> tuple:
    """Return where the potentials of a cell count, as sections (n,) and x (n,), and how much, (C, n) in mV for 1 mV.

    The currents out of ``nodes`` (E,) have ``resistances`` (C, E) in mV for 1 nA.
    """
    weight = np.zeros((len(wiring.parent), len(resistances)))
    weight[nodes] = resistances.T
    child = np.flatnonzero(wiring.parent >= 0)
    parent, coupling = wiring.parent[child], wiring.coupling[child, None]
    counts = wiring.area > 0
    for end in np.flatnonzero(~counts).tolist():
        counts[end] = bool(cell.segment(int(wiring.section[end]), float(wiring.x[end])).point_processes())
    around, total = np.zeros_like(weight), np.zeros((len(weight), 1))
    for here, there in ((child, parent), (parent, child)):
        np.add.at(around, here, coupling * weight[there])
        np.add.at(total, here, coupling)
    weight[~counts] = around[~counts] / total[~counts]
    along = coupling * (weight[child] - weight[parent])
    of_potential = np.zeros_like(weight)
    np.add.at(of_potential, parent, along)
    np.add.at(of_potential, child, -along)
    return wiring.section[counts], wiring.x[counts], of_potential[counts].T
