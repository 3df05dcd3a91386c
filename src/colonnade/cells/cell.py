"""Cells in NEURON, and the prototypes from which all cells of one type are made."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from colonnade.cells.biophysics import Biophysics
from colonnade.cells.fits import FITS
from colonnade.cells.interpreter import h
from colonnade.cells.morphology import Morphology, replace_axon, section_type
from colonnade.cells.placement import morphology_table, sections_table
from colonnade.cells.templates import instantiate, soma_of
from colonnade.geometry.segments import SegmentTable


class Cell:
    """One cell in NEURON.

    ``sections`` are in the order of BMTK's ``all`` list, by which SONATA's section ids count; empty for a point
    neuron, whose artificial cell is ``point``. ``soma`` is a section or None.
    """

    def __init__(self, gid: int):
        self.gid = gid
        self.sections: list = []
        self.soma = self.point = self.instance = None

    def __repr__(self) -> str:
        return f"Cell[{self.gid}]"

    @cached_property
    def n_trees(self) -> int:
        """How many trees its sections are, of which each has a root."""
        return sum(section.parentseg() is None for section in self.sections)

    def segment(self, section_id: int, x: float):
        """Return the NEURON segment at ``x`` (0 to 1) along a section."""
        return self.sections[section_id](x)


class Prototype:
    """What all cells of one type share; ``kind`` is ``biophysical`` or ``point``."""

    kind = "biophysical"
    of_each_node = False  # whether ``of_node`` gives each node a prototype of its own

    @property
    def table(self) -> SegmentTable | None:
        """The segments of a cell of this type, None for a point neuron."""
        return None

    def instantiate(self, gid: int) -> Cell:
        """Make a new cell in NEURON."""
        raise NotImplementedError


class ClonedPrototype(Prototype):
    """Cells with the sections of one morphology and the same biophysics."""

    def __init__(self, form: Morphology, biophysics: Biophysics | None, dL: float | None, extracellular: bool):
        self.form, self.biophysics, self.dL, self.extracellular = form, biophysics, dL, extracellular
        self._nseg = form.nseg(dL)
        self._soma = form.types.index("soma")

    @property
    def table(self) -> SegmentTable:
        return morphology_table(self.form, self.dL)

    def instantiate(self, gid: int) -> Cell:
        cell = Cell(gid)
        cell.sections = self.form.sections(cell, self._nseg)
        cell.soma = cell.sections[self._soma]
        if self.biophysics is not None:
            self.biophysics.apply(cell.sections, self.form.types)
            self.biophysics.grade(cell.sections, cell.soma)
        if self.extracellular:
            insert_extracellular(cell.sections)
        return cell


class MadePrototype(Prototype):
    """Cells whose sections are known once one is made."""

    @cached_property
    def table(self) -> SegmentTable:
        cell = self.instantiate(-1)
        return sections_table(cell.sections, cell.soma)


class TemplatePrototype(MadePrototype):
    """Cells from a user's hoc template, run for each cell, then processed and divided as BMTK does."""

    def __init__(
        self,
        name: str,
        constructor,
        arguments: list,
        dL: float | None,
        extracellular: bool = False,
        axon: str | None = None,
        fit: Mapping | None = None,
        fit_file: Path | None = None,
    ):
        self.name, self.constructor, self.arguments, self.dL = name, constructor, arguments, dL
        self.extracellular, self.axon, self.fit, self.fit_file = extracellular, axon, fit, fit_file
        self._biophysics: Biophysics | None = None

    def instantiate(self, gid: int) -> Cell:
        cell = Cell(gid)
        cell.instance = instantiate(self.constructor, self.arguments, self.name)
        if self.axon is not None:
            replace_axon(cell.instance, self.axon, f"hoc:{self.name}")
        cell.sections = list(cell.instance.all)
        cell.soma = soma_of(cell.instance)
        if self.fit is not None:
            types = [section_type(section) for section in cell.sections]
            if self._biophysics is None:
                steps = FITS[self.axon.removesuffix("_directed")](self.fit, types, self.fit_file)
                self._biophysics = Biophysics(steps, self.fit_file)
            self._biophysics.apply(cell.sections, types)
        if self.extracellular:
            insert_extracellular(cell.sections)
        divide(cell.sections, self.dL)
        if self._biophysics is not None:
            self._biophysics.grade(cell.sections, cell.soma)
        return cell


class PointPrototype(Prototype):
    """Artificial cells with the same parameters."""

    kind = "point"

    def __init__(self, name: str, parameters: dict[str, float]):
        self.name, self.parameters = name, parameters

    def instantiate(self, gid: int) -> Cell:
        cell = Cell(gid)
        cell.point = getattr(h, self.name)()
        for key, value in self.parameters.items():
            setattr(cell.point, key, value)
        return cell


def divide(sections: Iterable, dL: float | None) -> None:
    """Divide NEURON sections into segments as BMTK does, by ``dL`` in um; None leaves them as they are."""
    if dL is not None:
        for section in sections:
            section.nseg = 1 + 2 * int(section.L / (2 * dL))


def insert_extracellular(sections) -> None:
    """Insert NEURON's extracellular layers into ``sections``."""
    for section in sections:
        section.insert("extracellular")
