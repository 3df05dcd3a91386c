"""The same files give the same spikes: BMTK and Colonnade run each case, every cell is compared to the step."""

import json

import pytest
import sonata_files as results

CASES = [
    "all_active",
    "chapter3",
    "clamps",
    "column",
    "electrodes",
    "gap_ring",
    "identifiers",
    "intfire",
    "sites",
    "templates",
    "voltage_clamp",
]


ENGINES = ["neuron", "lockstep"]


@pytest.mark.parametrize(
    ("case", "engine"),
    # delays of 0 ms and gap junctions, which lockstep refuses by name
    [
        (case, engine)
        for case in CASES
        for engine in ENGINES
        if engine == "neuron" or case not in ("intfire", "gap_ring")
    ],
)
def test_every_cell_spikes_when_it_does_in_bmtk(case, engine, peer, ours):
    folder = peer(case)
    theirs = results.spikes(folder / "peer" / "spikes.h5")
    assert theirs, "a case without spikes would show nothing"
    mine = results.spikes(ours(folder / "config.json", "--engine", engine) / "spikes.h5")
    assert results.spike_differences(mine, theirs) == []


def without_mechanisms(folder):
    values = json.loads((folder / "config.json").read_text())
    values["components"]["mechanisms_dir"] = "nowhere"
    (folder / "config-nowhere.json").write_text(json.dumps(values))
    return folder / "config-nowhere.json"


def test_a_missing_folder_of_mechanisms_does_not_matter_where_none_is_needed(peer, ours):
    folder = peer("intfire")
    mine = results.spikes(ours(without_mechanisms(folder)) / "spikes.h5")
    assert results.spike_differences(mine, results.spikes(folder / "peer" / "spikes.h5")) == []


def test_a_missing_folder_of_mechanisms_is_named_with_the_mechanism_where_one_is_needed(peer, ours):
    config = without_mechanisms(peer("voltage_clamp"))
    with pytest.raises(AssertionError, match=r"(?s)no such folder of mechanisms.*no such mechanism is loaded"):
        ours(config)
