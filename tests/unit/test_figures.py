"""Figures: nothing clipped or covered, units on the axes, one colour for one population, an answer without spikes."""

import itertools
import json
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from figure_checks import faults
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from small_result import GROUPS, RULE, write_result

matplotlib.use("agg")

from colonnade.analysis.activity import activity
from colonnade.analysis.result import Result
from colonnade.errors import InputError, MissingFile
from colonnade.figures import overlay, plot_raster, plot_rates, plot_rates_boxplot, plot_traces
from colonnade.figures.kinds.correlations import draw_correlations
from colonnade.figures.kinds.distributions import draw_distributions
from colonnade.figures.kinds.placement import draw_placement
from colonnade.figures.kinds.raster import draw_raster
from colonnade.figures.kinds.sweep import told_apart
from colonnade.figures.registry import figure_kind, figure_reads, figure_settings
from colonnade.figures.saving import save_figure
from colonnade.figures.style import PALETTE, colours_of, ink_on, paper_style, sequential, short, size_inches

SCHEMAS = Path(__file__).resolve().parents[2] / "workflow" / "schemas"
EDGES = {"mcortex_to_mcortex": [{"connection_rule": "distance_connector", "connection_params": RULE}]}
SETTINGS = {
    "raster": {},
    "traces": {"report": "v", "node_ids": [0]},
    "distributions": {"measures": ["rate", "isi", "cv", "fano"]},
    "correlations": {},
    "spectrum": {},
    "placement": {},
    "connection_probability": {"edge_groups": EDGES},
    "connectivity_matrix": {"height": 110},
    "sweep": {"x": "inputs.mthalamus.firing_rate"},
    "morphology": {"report": "v"},
    "network_view": {"most_morphologies": 20},
    "spectrogram": {"height": 110},
    "rate_map": {},
    "connectivity_diagram": {},
    "phase_response": {"edges": "mthalamus_to_mcortex"},
    "own": {"function": f"{Path(__file__).parent}/own_panel.py:spike_count"},
}
PANEL = {
    "kind": "panel",
    "height": 200,
    "rows": [["raster", "traces"], ["distributions"], ["placement", "connection_probability", "sweep"]],
    "figures": {kind: {"kind": kind} | settings for kind, settings in SETTINGS.items()},
}
NOT_A_QUANTITY = {
    "source group",
    "target group",
    "synapses onto a target cell",
    "node id",
    "cell",
    "node id of the source",
    "node id of the target",
    "connection probability",
    "synapses per pair",
    "Fano factor",
}


def points_file(folder: Path, kinds) -> Path:
    rows = []
    for rate in (5, 10, 15, 20):
        for replicate in range(3):
            failed = (rate, replicate) == (20, 2)
            for number, kind in enumerate(kinds):
                row = {"point": f"{rate},{replicate}", "inputs.mthalamus.firing_rate": rate, "weight": rate % 2 * 1e-5}
                row |= {"replicate": replicate, "status": "failed" if failed else "done"}
                row |= {} if failed else {"population": "mcortex", "group": kind}
                rows.append(row | ({} if failed else {"rate_mean_hz": rate * (2 + number) + replicate}))
    pd.DataFrame(rows).drop_duplicates().to_csv(folder / "points.csv", index=False)
    return folder / "points.csv"


