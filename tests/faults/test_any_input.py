"""Whatever a config holds, the loader says what is wrong with it, or takes it."""

import copy
from contextlib import suppress

import h5py
import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from colonnade.errors import ColonnadeError
from colonnade.experiment import Experiment, Plan
from colonnade.experiment.chain import estimate
from colonnade.experiment.user_file_checks import missing_files
from colonnade.experiment.yaml_file import read_yaml
from colonnade.json_file import read_json
from colonnade.places import project_file, project_folder
from colonnade.sonata.edges import read_edges
from colonnade.sonata.nodes import read_nodes
from colonnade.sonata.reports import read_report
from colonnade.sonata.spikes import read_spikes
from colonnade.sonata.types import read_types

CHAPTER3 = yaml.safe_load(project_file("config", "config.yaml").read_text())
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers(-(10**12), 10**12) | some.floats() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=6), inner, max_size=3),
    max_leaves=4,
)

DATASETS = [
    f"{root}/{name}"
    for root, names in {
        "nodes/a": ["node_id", "node_type_id", "node_group_id", "node_group_index", "0/x", "1/x"],
        "edges/a_to_a": [
            "source_node_id",
            "target_node_id",
            "edge_type_id",
            "edge_group_id",
            "edge_group_index",
            "0/nsyns",
        ],
        "report/a": ["data", "mapping/node_ids", "mapping/index_pointer", "mapping/element_ids", "mapping/time"],
    }.items()
    for name in names
]
ARRAYS = (some.lists(some.integers(-2, 5), max_size=4) | some.lists(some.floats(), max_size=4)
          | some.lists(some.lists(some.integers(0, 3), min_size=2, max_size=2), max_size=3) | some.integers(0, 9)
          | some.just([b"a", b"b"]))  # fmt: skip


def places(value, path=()) -> list[tuple]:
    """Return the paths of all values in a config."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(found for key, part in parts for found in places(part, (*path, key)))]


PLACES = places(CHAPTER3)
LENIENT = {"suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}


@given(some.lists(some.tuples(some.sampled_from(PLACES), VALUES), min_size=1, max_size=3))
@settings(max_examples=300, **LENIENT)
def test_any_value_at_any_place_of_a_config(changes):
    config = copy.deepcopy(CHAPTER3)
    for path, value in changes:
        place = config
        try:
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = value
        except (LookupError, TypeError):  # an earlier change has taken this place away
            continue
    with suppress(ColonnadeError):  # any other exception fails the test
        plan = Plan(Experiment(config, file="experiment.yaml"), project_folder())
        list(missing_files(plan))
        estimate(plan)


@given(some.binary(max_size=200))
@settings(max_examples=150, **LENIENT)
@pytest.mark.parametrize(
    "reader", [read_yaml, read_json, read_spikes, lambda path: read_types(path, "node_type_id")],
    ids=["yaml", "json", "spikes", "types"],
)  # fmt: skip
def test_any_bytes_in_a_file(reader, tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    with suppress(ColonnadeError):
        reader(path)


TEXTS = {
    "a: &a [*a]\n": "an alias holds itself",
    "a: &a {b: *a}\n": "an alias holds itself",
    "a: " + "[" * 3000 + "]" * 3000: "too deep",
    "t0: &t0 [a,a,a,a,a,a,a,a,a]\n" + "".join(f"t{i}: &t{i} [{','.join([f'*t{i - 1}'] * 9)}]\n" for i in range(1, 9)):
        "values, with all its aliases",
    "[1, 2]: 5\n": "cannot be a key",
    "{a: 1}: 5\n": "cannot be a key",
    "a: !!python/object/apply:os.system [ls]\n": "not valid YAML",
    "a: 2026-13-45\n": "not valid YAML",
}  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=[f"{text:.12}" for text in TEXTS])
def test_yaml_that_holds_itself_or_explodes_is_refused(text, tmp_path):
    path = tmp_path / "file.yaml"
    path.write_text(text)
    with pytest.raises(ColonnadeError, match=TEXTS[text]):
        read_yaml(path)


@pytest.mark.parametrize("reader", [read_nodes, read_edges, read_report], ids=["nodes", "edges", "reports"])
@given(some.dictionaries(some.sampled_from(DATASETS), ARRAYS, max_size=8))
@settings(max_examples=60, **LENIENT)
def test_any_datasets_in_a_sonata_file(reader, tmp_path, content):
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        for name, values in content.items():
            with suppress(ValueError, OSError, RuntimeError):  # a group cannot lie in a dataset
                file[name] = np.array(values)
    with suppress(ColonnadeError):
        for population in list(reader(path)):
            if hasattr(population, "frame"):
                population.frame()
