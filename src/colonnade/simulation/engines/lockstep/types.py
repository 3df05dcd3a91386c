"""The cells of a model by type, and each cell's group and lane."""

from dataclasses import dataclass

import numpy as np

from colonnade.cells.interpreter import h
from colonnade.errors import UnsupportedError
from colonnade.simulation.engines.lockstep.calls import Runtime
from colonnade.simulation.engines.lockstep.library import KernelLibrary
from colonnade.simulation.engines.lockstep.trees import Reduced, Tree, reduced
from colonnade.simulation.model import Model, Recording
from colonnade.simulation.ranks import Ranks

FIELDS = ("E", "I", "CI", "CO")
POINTS_AT_ONCE = 64  # artificial cells of a group


@dataclass
class Type:
    """Cells of one structure: their ``trees`` (P), the ``cells`` (n,) of it as rows of the model, ``tree_of`` (n,)."""

    trees: list[Tree]
    cells: np.ndarray
    tree_of: np.ndarray
    tree: Reduced
    sets: list[tuple[str, tuple, np.ndarray]]  # kernel, its ions' keys, rows into channels
    ions: list[tuple[str, bool]]
    hosts: np.ndarray  # nodes of ``tree`` with synapses or clamps, of any cell
    number: int = -1


class CellTypes:
    """All cells of a model: ``group``, ``lane`` (C,) of each, ``type_of`` (C,), -1 for artificial cells.

    ``node`` (S,) is the place of each synapse in its cell's reduced tree, -1 on a point neuron.
    """

    def __init__(self, model: Model, trees: dict[int, Tree], library: KernelLibrary, ranks: Ranks):
        self.model, self.library = model, library
        self.group = np.full(len(model.gids), -1)
        self.lane = np.zeros(len(model.gids), np.int64)
        self.type_of = np.full(len(model.gids), -1)
        self.groups: list[np.ndarray] = []  # rows of the model in each group
        self.types: list[Type] = []
        self.ion_tables: dict = {}
        self._target = np.searchsorted(model.gids, model.synapses.target).astype(np.int32)
        self._sort_cells(trees, ranks)

    # ---- from prototypes to types

    def _sort_cells(self, trees: dict[int, Tree], ranks: Ranks) -> None:
        model = self.model
        of_cell = np.fromiter((id(prototype) for prototype in model.prototypes), np.int64, len(model.prototypes))
        by_structure: dict[str, list[int]] = {}
        for key, tree in trees.items():
            by_structure.setdefault(tree.structure, []).append(key)
        raw = np.full(len(model.synapses), -1, np.int32)
        members = {}
        for structure, keys in by_structure.items():
            cells = np.flatnonzero(np.isin(of_cell, keys))
            number = {key: i for i, key in enumerate(keys)}
            tree_of = np.array([number[key] for key in of_cell[cells].tolist()], np.int64)
            self.type_of[cells] = len(members)
            members[structure] = ([trees[key] for key in keys], cells, tree_of)
        kinds = self.type_of[self._target]
        used = {}
        for index, (structure, (own, _, _)) in enumerate(members.items()):
            mine = np.flatnonzero((kinds == index) & (model.synapses.section >= 0))
            raw[mine] = own[0].nodes(model.synapses.section[mine], model.synapses.x[mine])
            varying = set(np.unique(raw[mine]).tolist())
            used[structure] = (varying, set())
        self._add_places(used, members)
        used = _together(ranks, used)
        for structure, (own, cells, tree_of) in members.items():
            varying, kept = used[structure]
            hosts = sorted(varying)
            for name, nodes in own[0].channels.items():
                if self.library.kernels[name].has_current:
                    varying |= set(nodes.tolist())
            tree = reduced(own, varying, varying | kept, model.dt)
            self.types.append(Type(own, cells, tree_of, tree, *self._sets(own[0]), tree.node[hosts]))
        self.node = np.full(len(raw), -1, np.int32)
        for index, one in enumerate(self.types):
            mine = np.flatnonzero((kinds == index) & (raw >= 0))
            self.node[mine] = one.tree.node[raw[mine]]

    def _add_places(self, used: dict, members: dict) -> None:
        """Add the places of clamps and recordings to the nodes that a type needs."""
        structures = list(members)
        for clamp in self.model.clamps:
            site = clamp.site
            structure = structures[self.type_of[np.searchsorted(self.model.gids, site.gid)]]
            used[structure][0].add(int(members[structure][0][0].nodes(np.array([site.section]), np.array([site.x]))[0]))
        for recording in self.model.recordings:
            if not isinstance(recording, Recording) or not len(recording):
                continue
            kinds = self.type_of[np.searchsorted(self.model.gids, recording.gids)]
            for index in np.unique(kinds).tolist():
                mine = kinds == index
                nodes = members[structures[index]][0][0].nodes(recording.sections[mine], recording.x[mine])
                used[structures[index]][1].update(np.unique(nodes).tolist())

    def _sets(self, tree: Tree) -> tuple[list, list]:
        """Return the sets of channels, those that make concentrations first, in NEURON's order; and the ions."""
        ions = sorted(tree.ions)
        found = []
        order = {name: i for i, name in enumerate(_density_names())}
        for name in sorted(tree.channels, key=lambda name: (not self._makes_concentration(name), order[name])):
            nodes, needed = tree.channels[name], self.library.kernels[name].ions
            keys = np.array(
                [[ions.index(_key_at(tree, ion, node)) for ion in needed] for node in nodes.tolist()], np.int64
            )
            keys = keys.reshape(len(nodes), len(needed))
            for combination in sorted({tuple(row) for row in keys.tolist()}):
                rows = np.flatnonzero((keys == combination).all(axis=1))
                found.append((name, tuple(ions[i] for i in combination), rows))
        return found, ions

    def _makes_concentration(self, name: str) -> bool:
        entry = self.library.kernels[name]
        return any(entry.ion_fields[variable][1] in ("CI", "CO") for variable in entry.writes)

    # ---- to the runtime

    def add_to(self, runtime: Runtime) -> None:
        """Tell the runtime of all types and groups."""
        for one in self.types:
            shared = bool((one.tree.coefficients == one.tree.coefficients[0]).all())
            one.number = runtime.type(
                one.tree.parent, one.tree.scale, one.tree.varying, one.tree.coefficients[0] if shared else None
            )
            first = one.trees[0]
            row_of = {}
            for key in one.ions:
                runtime.ion(one.number, len(first.ions[key]), key[1], h.ion_charge(f"{key[0]}_ion"))
                row_of[key] = {node: row for row, node in enumerate(first.ions[key].tolist())}
            for name, keys, rows in one.sets:
                raw = first.channels[name][rows]
                entry = self.library.kernels[name]
                own = {
                    p: getattr(h, f"{p}_{name}")
                    for p in entry.parameters
                    if p in entry.uniform and hasattr(h, f"{p}_{name}")
                }
                ion_rows = [[row_of[key][node] for node in raw.tolist()] for key in keys]
                runtime.density(
                    one.number,
                    name,
                    one.tree.node[raw],
                    [one.ions.index(key) for key in keys],
                    ion_rows,
                    runtime.uniforms(entry, own),
                )
            self.ion_tables[one.number] = row_of
            for begin in range(0, len(one.cells), runtime.lanes):
                rows = one.cells[begin : begin + runtime.lanes]
                self.group[rows] = runtime.group(one.number, self.model.gids[rows])
                self.lane[rows] = np.arange(len(rows))
                self.groups.append(rows)
        self._add_points(runtime)

    def _add_points(self, runtime: Runtime) -> None:
        prototypes = self.model.prototypes
        rows = np.flatnonzero(self.type_of < 0)
        names = np.array([prototypes[row].name for row in rows.tolist()], object)
        for name in sorted(set(names.tolist())):
            if name not in self.library.kernels:
                raise UnsupportedError(
                    f"lockstep cannot simulate artificial cells {name}",
                    key="engine",
                    expected="engine neuron (--engine neuron)",
                )
            entry = self.library.kernels[name]
            mine = rows[names == name]
            for begin in range(0, len(mine), POINTS_AT_ONCE):
                part = mine[begin : begin + POINTS_AT_ONCE]
                values = [
                    [prototypes[row].parameters.get(slot, entry.parameters.get(slot, 0.0)) for slot in entry.slots]
                    for row in part.tolist()
                ]
                group = runtime.points(name, self.model.gids[part], runtime.uniforms(entry, {}), values)
                self.group[part] = group
                self.lane[part] = np.arange(len(part))
                self.groups.append(part)

    def lay_out(self, runtime: Runtime, membrane: bool) -> None:
        """Let the runtime lay out all groups, and fill in the parameters of their cells."""
        for one in self.types:
            shared = bool((one.tree.coefficients == one.tree.coefficients[0]).all())
            tables = [self._values_of(one, tree) for tree in one.trees]
            for begin in range(0, len(one.cells), runtime.lanes):
                cells, kinds = one.cells[begin : begin + runtime.lanes], one.tree_of[begin : begin + runtime.lanes]
                group = int(self.group[cells[0]])
                runtime.lay_out(group, membrane, None if shared else one.tree.coefficients[kinds])
                lanes = [(-1, kinds[0])] if (kinds == kinds[0]).all() else list(enumerate(kinds.tolist()))
                lanes += [(lane, kinds[0]) for lane in range(len(kinds), runtime.lanes) if len(lanes) > 1]
                for lane, kind in lanes:
                    sets, ions = tables[kind]
                    for number, values in enumerate(sets):
                        runtime.fill_set(group, number, lane, values)
                    for number, values in enumerate(ions):
                        runtime.fill_ion(group, number, lane, values)

    def _values_of(self, one: Type, tree: Tree) -> tuple[list, list]:
        """Return the slots (rows, slots) of each set and the tables (rows, fields) of each ion, for one cell."""
        sets = []
        for name, _, rows in one.sets:
            slots = self.library.kernels[name].slots
            values = np.zeros((len(rows), len(slots)))
            for column, slot in enumerate(slots):
                if slot in tree.values[name]:
                    values[:, column] = tree.values[name][slot][rows]
            sets.append(values)
        return sets, [np.stack([tree.ion_values[key][field] for field in FIELDS], axis=1) for key in one.ions]

    # ---- questions

    def place(self, gid: int, section: int, x: float) -> tuple[int, int, int]:
        """Return group, lane and node of a place on a local cell."""
        row = int(np.searchsorted(self.model.gids, gid))
        one = self.types[self.type_of[row]]
        raw = one.trees[0].nodes(np.array([section]), np.array([x]))[0]
        return int(self.group[row]), int(self.lane[row]), int(one.tree.node[raw])

    def worst(self, runtime: Runtime) -> tuple[np.ndarray, np.ndarray]:
        """Return of each cell (C,) its potential farthest from 0 (mV) and the node; of artificial cells the state."""
        values, node = np.zeros(len(self.group)), np.zeros(len(self.group), np.int64)
        for group, rows in enumerate(self.groups):
            values[rows], node[rows] = runtime.worst(group, len(rows))
        return values, node

    def worst_place(self, runtime: Runtime, gid: int) -> str:
        """Return in words where a cell's potential is worst."""
        row = int(np.searchsorted(self.model.gids, gid))
        if self.type_of[row] < 0:
            return ""
        values, nodes = self.worst(runtime)
        one = self.types[self.type_of[row]]
        raw = int(np.flatnonzero(one.tree.node == nodes[row])[0])
        tree = one.trees[0]
        section = (
            int(np.flatnonzero((tree.first <= raw) & (raw <= tree.end))[0])
            if raw in tree.end or (tree.first <= raw).any()
            else 0
        )
        x = (raw - tree.first[section] + 0.5) / tree.count[section]
        there = [name for name, places in tree.channels.items() if raw in places]
        return (
            f"{tree.names[section]}({min(1.0, x):.3g}), with {values[row]:g} mV and the mechanisms "
            f"{', '.join(['pas', *there] if tree.leak[raw] else there) or 'none'}"
        )


def _key_at(tree: Tree, ion: str, node: int) -> tuple[str, bool]:
    return next(key for key, nodes in tree.ions.items() if key[0] == ion and node in nodes)


def _density_names() -> list[str]:
    from colonnade.cells.biophysics import density_mechanisms

    return density_mechanisms()


def _together(ranks: Ranks, used: dict) -> dict:
    """Return the nodes that any rank needs, by structure: a cell's arithmetic may not depend on its rank's others."""
    parts = ranks.gather_all(used)
    return {key: tuple(set().union(*(part[key][i] for part in parts if key in part)) for i in range(2)) for key in used}