@pytest.fixture(scope="module", params=["three groups", "one cell", "many long names", "silent"])
def result(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("result")
    many = [f"L{number}_pyramidal_cells_with_a_long_name" for number in range(9) for _ in range(2)]
    groups = {"one cell": ["Scnn1a"], "many long names": many}.get(request.param, GROUPS)
    found = Result.from_config(write_result(folder, groups=groups, spiking=request.param != "silent"))
    found.points_file = points_file(folder, dict.fromkeys(groups))
    return found


@pytest.fixture(scope="module")
def full_result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("full")
    found = Result.from_config(write_result(folder))
    found.points_file = points_file(folder, dict.fromkeys(GROUPS))
    return found


def drawn(kind: str, result: Result, settings: dict) -> Figure:
    made_by = figure_kind(kind)
    with paper_style():
        size = size_inches(settings.get("width", made_by.width), settings.get("height", made_by.height))
        figure = Figure(figsize=size, layout="constrained")
        made_by.draw(figure, result, settings)
    return figure


def all_axes(figure):
    return [axes for axes in figure.get_axes() if axes.axison]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", SETTINGS)
def test_nothing_is_clipped_or_covered_or_too_small(kind, result, monkeypatch):
    figure = drawn(kind, result, SETTINGS[kind])
    assert faults(figure, monkeypatch) == []


@pytest.mark.parametrize("width", ["column", "page"])
def test_chords_and_differences_and_families_have_no_fault(width, result, tmp_path, monkeypatch):
    other = write_result(tmp_path, groups=result.groups("mcortex").tolist(), seed=4)
    for kind, settings in (
        ("connectivity_diagram", {"style": "chord"}),
        ("difference", {"other": str(other)}),
        ("sweep", SETTINGS["sweep"] | {"lines": "weight"}),
    ):
        figure = drawn(kind, result, settings | {"width": width})
        assert faults(figure, monkeypatch) == [], kind


@pytest.mark.filterwarnings("error")
def test_a_panel_has_a_letter_for_each_figure_and_no_fault(result, monkeypatch):
    figure = drawn("panel", result, PANEL)
    assert faults(figure, monkeypatch) == []
    letters = [part.get_suptitle() for row in figure.subfigs for part in row.subfigs]
    assert letters == list("ABCDEF")


def test_the_checks_find_clipped_and_covered_and_small_text(monkeypatch):
    figure = Figure(figsize=(2, 2))
    figure.text(0.9, 0.5, "beyond the edge")
    figure.text(0.3, 0.3, "one")
    figure.text(0.31, 0.31, "two")
    figure.text(0.1, 0.8, "small", size=5)
    found = faults(figure, monkeypatch)
    assert sorted(fault.split("'")[1] for fault in found) == ["beyond the edge", "one", "small"]


@pytest.mark.parametrize("kind", [kind for kind in SETTINGS if kind not in ("morphology", "network_view")])
def test_every_axis_names_its_quantity_and_unit(kind, full_result):
    figure = drawn(kind, full_result, SETTINGS[kind])
    labels = [label for axes in all_axes(figure) for label in (axes.get_xlabel(), axes.get_ylabel())]
    labels += [figure.get_supylabel()]
    labels += [text.get_text() for axes in figure.axes for text in axes.texts if kind == "placement"]
    named = {label.replace("\n", " ") for label in labels if label}
    assert len(named) >= 2
    for label in named - NOT_A_QUANTITY:
        assert "(" in label or label.endswith(" µm") or label.startswith(("fraction of", "CV")), label


def test_without_spikes_a_figure_says_so(tmp_path):
    silent = Result.from_config(write_result(tmp_path, spiking=False))
    for kind in ("raster", "distributions", "correlations", "spectrum", "rate_map", "spectrogram"):
        texts = [text.get_text() for axes in drawn(kind, silent, SETTINGS[kind]).axes for text in axes.texts]
        assert any("no spikes" in text for text in texts), kind
    assert drawn("rate_map", silent, {}).axes[0].collections[0].get_clim() == (0.0, 1.0)  # all of it white


def test_cells_that_spike_are_not_called_silent_where_a_measure_has_no_value():
    alone = activity([10.0, 40.0], [0, 0], cells=[0], groups=["a"], window=(0, 100))
    once = activity([10.0, 40.0], [0, 1], cells=[0, 1], groups=["a", "a"], window=(0, 100))
    figures = [Figure(), Figure()]
    draw_correlations(figures[0], [alone], {})
    draw_distributions(figures[1], [once], {}, measures=["isi"])
    said = [text.get_text() for figure in figures for axes in figure.axes for text in axes.texts]
    assert said == ["no pair of cells that spike", "too few spikes"]


def test_a_short_run_fills_its_maps(tmp_path):
    short_run = Result.from_config(write_result(tmp_path, groups=["a"] * 5, tstop=150.0))
    (image,) = drawn("spectrogram", short_run, {"segment": 150.0}).axes[0].images
    assert image.get_extent()[:2] == [0.0, 150.0]  # one segment, so one column
    _, means, *_ = drawn("rate_map", short_run, {}).axes
    assert means.get_xlim()[1] > np.nanmax(means.lines[0].get_xdata()) > 0


def test_a_long_name_is_cut_unless_another_would_look_the_same():
    alike = ["a_population_of_pyramidal_cells", "a_population_of_more_pyramidal_cells"]
    names = [*alike, "a_population_of_pyramidal_cell_b", "PV"]
    assert [short(name, names) for name in names] == [*alike, "a_populatio…l_cell_b", "PV"]


def test_numbers_are_read_on_each_colour_of_a_map():
    for share in np.linspace(0, 1, 41):
        colour = sequential()(share)
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
        light = float(np.dot([0.2126, 0.7152, 0.0722], linear))
        contrast = {"black": (light + 0.05) / 0.05, "white": 1.05 / (light + 0.05)}[ink_on(colour)]
        assert contrast >= 4.5  # what WCAG 2.1 asks of text


def test_a_population_has_one_colour_in_all_figures(full_result):
    expected = {name: colour.lower() for name, colour in colours_of(["Rorb", "PV", "Scnn1a", "tON"]).items()}
    raster = drawn("raster", full_result, {})
    assert {to_hex(text.get_color()) for text in raster.axes[0].texts} == {expected[name] for name in set(GROUPS)}
    named = {name: expected[name] for name in ("Rorb", "PV", "Scnn1a")}
    legend = drawn("spectrum", full_result, {}).axes[0].get_legend()
    handles = zip(legend.get_texts(), legend.legend_handles, strict=True)
    assert {text.get_text(): to_hex(handle.get_color()) for text, handle in handles} == named
    rows = [text for axes in drawn("distributions", full_result, {}).axes for text in axes.texts]
    assert {text.get_text(): to_hex(text.get_color()) for text in rows} == named
    only = drawn("raster", full_result, {"population": "mthalamus"})
    assert to_hex(only.axes[0].texts[0].get_color()) == expected["tON"]


def test_groups_stand_in_the_order_of_the_config_in_every_figure(full_result):
    order = ["Rorb", "PV", "Scnn1a"]  # not that of the alphabet
    for kind in ("raster", "distributions", "correlations"):  # from the top on
        texts = [text.get_text() for axes in drawn(kind, full_result, {}).axes for text in axes.texts]
        assert [text for text in texts if text in order] == order, kind
    assert drawn("raster", full_result, {}).axes[0].yaxis_inverted()
    spectrum = drawn("spectrum", full_result, {}).axes[0].get_legend()
    curve = drawn("sweep", full_result, SETTINGS["sweep"]).axes[0].get_legend()
    for legend in (spectrum, curve):
        assert [text.get_text() for text in legend.get_texts()][:3] == order
    means = [axes.get_title(loc="right").split(":")[0] for axes in drawn("traces", full_result, {"report": "v"}).axes]
    assert means == order
    columns = [text.get_text() for text in drawn("connectivity_matrix", full_result, {}).axes[0].texts]
    assert [name for name in columns if name in order][:3] == order


def test_colours_follow_the_order_of_the_config_and_chosen_ones_are_kept():
    names = [f"population{number}" for number in range(12)]
    assert [colours_of(reversed(names))[name] for name in names[:-3:-1]] == list(PALETTE[:2])
    assert len(set(colours_of(names).values())) == 12
    many = [f"group {number}" for number in range(60)]
    assert len(set(colours_of(many).values())) == 60
    assert len(set(colours_of(many, dict(zip(many, PALETTE, strict=False))).values())) == 60
    chosen = colours_of(["a", "b", "c"], {"b": PALETTE[0]})
    assert chosen["b"] == PALETTE[0].lower()
    assert chosen["a"] != chosen["b"]
    assert colours_of(["a"], {"other": "red"}) == {"a": PALETTE[0]}
    with pytest.raises(InputError, match=r"colours\.a"):
        colours_of(["a"], {"a": "blu"})


@pytest.mark.parametrize("span", [(1000, 100, 1000), (100, 1000, 100), (1000, 5, 5), (60, 100, 60), (0, 0, 0)])
@pytest.mark.parametrize("size", [(85, 80), (58, 60), (85, 60)])
def test_cells_of_any_arrangement_fit_into_their_figure(span, size, monkeypatch):
    points = np.random.default_rng(0).uniform(-0.5, 0.5, (40, 3)) * span
    with paper_style():
        figure = Figure(figsize=size_inches(*size), layout="constrained")
        draw_placement(figure, {"a": points[:20], "b": points[20:]}, {})
    assert faults(figure, monkeypatch) == []


def test_cells_are_seen_with_y_upright_x_to_the_right_and_the_nearest_last():
    points = np.array([[0, 0, 0], [10, 0, 0], [0, 10, 0], [0, 0, 10]], dtype=float)
    figure = Figure()
    axes = draw_placement(figure, {"a": points}, {}, elevation=0.0, azimuth=-90.0)[0]
    # Seen along z from its positive end: the cell at z = 10 is in front, drawn last, over the one at the origin.
    np.testing.assert_allclose(axes.collections[0].get_offsets()[-1], [0, 0], atol=1e-9)
    np.testing.assert_allclose(
        sorted(axes.collections[0].get_offsets().tolist()), [[0, 0], [0, 0], [0, 10], [10, 0]], atol=1e-9
    )
    alpha = axes.collections[0].get_facecolor()[:, 3]
    assert alpha.tolist() == pytest.approx([0.35, 0.35, 0.35, 1.0])


def test_a_raster_shows_each_spike_in_the_row_of_its_cell(full_result):
    axes = drawn("raster", full_result, {}).axes[0]
    strokes = [np.reshape(line.get_xydata(), (-1, 3, 2)) for line in axes.lines]  # foot, head, gap
    times = np.concatenate([stroke[:, 0, 0] for stroke in strokes])
    assert sorted(times) == sorted(full_result.spikes("mcortex").timestamps)
    assert all(np.array_equal(stroke[:, 0, 0], stroke[:, 1, 0]) for stroke in strokes)
    # The first group of the config has the first 40 rows.
    rows = strokes[0][:, :2, 1].mean(axis=1)
    assert (rows.min(), rows.max()) == pytest.approx((0, 39))


def test_the_rows_of_a_raster_are_named_by_node_ids_also_where_the_rows_are_in_another_order():
    spikes = activity([10, 20, 30], [7, 5, 9], cells=[5, 7, 9], groups=["b", "a", "b"], population="p", window=(0, 100))
    with paper_style():
        figure = Figure(figsize=size_inches("column", 70), layout="constrained")
        axes = draw_raster(figure, [spikes], {})[0]
        figure.draw_without_rendering()
    shown = {round(label.get_position()[1]): label.get_text() for label in axes.get_yticklabels()}
    assert {row: shown[row] for row in range(3)} == {0: "5", 1: "9", 2: "7"}
    assert axes.get_ylabel() == "node id"


def test_equal_medians_hide_no_mark():
    groups = ["a"] * 3 + ["b"] * 3
    ids = [0, 1, 2, 3, 4, 5]
    spikes = activity([*range(0, 60, 10)] * 6, np.repeat(ids, 6), cells=ids, groups=groups, window=(0, 100))
    with paper_style():
        figure = Figure(figsize=size_inches("column", 50), layout="constrained")
        axes = draw_distributions(figure, [spikes], {}, measures=["rate"])
        figure.draw_without_rendering()
    marks = [line.get_transform().transform(line.get_xydata())[0] for each in axes for line in each.lines]
    assert len(marks) == 2
    assert abs(marks[0][0] - marks[1][0]) < 1e-6
    assert abs(marks[0][1] - marks[1][1]) > 10


def test_traces_mark_the_spikes_of_their_cell_and_keep_every_peak(full_result):
    figure = drawn("traces", full_result, {"report": "v", "node_ids": [50], "window": [0, 1000]})
    line, marks = figure.axes[-1].lines
    spikes = full_result.activity("mcortex").trains()[50]
    assert marks.get_xdata().tolist() == spikes.tolist()
    assert (line.get_ydata() > 30).sum() >= len(spikes)


def test_cells_without_a_position_are_left_out_and_units_are_known_by_the_variable(tmp_path, monkeypatch):
    import h5py

    config = write_result(tmp_path, groups=["a"] * 6 + ["b"], tstop=50.0)
    with h5py.File(tmp_path / "mcortex_nodes.h5", "r+") as file:
        file["nodes/mcortex/0/positions"][3] = np.nan
    with h5py.File(tmp_path / "cai.h5", "r+") as file:
        file["report/mcortex/data"].attrs["units"] = "NA"
    found = Result.from_config(config)
    for kind in ("placement", "connection_probability"):
        assert faults(drawn(kind, found, SETTINGS[kind]), monkeypatch) == []
    shown = drawn("placement", found, {}).axes[0].collections
    assert sum(len(points.get_offsets()) for points in shown) == 6
    traces = drawn("traces", found, {"report": "cai"})
    assert traces.get_supylabel() == "intracellular [Ca$^{2+}$] (nM)"
    assert traces.axes[1].get_title(loc="right") == "b: the only cell"


def test_settings_that_fit_nothing_are_refused_by_name(full_result):
    for settings, message in (
        ({"report": "w"}, "no such report"),
        ({"report": "v", "node_ids": [500]}, "node 500"),
    ):
        with pytest.raises(InputError, match=message):
            drawn("traces", full_result, settings)
    with pytest.raises(InputError, match="mthalamus"):
        drawn("raster", full_result, {"population": "mthalams"})
    with pytest.raises(InputError, match="group_by"):
        drawn("raster", full_result, {"group_by": "pop_nam"})
    with pytest.raises(InputError, match="positions"):
        drawn("connection_probability", full_result, {"edges": "mthalamus_to_mcortex"})
    with pytest.raises(InputError, match="one height a row"):
        drawn("panel", full_result, PANEL | {"heights": [1]})


def test_a_sweep_of_two_values_is_a_map_with_the_failed_point_hatched(full_result, monkeypatch):
    figure = drawn("sweep", full_result, SETTINGS["sweep"] | {"y": "weight"})
    assert faults(figure, monkeypatch) == []
    assert figure.axes[1].get_ylabel() == "mean rate of Rorb (Hz)"  # the first group of the config
    assert figure.axes[0].get_xlabel() == "firing rate of mthalamus (Hz)"
    image = figure.axes[0].images[0].get_array()
    assert image.shape == (2, 4)
    assert any("±" in text.get_text() for text in figure.axes[0].texts)


def test_groups_of_one_name_in_two_networks_are_two_in_a_sweep(full_result):
    points = pd.read_csv(full_result.points_file)
    done = points["status"] == "done"
    other = points[done].assign(population="mthalamus", rate_mean_hz=np.nan)
    assert told_apart(points)["group"].dropna().unique().tolist() == list(dict.fromkeys(GROUPS))
    names = told_apart(pd.concat([points, other]))["group"].dropna().unique().tolist()
    assert names == [f"{group} ({of})" for of in ("mcortex", "mthalamus") for group in dict.fromkeys(GROUPS)]


def test_an_overlay_pairs_the_cells_of_two_results(full_result, tmp_path, monkeypatch):
    other = Result.from_config(write_result(tmp_path, seed=5))
    with paper_style():
        figure = Figure(figsize=size_inches(*overlay.SIZE), layout="constrained")
        overlay.from_results(figure, full_result, other, ("one", "other"))
    assert faults(figure, monkeypatch) == []
    with pytest.raises(InputError, match="no population"):
        overlay.from_results(Figure(), full_result, Result(), ("one", "other"))


def test_calls_of_the_bmtk_tutorials_work(full_result, tmp_path):
    config = Path(full_result.node_files[0][0]).parent / "config.json"
    raster = plot_raster(config_file=config, title="Spikes", show=False, save_as=tmp_path / "raster.png")
    assert (tmp_path / "raster.png").stat().st_size > 1000
    assert raster.get_suptitle() == "Spikes"
    assert len(plot_raster(config_file=config, with_histogram=False, show=False).axes) == 1
    grouped = plot_raster(config_file=config, group_by="pop_name", group_excludes=["PV"], times=(0, 500), show=False)
    assert {text.get_text() for text in grouped.axes[0].texts} == {"Rorb", "Scnn1a"}
    spikes_only = plot_raster(spikes_file=config.parent / "spikes.h5", show=False)
    assert spikes_only.axes[0].texts[0].get_text() == "mcortex"
    assert len(plot_traces(config_file=config, report_name="v", node_ids=[50], show=False).axes) == 1
    averaged = plot_traces(config_file=config, report_name="cai", node_ids=range(50, 100), average=True, show=False)
    assert "mean and quartiles of 50 cells" in averaged.axes[0].get_title(loc="right")
    by_group = plot_traces(config_file=config, report_name="v", group_by="pop_name", show=False)
    assert len(by_group.axes) == 3
    assert plot_traces(report_path=config.parent / "v.h5", node_ids=3, show=False).axes
    assert plot_rates(config_file=config, smoothing=True, show=False).axes
    assert plot_rates_boxplot(config_file=config, group_by="pop_name", show=False).axes


def test_arrays_can_be_plotted_and_nothing_named_is_said(full_result):
    figure = plot_raster(timestamps=[1.0, 2.0, 50.0], node_ids=[0, 1, 1], times=(0, 100), show=False)
    assert figure.axes[0].get_xlim() == (0, 100)
    with pytest.raises(InputError, match="nothing to plot"):
        plot_raster(show=False)
    with pytest.raises(MissingFile):
        plot_raster(spikes_file="nowhere.h5", show=False)
    config = Path(full_result.node_files[0][0]).parent / "config.json"
    with pytest.raises(InputError, match="no such report"):
        plot_traces(config_file=config, show=False)


def test_the_style_of_the_notebook_does_not_reach_a_figure_and_stays_as_it_was():
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black"}):
        figure = plot_raster(timestamps=[1.0], node_ids=[0], show=False)
    assert figure.axes[0].xaxis.label.get_fontsize() == 7
    assert to_hex(figure.axes[0].get_facecolor()) == "#ffffff"
    assert dict(matplotlib.rcParams) == before


def test_many_spikes_become_pixels_but_never_the_text(tmp_path):
    from colonnade.figures.kinds.raster import draw_raster
    from colonnade.figures.saving import save_figure

    times, cells = [number * 0.01 for number in range(60_000)], [number % 50 for number in range(60_000)]
    with paper_style():
        figure = Figure(figsize=size_inches("column", 70), layout="constrained")
        draw_raster(figure, [activity(times, cells, population="p", window=(0, 600))], {})
    save_figure(figure, [tmp_path / "many.svg"], {})
    text = (tmp_path / "many.svg").read_text()
    assert len(text) < 1_000_000
    assert ">time (ms)</text>" in text
    assert "<image" in text


@pytest.mark.parametrize("kind", [*SETTINGS, "panel"])
def test_defaults_of_the_schema_are_those_of_the_functions(kind):
    import inspect

    function = getattr(sys.modules[figure_kind(kind).draw.__module__], f"draw_{kind}", None)
    schema = figure_kind(kind).schema()["properties"]
    parameters = inspect.signature(function).parameters if function else {}
    for name, part in schema.items():
        if name in parameters and name != "colours" and "default" in part:
            default = parameters[name].default
            assert part["default"] == (list(default) if isinstance(default, tuple) else default), name


def test_statistics_defaults_of_the_schema_are_those_of_the_code():
    from colonnade.analysis.tables import Settings

    schema = json.loads((SCHEMAS / "statistics.schema.json").read_text())["properties"]
    defaults = {name: part["default"] for name, part in schema.items()}
    assert defaults == vars(Settings()) | {"window": list(Settings().window)}


def test_a_panel_depends_on_its_figures_and_a_probability_on_the_rules():
    figures = {
        "a": {"kind": "raster", "bin": 5},
        "b": {"kind": "connection_probability"},
        "p": {"kind": "panel", "rows": [["a", "b"]]},
        "other": {"kind": "spectrum"},
    }
    networks = {"n": {"edges": [{"connection_rule": "r", "connection_params": {"x": 1}, "syn_weight": 3}]}}
    settings = figure_settings(figures, "p", networks)
    assert sorted(settings["figures"]) == ["a", "b"]
    rules = settings["figures"]["b"]["edge_groups"]
    assert rules == {"n_to_n": [{"connection_rule": "r", "connection_params": {"x": 1}}]}
    assert figure_reads(settings) == ("edges", "nodes", "spikes")
    assert figure_settings(figures, "a", networks) == {"kind": "raster", "bin": 5}
    with pytest.raises(InputError, match=r"rows"):
        figure_settings(figures | {"p": {"kind": "panel", "rows": [["c"]]}}, "p", networks)


def test_tick_labels_are_formulas_only_where_an_axis_has_a_power_of_ten(tmp_path):
    with paper_style():
        figure = Figure(layout="constrained")
        plain, tiny = figure.subplots(1, 2)
        plain.plot([0, 1], [0.0, 0.5])
        tiny.plot([0, 1], [0.0, 5e-7])
    save_figure(figure, [tmp_path / "figure.png"], {})
    assert not any("$" in label.get_text() for label in plain.get_yticklabels())
    assert "10^{" in tiny.yaxis.get_offset_text().get_text()


def test_a_population_of_regular_cells_is_not_called_silent():
    """Cells that fire like a clock have CVs of 0."""
    regular = activity([*range(0, 100, 10)] * 3, [0] * 10 + [1] * 10 + [2] * 10, population="p", window=(0, 100))
    silent = activity([], [], cells=[0, 1], population="p", window=(0, 100))
    for spikes, said in ((regular, []), (silent, ["no spikes"] * 2)):
        with paper_style():
            figure = Figure(figsize=size_inches("page", 50), layout="constrained")
            axes = draw_distributions(figure, [spikes], {}, measures=["rate", "cv"])
        assert [text.get_text() for each in axes for text in each.texts] == said


# Machado, Oliveira & Fernandes 2009 (doi:10.1109/TVCG.2009.113), severity 1, on linear RGB.
COLOUR_BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def cielab(linear: np.ndarray) -> np.ndarray:
    """Return L*, a*, b* of a colour in linear RGB (3,), for the white of D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ linear / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("kind", COLOUR_BLINDNESS)
def test_the_palette_is_told_apart_with_colour_blindness(kind):
    """A difference of 2.3 is just seen (Mahy et al. 1994); thin lines need a multiple of it."""
    rgb = np.array([to_rgb(colour) for colour in PALETTE])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = [cielab(np.clip(np.array(COLOUR_BLINDNESS[kind]) @ colour, 0, 1)) for colour in linear]
    nearest = min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2))
    assert nearest > 6 * 2.3
