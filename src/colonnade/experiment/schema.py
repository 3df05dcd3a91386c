"""The JSON schema of the config: the files in workflow/schemas/ and what the registries of figures and engines say."""

import json
from functools import cache

from colonnade.figures.registry import figures_schema
from colonnade.places import project_file
from colonnade.simulation.engines.registry import ENGINES
from colonnade.stimuli.registry import inputs_schema


@cache
def config_schema() -> dict:
    """Return the schema of a config as one object without references."""
    schemas = project_file("workflow", "schemas")
    documents = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in schemas.glob("*.schema.json")}
    documents["figures.schema.json"] = figures_schema()
    documents["input.schema.json"] = inputs_schema()
    documents["engines.schema.json"] = {"enum": list(ENGINES)}
    return _dereferenced(documents["config.schema.json"], "config.schema.json", documents)


def _dereferenced(part, document: str, documents: dict):
    """Return ``part`` of a document with each reference replaced by what it names, and the keys beside it on top.

    Where both describe the value, ``form`` keeps what the reference says of its form.
    """
    if isinstance(part, list):
        return [_dereferenced(item, document, documents) for item in part]
    if not isinstance(part, dict):
        return part
    own = {
        key: _dereferenced(value, document, documents) for key, value in part.items() if key not in ("$ref", "$defs")
    }
    if "$ref" not in part:
        return own
    file, _, name = part["$ref"].partition("#/$defs/")
    target = documents[file or document]
    found = _dereferenced(target["$defs"][name] if name else target, file or document, documents)
    form = {"form": found["description"]} if name and {"description"} <= found.keys() & own.keys() else {}
    return found | form | own
