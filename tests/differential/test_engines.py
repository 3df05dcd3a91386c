"""Every engine, on our own mechanisms, merged synapses or not, gives the spikes that BMTK has with the Allen ones."""

import json
import sys

import pytest
import sonata_files as results
from peer_programs import ROOT, once, run

from colonnade.files import atomic_write

CASES = ["all_active", "chapter3", "identifiers"]


@pytest.fixture(scope="session")
def own_mechanisms(shared):
    """Return our own mechanisms, compiled for both engines."""
    folder = shared / "own-mechanisms"
    program = ROOT / "scripts" / "compile_mechanisms.py"
    once(folder, lambda: run([sys.executable, program, ROOT / "mechanisms", "--output", folder]))
    return folder


def write(path, values):
    """Write a config, whole at once: other workers read it. The keys stay in their order."""
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(values))


def with_own_mechanisms(folder, mechanisms, name, **settings):
    """Return a case's config with our mechanisms and, under ``colonnade``, ``settings``."""
    source = "circuit" if (folder / "circuit.json").exists() else "config"
    values = json.loads((folder / f"{source}.json").read_text())
    values["components"]["mechanisms_dir"] = str(mechanisms)
    config = values
    if source == "circuit":
        write(folder / f"circuit-{name}.json", values)
        config = json.loads((folder / "config.json").read_text()) | {"network": f"circuit-{name}.json"}
    path = folder / f"config-{name}.json"
    write(path, {**config, "colonnade": settings})
    return path


@pytest.mark.parametrize(
    ("case", "engine"),
    [(case, "coreneuron") for case in CASES] + [(case, "lockstep") for case in (*CASES, "column", "sites", "clamps")],
)
def test_engines_give_the_spikes_of_bmtk(case, engine, peer, ours, own_mechanisms):
    folder = peer(case)
    config = with_own_mechanisms(folder, own_mechanisms, engine)
    output = ours(config, "--engine", engine, "--threads", "2")
    assert (
        results.spike_differences(results.spikes(output / "spikes.h5"), results.spikes(folder / "peer" / "spikes.h5"))
        == []
    )


@pytest.mark.parametrize("options", [["neuron", "--threads", "2"], ["coreneuron"], ["coreneuron", "--threads", "2"]])
def test_gap_junctions_give_the_same_spikes_on_all_engines_and_threads(options, peer, ours, own_mechanisms):
    folder = peer("gap_ring")
    config = with_own_mechanisms(folder, own_mechanisms, "gaps")
    mine = results.spikes(ours(config, "--engine", *options) / "spikes.h5")
    assert results.spike_differences(mine, results.spikes(folder / "peer" / "spikes.h5")) == []


@pytest.mark.parametrize("engine", ["neuron", "lockstep"])
@pytest.mark.parametrize("merge", [True, False])
def test_spikes_are_the_same_with_synapses_merged_or_not(merge, engine, peer, ours, own_mechanisms):
    folder = peer("column")
    config = with_own_mechanisms(folder, own_mechanisms, f"merge-{merge}", merge_synapses=merge)
    output = ours(config, "--engine", engine, "--threads", "2")
    assert (
        results.spike_differences(results.spikes(output / "spikes.h5"), results.spikes(folder / "peer" / "spikes.h5"))
        == []
    )


@pytest.mark.parametrize(
    ("case", "reason"), [("column", "the mechanism IntFire1"), ("intfire", "a delay shorter than")]
)
def test_coreneuron_refuses_by_name_and_says_what_to_change(case, reason, peer, ours, own_mechanisms):
    config = with_own_mechanisms(peer(case), own_mechanisms, "refused")
    with pytest.raises(AssertionError, match=rf"CoreNEURON cannot simulate {reason}.*--engine neuron"):
        ours(config, "--engine", "coreneuron")


def test_lockstep_refuses_a_delay_within_a_step_by_name(peer, ours, own_mechanisms):
    config = with_own_mechanisms(peer("intfire"), own_mechanisms, "refused-lockstep")
    with pytest.raises(AssertionError, match=r"lockstep cannot simulate a delay shorter than.*--engine neuron"):
        ours(config, "--engine", "lockstep")
