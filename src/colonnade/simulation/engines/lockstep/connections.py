"""Synapses as rows and lanes, and the connections to them, sorted by source, group and delay."""

import numpy as np

from colonnade.cells.interpreter import h
from colonnade.errors import InputError
from colonnade.mechanisms import mechanisms_that_hear_their_cell
from colonnade.simulation.engines.lockstep.calls import Runtime
from colonnade.simulation.engines.lockstep.library import KernelLibrary
from colonnade.simulation.engines.lockstep.types import CellTypes
from colonnade.simulation.engines.neuron.point_processes import point_process_names
from colonnade.simulation.model import Model


def connect(model: Model, types: CellTypes, library: KernelLibrary, runtime: Runtime, linear: frozenset[str]) -> None:
    """Give the runtime the sets of synapses of each group, and all connections.

    Synapses of a mechanism in ``linear`` share a row where they are on one node of one cell; others have rows of their
    own. ``types.synapse_set`` and ``types.synapse_slot`` (S,) tell where each synapse is: the set in its group, and
    row * lanes + lane.
    """
    synapses = model.synapses
    target = np.searchsorted(model.gids, synapses.target)
    group, lane = types.group[target].astype(np.int32), types.lane[target].astype(np.int32)
    on_tree = np.flatnonzero(types.node >= 0)
    kinds = _checked_kinds(model, library)
    order = sorted(
        range(len(kinds)), key=lambda i: (model.synapse_models[i].mechanism, model.synapse_models[i].parameters)
    )
    rank_of = np.empty(len(order) + 1, np.int32)  # the order of sets does not depend on which rank saw a model first
    rank_of[order] = np.arange(len(order))
    types.synapse_set = np.zeros(len(synapses), np.int32)
    types.synapse_slot = lane.astype(np.uint32)
    if len(on_tree):
        _make_rows(model, types, library, runtime, linear, on_tree, group, lane, rank_of, order)
    _make_blocks(model, types, library, runtime, group)


def _checked_kinds(model: Model, library: KernelLibrary) -> list:
    entries = []
    for kind in model.synapse_models:
        if kind.mechanism not in library.kernels:
            if not hasattr(h, kind.mechanism):
                raise InputError(
                    "no loaded mechanism has this name",
                    key="model_template",
                    value=kind.mechanism,
                    options=point_process_names(),
                )
            from colonnade.simulation.engines.lockstep.engine import refused

            why = library.refusals.get(kind.mechanism)
            raise refused(f"the synapse {kind.mechanism}" + (f" ({why})" if why else ""))
        entry = library.kernels[kind.mechanism]
        for name, _ in kind.parameters:
            if name not in entry.parameters:
                raise InputError(
                    f"{kind.mechanism} has no such parameter", key=kind.mechanism, value=name, options=entry.parameters
                )
        entries.append(entry)
    return entries


def _make_rows(model, types, library, runtime, linear, on_tree, group, lane, rank_of, order) -> None:
    """Number the rows of each set of each group, and make the sets."""
    kind = rank_of[model.synapses.model[on_tree]]
    node, groups = types.node[on_tree], group[on_tree]
    n_kinds, n_nodes = len(order), int(node.max()) + 1
    place = (groups.astype(np.int64) * n_kinds + kind) * n_nodes + node  # a row at least
    most, shares = 1, np.array([model.synapse_models[i].mechanism in linear for i in order], bool)
    single = np.flatnonzero(~shares[kind])
    if len(single):
        copy = _occurrence(place[single] * runtime.lanes + lane[on_tree[single]])
        most = int(copy.max()) + 1
        place *= most
        place[single] += copy
    unique, number = np.unique(place, return_inverse=True)
    del place
    of_row = unique // most
    row_node, row_set = of_row % n_nodes, of_row // n_nodes
    begins = np.flatnonzero(np.diff(row_set, prepend=-1))
    ends = np.append(begins[1:], len(unique))
    row = np.arange(len(unique)) - np.repeat(begins, ends - begins)
    set_number = np.empty(len(begins), np.int64)
    lanes_there = np.zeros((len(unique), runtime.lanes))
    lanes_there[number, lane[on_tree]] = 1.0
    uniform = {}
    for i, (begin, end) in enumerate(zip(begins.tolist(), ends.tolist(), strict=True)):
        at, k = divmod(int(row_set[begin]), n_kinds)
        mechanism = model.synapse_models[order[k]]
        if k not in uniform:
            uniform[k] = runtime.uniforms(library.kernels[mechanism.mechanism], dict(mechanism.parameters))
        nodes = row_node[begin:end]
        there = None if shares[k] else lanes_there[begin:end]
        set_number[i] = runtime.synapses(
            at, mechanism.mechanism, nodes, uniform[k], there, *_ions(types, library, mechanism, at, nodes)
        )
    set_of_row = np.repeat(set_number, ends - begins)
    types.synapse_set[on_tree] = set_of_row[number]
    types.synapse_slot[on_tree] = row[number] * runtime.lanes + lane[on_tree]


