"""The report of a finished experiment is one offline page with figures, captions, tables, config and costs."""

import json
import subprocess
import sys
from html import unescape

import pytest
from chromium import CHROMIUM, with_page
from workflow_runs import ROOT, rules_to_run, snakemake

NAMES = ("raster.svg", "traces.svg", "populations.csv", "cells.csv", "connection_probability.csv", "config.json")


@pytest.fixture(scope="session")
def report(finished_run, tmp_path_factory):
    """The report of the small experiment, written beside no result."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    snakemake(finished_run, "--report", path)
    return path


def variable(report, name: str):
    """Return a JavaScript variable of the report."""
    text = report.read_text(encoding="utf-8")
    start = text.index(f"var {name} = ", text.index(f'<script id="{name.replace("_", "-")}">')) + len(f"var {name} = ")
    return json.JSONDecoder().raw_decode(text[start:])[0]


def test_the_results_have_captions_with_numbers_of_this_run(report):
    results = {path.rpartition("/")[2]: result for path, result in variable(report, "results").items()}
    assert set(NAMES) <= results.keys()
    caption = results["raster.svg"]["caption"]
    assert "in bins of 20 ms" in caption
    assert "stick (cells): 3 cells, " in caption
    assert "cell 0 alone" in results["traces.svg"]["caption"]
    assert "their mean lies above the quartiles" in results["traces.svg"]["caption"]
    assert "system-message" not in "".join(result["caption"] for result in results.values())


def test_the_categories_are_those_of_the_experiment(report):
    assert set(variable(report, "categories")) == {"Figures", "Tables", "Network", "Simulation"}


def test_the_front_page_has_config_costs_and_models(report):
    front = unescape(variable(report, "workflow_desc"))
    assert "system-message" not in front
    for words in ("nsteps_block", "peak memory (MB)", "generate spikes", "ball_and_stick.swc", "neuron", "Fano factor"):
        assert words in front


def test_a_caption_is_shown_without_drawing_the_figure_again(finished, edit_config, tmp_path):
    edit_config(finished, lambda config: config["figures"]["raster"].update(caption="All spikes of *three* cells."))
    assert rules_to_run(finished) == {}
    path = tmp_path / "report.html"
    snakemake(finished, "--report", path)
    results = variable(path, "results")
    assert "All spikes of <em>three</em> cells." in results["results/small/figures/raster.svg"]["caption"]


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_in_a_browser_it_shows_everything_without_errors_or_requests(report, tmp_path):
    async def visit(page):
        await page.until("document.querySelector('h1.title') !== null")
        await page.screenshot(tmp_path / "front.png")
        front = await page.evaluate("document.body.innerText")
        widths = "[...document.querySelectorAll('.plots img')].map(e => e.complete && e.naturalWidth)"
        await page.until(f"{widths}.length === 2 && {widths}.every(Boolean)")
        await page.until("document.querySelectorAll('.vega-embed svg, .vega-embed canvas').length > 0")
        await page.click("Figures")
        await page.until("['raster', 'traces'].every(name => document.body.innerText.includes(name))")
        await page.evaluate("app.showResultInfo('results/small/figures/raster.svg')")
        await page.until("document.body.innerText.includes('one row a cell')")
        await page.screenshot(tmp_path / "caption.png")
        return front, page.errors, page.requests

    front, errors, requests = with_page(report.as_uri(), tmp_path, visit)
    assert errors == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert "Time and memory" in front
    assert (tmp_path / "front.png").stat().st_size > 20_000


@pytest.mark.parametrize("form", ["pdf", "svg", "png"])
def test_a_figure_found_on_a_disk_says_what_made_it(finished_run, form):
    figure = finished_run / "results" / "small" / "figures" / f"raster.{form}"
    command = [sys.executable, ROOT / "scripts" / "whence.py", figure]
    words = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "figure raster of the experiment small" in words
    said = json.loads(subprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout)
    assert said["experiment"] == "small"
    assert said["made_by"]["inputs/sources"]["firing_rate"] == 60.0
    assert any(name.endswith("spikes.h5") for name in said["files"])
