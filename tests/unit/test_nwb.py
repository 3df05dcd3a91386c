"""NWB: what pynwb reads back is what the SONATA files hold, and nwbinspector finds nothing critical."""

import numpy as np
import pytest
from small_result import write_result

from colonnade.analysis.result import Result
from colonnade.bmtk import SpikeTrains
from colonnade.nwb import write_nwb

pynwb = pytest.importorskip("pynwb", reason="NWB is an extra: pip install 'colonnade[nwb]'")
ABOUT = {
    "experiment": "small",
    "title": "A test",
    "authors": [{"name": "Ada Lovelace", "affiliation": "Engines"}],
    "dt": 0.1,
}


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Result:
    return Result.from_config(write_result(tmp_path_factory.mktemp("result"), tstop=200.0))


@pytest.fixture(scope="module")
def path(result, tmp_path_factory):
    path = tmp_path_factory.mktemp("nwb") / "small.nwb"
    write_nwb(result, path, ABOUT)
    return path


def test_spikes_and_traces_come_back_in_their_units(result, path):
    with pynwb.NWBHDF5IO(str(path), "r") as io:
        file = io.read()
        assert list(file.experimenter) == ["Lovelace, Ada"]
        units = file.units
        activity = result.activity("mcortex")
        assert units["node_id"][:].tolist() == activity.node_ids.tolist()
        assert list(units["group"][:]) == activity.groups.tolist()
        for row in (0, 7, 99):
            np.testing.assert_allclose(units["spike_times"][row], activity.trains()[row] / 1000)
        series = file.acquisition["v"]
        np.testing.assert_allclose(series.data[:], result.report("v").values(), rtol=1e-6)
        assert (series.unit, series.conversion, series.rate) == ("volts", 1e-3, 10_000.0)
        assert series.starting_time == pytest.approx(0.0001)


def test_spike_trains_are_read_back(result, path):
    activity, spikes = result.activity("mcortex"), SpikeTrains.load(path)
    assert spikes.populations == result.simulated
    assert len(spikes) > 100
    for row in (0, 7, 99):
        found = spikes.get_times(activity.node_ids[row], "mcortex")
        np.testing.assert_allclose(found, activity.trains()[row], atol=1e-9)
    assert spikes == SpikeTrains.from_nwb(path)


def test_the_inspector_finds_nothing_critical(path):
    inspector = pytest.importorskip("nwbinspector", reason="nwbinspector is not installed")
    found = list(inspector.inspect_nwbfile(nwbfile_path=str(path)))
    serious = [str(each) for each in found if each.importance.name in ("ERROR", "PYNWB_VALIDATION", "CRITICAL")]
    assert serious == []
    assert {each.check_function_name for each in found} <= {"check_subject_species_exists"}  # a model is no animal
