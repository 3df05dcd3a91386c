"""What the report says of a result: numbers, tables, times, points of a sweep, the user's own functions."""

import json
from pathlib import Path

import pytest
import yaml
from docutils.core import publish_parts

from colonnade.experiment import Experiment, Plan
from colonnade.report import RunReport
from colonnade.report.steps import steps, summary
from colonnade.report.tables import escaped, folded, interval, number, rst_table

ROOT = Path(__file__).resolve().parents[2]
HEAD = (
    "population,group,n_cells,n_spikes,start_ms,stop_ms,rate_mean_hz,rate_low_hz,rate_high_hz,cv_mean,correlation_mean"
)


def html(text: str) -> str:
    """Return what docutils makes of ``text``; its complaints are errors."""
    return publish_parts(text, writer="html", settings_overrides={"halt_level": 2, "report_level": 2})["body"]


@pytest.fixture
def experiment(tmp_path, monkeypatch):
    """The small experiment as a sweep over two rates, one of which failed, with a connector of the user's own."""
    monkeypatch.chdir(tmp_path)
    values = yaml.safe_load((ROOT / "tests" / "workflow" / "experiment.yaml").read_text())
    Path("own.py").write_text("def ring(source, target):\n    return 1\n")
    values["networks"]["cells"]["edges"][0] |= {"connection_rule": "own.py:ring", "connection_params": {}}
    values["sweep"] = {"values": {"inputs.sources.firing_rate": [30.0, 60.0]}}
    values["figures"]["raster"]["caption"] = "My own words."
    experiment = Experiment(values)
    folder = Path(experiment.folder, "statistics", "firing_rate~30")
    folder.mkdir(parents=True)
    (folder / "populations.csv").write_text(f"{HEAD}\ncells,stick,3,54,0,200,90,85,95,0.3751,\n")
    points = "point,inputs.sources.firing_rate,replicate,status"
    rows = ["firing_rate~30,30,0,done,cells,stick,3,54,0,200,90,85,95,0.3751,", "firing_rate~60,60,0,failed,,,,,,,,,,,"]
    (folder.parent / "points.csv").write_text("\n".join([f"{points},{HEAD}", *rows]) + "\n")
    return experiment


def test_numbers_keep_three_digits_and_all_of_a_whole_part():
    said = [number(value) for value in (36.913, 11074, 0.39956, 0.0000123456, 0, 135.0, "", None, float("nan"))]
    assert said == ["36.9", "11,074", "0.4", "1.23e-05", "0", "135", "-", "-", "-"]


def test_an_interval_is_read_from_the_columns_with_the_unit():
    row = {"rate_mean_hz": "90", "rate_low_hz": "85", "rate_high_hz": "95", "cv_mean": ""}
    assert interval(row, "rate", "hz") == "90 (85 to 95)"
    assert interval(row, "cv") == "-"


def test_cells_of_a_table_are_shown_as_they_stand():
    page = html(rst_table(["a_", "*b*"], [["exc_, *1*", 'say "x"'], ["`c`", "|d|"]]))
    for words in ("exc_, *1*", 'say "x"', "`c`", "|d|"):
        assert words.replace('"', "&quot;") in page
    assert "<em>" not in page
    assert rst_table(["a"], []) == "None."


def test_an_absent_value_is_no_bullet_of_a_list():
    assert "<li>" not in html(rst_table(["a"], [["-"]]))


def test_the_front_page_of_a_sweep_shows_the_figures_of_the_middle_one_of_its_points_that_have_some(experiment):
    for rate in (30, 60):  # the first point of a sweep is often one at which little happens
        folder = Path(experiment.folder, "figures", f"firing_rate~{rate}")
        folder.mkdir(parents=True)
        (folder / "raster.png").write_bytes(b"a picture")
        (shown,) = RunReport(Plan(experiment, ROOT), ROOT).figures
        assert shown[0] == f"raster, at firing_rate {rate} (1 more under Simulations)"


def test_a_fold_opens_at_its_title():
    assert "<details><summary>More</summary>" in html(folded("More", "words"))


def test_steps_are_summed_by_kind(tmp_path):
    for name, row in {
        "simulate/a": "2.0\t10.0\t1.0",
        "simulate/b": "3.0\t-\tNA",
        "build_nodes": "1.0\t5.0\t1.0",
    }.items():
        path = tmp_path / f"{name}.tsv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"s\tmax_rss\tcpu_time\n{row}\n")
    rows = {row[0]: row[1:] for row in summary(steps(tmp_path))}
    assert rows == {"simulate": (2, 5.0, 3.0, 10.0), "build_nodes": (1, 1.0, 1.0, 5.0)}


def test_a_page_speaks_of_its_own_point(experiment):
    page = RunReport(Plan(experiment, ROOT), ROOT).texts()["pages"]["figures/raster/firing_rate~30"]
    assert page["at"] == " at firing\\_rate 30"
    assert page["caption"] == "My own words."
    assert page["span"] == "0 to 200 ms"
    assert page["rates"] == "stick (cells): 3 cells, 54 spikes from 0 to 200 ms, 90 (85 to 95) Hz a cell."
    assert "CV 0.375" in page["measures"]


def test_a_point_without_tables_says_nothing_of_spikes(experiment):
    page = RunReport(Plan(experiment, ROOT), ROOT).texts()["pages"]["figures/raster/firing_rate~60"]
    assert page["rates"] == ""
    assert page["statistics"] == "None."
    assert page["timing"] == ""


def test_the_texts_are_plain_values_and_a_damaged_file_of_times_costs_none(experiment):
    timing = Path(experiment.folder, "simulation", "firing_rate~30", "output", "timing.json")
    timing.parent.mkdir(parents=True)
    timing.write_text("{")
    texts = RunReport(Plan(experiment, ROOT), ROOT).texts()
    assert json.loads(json.dumps(texts)).keys() == texts.keys()
    assert (texts["timing"], texts["sweep_points"]) == ("", 2)


def test_a_failed_point_stands_in_the_table_of_points(experiment):
    page = html(RunReport(Plan(experiment, ROOT), ROOT).points)
    assert page.count("failed") == 1
    assert "90 (85 to 95)" in page


def test_the_users_functions_are_named_with_checksum_and_text(experiment):
    page = html(RunReport(Plan(experiment, ROOT), ROOT).user_functions)
    assert "own.py" in page
    assert "sha256" in page
    assert "return" in page


def test_all_parts_of_the_front_page_are_sound(experiment):
    report = RunReport(Plan(experiment, ROOT), ROOT)
    for part in ("style", "points", "cells", "edges", "inputs", "steps", "models", "software", "resolved_config"):
        assert html(getattr(report, part))
    assert "own.py:ring" in html(report.edges)
    assert escaped("a_b*") == "a\\_b\\*"
