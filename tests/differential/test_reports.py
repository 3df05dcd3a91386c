"""The same files give the same traces: potential, calcium and currents, at the soma and everywhere."""

import h5py
import numpy as np
import pytest
import sonata_files as results

SAME = 1e-6  # mV, mM and mA/cm2: far above rounding, far below what would move a spike
CASES = {
    "clamps": ["v", "cai", "every_section", "pas"],
    "voltage_clamp": ["v", "cai"],
    "all_active": ["v", "cai"],
    "templates": ["v"],
    "column": ["v"],
    "sites": ["v"],
    "gap_ring": ["v"],
    "electrodes": ["v", "conductance", "rise"],
}


ENGINES = ["neuron", "lockstep"]


@pytest.mark.parametrize(
    ("case", "name", "engine"),
    # lockstep refuses gap junctions by name
    [(case, name, engine) for case, names in CASES.items() for name in names for engine in ENGINES
     if (case, engine) != ("gap_ring", "lockstep")],
)  # fmt: skip
def test_every_element_has_the_value_of_bmtk(case, name, engine, peer, ours):
    folder = peer(case)
    theirs = results.report(folder / "peer" / f"{name}.h5")
    mine = results.report(ours(folder / "config.json", "--engine", engine) / f"{name}.h5")
    assert mine.keys() == theirs.keys()
    for population in theirs:
        assert mine[population].time == theirs[population].time
        assert mine[population].elements == theirs[population].elements
        for node, values in theirs[population].values.items():
            np.testing.assert_allclose(mine[population].values[node], values, rtol=0, atol=SAME, err_msg=f"node {node}")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["ecp", *(f"contributions/{gid}" for gid in range(4))])
def test_an_electrode_sees_what_it_sees_in_bmtk(name, engine, peer, ours):
    folder = peer("electrodes")
    with (
        h5py.File(folder / "peer" / f"{name}.h5") as theirs,
        h5py.File(ours(folder / "config.json", "--engine", engine) / f"{name}.h5") as mine,
    ):
        assert mine["ecp/data"].shape == theirs["ecp/data"].shape
        assert np.abs(theirs["ecp/data"]).max() > 1e-3
        np.testing.assert_allclose(mine["ecp/data"], theirs["ecp/data"], rtol=0, atol=SAME)
        if name == "ecp":
            assert mine["ecp/time"][()].tolist() == theirs["ecp/time"][()].tolist()
