"""Networks from a config: the same builder, with functions given by name."""

import difflib
import itertools
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path

import numpy as np

from colonnade.builder import positions
from colonnade.builder.connectors import CONNECTORS
from colonnade.builder.network import NetworkBuilder
from colonnade.builder.rules import check_parameters, with_rng
from colonnade.errors import InputError, within
from colonnade.files import canonical_json
from colonnade.sonata.types import literal
from colonnade.streams import seeded
from colonnade.user_functions import checksums, is_reference, load_function, users_code, where_defined

VALUE_FUNCTIONS = {
    name: getattr(positions, name) for name in dir(positions) if name.startswith("positions_") or name == "xiter_random"
}
EDGE_KEYS = ("source", "target", "connection_rule", "connection_params", "iterator", "nsyns", "add_properties",
             "syn_weight", "delay", "distance_range", "target_sections", "dynamics_params", "model_template",
             "is_gap_junction", "target_network", "edge_type_id", "weight_function")  # fmt: skip
NODE_KEYS = ("N", "pop_name", "positions", "position", "model_type", "model_template", "model_processing", "morphology",
             "dynamics_params", "node_id", "node_type_id", "rotation_angle_xaxis", "rotation_angle_yaxis",
             "rotation_angle_zaxis")  # fmt: skip


def build_nodes(settings: Mapping, nodes_file: str | os.PathLike, node_types_file: str | os.PathLike) -> NetworkBuilder:
    """Build the nodes that ``settings`` describe and write them.

    ``settings`` has ``seed``, ``network`` and ``nodes``: a list of the arguments of ``add_nodes``. A value may be
    ``{"function": name, ...}``: a function of ``colonnade.builder.positions``, or ``file.py:function``, called as
    ``function(N, rng, **others)`` to give N values. Each draws from a stream named after the network, its ``pop_name``
    and the attribute.
    """
    network = NetworkBuilder(_needed(settings, "network", "nodes"), seed=_needed(settings, "seed", "nodes"))
    seen: Counter = Counter()
    for number, given in enumerate(_needed(settings, "nodes", "nodes")):
        key = f"networks.{network.name}.nodes[{number}]"
        group = str(given.get("pop_name", ""))
        name = (network.name, "nodes", group, seen[group])
        seen[group] += 1
        check_node_keys(given, key)
        N = _needed(given, "N", key)
        values = {
            attribute: values_of(value, N, network.seed, (*name, attribute), f"{key}.{attribute}")
            for attribute, value in given.items()
            if attribute != "N"
        }
        with within(key):
            network.add_nodes(N=N, **values)
    network.save_nodes(Path(nodes_file).absolute(), Path(node_types_file).absolute(), attributes=_record(settings))
    return network


def build_edges(
    settings: Mapping,
    source_files: tuple[str | os.PathLike, str | os.PathLike],
    target_files: tuple[str | os.PathLike, str | os.PathLike],
    edges_file: str | os.PathLike,
    edge_types_file: str | os.PathLike,
    morphologies_dir: str | os.PathLike | None = None,
    workers: int = 1,
) -> int:
    """Build the edges between two saved networks, write them, and return how many rows the file has.

    ``settings`` has ``seed``, ``source_network``, ``target_network``, ``dL`` (um) and ``edges``: a list of the
    arguments of ``add_edges``. ``connection_rule`` is a number, a list, the name of a connector or
    ``file.py:function``; ``add_properties`` is a list of the arguments of that method, ``rule`` as
    ``file.py:function``. ``source_files`` and ``target_files`` are the nodes file and the node-types file of each
    network. Sites of synapses on biophysical cells are drawn always, so these need ``morphologies_dir``.
    """
    seed = _needed(settings, "seed", "edges")
    source = _imported(_needed(settings, "source_network", "edges"), source_files, seed)
    same = settings["target_network"] == settings["source_network"]
    target = source if same else _imported(_needed(settings, "target_network", "edges"), target_files, seed)
    for number, given in enumerate(_needed(settings, "edges", "edges")):
        key = f"networks.{source.name}.edges to {target.name}[{number}]"
        check_edge_keys(given, key)
        chosen = {
            end: chosen_nodes(network, given.get(end), f"{key}.{end}")
            for end, network in (("source", source), ("target", target))
        }
        rule = _rule(given, key)
        others = {k: v for k, v in given.items() if k not in ("source", "target", "connection_rule", "add_properties")}
        if isinstance(others.get("dynamics_params"), Mapping):
            others["dynamics_params"] = canonical_json(others["dynamics_params"])
        with within(key):
            added = source.add_edges(**chosen, connection_rule=rule, **others)
            added.place = key
            for each in given.get("add_properties", []):
                added.add_properties(**_properties(each))
    if morphologies_dir is None:
        _refuse_without_morphologies(target)
    return source.save_edges(
        Path(edges_file).absolute(),
        Path(edge_types_file).absolute(),
        morphologies_dir=morphologies_dir,
        dL=settings.get("dL", 20.0),
        workers=workers,
        attributes=_record(settings),
    )


