"""The models of the BMTK wheel run on our mechanisms as on the wheel's own: all seven fits, each cell alone."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from model_cells import MODELS

from colonnade.components import BMTK, wheel_folder
from colonnade.mechanisms import compiled_in_cache

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("models")]

HERE = Path(__file__).resolve().parent
TOLERANCE = 1e-6  # mV, and mM: rounding, enlarged by the upstroke of a spike


@pytest.fixture(scope="module")
def traces(tmp_path_factory):
    """Traces of all models: (on our mechanisms, on the wheel's)."""
    folder, models = tmp_path_factory.mktemp("models"), wheel_folder(BMTK)
    found = []
    for name, source in (("ours", HERE.parent.parent / "mechanisms"), ("theirs", models / "mechanisms")):
        compiled = compiled_in_cache(source, coreneuron=False)
        output = folder / f"{name}.npz"
        command = [sys.executable, HERE / "model_cells.py", compiled, models, output]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        found.append(dict(np.load(output)))
    return found


@pytest.mark.parametrize("fit", MODELS)
def test_a_model_spikes_and_rests_as_on_the_mechanisms_it_was_made_for(traces, fit):
    ours, theirs = traces
    v = theirs[f"{fit}/v"]
    assert v.max() > -15, "a cell that does not reach the spike threshold of the experiments would show little"
    assert v[:200].min() > -100
    np.testing.assert_allclose(ours[f"{fit}/v"], v, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(ours[f"{fit}/cai"], theirs[f"{fit}/cai"], rtol=0, atol=TOLERANCE)
