"""Synaptic point processes in NEURON: one for each synapse, or one for all that superposition lets share it."""

import numpy as np

from colonnade.cells import Cell
from colonnade.cells.interpreter import h
from colonnade.errors import InputError
from colonnade.mechanisms import linear_mechanisms
from colonnade.simulation.model import Model
from colonnade.simulation.network.synapse_models import SynapseModel

# Mechanisms that do the same for a fixed time step, and faster. Used where they are loaded.
FASTER = {"Exp2Syn": "Exp2SynFixed"}


class PointProcesses:
    """The point processes of a model; ``of_synapse`` holds the one of each synapse, the cell itself on point neurons.

    Synapses on one segment with the same kinetics share a point process if its equations are linear in the events, so
    that the sum of many is one: exact but for the rounding of sums (Lytton 1996, doi:10.1162/neco.1996.8.3.501).
    """

    def __init__(self, model: Model, cells: dict[int, Cell]):
        synapses = model.synapses
        self.mechanisms = mechanisms = [self._mechanism(kind, model.merge_synapses) for kind in model.synapse_models]
        linear = np.array([name in linear_mechanisms() for name in mechanisms], bool)
        self.of_synapse: list = [None] * len(synapses)
        self.count = 0
        on_section = synapses.section >= 0
        for row in np.flatnonzero(~on_section).tolist():
            self.of_synapse[row] = cells[int(synapses.target[row])].point
        rows = np.flatnonzero(on_section)
        if not len(rows):
            return
        location = self._locations(synapses, rows, model, cells)
        own = ~(linear[synapses.model[rows]] & model.merge_synapses)
        keys = np.stack(
            [synapses.target[rows], location, synapses.model[rows], np.where(own, np.arange(len(rows)), -1)]
        )
        _, first, number = np.unique(keys, axis=1, return_index=True, return_inverse=True)
        number = number.ravel()
        made = []
        sections, xs = synapses.section[rows[first]].tolist(), synapses.x[rows[first]].tolist()
        kinds, targets = synapses.model[rows[first]].tolist(), synapses.target[rows[first]].tolist()
        makers = [getattr(h, name) for name in mechanisms]
        parameters = [self._checked(kind, name) for kind, name in zip(model.synapse_models, mechanisms, strict=True)]
        for target, section, x, kind in zip(targets, sections, xs, kinds, strict=True):
            process = makers[kind](cells[target].sections[section](x))
            for name, value in parameters[kind]:
                setattr(process, name, value)
            made.append(process)
        self.count = len(made)
        for row, process in zip(rows.tolist(), number.tolist(), strict=True):
            self.of_synapse[row] = made[process]

    @staticmethod
    def _locations(synapses, rows: np.ndarray, model: Model, cells: dict[int, Cell]) -> np.ndarray:
        """Return a number (K,) for each synapse's node: its segment, or one of the two ends of its section."""
        nseg_of = {}
        for gid, prototype in zip(model.gids.tolist(), model.prototypes, strict=True):
            if id(prototype) not in nseg_of:
                nseg_of[id(prototype)] = np.array([section.nseg for section in cells[gid].sections], np.int64)
        location = np.empty(len(rows), np.int64)
        prototype_of = dict(zip(model.gids.tolist(), (id(prototype) for prototype in model.prototypes), strict=True))
        targets, number = np.unique(synapses.target[rows], return_inverse=True)
        kinds = {prototype_of[int(target)] for target in targets}
        for kind in kinds:
            mine = np.array([prototype_of[int(target)] == kind for target in targets])[number]
            section, x = synapses.section[rows[mine]], synapses.x[rows[mine]]
            count = nseg_of[kind][section]
            node = np.where(
                x <= 0, 0, np.where(x >= 1, count + 1, np.minimum((x * count).astype(np.int64), count - 1) + 1)
            )
            location[mine] = section * (nseg_of[kind].max() + 2) + node
        return location

    @staticmethod
    def _mechanism(kind: SynapseModel, merge: bool) -> str:
        name = kind.mechanism
        if merge and hasattr(h, FASTER.get(name, "")):
            return FASTER[name]
        if not hasattr(h, name):
            known = point_process_names()
            raise InputError("no loaded mechanism has this name", key="model_template", value=name, options=known)
        return name

    @staticmethod
    def _checked(kind: SynapseModel, mechanism: str) -> tuple[tuple[str, float], ...]:
        with_section = h.Section(name="probe")
        probe = getattr(h, mechanism)(with_section(0.5))
        for name, _ in kind.parameters:
            if not hasattr(probe, name):
                options = [attribute for attribute in dir(probe) if isinstance(getattr(probe, attribute, None), float)]
                raise InputError(f"{mechanism} has no such parameter", key=mechanism, value=name, options=options)
        return kind.parameters


def point_process_names() -> list[str]:
    """Return the names of all point processes that are loaded."""
    kinds, names, name = h.MechanismType(1), [], h.ref("")
    for i in range(int(kinds.count())):
        kinds.select(i)
        kinds.selected(name)
        names.append(name[0])
    return names
