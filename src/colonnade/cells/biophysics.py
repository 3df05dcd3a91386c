"""Biophysics of a cell: which mechanisms each type of section has and with which parameters, as fit files say."""

import os
from collections.abc import Iterable, Mapping, Sequence

from colonnade.cells.fits import Assign, Insert, Steps
from colonnade.cells.gradients import Gradient, values_in
from colonnade.cells.interpreter import h
from colonnade.cells.placement import sections_table
from colonnade.errors import InputError


class Biophysics:
    """Mechanisms and parameters for each type of section, checked against what NEURON knows.

    ``steps`` are, for each section type, what is inserted and assigned in this order; ``file`` is named in errors.
    Raises ``InputError`` for a mechanism that is not there or a parameter that it does not have.
    """

    def __init__(self, steps: Mapping[str, Steps], file: str | os.PathLike | None = None):
        self.file = file
        steps = {kind: _rehearsed(kind, of_section, file) for kind, of_section in steps.items()}
        # The last value of a parameter holds and a second insertion does nothing, so both are kept once.
        self._mechanisms = {kind: _names(of_section, Insert) for kind, of_section in steps.items()}
        last = {
            kind: {step.name: step.value for step in of_section if isinstance(step, Assign)}
            for kind, of_section in steps.items()
        }
        self._values = {
            kind: tuple((name, value) for name, value in values.items() if not isinstance(value, Gradient))
            for kind, values in last.items()
        }
        self._gradients = [
            (kind, value) for kind, values in last.items() for value in values.values() if isinstance(value, Gradient)
        ]
        self._graded: list[tuple[int, str, list[float]]] | None = None  # section, parameter, a value a segment

    def apply(self, sections: Iterable, types: Iterable[str]) -> None:
        """Insert the mechanisms into NEURON ``sections`` of these ``types`` (one each) and set their parameters."""
        for section, kind in zip(sections, types, strict=True):
            insert = section.insert
            for mechanism in self._mechanisms.get(kind, ()):
                insert(mechanism)
            for name, value in self._values.get(kind, ()):
                setattr(section, name, value)

    def grade(self, sections: Sequence, soma) -> None:
        """Set what depends on the distance from ``soma`` in all ``sections``, whose segments are as they will stay."""
        if not self._gradients:
            return
        if self._graded is None:
            table, names = sections_table(sections, soma), [each.name().rpartition(".")[2] for each in sections]
            self._graded = [
                (section, of.name, values.tolist())
                for kind, of in self._gradients
                for section, values in values_in(kind, of, table, names).items()
            ]
        for section, name, values in self._graded:
            for segment, value in zip(sections[section], values, strict=True):
                setattr(segment, name, value)


def _rehearsed(kind: str, steps: Steps, file) -> Steps:
    """Carry ``steps`` out on a section of its own and return those that apply; name the step that NEURON refuses."""
    section, done = h.Section(name=kind), []
    for step in steps:
        key = f"section {kind}"
        if isinstance(step, Insert):
            if step.name not in density_mechanisms():
                raise InputError("no such mechanism is loaded", file=file, key=key, value=step.name,
                                 options=density_mechanisms())  # fmt: skip
            section.insert(step.name)
            done.append(step)
            continue
        if step.where and step.where not in {mechanism.name() for mechanism in section(0.5)}:
            continue
        known = _parameters(section)
        if step.name not in known:
            raise InputError("no such parameter in this section", file=file, key=key, value=step.name, options=known)
        if not isinstance(step.value, Gradient):
            setattr(section, step.name, step.value)
        done.append(step)
    return done


def _parameters(section) -> list[str]:
    """Return the names that can be assigned along ``section``: Ra, cm and its mechanisms' range variables."""
    names = ["Ra", "cm"]
    for mechanism in section(0.5):
        names += [variable.name() for variable in mechanism]
    return names


def density_mechanisms() -> list[str]:
    """Return the names of the density mechanisms that NEURON has loaded."""
    kinds, name, names = h.MechanismType(0), h.ref(""), []
    for index in range(int(kinds.count())):
        kinds.select(index)
        kinds.selected(name)
        names.append(name[0])
    return names


def _names(steps: Steps, kind: type) -> tuple[str, ...]:
    """Return the names in the steps of one kind, each once, in their order."""
    return tuple(dict.fromkeys(step.name for step in steps if isinstance(step, kind)))
