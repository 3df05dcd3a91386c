"""Electrodes: what their channels see of the currents along the trees, and of those which clamps let in.

With v of node i in a tree, weight w_i (mV for 1 nA out of it) and coupling g_i to its parent p, the current out of the
node's membrane is what comes along the tree and from clamps, I_i, so that a channel sees

    sum_i w_i (g_i (v_p - v_i) - sum_children g_c (v_i - v_c) + I_i) = sum_i g_i (w_i - w_p) (v_p - v_i) + w_i I_i

A node without area and point processes has no current of its own; it gets the weight of its parent, which saves a term.
"""

import numpy as np

from colonnade.simulation.clamp_steps import ELECTRODES
from colonnade.simulation.engines.lockstep.calls import Runtime
from colonnade.simulation.engines.lockstep.types import CellTypes, Type
from colonnade.simulation.model import FieldRecording, Model


def place_fields(model: Model, types: CellTypes, runtime: Runtime) -> tuple[list[slice], int]:
    """Let the runtime sum up what channels see, when it knows the clamps.

    Return the columns of each ``FieldRecording`` in its sums, and how many columns, the first ones, are of cells of
    several groups.
    """
    recordings = [recording for recording in model.recordings if isinstance(recording, FieldRecording)]
    if not recordings:
        return [], 0
    first, n_columns = [0] * len(recordings), 0
    for number in sorted(range(len(recordings)), key=lambda number: recordings[number].by_cell):
        first[number] = n_columns
        n_columns += len(recordings[number])
    electrodes = _electrode_nodes(model, types)
    rows_of = [{gid: row for row, gid in enumerate(each.gids[each.bounds[:-1]].tolist())} for each in recordings]
    for group, cells in enumerate(types.groups):
        if types.type_of[cells[0]] >= 0:
            seen = [[of_gid.get(gid) for of_gid in rows_of] for gid in model.gids[cells].tolist()]
            _place_group(recordings, first, seen, cells, types, runtime, group, sorted(electrodes.get(group, ())))
    columns = [slice(begin, begin + len(each)) for begin, each in zip(first, recordings, strict=True)]
    return columns, sum(len(each) for each in recordings if not each.by_cell)


def _electrode_nodes(model: Model, types: CellTypes) -> dict[int, set[int]]:
    """Return the nodes of each group that have a clamp whose current leaves through the membrane."""
    found: dict[int, set[int]] = {}
    for clamp in model.clamps:
        if isinstance(clamp, ELECTRODES):
            group, _, node = types.place(clamp.site.gid, clamp.site.section, clamp.site.x)
            found.setdefault(group, set()).add(node)
    return found


def _place_group(recordings, first, seen, cells, types: CellTypes, runtime: Runtime, group: int, electrodes) -> None:
    """Tell the runtime of one group; ``seen`` has for each of its cells the row in each recording, or None."""
    one = types.types[types.type_of[cells[0]]]
    n_channels = [len(recording.resistances) for recording in recordings]
    ends = np.cumsum([0, *n_channels])
    weights = np.zeros((len(cells), len(one.tree.parent), ends[-1]))
    columns = np.full((len(cells), ends[-1]), -1, np.int64)
    for lane, of_cell in enumerate(seen):
        for number, row in enumerate(of_cell):
            if row is None:
                continue
            recording, here = recordings[number], slice(ends[number], ends[number + 1])
            places = slice(recording.bounds[row], recording.bounds[row + 1])
            raw = one.trees[0].nodes(recording.sections[places], recording.x[places])
            weights[lane, one.tree.node[raw], here] = recording.resistances[:, places].T
            begin = first[number] + recording.part[row] * n_channels[number]
            columns[lane, here] = np.arange(begin, begin + n_channels[number])
    if (columns < 0).all():
        return
    nodes, weight_of = _own_nodes(one)
    coupling = one.tree.coefficients[one.tree_of[np.searchsorted(one.cells, cells)], 0][:, nodes, None]
    along = coupling * (weights[:, nodes] - weights[:, weight_of[one.tree.parent[nodes]]])
    inside = weights[:, weight_of[electrodes]] if electrodes else along[:, :0]
    runtime.field(group, nodes, electrodes, np.concatenate([along, inside], axis=1), columns)


def _own_nodes(one: Type) -> tuple[np.ndarray, np.ndarray]:
    """Return the nodes but the root that have currents of their own, and of each node (n,) whose weight it has."""
    own = one.tree.scale > 0
    own[one.hosts] = True
    weight_of = np.arange(len(own))
    for node in np.flatnonzero(~own).tolist():
        weight_of[node] = weight_of[one.tree.parent[node]]
    return np.flatnonzero(own)[1:], weight_of
