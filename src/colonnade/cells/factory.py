"""From a SONATA node type to cells: choose how it is built, build its parts once, make each cell from them."""

import math
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from colonnade.cells.biophysics import FITS, Biophysics
from colonnade.cells.cell import ClonedPrototype, PointPrototype, Prototype, TemplatePrototype
from colonnade.cells.morphology import AXON_STUBS, morphology
from colonnade.cells.neuroml import neuroml_steps
from colonnade.cells.placement import morphology_table
from colonnade.cells.point import point_parameters
from colonnade.cells.templates import template
from colonnade.errors import InputError, MissingFile, UnsupportedError
from colonnade.geometry.segments import SegmentTable
from colonnade.json_file import read_json

POINT_TYPES = ("point_neuron", "point_process")
EXTRACELLULAR = ("extracellular", "set_extracellular")
PROCESSINGS = (*AXON_STUBS, *EXTRACELLULAR)
TEMPLATES = ("ctdb:Biophys1.hoc", "hoc:<template>", "nml:<file>", "nrn:<artificial cell>")
IMPORTING = ("ctdb:Biophys1.hoc", "ctdb:Biophys1", "hoc:Biophys1", "hoc:BioAxonStub")  # templates that BMTK brings
_ABSENT = {"", "null", "none", "nan"}


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
        kind = CellType.of(values)
        name = repr(kind)
        if name not in self._prototypes:
            self._prototypes[name] = self._built(kind)
        return self._prototypes[name]

    def table(self, values: Mapping) -> SegmentTable | None:
        """Return the segments of a cell with these attributes, None for a point neuron.

        Unlike ``prototype``, it needs neither mechanisms nor fits, unless the cell comes from a user's hoc template.
        """
        kind = CellType.of(values)
        if kind.is_point:
            return None
        if kind.scheme == "hoc" and kind.template not in IMPORTING:
            return self.prototype(values).table
        return morphology_table(morphology(self._morphology(kind), kind.stub), self.dL)

    def _built(self, kind: "CellType") -> Prototype:
        """Return a new prototype for a kind of cell."""
        if kind.is_point:
            dynamics, file = self._dynamics(kind, "point_neuron_models_dir")
            return PointPrototype(kind.name, point_parameters(kind.name, dynamics, file))
        dynamics, file = self._dynamics(kind, "biophysical_neuron_models_dir")
        if kind.scheme == "hoc" and kind.template not in IMPORTING:
            return self._template(kind, dynamics, file)
        form = morphology(self._morphology(kind), kind.stub)
        biophysics = None
        if kind.scheme == "nml":
            path = self._folder("biophysical_neuron_models_dir") / kind.name
            biophysics = Biophysics(neuroml_steps(path, form.types), path)
        elif kind.fitted:
            biophysics = Biophysics(FITS[kind.axon.removesuffix("_directed")](dynamics, form.types, file), file)
        elif kind.axon is not None:
            message = f"{form.file.name}: without dynamics_params, {kind.axon} leaves the axon and adds no channels"
            warnings.warn(message, stacklevel=3)
        return ClonedPrototype(form, biophysics, self.dL, kind.extracellular)

    def _template(self, kind: "CellType", dynamics: Mapping | None, file: Path | None) -> TemplatePrototype:
        """Cells of a user's template, called with the ``params`` of dynamics_params, else with the morphology."""
        arguments: list = []
        if dynamics is not None and "params" in dynamics:
            parameters = dynamics["params"]
            arguments = list(parameters) if isinstance(parameters, list) else [parameters]
        elif kind.morphology is not None:
            arguments = [self._template_morphology(kind)]
        constructor = template(kind.name, self.components.get("templates_dir"))
        fit = {"axon": kind.axon, "fit": dynamics, "fit_file": file} if kind.fitted else {}
        return TemplatePrototype(kind.name, constructor, arguments, self.dL, kind.extracellular, **fit)

    def _template_morphology(self, kind: "CellType") -> str:
        """Return the path for a user's template, which may never read it: some networks name a file that is nowhere."""
        if self.components.get("morphologies_dir") is None:
            return kind.morphology
        try:
            return str(self._morphology(kind))
        except MissingFile:
            return str(self._folder("morphologies_dir") / kind.morphology)

    def _dynamics(self, kind: "CellType", folder: str) -> tuple[Mapping | None, Path | None]:
        """Return the parameters and the file they come from, either None where there is none."""
        if kind.dynamics is None or isinstance(kind.dynamics, Mapping):
            return kind.dynamics, None
        path = self._folder(folder) / kind.dynamics
        return read_json(path, "file of dynamics_params"), path

    def _morphology(self, kind: "CellType") -> Path:
        """Return the path of a morphology, whose name may lack ``.swc``."""
        if kind.morphology is None:
            raise InputError("a morphology is missing", key="morphology", expected="the name of an SWC file")
        folder = self._folder("morphologies_dir")
        path = folder / kind.morphology
        if path.is_file():
            return path
        if (longer := folder / f"{kind.morphology}.swc").is_file():
            return longer
        near = sorted(other.name for other in folder.glob("*.swc"))
        raise MissingFile("no such morphology in this folder", file=folder, key="morphology", value=kind.morphology,
                          options=near)  # fmt: skip

    def _folder(self, key: str) -> Path:
        """Return a folder of the components."""
        if self.components.get(key) is None:
            raise InputError("the folder is missing", key=f"components.{key}", options=self.components)
        return Path(self.components[key])


