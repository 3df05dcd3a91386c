"""The same files give the same spikes: BMTK and Colonnade run each case, every cell is compared to the step."""

import pytest
import sonata_files as results

CASES = [
    "all_active",
    "chapter3",
    "clamps",
    "column",
    "electrodes",
    "identifiers",
    "intfire",
    "sites",
    "templates",
    "voltage_clamp",
]


@pytest.mark.parametrize("case", CASES)
def test_every_cell_spikes_when_it_does_in_bmtk(case, peer, ours):
    folder = peer(case)
    theirs = results.spikes(folder / "peer" / "spikes.h5")
    assert theirs, "a case without spikes would show nothing"
    mine = results.spikes(ours(folder / "config.json", "--engine", "neuron") / "spikes.h5")
    assert results.spike_differences(mine, theirs) == []
