"""What kind of cell a node is, by its attributes: taken apart and checked, without NEURON."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from colonnade.cells.own_cells import OwnFunctions
from colonnade.errors import InputError, UnsupportedError
from colonnade.user_functions import is_reference

POINT_TYPES = ("point_neuron", "point_process")
AXON_STUBS = ("aibs_perisomatic", "aibs_allactive", "aibs_perisomatic_directed", "aibs_allactive_directed")
EXTRACELLULAR = ("extracellular", "set_extracellular")
PROCESSINGS = (*AXON_STUBS, *EXTRACELLULAR)
TEMPLATES = ("ctdb:Biophys1.hoc", "hoc:<template>", "nml:<file>", "nrn:<artificial cell>")
IMPORTING = ("ctdb:Biophys1.hoc", "ctdb:Biophys1", "hoc:Biophys1", "hoc:BioAxonStub")  # templates that BMTK brings
_ABSENT = {"", "null", "none", "nan"}


@dataclass(frozen=True)
class CellType:
    """How a cell is built: the attributes of a node, taken apart and checked.

    ``template`` is ``scheme:name``; ``axon`` the treatment that model_processing asks for, ``extracellular`` whether
    it asks for extracellular layers; ``dynamics`` a file's name or the parameters themselves. ``own_model`` tells that
    a user's function makes the cell, ``processors`` name those that process it afterwards.
    """

    model_type: str
    scheme: str
    name: str
    axon: str | None
    extracellular: bool
    morphology: str | None
    dynamics: str | Mapping | None
    own_model: bool = False
    processors: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: Mapping, functions: OwnFunctions | None = None) -> "CellType":
        """Return the kind of cell for a node with these attributes; see ``CellFactory.prototype``.

        ``functions`` are the user's own; without them, ``file.py:function`` stands for one.
        """
        functions = functions or OwnFunctions()
        model_type, template, processing, morphology, dynamics = (
            _present(values.get(key))
            for key in ("model_type", "model_template", "model_processing", "morphology", "dynamics_params")
        )
        if model_type not in ("biophysical", *POINT_TYPES):
            raise UnsupportedError("cells of this model_type cannot be made", key="model_type", value=model_type,
                                   options=("biophysical", *POINT_TYPES))  # fmt: skip
        scheme, _, name = (template or "").partition(":")
        allowed = ("nrn",) if model_type in POINT_TYPES else ("ctdb", "hoc", "nml")
        own = template is not None and functions.has_model(template, model_type)
        if not own and is_reference(template):
            raise InputError("the config does not name this file; add it to colonnade.cell_models",
                             key="model_template", value=template)  # fmt: skip
        if not own and (scheme not in allowed or not name or (scheme == "ctdb" and template not in IMPORTING)):
            message = f"unknown template for model_type {model_type}"
            raise UnsupportedError(message, key="model_template", value=template,
                                   options=(*TEMPLATES, *functions.model_names))  # fmt: skip
        axon, extracellular, processors = _processing(processing, functions)
        kind = cls(model_type, scheme, name, axon, extracellular, morphology, dynamics, own, processors)
        kind._check()
        return kind

    @property
    def is_own(self) -> bool:
        """Whether functions of the user's own have a part in it."""
        return self.own_model or bool(self.processors)

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
        if self.own_model:
            return
        if self.scheme == "nml" and self.axon is not None and self.dynamics is not None:
            message = "a fit file on top of a NeuroML cell is not supported"
            raise UnsupportedError(message, key="dynamics_params", value=self.dynamics)
        if self.template == "hoc:BioAxonStub" and self.axon not in (None, "aibs_perisomatic"):
            message = f"{self.axon} needs the axon, which this template has cut"
            raise UnsupportedError(message, key="model_template", value=self.template)


def axon_treatment(processing: str | None) -> str | None:
    """Return the treatment of the axon that a model_processing asks for, or None."""
    return _processing(processing, OwnFunctions())[0]


def _processing(text: str | None, functions: OwnFunctions) -> tuple[str | None, bool, tuple[str, ...]]:
    """Return the treatment of the axon, or None, whether there is an extracellular layer, and the user's own words."""
    words = [word.strip() for word in text.split(",")] if text else []
    own = tuple(word for word in words if functions.has_processor(word))
    words_of_ours = [word for word in words if word not in own]
    for word in words_of_ours:
        if is_reference(word):
            raise InputError("the config does not name this file; add it to colonnade.cell_processors",
                             key="model_processing", value=word)  # fmt: skip
        if word not in PROCESSINGS:
            raise UnsupportedError("unknown processing", key="model_processing", value=word,
                                   options=(*PROCESSINGS, *functions.processor_names))  # fmt: skip
    axons = [word for word in words_of_ours if word in AXON_STUBS]
    if len(axons) > 1 or (axons and words[0] != axons[0]):
        message = "only one treatment of the axon is possible, and it has to come first"
        raise UnsupportedError(message, key="model_processing", value=text)
    return (axons[0] if axons else None), len(words_of_ours) > len(axons), own


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
