"""Wiring statistics, and the tables of a whole result read from its SONATA files."""

import json

import h5py
import numpy as np
import pandas as pd
import pytest
from small_result import RULE, write_result

from colonnade.analysis.comparison import config_differences, simulation_config, statistic_differences
from colonnade.analysis.connectivity import connection_probability, rule_probability, wilson_interval, wiring
from colonnade.analysis.recorded import course_of_cell, course_of_group
from colonnade.analysis.result import Result
from colonnade.analysis.sweep_tables import gather, read_points, summarise, varied
from colonnade.analysis.tables import Settings, activity_tables, degree_table, distance_table, rows_of
from colonnade.errors import InputError, MissingFile
from colonnade.streams import stream


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return write_result(tmp_path_factory.mktemp("result"))


@pytest.fixture(scope="module")
def result(config):
    return Result.from_config(config)


def test_degrees_count_cells_and_synapses_for_both_forms_of_edge_files():
    by_pair = wiring([0, 1, 2], [0, 1], [0, 2, 2], [1, 1, 0], [3, 2, 4])
    by_synapse = wiring([0, 1, 2], [0, 1], [0, 0, 0, 2, 2, 2, 2, 2, 2], [1, 1, 1, 1, 1, 0, 0, 0, 0])
    for wired in (by_pair, by_synapse):
        assert wired.in_degrees().tolist() == [1, 2]
        assert wired.out_degrees().tolist() == [1, 0, 2]
        assert wired.in_synapses().tolist() == [4, 5]
        assert wired.out_synapses().tolist() == [3, 0, 6]
        assert wired.matrix()[0].tolist() == [[0, 3], [0, 0], [4, 2]]
    assert wiring([0, 1], [0, 1], [0, 1], [1, 0], [0, 2]).out_degrees().tolist() == [0, 1]


def test_an_edge_of_an_unknown_cell_is_named():
    with pytest.raises(InputError, match=r"source_node_id.*17"):
        wiring([0, 1], [0, 1], [0, 17], [1, 1])


def test_a_large_matrix_averages_neighbours():
    n = 1000
    wired = wiring(range(n), range(n), np.arange(n), np.arange(n), np.full(n, 5))
    matrix, rows, columns = wired.matrix(most=100)
    assert matrix.shape == (100, 100)
    assert np.diff(rows).tolist() == [10] * 100
    assert np.diagonal(matrix).tolist() == [0.5] * 100
    assert (matrix * np.outer(np.diff(rows), np.diff(columns))).sum() == wired.synapses.sum()


def test_connection_probability_counts_every_pair_once_and_no_cell_with_itself():
    positions = np.array([[0, 0, 0], [5, 0, 0], [0, 25, 0]], dtype=float)
    wired = wiring(range(3), range(3), [0, 2, 1], [1, 0, 1], same_population=True)
    found = connection_probability(wired, positions, positions, 10.0, rng=stream(0, "x"))
    assert found.edges.tolist() == [0, 10, 20, 30]
    assert found.n_pairs.tolist() == [2, 0, 4]
    assert found.n_connected.tolist() == [1, 0, 1]
    assert found.probability[[0, 2]].tolist() == [0.5, 0.25]
    assert found.distance[0] == 5.0
    assert np.isnan(found.probability[1])


def test_a_sample_of_targets_estimates_the_same_probability():
    rng = np.random.default_rng(0)
    positions = rng.uniform(0, 100, (400, 3))
    sources, targets = np.nonzero(rng.uniform(size=(400, 400)) < 0.2)
    wired = wiring(range(400), range(400), sources, targets, same_population=True)
    every = connection_probability(wired, positions, positions, 25.0, rng=stream(0, "x"))
    some = connection_probability(wired, positions, positions, 25.0, rng=stream(0, "x"), most_pairs=40_000)
    assert some.n_pairs.sum() == 100 * 399
    assert every.n_pairs.sum() == 400 * 399
    kept = np.flatnonzero(some.n_pairs > 1000)
    # Binomial with p = 0.2: five standard errors.
    error = np.sqrt(0.2 * 0.8 / some.n_pairs[kept])
    assert (np.abs(some.probability[kept] - every.probability[kept]) < 5 * error).all()


