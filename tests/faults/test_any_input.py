"""Whatever a config holds, the loader says what is wrong with it, or takes it."""

import copy
from contextlib import suppress

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
from colonnade.sonata.spikes import read_spikes
from colonnade.sonata.types import read_types

CHAPTER3 = yaml.safe_load(project_file("config", "config.yaml").read_text())
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers(-(10**12), 10**12) | some.floats() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=6), inner, max_size=3),
    max_leaves=4,
)


def places(value, path=()) -> list[tuple]:
    """Return the paths of all values in a config."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(found for key, part in parts for found in places(part, (*path, key)))]


PLACES = places(CHAPTER3)
LENIENT = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}


@given(some.lists(some.tuples(some.sampled_from(PLACES), VALUES), min_size=1, max_size=3))
@settings(max_examples=300, derandomize=True, **LENIENT)
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
@settings(max_examples=150, derandomize=True, **LENIENT)
@pytest.mark.parametrize(
    "reader", [read_yaml, read_json, read_spikes, lambda path: read_types(path, "node_type_id")],
    ids=["yaml", "json", "spikes", "types"],
)  # fmt: skip
def test_any_bytes_in_a_file(reader, tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    with suppress(ColonnadeError):
        reader(path)