def _ions(types: CellTypes, library: KernelLibrary, mechanism, group: int, nodes: np.ndarray) -> tuple[list, list]:
    """Return the ions that a synapse uses, and their rows at its nodes."""
    entry = library.kernels[mechanism.mechanism]
    if not entry.ions:
        return [], []
    one = types.types[types.type_of[types.groups[group][0]]]
    raw_of = {int(new): raw for raw, new in enumerate(one.tree.node.tolist()) if new >= 0}
    numbers, rows = [], []
    for ion in entry.ions:
        keys = [key for key in one.ions if key[0] == ion]
        table = types.ion_tables[one.number]
        fitting = [key for key in keys if all(raw_of[int(node)] in table[key] for node in nodes)]
        if not fitting:
            from colonnade.simulation.engines.lockstep.engine import refused

            raise refused(f"the synapse {mechanism.mechanism} where its cell has no channel of the ion {ion}")
        numbers.append(one.ions.index(fitting[0]))
        rows.append([table[fitting[0]][raw_of[int(node)]] for node in nodes])
    return numbers, rows


def _occurrence(key: np.ndarray) -> np.ndarray:
    """Return for each entry how many equal ones stand before it."""
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    begins = np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1))
    count = np.arange(len(key)) - np.repeat(begins, np.diff(np.append(begins, len(key))))
    result = np.empty(len(key), np.int64)
    result[order] = count
    return result


def _make_blocks(model: Model, types: CellTypes, library: KernelLibrary, runtime: Runtime, group: np.ndarray) -> None:
    """Give the runtime all connections: those of the model, and from cells to their synapses that hear them."""
    synapses = model.synapses
    hearing = [kind.mechanism in mechanisms_that_hear_their_cell() for kind in model.synapse_models] + [False]
    own = np.flatnonzero(np.array(hearing, bool)[synapses.model])
    if len(own):
        row = np.concatenate([np.arange(len(synapses)), own])
        sources, weight = np.append(synapses.source, synapses.target[own]), synapses.weight[row]
        weight[len(synapses) :] = -1.0
    else:
        row, sources, weight = slice(None), synapses.source, synapses.weight
    gids, source = np.unique(sources, return_inverse=True)
    delays, delay = np.unique(synapses.delay[row], return_inverse=True)
    sets, group = types.synapse_set[row], group[row]
    n_groups, n_sets = max(1, len(types.groups)), int(sets.max(initial=0)) + 1
    key = ((source * n_groups + group) * n_sets + sets) * max(1, len(delays)) + delay
    order = np.argsort(key, kind="stable")
    key = key[order]
    begins = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])[: len(key)])
    head = order[begins]
    widths = np.array([library.kernels[kind.mechanism].arguments for kind in model.synapse_models] + [1], np.int64)
    width = widths[synapses.model[row][order]]  # of point neurons: model -1, one argument
    at = np.cumsum(width) - width
    arguments = np.zeros(int(width.sum()))
    arguments[at] = weight[order]
    runtime.connections(
        gids,
        np.searchsorted(source[head], np.arange(len(gids) + 1)),
        begins,
        at[begins],
        delays[delay[head]],
        np.diff(np.append(begins, len(key))),
        group[head],
        sets[head],
        types.synapse_slot[row][order],
        arguments,
    )