def test_wilson_interval_is_scipys():
    from scipy.stats import binomtest

    fraction, low, high = wilson_interval(np.array([0, 3, 10]), np.array([10, 10, 10]))
    for place, successes in enumerate((0, 3, 10)):
        expected = binomtest(successes, 10).proportion_ci(method="wilson")
        assert (low[place], high[place]) == pytest.approx(tuple(expected), abs=1e-9)
    assert fraction.tolist() == [0, 0.3, 1]


def test_the_rules_curve_goes_through_the_measured_probabilities():
    rng = np.random.default_rng(5)
    positions = rng.uniform(0, 60, (600, 3))
    distance = np.sqrt(((positions[:, None] - positions[None]) ** 2).sum(axis=2))
    near = np.clip(RULE["d_weight_max"] * (1 - distance / RULE["d_max"]), 0, 1)
    synapses = (rng.uniform(size=distance.shape) <= near) * rng.integers(0, 11, distance.shape)
    np.fill_diagonal(synapses, 0)
    sources, targets = np.nonzero(synapses)
    wired = wiring(range(600), range(600), sources, targets, synapses[sources, targets], same_population=True)
    found = connection_probability(wired, positions, positions, 2.5, rng=stream(0, "x"))
    many = found.n_pairs > 500
    expected = rule_probability("distance_connector", RULE, found.distance)
    error = np.sqrt(np.maximum(expected * (1 - expected), 1e-4) / found.n_pairs)
    assert (np.abs(found.probability - expected)[many] < 4 * error[many]).all()
    # The wrong curve, which forgets that 0 synapses may be drawn, does not fit: the test can fail.
    assert not (np.abs(found.probability - expected * 1.1)[many] < 4 * error[many]).all()


def test_connect_random_excludes_its_upper_bound_and_unknown_rules_have_no_curve():
    assert rule_probability("connect_random", {"nsyn_min": 0, "nsyn_max": 12}, np.zeros(1))[0] == pytest.approx(11 / 12)
    assert rule_probability("mine.py:connect", {"nsyn_min": 0, "nsyn_max": 12}, np.zeros(1)) is None


def test_a_result_is_found_through_its_config(result):
    assert result.simulated == ["mcortex"]
    assert result.group_names() == ["Rorb", "PV", "Scnn1a", "tON"]
    assert result.window() == (0.0, 1000.0)
    assert result.window([200, None]) == (200.0, 1000.0)
    spikes = result.activity("mcortex")
    assert len(spikes.node_ids) == 100
    assert spikes.group("PV").node_ids.tolist() == list(range(40, 60))
    assert len(result.activity("mthalamus").times) == len(result.spikes("mthalamus").timestamps)
    with pytest.raises(InputError, match="mcortex"):
        result.populations("mcortx")
    with pytest.raises(InputError, match="cai"):
        result.report("ca")


def test_tables_hold_every_cell_and_add_up(result):
    tables = activity_tables(result, Settings(), seed=1)
    cells, populations = tables["cells"], tables["populations"].set_index("group")
    assert sorted(cells["node_id"]) == list(range(100))
    assert populations["n_cells"].to_dict() == {"PV": 20, "Rorb": 40, "Scnn1a": 40}
    assert populations["n_spikes"].sum() == len(result.spikes("mcortex").timestamps)
    assert populations.loc["PV", "rate_mean_hz"] == pytest.approx(cells[cells.group == "PV"]["rate_hz"].mean())
    assert (populations["rate_low_hz"] < populations["rate_mean_hz"]).all()
    assert tables["intervals"]["n"].sum() == sum(max(n - 1, 0) for n in cells["n_spikes"])
    psth = tables["psth"].groupby("group")["rate_hz"].mean()
    assert psth["PV"] == pytest.approx(populations.loc["PV", "rate_mean_hz"])
    assert len(tables["correlations"]) == 190 + 780 + 780
    mean = tables["correlations"].groupby("group")["correlation"].mean()
    assert mean["PV"] == pytest.approx(populations.loc["PV", "correlation_mean"])


