"""From a SONATA node type to cells: choose how it is built, build its parts once, make each cell from them."""

import math
import os
import warnings
from collections.abc import Mapping
from pathlib import Path

from colonnade.cells.biophysics import FITS, Biophysics, read_json
from colonnade.cells.interpreter import h
from colonnade.cells.morphology import AXON_STUBS, Morphology, morphology, replace_axon, section_type
from colonnade.cells.neuroml import neuroml_steps
from colonnade.cells.placement import SegmentTable, morphology_table, sections_table
from colonnade.cells.point import point_parameters
from colonnade.cells.templates import instantiate, soma_of, template
from colonnade.errors import InputError, MissingFile, UnsupportedError
from colonnade.files import canonical_json

EXTRACELLULAR = ("extracellular", "set_extracellular")
PROCESSINGS = (*AXON_STUBS, *EXTRACELLULAR)
TEMPLATES = ("ctdb:Biophys1.hoc", "hoc:<template>", "nml:<file>", "nrn:<artificial cell>")
POINT_TYPES = ("point_neuron", "point_process")
BUILT_IN_TEMPLATES = {"Biophys1": None, "BioAxonStub": "aibs_perisomatic"}  # what BMTK brings, as its axon's treatment
_ABSENT = {"", "NULL", "NONE", "None"}
_KEYS = ("model_type", "model_template", "model_processing", "morphology", "dynamics_params")


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

    def segment(self, section_id: int, x: float):
        """Return the NEURON segment at ``x`` (0 to 1) along a section."""
        return self.sections[section_id](x)


class Prototype:
    """What all cells of one type share; ``kind`` is ``biophysical`` or ``point``."""

    kind = "biophysical"

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
        if self.extracellular:
            insert_extracellular(cell.sections)
        return cell


class TemplatePrototype(Prototype):
    """Cells from a user's hoc template, run for each cell, then processed and divided as BMTK does."""

    def __init__(self, name: str, constructor, arguments: list, dL: float | None):
        self.name, self.constructor, self.arguments, self.dL = name, constructor, arguments, dL
        self.axon: str | None = None
        self.fit: Mapping | None = None
        self.fit_file: Path | None = None
        self.extracellular = False
        self._table: SegmentTable | None = None
        self._biophysics: Biophysics | None = None

    @property
    def table(self) -> SegmentTable:
        if self._table is None:
            cell = self.instantiate(-1)
            self._table = sections_table(cell.sections, cell.soma)
        return self._table

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
        if self.dL is not None:
            for section in cell.sections:
                section.nseg = 1 + 2 * int(section.L / (2 * self.dL))
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


def insert_extracellular(sections) -> None:
    """Insert NEURON's extracellular layers into ``sections``."""
    for section in sections:
        section.insert("extracellular")


