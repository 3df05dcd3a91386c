"""From a SONATA node type to cells: choose how it is built, build its parts once, make each cell from them."""

import functools
import os
import warnings
from collections.abc import Mapping
from pathlib import Path

from colonnade.cells.biophysics import Biophysics
from colonnade.cells.cell import ClonedPrototype, PointPrototype, Prototype, TemplatePrototype
from colonnade.cells.cell_type import IMPORTING, CellType
from colonnade.cells.fits import FITS
from colonnade.cells.morphology import imported_cell, morphology
from colonnade.cells.neuroml import neuroml_steps
from colonnade.cells.own_cells import OwnFunctions
from colonnade.cells.own_prototypes import OwnPointPrototype, OwnPrototype
from colonnade.cells.placement import morphology_table
from colonnade.cells.point import point_parameters
from colonnade.cells.templates import instantiate, load_templates, template
from colonnade.errors import InputError, MissingFile
from colonnade.geometry.segments import SegmentTable
from colonnade.json_file import read_json
from colonnade.user_functions import load_function


class CellFactory:
    """Make cells of SONATA node types.

    ``components`` maps ``morphologies_dir``, ``biophysical_neuron_models_dir``, ``point_neuron_models_dir`` and
    ``templates_dir`` to folders; ``dL`` (um) divides sections into segments, None leaves them as they are.
    ``functions`` are the user's own, besides those of a script. The mechanisms have to be loaded before the first
    prototype is asked for.
    """

    def __init__(
        self,
        components: Mapping[str, str | os.PathLike],
        dL: float | None = 20.0,
        functions: OwnFunctions | None = None,
    ):
        if dL is not None and not dL > 0:
            raise InputError("has to be positive", key="dL", value=dL, expected="a length in um")
        self.components, self.dL = dict(components), dL
        self.functions = functions or OwnFunctions(load=load_function)
        self._prototypes: dict[str, Prototype] = {}

    def prototype(self, values: Mapping) -> Prototype:
        """Return the prototype for a node with these attributes, the same object for the same attributes.

        Used are model_type, model_template, model_processing, morphology and dynamics_params (a file's name, or the
        parameters themselves, as a node file can hold them). None, NaN, NULL and NONE mean that a value is absent.
        """
        kind = CellType.of(values, self.functions)
        name = repr(kind)
        if name not in self._prototypes:
            self._prototypes[name] = self._own(kind, values) if kind.is_own else self._built(kind)
        return self._prototypes[name]

    def table(self, values: Mapping) -> SegmentTable | None:
        """Return the segments of a cell with these attributes, None for a point neuron.

        Unlike ``prototype``, it needs neither mechanisms nor fits, unless the cell comes from a user's hoc template.
        """
        kind = CellType.of(values, self.functions)
        if kind.is_point:
            return None
        if kind.is_own or (kind.scheme == "hoc" and kind.template not in IMPORTING):
            return self.prototype(values).table
        return morphology_table(morphology(self._morphology(kind), kind.stub), self.dL)

    def _built(self, kind: CellType) -> Prototype:
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

    def _own(self, kind: CellType, values: Mapping) -> Prototype:
        """Cells that the user's functions make, or process after they were made as they are without these."""
        folder = "point_neuron_models_dir" if kind.is_point else "biophysical_neuron_models_dir"
        dynamics, file = self._dynamics(kind, folder)
        load_templates(self.components.get("templates_dir"))
        given, biophysics, base = {**values, "dynamics_params": dynamics}, None, None
        if kind.is_point:
            if not kind.own_model:
                base = PointPrototype(kind.name, point_parameters(kind.name, dynamics, file))
            return OwnPointPrototype(kind, self.functions, given, dynamics, base)
        if kind.morphology is not None:
            given["morphology"] = given["morphology_file"] = self._template_morphology(kind)
        if kind.scheme == "nml" and not kind.own_model:
            path = self._folder("biophysical_neuron_models_dir") / kind.name
            biophysics = functools.cache(lambda types: Biophysics(neuroml_steps(path, types), path))
        elif kind.fitted:
            steps = FITS[kind.axon.removesuffix("_directed")]
            biophysics = functools.cache(lambda types: Biophysics(steps(dynamics, types, file), file))
        if kind.own_model:
            pass
        elif kind.scheme == "hoc" and kind.template not in IMPORTING:
            own = self._template(kind, dynamics, file)
            base = functools.partial(instantiate, own.constructor, own.arguments, own.name)
        else:
            base = functools.partial(imported_cell, self._morphology(kind))
        return OwnPrototype(kind, self.functions, given, dynamics, base, biophysics, self.dL)

    def _template(self, kind: CellType, dynamics: Mapping | None, file: Path | None) -> TemplatePrototype:
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

    def _template_morphology(self, kind: CellType) -> str:
        """Return the path for a user's template, which may never read it: some networks name a file that is nowhere."""
        if self.components.get("morphologies_dir") is None:
            return kind.morphology
        try:
            return str(self._morphology(kind))
        except MissingFile:
            return str(self._folder("morphologies_dir") / kind.morphology)

    def _dynamics(self, kind: CellType, folder: str) -> tuple[Mapping | None, Path | None]:
        """Return the parameters and the file they come from, either None where there is none."""
        if kind.dynamics is None or isinstance(kind.dynamics, Mapping):
            return kind.dynamics, None
        path = self._folder(folder) / kind.dynamics
        return read_json(path, "file of dynamics_params"), path

    def _morphology(self, kind: CellType) -> Path:
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
