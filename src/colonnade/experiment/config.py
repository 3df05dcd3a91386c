"""The config of an experiment: read, checked against its schema and in itself, and completed with defaults."""

import copy
import itertools
import math
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from colonnade.errors import InputError, MissingFile, within
from colonnade.experiment.schema import config_schema
from colonnade.figures.registry import figure_settings


def load_config(path) -> dict:
    """Return the resolved config of the YAML file at ``path``; raises InputError for what is wrong in it."""
    path = Path(path)
    if not path.is_file():
        raise MissingFile("no such config file", file=path)
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise InputError(f"not valid YAML: {' '.join(str(error).split())}", file=path) from error
    return resolve(values, file=path)


def resolve(values: dict, file=None) -> dict:
    """Return ``values`` with all defaults, after every check that needs no other file."""
    if not isinstance(values, dict):
        raise InputError("the config must be a mapping of keys to values", file=file, value=values)
    validator = _validator()
    errors = sorted(validator.iter_errors(values), key=lambda error: [str(part) for part in error.absolute_path])
    if errors:
        raise _input_error(errors[0], file)
    resolved = _with_defaults(values, validator.schema)
    _check_references(resolved, file)
    return resolved


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


def _input_error(outer, file) -> InputError:
    error = _deepest(outer)
    key = ".".join(str(part) for part in error.absolute_path)
    description = error.schema.get("form", error.schema.get("description", outer.schema.get("description")))
    if error.validator == "additionalProperties":
        unknown = next(name for name in error.instance if name not in error.schema.get("properties", {}))
        place = f"{key}.{unknown}" if key else unknown
        known = error.schema.get("properties", {})
        return InputError("unknown key", file=file, key=place, value=unknown, options=known)
    if error.validator == "required":
        missing = re.match(r"'(.+?)' is a required", error.message).group(1)
        about = error.schema.get("properties", {}).get(missing, {}).get("description")
        near = [name for name in error.instance if name not in error.schema.get("properties", {})]
        return InputError(f"the key {missing!r} is missing", file=file, key=key or None, expected=about, options=near)
    if error.validator in ("enum", "const"):
        allowed = error.schema.get("enum", [error.schema.get("const")])
        return InputError("unknown value", file=file, key=key, value=error.instance, options=allowed)
    expected = _expected(error, description)
    hint = ""
    if isinstance(error.instance, str) and error.validator in ("type", "anyOf") and _is_number(error.instance):
        hint = f"; YAML takes {error.instance} for text: write {float(error.instance)!r}"
    return InputError("wrong value" + hint, file=file, key=key or None, value=error.instance, expected=expected)


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
        "minLength": lambda: "a text that is not empty",
        "pattern": lambda: f"a name that fits {limit}",
    }
    asked = words.get(error.validator, lambda: "another form")()
    return f"{asked}: {description}" if description else asked


def _check_references(config: dict, file) -> None:
    """Check what a schema cannot: that names which refer to something in the config do find it."""
    networks = config["networks"]
    _check_file_names(networks, file)
    for name, network in networks.items():
        for number, edges in enumerate(network["edges"]):
            target = edges.get("target_network", name)
            key = f"networks.{name}.edges.{number}.target_network"
            if target not in networks:
                raise InputError("no such network", file=file, key=key, value=target, options=networks)
            if all(group["model_type"] == "virtual" for group in networks[target]["nodes"]):
                raise InputError("virtual cells cannot be targets", file=file, key=key, value=target)
    for name, settings in config["inputs"].items():
        population = settings.get("population", name)
        key = f"inputs.{name}.population" if "population" in settings else f"inputs.{name}"
        if population not in networks:
            raise InputError("no such network", file=file, key=key, value=population, options=networks)
        kinds = {group["model_type"] for group in networks[population]["nodes"]}
        if settings["type"] == "current_clamp" and "virtual" in kinds:
            raise InputError("a current clamp needs cells that are not virtual", file=file, key=key, value=population)
        if settings["type"] != "current_clamp" and kinds != {"virtual"}:
            raise InputError("spikes can only be given to virtual cells", file=file, key=key, value=population)
        times = settings.get("times")
        if times is not None and times != sorted(set(times)):
            raise InputError("times must increase", file=file, key=f"inputs.{name}.times", value=times, expected="s")
        rate = settings.get("firing_rate")
        if isinstance(rate, list) and len(rate) != len(times):
            raise InputError(
                f"{len(rate)} rates for {len(times)} times", file=file, key=f"inputs.{name}.firing_rate", expected="Hz"
            )
    if config["components"]["source"] == "directory" and "directory" not in config["components"]:
        raise InputError("the key 'directory' is missing", file=file, key="components", expected="a folder of models")
    _check_simulation(config, file)


def _check_file_names(networks: Iterable[str], file) -> None:
    """Check that the files of edges, SOURCE_TARGET_edges.h5, have names that can be told apart."""
    pairs: dict[str, tuple[str, str]] = {}
    for source, target in itertools.product(networks, repeat=2):
        other = pairs.setdefault(f"{source}_{target}", (source, target))
        if other != (source, target):
            raise InputError(
                f"edges from {source} to {target} would be in the file of those from {other[0]} to {other[1]}",
                file=file, key="networks", value=f"{source}_{target}_edges.h5", expected="other names of networks",
            )  # fmt: skip


def _check_multiple(settings: dict, key: str, dt: float, place: str, file) -> None:
    """Check that a time (ms) is a whole number of steps, which all that is simulated has."""
    value = settings.get(key)
    if value is None or abs(value / dt - round(value / dt)) <= 1e-6 * max(1.0, value / dt):
        return
    near = [f"{steps * dt:.12g}" for steps in (math.floor(value / dt), math.ceil(value / dt)) if steps]
    raise InputError("no multiple of the time step", file=file, key=f"{place}.{key}", value=value,
                     expected=f"{' or '.join(near)} ms, as simulation.dt is {dt} ms")  # fmt: skip


def _check_simulation(config: dict, file) -> None:
    simulation, networks = config["simulation"], config["networks"]
    if simulation["dt"] > simulation["tstop"]:
        raise InputError("longer than tstop", file=file, key="simulation.dt", value=simulation["dt"], expected="ms")
    _check_multiple(simulation, "tstop", simulation["dt"], "simulation", file)
    for name, report in simulation["reports"].items():
        for key in ("dt", "start_time", "end_time"):
            _check_multiple(report, key, simulation["dt"], f"simulation.reports.{name}", file)
    for name, network in networks.items():
        for number, edges in enumerate(network["edges"]):
            if edges.get("delay", simulation["dt"]) < simulation["dt"]:
                key = f"networks.{name}.edges.{number}.delay"
                raise InputError("shorter than simulation.dt", file=file, key=key, value=edges["delay"], expected="ms")
    for name, report in simulation["reports"].items():
        cells = report["cells"]
        population = cells.get("population") if isinstance(cells, dict) else cells
        if isinstance(population, str) and population != "all" and population not in networks:
            key = f"simulation.reports.{name}.cells"
            raise InputError("no such network", file=file, key=key, value=population, options=["all", *networks])
    for name, figure in config["figures"].items():
        with within(str(file or "the config")):
            figure_settings(config["figures"], name)
        report = figure.get("report")
        if report is not None and report not in simulation["reports"]:
            key = f"figures.{name}.report"
            raise InputError("no such report", file=file, key=key, value=report, options=simulation["reports"])
        population = figure.get("population")
        if population is not None and population not in networks:
            key = f"figures.{name}.population"
            raise InputError("no such network", file=file, key=key, value=population, options=networks)
