"""Results by BMTK's names: tables, windows, several populations, and what is wrong."""

import json

import h5py
import numpy as np
import pytest
from small_result import write_result

from colonnade.bmtk import (
    CompartmentReport,
    GammaSpikeGenerator,
    PoissonSpikeGenerator,
    SpikeTrains,
    node_types_table,
    nodes_table,
    sort_order,
    spike_statistics,
    to_dataframe,
)
from colonnade.builder import NetworkBuilder
from colonnade.errors import InputError, UnsupportedError
from colonnade.sonata.spikes import SpikeTrains as Trains
from colonnade.sonata.spikes import write_spikes
from colonnade.spikes.trains_from_config import generate_spikes


@pytest.fixture
def result(tmp_path):
    write_result(tmp_path, tstop=200.0)
    return tmp_path


def test_several_populations_have_to_be_told_apart(tmp_path):
    trains = [Trains("a", np.array([1, 0, 1]), np.array([5.0, 2.0, 1.0])), Trains("b", np.array([7]), np.array([9.0]))]
    write_spikes(tmp_path / "s.h5", trains)
    spikes = SpikeTrains.load(tmp_path / "s.h5")
    assert len(spikes) == 4
    assert spikes.n_spikes("a") == 3
    assert spikes.get_times(1, "a").tolist() == [1.0, 5.0]
    assert spikes.nodes() == [("a", 0), ("a", 1), ("b", 7)]
    assert spikes.time_range() == (1.0, 9.0)
    assert spikes.units() == "ms" if len(spikes.populations) == 1 else spikes.units("a") == "ms"
    assert list(spikes.spikes("a", time_window=(1.5, 9.0), sort_order="by_time")) == [(2.0, "a", 0), (5.0, "a", 1)]
    table = spikes.to_dataframe(node_ids=[1, 7], with_population_col=False)
    assert list(table.columns) == ["timestamps", "node_ids"]
    assert len(table) == 3
    assert list(spikes.spikes(node_ids=[7])) == [(9.0, "b", 7)]
    for ask in (lambda: spikes.get_times(1), spikes.n_spikes):
        with pytest.raises(InputError, match="several populations"):
            ask()
    with pytest.raises(InputError, match="Known: a, b"):
        spikes.n_spikes("c")
    with pytest.raises(UnsupportedError, match="neo"):
        SpikeTrains.load(tmp_path / "s.h5", "neo")


def test_populations_are_chosen_when_spikes_are_loaded(tmp_path):
    trains = [Trains(name, np.array([node]), np.array([9.0])) for name, node in (("a", 1), ("b", 7), ("c", 8))]
    write_spikes(tmp_path / "s.h5", trains)
    chosen = SpikeTrains.load(tmp_path / "s.h5", population="b")
    assert chosen.populations == ["b"]
    assert chosen.to_dataframe(sort_order="na")["node_ids"].tolist() == [7]
    assert SpikeTrains.from_sonata(tmp_path / "s.h5", population=["a", "c"]).nodes() == [("a", 1), ("c", 8)]
    meant = SpikeTrains.load(tmp_path / "s.h5", default_population="c")
    assert [len(meant), meant.node_ids().tolist()] == [3, [8]]
    for wrong in ({"population": "bb"}, {"default_population": "bb"}, {"population": ["a", "bb"]}):
        with pytest.raises(InputError, match=r"s\.h5.*'bb'.*mean 'b'"):
            SpikeTrains.load(tmp_path / "s.h5", **wrong)


def test_spikes_have_their_times_in_ms_alone(tmp_path):
    for kind in (PoissonSpikeGenerator, GammaSpikeGenerator):
        made = kind("s", 1, output_units="milliseconds")
        made.add_spikes([0], [1.0])
        made.to_sonata(tmp_path / "s.h5", "w", sort_order.by_id, compression="gzip")
        made.to_csv(tmp_path / "s.csv", mode="w")
        with pytest.raises(UnsupportedError, match="merge"):
            made.to_sonata(tmp_path / "s.h5", mode="a")
        with pytest.raises(UnsupportedError, match=r"units.*'s'.*ms"):
            kind("s", 1, "s")
    assert SpikeTrains(units="ms").populations == []
    with pytest.raises(UnsupportedError, match="units"):
        SpikeTrains(units="s")


def units(path, times, ends, about="a mouse", **columns):
    """Write an NWB 2 file of units, whose raw data are a link to a file that nobody has."""
    with h5py.File(path, "w") as file:
        file.attrs["nwb_version"] = "2.7.0"
        file["session_description"] = about
        file["acquisition/raw"] = h5py.ExternalLink("raw.nwb", "/acquisition/raw")
        for name, values in ({"spike_times": times, "spike_times_index": ends, "id": [4, 9]} | columns).items():
            file[f"units/{name}"] = values
    return path


