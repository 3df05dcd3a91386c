"""Results by BMTK's names: tables, windows, several populations, and what is wrong."""

import json

import numpy as np
import pytest
from small_result import write_result

from colonnade.bmtk import CompartmentReport, SpikeTrains, to_dataframe
from colonnade.errors import InputError, UnsupportedError
from colonnade.sonata.spikes import SpikeTrains as Trains
from colonnade.sonata.spikes import write_spikes


@pytest.fixture
def result(tmp_path):
    write_result(tmp_path, tstop=200.0)
    return tmp_path


def test_several_populations_have_to_be_told_apart(tmp_path):
    trains = [Trains("a", np.array([1, 0, 1]), np.array([5.0, 2.0, 1.0])), Trains("b", np.array([7]), np.array([9.0]))]
    write_spikes(tmp_path / "s.h5", trains)
    spikes = SpikeTrains.load(tmp_path / "s.h5")
    assert spikes.n_spikes() == len(spikes) == 4
    assert spikes.n_spikes("a") == 3
    assert spikes.get_times(1, "a").tolist() == [1.0, 5.0]
    assert spikes.nodes() == [("a", 0), ("a", 1), ("b", 7)]
    assert spikes.time_range() == (1.0, 9.0)
    assert spikes.units() == "ms" if len(spikes.populations) == 1 else spikes.units("a") == "ms"
    assert list(spikes.spikes("a", time_window=(1.5, 9.0), sort_order="by_time")) == [(2.0, "a", 0), (5.0, "a", 1)]
    table = spikes.to_dataframe(node_ids=[1, 7], with_population_col=False)
    assert list(table.columns) == ["timestamps", "node_ids"]
    assert len(table) == 3
    with pytest.raises(InputError, match="several populations"):
        spikes.get_times(1)
    with pytest.raises(InputError, match="Known: a, b"):
        spikes.n_spikes("c")
    with pytest.raises(UnsupportedError, match="nwb"):
        SpikeTrains.load(tmp_path / "s.h5", "nwb")


@pytest.mark.parametrize("form", ["csv", "sonata"])
def test_what_is_written_is_read_again(result, tmp_path, form):
    spikes = SpikeTrains.load(result / "spikes.h5")
    path = tmp_path / f"again.{'h5' if form == 'sonata' else 'csv'}"
    getattr(spikes, f"to_{form}")(path)
    assert SpikeTrains.load(path).to_dataframe().equals(spikes.to_dataframe(sort_order="by_time"))


def test_a_report_becomes_a_table(result):
    report = CompartmentReport.load(result / "v.h5")
    table = report.to_dataframe(node_ids=[3, 5])
    assert table.shape == (2000, 2)
    assert table.columns.tolist() == [(3, 0, 0.5), (5, 0, 0.5)]
    np.testing.assert_array_equal(table[(5, 0, 0.5)], report["mcortex"].data(5))
    assert report.data(5, time_window=(10.0, 12.0)).shape == (20,)
    assert report.get_population("nowhere") is None
    with pytest.raises(InputError, match="mcortex"):
        report.units("cortex")
    with pytest.raises(UnsupportedError):
        CompartmentReport(result / "v.h5", "w")


def test_the_spikes_of_a_config_are_a_table(result):
    expected = SpikeTrains.load(result / "spikes.h5").to_dataframe()
    assert to_dataframe(spikes_file=result / "spikes.h5").equals(expected)
    nodes = result / "nodes.h5"
    nodes.touch()
    config = {
        "run": {"tstop": 200.0},
        "networks": {"nodes": [{"nodes_file": "nodes.h5", "node_types_file": None}]},
        "output": {"output_dir": ".", "spikes_file": "spikes.h5"},
    }
    (result / "config.json").write_text(json.dumps(config))
    assert to_dataframe(result / "config.json", population="mcortex").equals(expected)
    with pytest.raises(InputError, match=r"mcortx.*mcortex"):
        to_dataframe(config_file=result / "config.json", population="mcortx")