def test_a_window_leaves_a_transient_out(result):
    late = activity_tables(result, Settings.of({"window": [500, None]}), seed=1)["populations"]
    times = result.spikes("mcortex").timestamps
    assert late["n_spikes"].sum() == (times >= 500).sum()
    assert late["start_ms"].tolist() == [500.0] * 3


def test_tables_of_the_network(result):
    degrees = degree_table(result, Settings())
    recurrent = degrees[degrees["edges"] == "mcortex_to_mcortex"]
    sums = recurrent.groupby("direction")["n_synapses"].sum()
    assert sums["in"] == sums["out"] > 0
    assert set(degrees[degrees["edges"] == "mthalamus_to_mcortex"]["group"]) == {"PV", "Rorb", "Scnn1a", "tON"}
    distances = distance_table(result, Settings(), seed=0)
    assert set(distances["edges"]) == {"mcortex_to_mcortex"}
    assert distances["n_pairs"].sum() == 100 * 99
    assert (distances["distance_um"].between(distances["start_um"], distances["stop_um"])).all()


def test_a_cell_without_a_position_has_no_distance(tmp_path):
    config = write_result(tmp_path, groups=["a"] * 10, tstop=50.0)
    with h5py.File(tmp_path / "mcortex_nodes.h5", "r+") as file:
        file["nodes/mcortex/0/positions"][3] = np.nan
    assert distance_table(Result.from_config(config), Settings(), seed=0)["n_pairs"].sum() == 9 * 8
    with h5py.File(tmp_path / "mcortex_nodes.h5", "r+") as file:
        file["nodes/mcortex/0/positions"][:] = np.nan
    assert len(distance_table(Result.from_config(config), Settings(), seed=0)) == 0


def test_no_spikes_give_tables_with_their_columns(tmp_path, result):
    silent = Result.from_config(write_result(tmp_path, spiking=False))
    tables, full = activity_tables(silent, Settings(), seed=1), activity_tables(result, Settings(), seed=1)
    for name, table in full.items():
        assert list(tables[name].columns) == list(table.columns), name
    assert len(tables["intervals"]) == len(tables["spectrum"]) == len(tables["correlations"]) == 0
    assert tables["populations"]["rate_mean_hz"].tolist() == [0, 0, 0]
    row = next(rows_of(tables["populations"]))
    assert row["cv_mean"] is None
    json.dumps(row, allow_nan=False)


def test_an_unknown_setting_has_its_neighbour_offered():
    with pytest.raises(InputError, match=r"Did you mean 'psth_bin'"):
        Settings.of({"psth_bins": 5})


def test_a_recorded_group_has_its_mean_and_quartiles(result):
    report = result.report("v")
    course = course_of_group(report, [3, 5, 8], (100.0, 200.0))
    values = np.stack([course_of_cell(report, cell, (100.0, 200.0))[1] for cell in (3, 5, 8)], axis=1)
    assert course.n_cells == 3
    assert (course.times[0], course.times[-1]) == pytest.approx((100.0, 200.0))
    np.testing.assert_allclose(course.mean, values.mean(axis=1))
    np.testing.assert_allclose(course.lower, np.quantile(values, 0.25, axis=1))
    with pytest.raises(InputError, match="none of the cells"):
        course_of_group(report, [777], (0, 10))


def _points(folder):
    """Four rates, three replicates each, one of them failed."""
    points = []
    for rate in (5, 10, 20):
        for replicate in range(3):
            file = folder / f"{rate}_{replicate}.csv"
            if (rate, replicate) != (20, 2):
                rates = [rate + replicate, 2.0 * rate + replicate]
                table = {"population": "p", "group": ["a", "b"], "rate_mean_hz": rates}
                pd.DataFrame(table).to_csv(file, index=False)
            values = {"inputs.x.rate": rate}
            points.append({"name": f"rate~{rate},{replicate}", "values": values, "replicate": replicate, "file": file})
    return points


