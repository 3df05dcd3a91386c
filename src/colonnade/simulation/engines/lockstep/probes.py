"""What is recorded: from names and places to numbers in the runtime's memory."""

import numpy as np

from colonnade.errors import InputError
from colonnade.simulation.engines.lockstep.calls import Runtime
from colonnade.simulation.engines.lockstep.library import KernelLibrary
from colonnade.simulation.engines.lockstep.types import CellTypes, Type
from colonnade.simulation.model import FieldRecording, Model, Recording, SynapseRecording

POTENTIAL, MEMBRANE, SLOT, OUTPUT, ION_FIELD, CONSTANT, LEAK = range(7)
LEAK_VARIABLES = ("i_pas", "g_pas", "e_pas")


def place_probes(model: Model, types: CellTypes, library: KernelLibrary, runtime: Runtime) -> None:
    """Let the runtime record the columns of all recordings of single numbers, one after the other."""
    tables = [
        _of_synapses(recording, model, types, library)
        if isinstance(recording, SynapseRecording)
        else _of_places(recording, model, types, library)
        for recording in model.recordings
        if not isinstance(recording, FieldRecording)
    ]
    if tables:
        runtime.probes(*(np.concatenate(column) for column in zip(*tables, strict=True)))


def _of_places(recording: Recording, model: Model, types: CellTypes, library: KernelLibrary) -> tuple:
    rows = np.searchsorted(model.gids, recording.gids)
    table = np.zeros((len(rows), 6), np.int64)
    values = np.zeros((len(rows), 2))
    table[:, 0], table[:, 5] = types.group[rows], types.lane[rows]
    kinds = types.type_of[rows]
    for index in np.unique(kinds).tolist():
        mine = np.flatnonzero(kinds == index)
        one = types.types[index]
        raw = one.trees[0].nodes(recording.sections[mine], recording.x[mine])
        if recording.variable in LEAK_VARIABLES and one.trees[0].leaks[raw].all():
            _leak(recording.variable, types, one, rows[mine], raw, table, values, mine)
        else:
            table[mine, 1:5] = _where(recording.variable, one, raw, library)
    return table, values


def _leak(variable: str, types: CellTypes, one: Type, cells, raw, table, values, mine) -> None:
    """Enter the leak's current or parameters, which are part of the tree itself."""
    tree_of = dict(zip(one.cells.tolist(), one.tree_of.tolist(), strict=True))
    trees = [one.trees[tree_of[row]] for row in cells.tolist()]
    leak = np.array([tree.leak[node] for tree, node in zip(trees, raw.tolist(), strict=True)])
    reversal = np.array([tree.leak_reversal[node] for tree, node in zip(trees, raw.tolist(), strict=True)])
    table[mine, 1] = LEAK if variable == "i_pas" else CONSTANT
    table[mine, 3] = one.tree.node[raw]
    values[mine, 0] = reversal if variable == "e_pas" else leak
    values[mine, 1] = reversal


def _where(variable: str, one: Type, raw: np.ndarray, library: KernelLibrary) -> np.ndarray:
    """Return kind, number, row and field (K, 4) of a range variable at the nodes ``raw``."""
    found = np.zeros((len(raw), 4), np.int64)
    if variable in ("v", "i_membrane_"):
        found[:, 0] = POTENTIAL if variable == "v" else MEMBRANE
        found[:, 2] = one.tree.node[raw]
        return found
    known = {"v", "i_membrane_", *(LEAK_VARIABLES if one.trees[0].leaks.any() else ())}
    placed = np.zeros(len(raw), bool)
    for number, key in enumerate(one.ions):
        ion = key[0]
        names = {f"e{ion}": 0, f"i{ion}": 1, f"{ion}i": 2, f"{ion}o": 3}
        known |= set(names)
        if variable in names:
            _fill(found, placed, raw, one.trees[0].ions[key], (ION_FIELD, number, names[variable]))
    for number, (name, _, rows) in enumerate(one.sets):
        entry = library.kernels[name]
        slots = {
            f"{slot}_{name}": (SLOT, number, i) for i, slot in enumerate(entry.slots) if not slot.startswith("kept")
        }
        outputs = {f"{output}_{name}": (OUTPUT, number, i) for i, output in enumerate(entry.outputs)}
        known |= set(slots) | set(outputs)
        place = {**slots, **outputs}.get(variable)
        if place:
            _fill(found, placed, raw, one.trees[0].channels[name][rows], place)
    if not placed.all():
        section = one.trees[0].names[int(np.flatnonzero(one.trees[0].first <= raw[np.argmin(placed)])[-1])]
        raise InputError(
            f"{section} has no such variable to report", key="variable_name", value=variable, options=known
        )
    return found


def _fill(found, placed, raw: np.ndarray, nodes: np.ndarray, place: tuple[int, int, int]) -> None:
    row_of = {node: row for row, node in enumerate(nodes.tolist())}
    for i, node in enumerate(raw.tolist()):
        if node in row_of:
            found[i] = place[0], place[1], row_of[node], place[2]
            placed[i] = True


def _of_synapses(recording: SynapseRecording, model: Model, types: CellTypes, library: KernelLibrary) -> tuple:
    rows = recording.synapses
    table, values = np.zeros((len(rows), 6), np.int64), np.zeros((len(rows), 2))
    target = np.searchsorted(model.gids, model.synapses.target[rows])
    table[:, 0], table[:, 5] = types.group[target], types.lane[target]
    table[:, 2] = types.synapse_set[rows]
    table[:, 3] = types.synapse_slot[rows]
    for number in np.unique(model.synapses.model[rows]).tolist():
        kind = model.synapse_models[number]
        entry = library.kernels[kind.mechanism]
        given = {**entry.parameters, **dict(kind.parameters)}
        mine = model.synapses.model[rows] == number
        places = {slot: (SLOT, i) for i, slot in enumerate(entry.slots)} | {
            output: (OUTPUT, i) for i, output in enumerate(entry.outputs)
        }
        if recording.variable in entry.uniform and recording.variable in given:
            table[mine, 1], values[mine, 0] = CONSTANT, given[recording.variable]
            continue
        if recording.variable not in places:
            raise InputError(
                f"{entry.name} has no such variable to report",
                key="variable_name",
                value=recording.variable,
                options={**places, **given},
            )
        table[mine, 1], table[mine, 4] = places[recording.variable]
    return table, values
