"""Cells that functions of a user's own make or process: one prototype a node, since they may look at the node."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from colonnade.cells.biophysics import Biophysics
from colonnade.cells.cell import Cell, MadePrototype, PointPrototype, Prototype, divide, insert_extracellular
from colonnade.cells.cell_type import CellType
from colonnade.cells.interpreter import h
from colonnade.cells.morphology import replace_axon, section_type
from colonnade.cells.own_cells import Node, OwnFunctions, calling, checked_cell
from colonnade.cells.point import artificial_cells, changed_parameters, mechanism_of
from colonnade.cells.templates import soma_of
from colonnade.errors import InputError, UnsupportedError


@dataclass(eq=False)
class OwnPrototype(MadePrototype):
    """A cell with sections, in which the user's functions have a part.

    ``base()`` makes it where ``kind`` names no own model; ``biophysics(types)`` is what the fit says, None without one.
    As in BMTK, sections are divided by ``dL`` (um) last; ``dynamics`` are the parameters that the functions get,
    ``values`` the attributes of the node that all cells of this kind share.
    """

    kind_of_cell: CellType
    functions: OwnFunctions
    values: Mapping
    dynamics: Mapping | None
    base: Callable[[], object]
    biophysics: Callable[[tuple[str, ...]], Biophysics] | None
    dL: float | None
    node: Node | None = None
    of_each_node = True

    def __post_init__(self):
        self.node = self.node or Node(self.values)

    def of_node(self, node_id: int, gid: int, population: str, attribute: Callable) -> Self:
        """Return the prototype of one node's cell; ``attribute(name)`` returns its attributes."""
        return replace(self, node=Node(self.values, node_id, gid, population, attribute))

    def instantiate(self, gid: int) -> Cell:
        kind, cell = self.kind_of_cell, Cell(gid)
        made = _made(kind, self.functions, self.node, self.dynamics, checked_cell) if kind.own_model else self.base()
        if kind.stub is not None:
            _replace_axon(made, kind)
        if self.biophysics is not None:
            types = tuple(section_type(section) for section in made.all)
            biophysics = self.biophysics(types)
            biophysics.apply(made.all, types)
        if kind.extracellular:
            insert_extracellular(made.all)
        made = _processed(made, kind, self.functions, self.node, self.dynamics, checked_cell)
        cell.instance, cell.sections, cell.soma = made, list(made.all), soma_of(made)
        divide(cell.sections, self.dL)
        if self.biophysics is not None:
            biophysics.grade(cell.sections, cell.soma)
        return cell


class OwnPointPrototype(Prototype):
    """An artificial cell that the user's functions make or process: its parameters are read from what they return."""

    kind = "point"
    of_each_node = True

    def __init__(
        self, kind: CellType, functions: OwnFunctions, values: Mapping, dynamics: Mapping | None, base: Prototype | None
    ):
        self._kind, self._functions, self._values, self._dynamics, self._base = kind, functions, values, dynamics, base

    def of_node(self, node_id: int, gid: int, population: str, attribute: Callable) -> PointPrototype:
        """Return the artificial cell of one node; ``attribute(name)`` returns its attributes."""
        kind, node = self._kind, Node(self._values, node_id, gid, population, attribute)
        more = self._functions, node, self._dynamics, _checked_point
        made = _made(kind, *more) if self._base is None else self._base.instantiate(-1).point
        made = _processed(made, kind, *more)
        name = mechanism_of(made)
        return PointPrototype(name, changed_parameters(made, getattr(h, name)()))


def _made(kind: CellType, functions: OwnFunctions, node: Node, dynamics: Mapping | None, checked: Callable):
    """Return what the user's function makes for a node."""
    template = kind.template if kind.name else kind.scheme
    function = functions.model(template, kind.model_type)
    key = f"model_template {template}"
    with calling(f"the function {function.__name__}", function, node, key):
        made = function(node, kind.name, copy.deepcopy(dynamics))
    return checked(made, function, key)


def _processed(made, kind: CellType, functions: OwnFunctions, node: Node, dynamics: Mapping | None, checked: Callable):
    """Return a cell after the user's functions, one after the other."""
    for word in kind.processors:
        function, key = functions.processor(word), f"model_processing {word}"
        with calling(f"the function {function.__name__}", function, node, key):
            made = function(made, node, copy.deepcopy(dynamics))
        checked(made, function, key)
    return made


def _checked_point(made, function: Callable, key: str):
    if not hasattr(made, "hname") or mechanism_of(made) not in artificial_cells():
        raise InputError(f"the function {function.__name__} made no artificial cell", key=key,
                         value=type(made).__name__, options=artificial_cells())  # fmt: skip
    return made


def _replace_axon(made, kind: CellType) -> None:
    """Put the stub of a treatment into a hoc object; sections that Python holds cannot be replaced there."""
    if not hasattr(made, "hname"):
        raise UnsupportedError(f"{kind.stub} needs a cell of a hoc template", key="model_template", value=kind.template)
    replace_axon(made, kind.stub, kind.template)
