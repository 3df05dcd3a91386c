"""The config of an experiment: read, checked against its schema and in itself, and completed with defaults."""

import copy
import re
from collections.abc import Iterator
from functools import cache

from jsonschema import Draft202012Validator

from colonnade.errors import InputError, nearest, raise_all
from colonnade.experiment import checks
from colonnade.experiment.schema import config_schema
from colonnade.experiment.yaml_file import YamlFile, read_yaml


def load_config(path) -> dict:
    """Return the resolved config of the YAML file at ``path``; raises InputError for all that is wrong in it."""
    return resolve(read_yaml(path), file=YamlFile(path))


def resolve(values: dict, file=None, like: dict | None = None) -> dict:
    """Return ``values`` with all defaults, after every check that needs no other file.

    ``like`` is a resolved config; of its sections, those that are the same objects in ``values`` are known to be in
    form. Raises one InputError that names all problems: of form, or where there are none, of meaning.
    """
    if not isinstance(values, dict):
        raise InputError("the config must be a mapping of keys to values", file=file, value=values)
    known = {key: part for key, part in (like or {}).items() if values.get(key) is part}
    new = {key: part for key, part in values.items() if key not in known}
    raise_all(checks.impossible_values(new, file))
    errors = [error for error in _validator().iter_errors(new) if not (known and _lacks_a_section(error))]
    errors.sort(key=lambda error: [str(part) for part in error.absolute_path])
    raise_all(problem for error in errors for problem in _input_errors(error, file))
    filled = _with_defaults(new, config_schema()) | known
    resolved = {key: filled[key] for key in (like or filled)}
    raise_all(checks.of_meaning(resolved, file))
    return resolved


def _lacks_a_section(error) -> bool:
    return error.validator == "required" and not error.absolute_path


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(config_schema())


def _with_defaults(value, schema: dict):
    """Return a copy of ``value`` in which each missing property that has a default in ``schema`` is set."""
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [_with_defaults(item, schema["items"]) for item in value]
    if not isinstance(value, dict):
        return value
    filled = dict(value)
    properties = schema.get("properties", {})
    for key, part in properties.items():
        if key not in filled and "default" not in part:
            continue
        filled[key] = _with_defaults(filled.get(key, copy.deepcopy(part.get("default"))), part)
    others = schema.get("additionalProperties")
    if isinstance(others, dict):
        for key in filled.keys() - properties.keys():
            filled[key] = _with_defaults(filled[key], others)
    for branch in schema.get("allOf", []):
        if Draft202012Validator(branch["if"]).is_valid(filled):
            filled = _with_defaults(filled, branch["then"])
    return filled


def _deepest(error):
    """Return the most telling error: of several allowed forms, the one which fits the value's own kind best."""
    while error.context:
        by_form = {}
        for inner in error.context:
            by_form.setdefault(inner.schema_path[0], []).append(inner)
        deep = [errors for errors in by_form.values() if not any(e.validator == "type" and not e.path for e in errors)]
        if not deep:
            break
        error = deep[0][0]
    return error


def _input_errors(outer, file) -> Iterator[InputError]:
    """Yield what is wrong by one error of jsonschema: one for each unknown key, none for the one that it means."""
    error = _deepest(outer)
    known = error.schema.get("properties", {})
    closed = error.schema.get("additionalProperties") is False  # so that an unknown key has an error of its own
    if error is outer and error.validator == "required" and closed:
        meant = {nearest(name, known) for name in error.instance if name not in known}
        if _missing(error) in meant:
            return
    if error.validator != "additionalProperties":
        yield _input_error(error, outer, file)
        return
    for unknown in (name for name in error.instance if name not in known):
        place = ".".join(str(part) for part in [*error.absolute_path, unknown])
        yield InputError("unknown key", file=file, key=place, value=unknown, options=known)


def _input_error(error, outer, file) -> InputError:
    key = ".".join(str(part) for part in error.absolute_path)
    description = error.schema.get("form", error.schema.get("description", outer.schema.get("description")))
    if error.validator == "required":
        missing, known = _missing(error), error.schema.get("properties", {})
        about = known.get(missing, {}).get("description")
        misspelt = nearest(missing, [name for name in error.instance if name not in known])
        key = ".".join(filter(None, (key, misspelt))) or None
        return InputError(f"the key {missing!r} is missing", file=file, key=key, value=misspelt, expected=about,
                          options=[missing] if misspelt else ())  # fmt: skip
    if error.validator in ("enum", "const"):
        allowed = error.schema.get("enum", [error.schema.get("const")])
        return InputError("unknown value", file=file, key=key, value=error.instance, options=allowed)
    expected = _expected(error, description)
    hint = ""
    if isinstance(error.instance, str) and error.validator in ("type", "anyOf") and _is_number(error.instance):
        hint = f"; YAML takes {error.instance} for text: write {float(error.instance)!r}"
    return InputError("wrong value" + hint, file=file, key=key or None, value=error.instance, expected=expected)


def _missing(error) -> str:
    """Return the key that an error of jsonschema misses."""
    return re.match(r"'(.+?)' is a required", error.message).group(1)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _expected(error, description) -> str:
    limit = error.validator_value
    words = {
        "type": lambda: " or ".join(limit) if isinstance(limit, list) else limit,
        "minimum": lambda: f"at least {limit}",
        "exclusiveMinimum": lambda: f"more than {limit}",
        "maximum": lambda: f"at most {limit}",
        "minItems": lambda: f"at least {limit} items",
        "maxItems": lambda: f"at most {limit} items",
        "minProperties": lambda: f"at least {limit} entries",
        "uniqueItems": lambda: "each once",
        "minLength": lambda: "a text that is not empty",
        "pattern": lambda: f"a name that fits {limit}",
    }
    asked = words.get(error.validator, lambda: "another form")()
    return f"{asked}: {description}" if description else asked