class CellFactory:
    """Make cells of SONATA node types.

    ``components`` maps ``morphologies_dir``, ``biophysical_neuron_models_dir``, ``point_neuron_models_dir`` and
    ``templates_dir`` to folders; ``dL`` (um) divides sections into segments, None leaves them as they are.
    The mechanisms have to be loaded before the first prototype is asked for.
    """

    def __init__(self, components: Mapping[str, str | os.PathLike], dL: float | None = 20.0):
        if dL is not None and not dL > 0:
            raise InputError("has to be positive", key="dL", value=dL, expected="a length in um")
        self.components, self.dL = dict(components), dL
        self._prototypes: dict[str, Prototype] = {}

    def prototype(self, values: Mapping) -> Prototype:
        """Return the prototype for a node with these attributes, the same object for the same attributes.

        Used are model_type, model_template, model_processing, morphology and dynamics_params (a file's name, or the
        parameters themselves, as a node file can hold them). None, NaN, NULL and NONE mean that a value is absent.
        """
        wanted = {key: _present(values.get(key)) for key in _KEYS}
        name = canonical_json(wanted)
        if name not in self._prototypes:
            self._prototypes[name] = self._built(**wanted)
        return self._prototypes[name]

    def _built(self, model_type, model_template, model_processing, morphology, dynamics_params) -> Prototype:
        """Choose the way in which a node type is built."""
        scheme, _, name = (model_template or "").partition(":")
        if model_type in POINT_TYPES:
            if scheme != "nrn" or not name:
                raise UnsupportedError("not a template of point neurons", key="model_template", value=model_template,
                                       expected="nrn:IntFire1 or another artificial cell")  # fmt: skip
            dynamics, file = self._dynamics(dynamics_params, "point_neuron_models_dir")
            return PointPrototype(name, point_parameters(name, dynamics, file))
        if model_type != "biophysical":
            raise UnsupportedError("cells of this model_type cannot be made", key="model_type", value=model_type,
                                   options=("biophysical", *POINT_TYPES))  # fmt: skip
        axon, extracellular = _processing(model_processing)
        dynamics, file = self._dynamics(dynamics_params, "biophysical_neuron_models_dir")
        if axon not in (None, "aibs_perisomatic") and dynamics is None:
            raise InputError(f"{axon} needs dynamics_params", key="dynamics_params", expected="a fit file")
        if scheme == "nml" and name:
            return self._neuroml(name, morphology, axon, extracellular, dynamics)
        if scheme == "hoc" and name and (name not in BUILT_IN_TEMPLATES or "params" in (dynamics or {})):
            return self._template(name, morphology, axon, extracellular, dynamics, file)
        if model_template in ("ctdb:Biophys1.hoc", "ctdb:Biophys1") or (scheme == "hoc" and name):
            stub = BUILT_IN_TEMPLATES.get(name) if scheme == "hoc" else None
            return self._imported(self._morphology(morphology), axon, stub, extracellular, dynamics, file)
        raise UnsupportedError("unknown kind of template", key="model_template", value=model_template,
                               expected=" or ".join(TEMPLATES), options=("ctdb:Biophys1.hoc",))  # fmt: skip

    def _imported(self, path, axon, stub, extracellular, dynamics, file) -> ClonedPrototype:
        """Cells of an SWC file with the biophysics of a fit; without a fit the processing changes nothing."""
        if axon is not None and dynamics is None:
            warnings.warn(f"{path.name}: without dynamics_params, {axon} changes nothing: no channels", stacklevel=4)
        if axon is None or dynamics is None:
            return ClonedPrototype(morphology(path, stub), None, self.dL, extracellular)
        form = morphology(path, axon)
        steps = FITS[axon.removesuffix("_directed")](dynamics, form.types, file)
        return ClonedPrototype(form, Biophysics(steps, file), self.dL, extracellular)

    def _neuroml(self, name, swc, axon, extracellular, dynamics) -> ClonedPrototype:
        """Cells of an SWC file with the biophysics of a NeuroML file, always on the perisomatic axon stub."""
        if axon is not None and dynamics is not None:
            raise UnsupportedError("a fit file on top of a NeuroML cell is not supported", key="dynamics_params")
        form = morphology(self._morphology(swc), "aibs_perisomatic")
        path = self._folder("biophysical_neuron_models_dir") / name
        biophysics = Biophysics(neuroml_steps(path, tuple(dict.fromkeys(form.types))), path)
        return ClonedPrototype(form, biophysics, self.dL, extracellular)

    def _template(self, name, swc, axon, extracellular, dynamics, file) -> TemplatePrototype:
        """Cells of a user's template, called with the ``params`` of dynamics_params, else with the morphology."""
        arguments: list = []
        if dynamics is not None and "params" in dynamics:
            parameters = dynamics["params"]
            arguments = list(parameters) if isinstance(parameters, list) else [parameters]
        elif swc is not None:
            arguments = [str(self._morphology(swc))]
        constructor = template(name, self.components.get("templates_dir"))
        prototype = TemplatePrototype(name, constructor, arguments, self.dL)
        prototype.extracellular = extracellular
        if dynamics is not None and axon is not None:
            prototype.axon, prototype.fit, prototype.fit_file = axon, dynamics, file
        return prototype

    def _dynamics(self, value, folder: str) -> tuple[Mapping | None, Path | None]:
        """Return the parameters and the file they come from, either None where there is none."""
        if value is None or isinstance(value, Mapping):
            return value, None
        path = self._folder(folder) / value
        return read_json(path), path

    def _morphology(self, value: str | None) -> Path:
        """Return the path of a morphology, whose name may lack ``.swc``."""
        if value is None:
            raise InputError("a morphology is missing", key="morphology", expected="the name of an SWC file")
        folder = self._folder("morphologies_dir")
        path = folder / value
        if path.is_file():
            return path
        if (longer := folder / f"{value}.swc").is_file():
            return longer
        near = sorted(other.name for other in folder.glob("*.swc"))
        raise MissingFile("no such morphology", file=path, key="morphology", options=near, value=Path(value).name)

    def _folder(self, key: str) -> Path:
        """Return a folder of the components."""
        if self.components.get(key) is None:
            raise InputError("the folder is missing", key=f"components.{key}", options=self.components)
        return Path(self.components[key])


def _processing(text: str | None) -> tuple[str | None, bool]:
    """Return the treatment of the axon, or None, and whether there is an extracellular layer."""
    words = [word.strip() for word in text.split(",")] if text else []
    for word in words:
        if word not in PROCESSINGS:
            raise UnsupportedError("unknown processing", key="model_processing", value=word, options=PROCESSINGS)
    axons = [word for word in words if word in AXON_STUBS]
    if len(axons) > 1 or (axons and words[0] != axons[0]):
        raise UnsupportedError("only one treatment of the axon is possible, and it has to come first",
                               key="model_processing", value=text)  # fmt: skip
    return (axons[0] if axons else None), len(words) > len(axons)


def _present(value):
    """Return a value of a node, None for all the ways of saying that there is none."""
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    value = _plain(value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return None if str(value).strip() in _ABSENT else str(value).strip()


def _plain(value):
    """Return numpy's numbers, arrays and bytes as Python's."""
    if isinstance(value, bytes):
        return value.decode()
    return value.tolist() if hasattr(value, "tolist") else value