def test_all_points_are_in_one_table_and_a_failed_one_says_so(tmp_path):
    table = gather(_points(tmp_path))
    assert list(table.columns[:4]) == ["point", "inputs.x.rate", "replicate", "status"]
    assert len(table) == 8 * 2 + 1
    failed = table[table["status"] == "failed"]
    assert failed["point"].tolist() == ["rate~20,2"]
    assert failed["rate_mean_hz"].isna().all()


def test_replicates_become_means_with_intervals_and_new_points_change_no_other(tmp_path):
    points = _points(tmp_path)
    summary = summarise(gather(points), ["inputs.x.rate"], seed=1)
    row = summary[(summary["inputs.x.rate"] == 10) & (summary["group"] == "b")].iloc[0]
    assert (row["mean"], row["n"], row["n_failed"]) == (21.0, 3, 0)
    assert 20 <= row["low"] < 21 < row["high"] <= 22
    assert summary[summary["inputs.x.rate"] == 20]["n_failed"].tolist() == [1, 1]
    more = [*points, {**points[0], "values": {"inputs.x.rate": 7.5}, "name": "new"}]
    again = summarise(gather(more), ["inputs.x.rate"], seed=1)
    pd.testing.assert_frame_equal(
        again[again["inputs.x.rate"] != 7.5].reset_index(drop=True), summary, check_dtype=False
    )
    with pytest.raises(InputError, match=r"inputs\.x\.rate'"):
        summarise(gather(points), ["inputs.x.rte"], seed=1)


def test_a_written_table_of_points_gives_the_same_summary(tmp_path):
    table = gather(_points(tmp_path))
    table.to_csv(tmp_path / "points.csv", index=False)
    again = read_points(tmp_path / "points.csv")
    assert varied(again) == varied(table) == ["inputs.x.rate"]
    pd.testing.assert_frame_equal(
        summarise(again, ["inputs.x.rate"], seed=1), summarise(table, ["inputs.x.rate"], seed=1)
    )
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="not a table of a sweep"):
        read_points(tmp_path / "other.csv")


def test_differences_of_two_results_name_paths_and_statistics(tmp_path, config):
    assert simulation_config(config.parent) == config
    with pytest.raises(MissingFile):
        simulation_config(tmp_path)
    one = {"a": {"b": 1, "c": [1, 2]}, "list": [{"x": 1}], "only": 5}
    other = {"a": {"b": 2, "c": [1, 2]}, "list": [{"x": 1}, {"x": 2}]}
    found = config_differences(one, other).set_index("path")
    assert found.index.tolist() == ["a.b", "only", "list.1.x"]
    assert found.loc["a.b"].tolist() == ["1", "2"]
    assert found.loc["only"].tolist() == ["5", "(absent)"]
    table = pd.DataFrame({"population": "p", "group": ["a"], "rate": [10.0], "cv": [np.nan]})
    differences = statistic_differences(table, table.assign(rate=[15.0])).set_index("statistic")
    assert differences.loc["rate", ["difference", "relative"]].tolist() == [5.0, 0.5]
    assert np.isnan(differences.loc["cv", "difference"])


def test_a_sweep_without_a_point_named_cannot_be_compared(tmp_path):
    for name in ("rate~5", "rate~10"):
        (tmp_path / "simulation" / name).mkdir(parents=True)
        (tmp_path / "simulation" / name / "config.json").write_text("{}")
    with pytest.raises(InputError, match="rate~10"):
        simulation_config(tmp_path)


def test_the_interval_of_a_fraction_follows_the_confidence():
    """Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E): 81 of 263, 95 %."""
    fraction, low, high = wilson_interval(np.array([81]), np.array([263]))
    assert (round(low[0], 4), round(high[0], 4)) == (0.2553, 0.3662)
    narrow = wilson_interval(np.array([81]), np.array([263]), 0.5)
    assert low[0] < narrow[1][0] < fraction[0] < narrow[2][0] < high[0]