def test_units_of_any_nwb_2_file_are_trains(tmp_path):
    path = units(tmp_path / "u.nwb", [0.005, 0.002, 0.0125], [2, 3])
    spikes = SpikeTrains.load(path, population="v1")
    assert list(spikes.spikes(sort_order="by_id")) == [(2.0, "v1", 4), (5.0, "v1", 4), (12.5, "v1", 9)]
    named = units(tmp_path / "n.nwb", [0.005, 0.002, 0.0125], [2, 3], population=["a", "b"], node_id=[0, 7])
    assert list(SpikeTrains.from_nwb(named).spikes("b")) == [(12.5, "b", 7)]
    by_bmtk = units(tmp_path / "b.nwb", [5.0, 2.0, 12.5], [2, 3], "BMTK 1.2.0 generated NWB spikes file")  # in ms
    assert SpikeTrains.load(by_bmtk, population="v1") == spikes


def test_a_trial_of_nwb_1_is_trains(tmp_path):
    with h5py.File(tmp_path / "t.nwb", "w") as file:
        for trial in ("first", "second"):
            file[f"processing/{trial}/spike_train/3/data"] = [1.0, 2.0] if trial == "first" else [7.0]
    assert SpikeTrains.load(tmp_path / "t.nwb", population="a", trial="second").get_times(3).tolist() == [7.0]
    with pytest.raises(InputError, match=r"trial.*first, second"):
        SpikeTrains.from_nwb(tmp_path / "t.nwb")


def test_what_is_no_nwb_is_named(tmp_path):
    write_spikes(tmp_path / "s.h5", [Trains("a", np.array([1]), np.array([5.0]))])
    with pytest.raises(InputError, match=r"s\.h5.*no NWB file of spikes.*spikes"):
        SpikeTrains.load(tmp_path / "s.h5", "nwb")
    (tmp_path / "t.nwb").write_text("spikes")
    with pytest.raises(InputError, match=r"t\.nwb.*HDF5"):
        SpikeTrains.from_nwb(tmp_path / "t.nwb")
    with pytest.raises(InputError, match=r"spike_times_index.*2 numbers"):
        SpikeTrains.load(units(tmp_path / "u.nwb", [0.1], [1, 5]))
    with h5py.File(units(tmp_path / "v.nwb", [0.1], [1, 1]), "a") as file:
        del file["units/spike_times"]
    with pytest.raises(InputError, match="spike_times: is missing"):
        SpikeTrains.load(tmp_path / "v.nwb")
    with pytest.raises(InputError, match="not a number"):
        SpikeTrains.load(units(tmp_path / "w.nwb", [np.nan], [1, 1]))


def test_spikes_are_put_together_merged_and_compared(tmp_path):
    spikes = SpikeTrains()
    for node in (3, 1):
        spikes.add_spikes(node_ids=node, timestamps=[10.0 * node, 5.0], population="a")
    spikes.add_spike(0, 1.0, "b")
    assert spikes.get_times(3, "a").tolist() == [5.0, 30.0]
    assert [spikes.sort_order(name) for name in ("a", "b")] == [sort_order.none, sort_order.by_time]
    spikes.to_sonata(tmp_path / "a.h5", sort_order=sort_order.by_id)
    again = SpikeTrains.load(tmp_path / "a.h5")
    assert again.sort_order("a") == sort_order.by_id
    assert again == spikes
    other = SpikeTrains(population="a")
    other.add_spikes([1, 3], [5.0 + 1e-6, 5.0])
    assert other != spikes
    assert other.is_equal(spikes, "a", time_window=[0.0, 7.0])
    assert other < spikes
    assert not spikes <= other
    other.merge(spikes)
    assert len(other) == 7
    assert set(other.populations) == {"a", "b"}
    with pytest.raises(InputError, match="population"):
        SpikeTrains().add_spike(0, 1.0)
    with pytest.raises(InputError, match="timestamps"):
        other.add_spikes(0, [-1.0])
    with pytest.raises(UnsupportedError, match="merge"):
        other.to_csv(tmp_path / "a.csv", mode="a")


