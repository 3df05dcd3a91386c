"""Every kind of stimulus keeps the contract; one is tested by being there."""

import subprocess
import sys

import numpy as np
import pytest

from colonnade.json_schema import number
from colonnade.sonata.keys import KNOWN
from colonnade.stimuli.kind import RECEIVERS
from colonnade.stimuli.registry import inputs_schema, kind_of_module, stimulus_kinds
from colonnade.streams import stream

KINDS = stimulus_kinds()
EXAMPLE = {"number": 2.0, "integer": 3, "string": "x"}


def settings_of(kind, **more):
    """Return settings of a kind: its defaults, and an example for what it requires."""
    found = {key: part["default"] for key, part in kind.properties.items() if "default" in part}
    for key in kind.required:
        part = kind.properties[key]
        found.setdefault(key, [0.0, 1.0] if part.get("type") == "array" else EXAMPLE.get(part.get("type"), 2.0))
    return {"duration": 50.0, **found, **more}


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
class TestStimulus:
    def test_it_says_what_it_is(self, kind):
        assert kind.shows.endswith(".")
        assert kind.makes in RECEIVERS
        assert set(kind.required) <= set(kind.properties)
        assert all(part.get("description") for part in kind.properties.values())

    def test_it_has_what_it_needs_to_act(self, kind):
        assert (kind.trains is not None) == (kind.makes == "spikes")
        assert (kind.waveform is not None) == (kind.makes in ("current", "conductance") and not kind.tables)
        if kind.module:
            assert kind_of_module(kind.module.upper(), kind.makes) is kind

    def test_its_settings_come_back_from_a_sonata_config_and_are_known_there(self, kind):
        if not kind.module:
            return
        given = {key: value for key, value in settings_of(kind).items() if key in kind.properties}
        there = kind.in_sonata(given)
        assert kind.from_sonata(there) == given
        assert set(there) <= set(KNOWN["inputs"].split())

    def test_its_values_are_finite_and_repeat(self, kind):
        times = 0.1 * (np.arange(500) + 0.5)
        if kind.waveform:
            first, again = (kind.waveform(settings_of(kind), times, stream(1, "x")) for _ in range(2))
            assert np.shape(first) == (500,)
            assert np.isfinite(first).all()
            np.testing.assert_array_equal(first, again)
            others = kind.waveform(settings_of(kind), times, stream(2, "x"))
            assert kind.draws == (not np.array_equal(first, others))
        elif kind.trains and not set(kind.required) & {"file"}:
            settings = settings_of(kind, population="p", seed=1, correlation=0.5)
            (ids, found), again = (kind.trains(settings, np.arange(9), lambda *n: stream(1, *n)) for _ in range(2))
            assert len(ids) == len(found) > 0
            assert ((found >= 0) & (found <= 1000)).all()
            np.testing.assert_array_equal(found, again[1])


def test_the_schema_has_every_kind():
    assert inputs_schema()["properties"]["type"]["enum"] == list(KINDS)
    assert number("x")["type"] == "number"


def test_the_kinds_need_no_simulator():
    program = (
        "import sys\nfrom colonnade.stimuli.registry import stimulus_kinds\nstimulus_kinds()\n"
        "sys.exit(bool({'neuron', 'pandas', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