def values_of(value, N: int, seed: int, name: tuple, key: str):
    """Return a value as it is, or N values from the function that it names; ``key`` is its place, for errors."""
    if not isinstance(value, Mapping):
        return value
    reference = _needed(value, "function", key)
    given = {k: v for k, v in value.items() if k != "function"}
    if is_reference(reference):
        users = load_function(reference, f"{key}.function")
        check_parameters(users, given, supplied=1, also=("rng",), key=key)
        function = partial(users, N)
    elif reference in VALUE_FUNCTIONS:
        function = partial(VALUE_FUNCTIONS[reference], N=N)
        check_parameters(VALUE_FUNCTIONS[reference], given, supplied=0, also=("N", "rng", "seed"), key=key)
    else:
        raise InputError(
            "is no function",
            key=f"{key}.function",
            value=reference,
            expected="one of the builder's, or file.py:function",
            options=VALUE_FUNCTIONS,
        )
    with users_code(f"the function {reference}", function.func, key), within(key), seeded(seed, *name):
        made = function(**with_rng(function, given, seed, *name))
        made = list(itertools.islice(made, N + 1)) if isinstance(made, Iterator) else made
    made = np.asarray(made) if isinstance(made, tuple) else made
    where = where_defined(function.func)
    if key.endswith(".positions"):
        _check_positions(made, N, f"{reference}{where}", key)
    elif where and (np.ndim(made) == 0 or len(made) != N):
        raise InputError(f"the function {reference} gave no {N} values{where}", key=key,
                         value=np.shape(made) or type(made).__name__, expected="one for each node")  # fmt: skip
    return made


def _check_positions(made, N: int, reference: str, key: str) -> None:
    """Raise ``InputError`` where a function has not given N positions (N, 3) in um."""
    try:
        positions = np.asarray(made, dtype=float)
    except (TypeError, ValueError):
        positions = np.zeros(0)
    if positions.shape != (N, 3) or not np.isfinite(positions).all():
        wrong = f"an array {positions.shape}" if positions.shape != (N, 3) else "positions that are not finite"
        raise InputError(f"the function {reference} gave {wrong}", key=key, expected=f"({N}, 3) in um")


def _imported(name: str, files: tuple, seed: int) -> NetworkBuilder:
    network = NetworkBuilder(name, seed=seed)
    network.import_nodes(*files, population=name)
    return network


def chosen_nodes(network: NetworkBuilder, filters, key: str):
    if filters is not None and not isinstance(filters, Mapping):
        raise InputError("is no filter", key=key, value=filters, expected="{attribute: value or list of values}")
    pool = network.nodes(**(filters or {}))
    pool.check(key)
    return pool


def _rule(given: Mapping, key: str):
    if "nsyns" in given and "connection_rule" not in given:
        return given["nsyns"]
    rule = _needed(given, "connection_rule", key)
    if not isinstance(rule, str):
        return rule
    if is_reference(rule):
        return load_function(rule, f"{key}.connection_rule")
    if rule not in CONNECTORS:
        raise InputError(
            "is no connection rule",
            key=f"{key}.connection_rule",
            value=rule,
            expected="a number, a connector or file.py:function",
            options=CONNECTORS,
        )
    return CONNECTORS[rule]


def _properties(given: Mapping) -> dict:
    """Return the arguments of ``add_properties``, with the function that its rule names."""
    known = ("names", "rule", "rule_params", "values", "dtypes")
    for name in given:
        if name not in known:
            raise InputError("is no key", key="add_properties", value=name, options=known)
    arguments = {"names": _needed(given, "names", "add_properties"), **given}
    if is_reference(arguments.get("rule")):
        arguments["rule"] = load_function(arguments["rule"], "add_properties.rule")
    return arguments


@cache
def _slip_of(name: str, known: tuple[str, ...]) -> str | None:
    """Return the one of ``known`` that a name looks like and is not."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
    return near[0] if near and near[0] != name else None


def _refuse_slips(given: Mapping, known: tuple[str, ...], key: str) -> None:
    """Refuse what looks like a slip of a known key; other names are properties of the user's own."""
    for name in given:
        if near := _slip_of(name, known):
            raise InputError("is no key", key=key, value=name, options=[near])


def check_node_keys(given: Mapping, key: str) -> None:
    """Refuse slips of the builder's keys."""
    _refuse_slips(given, NODE_KEYS, key)


def check_edge_keys(given: Mapping, key: str) -> None:
    """Refuse slips of the builder's keys, and values that no synapse can have."""
    _refuse_slips(given, EDGE_KEYS, key)
    for name, lowest in (("syn_weight", -np.inf), ("delay", 0)):
        value = given.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value) or value < lowest:
            raise InputError(
                "is no number it can be",
                key=f"{key}.{name}",
                value=value,
                expected={"syn_weight": "a number", "delay": "a number >= 0 (ms)"}[name],
            )
    span = literal(given.get("distance_range"))
    if span is not None:
        numbers = isinstance(span, list | tuple) and all(isinstance(each, int | float) for each in span)
        if not numbers or len(span) != 2 or not 0 <= span[0] <= span[1]:
            raise InputError(
                "is no range", key=f"{key}.distance_range", value=span, expected="[nearest, farthest] in um"
            )


def _refuse_without_morphologies(target: NetworkBuilder) -> None:
    for each in target.node_store().sets:
        kind = each.type_properties
        if kind.get("model_type") == "biophysical" and kind.get("morphology") is not None:
            raise InputError(
                "are needed to place synapses on biophysical cells",
                key="--morphologies",
                expected=f"the folder of {kind['morphology']}",
            )


def _record(settings: Mapping) -> dict[str, str]:
    """Return the attribute that keeps the checksums of the user's own functions, if there are any."""
    used = checksums(dict(settings))
    return {"user_functions": canonical_json(used)} if used else {}


def _needed(settings: Mapping, name: str, key: str):
    if name not in settings:
        raise InputError("is missing", key=f"{key}.{name}", options=settings)
    return settings[name]