@dataclass(frozen=True)
class CellType:
    """How a cell is built: the attributes of a node, taken apart and checked.

    ``template`` is ``scheme:name``; ``axon`` the treatment that model_processing asks for, ``extracellular`` whether
    it asks for extracellular layers; ``dynamics`` a file's name or the parameters themselves.
    """

    model_type: str
    scheme: str
    name: str
    axon: str | None
    extracellular: bool
    morphology: str | None
    dynamics: str | Mapping | None

    @classmethod
    def of(cls, values: Mapping) -> "CellType":
        """Return the kind of cell for a node with these attributes; see ``CellFactory.prototype``."""
        model_type, template, processing, morphology, dynamics = (
            _present(values.get(key))
            for key in ("model_type", "model_template", "model_processing", "morphology", "dynamics_params")
        )
        if model_type not in ("biophysical", *POINT_TYPES):
            raise UnsupportedError("cells of this model_type cannot be made", key="model_type", value=model_type,
                                   options=("biophysical", *POINT_TYPES))  # fmt: skip
        scheme, _, name = (template or "").partition(":")
        allowed = ("nrn",) if model_type in POINT_TYPES else ("ctdb", "hoc", "nml")
        if scheme not in allowed or not name or (scheme == "ctdb" and template not in IMPORTING):
            raise UnsupportedError(f"unknown template of a {model_type}", key="model_template", value=template,
                                   options=TEMPLATES)  # fmt: skip
        axon, extracellular = _processing(processing)
        kind = cls(model_type, scheme, name, axon, extracellular, morphology, dynamics)
        kind._check()
        return kind

    @property
    def is_point(self) -> bool:
        """Whether the cell is an artificial cell without sections."""
        return self.model_type in POINT_TYPES

    @property
    def template(self) -> str:
        """The text of model_template."""
        return f"{self.scheme}:{self.name}"

    @property
    def fitted(self) -> bool:
        """Whether a fit is applied; in BMTK, aibs_perisomatic without dynamics_params does nothing."""
        return self.axon is not None and self.dynamics is not None and self.scheme != "nml"

    @property
    def stub(self) -> str | None:
        """What becomes of the axon in an imported morphology: its treatment or None."""
        if self.scheme == "nml" or (self.template == "hoc:BioAxonStub" and not self.fitted):
            return "aibs_perisomatic"
        return self.axon if self.fitted else None

    def _check(self) -> None:
        """Refuse what BMTK fails on, and what it would build in a way that nobody means."""
        if self.is_point and (self.axon or self.extracellular):
            raise UnsupportedError("a point neuron has nothing to process", key="model_processing", value=self.axon)
        if self.axon not in (None, "aibs_perisomatic") and self.dynamics is None:
            raise InputError(f"{self.axon} needs dynamics_params", key="dynamics_params", expected="a fit file")
        if self.scheme == "nml" and self.axon is not None and self.dynamics is not None:
            message = "a fit file on top of a NeuroML cell is not supported"
            raise UnsupportedError(message, key="dynamics_params", value=self.dynamics)
        if self.template == "hoc:BioAxonStub" and self.axon not in (None, "aibs_perisomatic"):
            message = f"{self.axon} needs the axon, which this template has cut"
            raise UnsupportedError(message, key="model_template", value=self.template)


def _processing(text: str | None) -> tuple[str | None, bool]:
    """Return the treatment of the axon, or None, and whether there is an extracellular layer."""
    words = [word.strip() for word in text.split(",")] if text else []
    for word in words:
        if word not in PROCESSINGS:
            raise UnsupportedError("unknown processing", key="model_processing", value=word, options=PROCESSINGS)
    axons = [word for word in words if word in AXON_STUBS]
    if len(axons) > 1 or (axons and words[0] != axons[0]):
        message = "only one treatment of the axon is possible, and it has to come first"
        raise UnsupportedError(message, key="model_processing", value=text)
    return (axons[0] if axons else None), len(words) > len(axons)


def _present(value):
    """Return a value of a node, None for all the ways of saying that there is none."""
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    value = _plain(value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return None if str(value).strip().lower() in _ABSENT else str(value).strip()


def _plain(value):
    """Return numpy's numbers, arrays and bytes as Python's."""
    if isinstance(value, bytes):
        return value.decode()
    return value.tolist() if hasattr(value, "tolist") else value