def test_a_generator_can_be_asked_as_its_file_can(tmp_path):
    generator = PoissonSpikeGenerator(population="s", seed=4)
    generator.add(range(3), firing_rate=20.0, times=(0.0, 1.0))
    generator.to_sonata(tmp_path / "s.h5")
    read = SpikeTrains.load(tmp_path / "s.h5")
    assert read == generator
    assert generator.n_spikes() == len(read)
    assert generator.nodes() == [("s", node) for node in range(3)]
    assert generator.time_range() == read.time_range()
    window = generator.get_times(1, time_window=(200.0, 700.0))
    np.testing.assert_array_equal(window, read.get_times(1, time_window=(200.0, 700.0)))
    assert generator.to_dataframe(sort_order="by_id").equals(read.to_dataframe(sort_order="by_id"))
    with h5py.File(tmp_path / "s.h5") as file:
        assert file.attrs["seed"] == 4


def test_gamma_trains_are_those_of_the_input_of_that_type(tmp_path):
    generator = GammaSpikeGenerator(population="s", seed=4)
    generator.add(range(5), firing_rate=20.0, a=3.0, times=(0.0, 2.0))
    nodes = NetworkBuilder("s")
    nodes.add_nodes(N=5, model_type="virtual")
    nodes.build()
    nodes.save_nodes(output_dir=tmp_path)
    settings = {"type": "gamma", "population": "s", "seed": 4, "firing_rate": 20.0, "shape": 3.0, "times": [0.0, 2.0]}
    expected = generate_spikes(settings, tmp_path / "s_nodes.h5", tmp_path / "s.h5")
    for node in range(5):
        np.testing.assert_array_equal(
            generator.get_times(node), np.sort(expected.timestamps[expected.node_ids == node])
        )
    before = len(generator)
    generator.add(0, firing_rate=20.0, a=3.0, times=2.0)
    assert len(set(generator.get_times(0))) == len(generator.get_times(0)) > 0 < before < len(generator)
    for wrong in ({"a": 0.0}, {"firing_rate": -1.0}, {"times": (1.0, 0.5)}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            generator.add(**{"node_ids": 0, "firing_rate": 1.0, "a": 1.0, **wrong})


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
    np.testing.assert_array_equal(table[(5, 0, 0.5)], report["mcortex"].data(5)[:, 0])
    assert report.data(5, time_window=(10.0, 12.0)).shape == (20, 1)
    assert report.default_population == "mcortex"
    assert report.custom_columns() == {}
    assert CompartmentReport.load(report=report) is report
    assert CompartmentReport(result / "v.h5", default_population="mcortex").units() == "mV"
    with pytest.raises(InputError, match=r"cortex.*mcortex"):
        CompartmentReport(result / "v.h5", default_population="cortex")
    with pytest.raises(InputError, match=r"sections.*origin"):
        report.data(5, sections="orign")
    assert report.get_population("nowhere") is None
    assert report.index_pointer().tolist()[:2] == [0, 1]
    assert report.time().tolist() == [0.0, 200.0, 0.1]
    with pytest.raises(InputError, match="element_pos"):
        report.get_column("element_poss")
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


def test_statistics_of_spikes_by_node_and_by_group(tmp_path):
    spikes = SpikeTrains(population="cells")
    spikes.add_spikes([0, 0, 0, 2], [10.0, 40.0, 20.0, 5.0])
    spikes.to_sonata(tmp_path / "spikes.h5")
    nodes = NetworkBuilder("cells")
    nodes.add_nodes(N=2, kind="a", model_type="virtual", angle=[1.0, 2.0])
    nodes.add_nodes(N=1, kind="b", model_type="virtual", angle=[3.0])
    nodes.build()
    nodes.save_nodes(output_dir=tmp_path)
    table = spike_statistics(tmp_path / "spikes.h5")
    assert table.loc[("cells", 0)].tolist() == [3, 15.0]
    assert table.loc[("cells", 2)].tolist() == [1, 0.0]
    files = {"nodes_file": "cells_nodes.h5", "node_types_file": "cells_node_types.csv"}
    config = {
        "run": {"tstop": 500.0},
        "networks": {"nodes": [files]},
        "output": {"output_dir": ".", "spikes_file": "spikes.h5"},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    groups = spike_statistics(config_file=tmp_path / "config.json", group_by="kind")
    assert groups["firing_rate"]["mean"].to_dict() == {"a": 3.0, "b": 2.0}
    assert groups["count"]["mean"].to_dict() == {"a": 1.5, "b": 1.0}
    with pytest.raises(InputError, match=r"kinf.*kind"):
        spike_statistics(config_file=tmp_path / "config.json", group_by="kinf")
    assert nodes_table(tmp_path / "cells_nodes.h5", "cells")["angle"].tolist() == [1.0, 2.0, 3.0]
    assert node_types_table(tmp_path / "cells_node_types.csv")["kind"].tolist() == ["a", "b"]
