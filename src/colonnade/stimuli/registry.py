"""The kinds of stimuli, found in the folder ``kinds/``, and what follows from them: schema and names in SONATA."""

import pkgutil
from functools import cache
from importlib import import_module

from colonnade.errors import InputError
from colonnade.json_schema import branches
from colonnade.stimuli import kinds
from colonnade.stimuli.kind import StimulusKind


@cache
def stimulus_kinds() -> dict[str, StimulusKind]:
    """Return all kinds of stimuli by name."""
    modules = (import_module(f"{kinds.__name__}.{found.name}") for found in pkgutil.iter_modules(kinds.__path__))
    return {module.KIND.name: module.KIND for module in modules}


def stimulus_kind(name: str) -> StimulusKind:
    """Return the kind called ``name``; InputError with the nearest name where there is none."""
    if name not in stimulus_kinds():
        raise InputError("no such kind of input", key="type", value=name, options=stimulus_kinds())
    return stimulus_kinds()[name]


def kind_of_module(module: str, makes: str) -> StimulusKind | None:
    """Return the kind whose name in SONATA configs is ``module``, among those that make what ``makes`` says."""
    kinds = (kind for kind in stimulus_kinds().values() if kind.makes == makes and kind.module)
    return next((kind for kind in kinds if kind.module == module.lower()), None)


def module_of_code(name: str) -> str:
    """Return the Python module of the kind called ``name``."""
    return f"{kinds.__name__}.{name}"


def inputs_schema() -> dict:
    """Return the JSON schema of an entry of the config section ``inputs``."""
    found = stimulus_kinds()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "input.schema.json",
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(found), "description": "Kind of input."}},
        "allOf": branches("type", found),
        "$defs": {name: kind.schema() for name, kind in found.items()},
    }
