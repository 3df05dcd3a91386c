"""Figure files: the same bytes each time, text that stays text, their origin inside, the programs that make them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from small_result import write_result

matplotlib.use("agg")

from matplotlib.figure import Figure

from colonnade.errors import InputError, MissingFile
from colonnade.figures.saving import origin, save_figure
from colonnade.figures.style import paper_style, size_inches

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
PROVENANCE = {"run": "chapter3", "config_sha256": "ab" * 32, "title": "µ → 'quoted' & <odd>"}


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return write_result(tmp_path_factory.mktemp("result"), tstop=300.0)


def call(script, *arguments, check=True, **environment):
    return subprocess.run(
        [sys.executable, SCRIPTS / script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=check,
        env=os.environ | environment,
    )


def small_figure():
    with paper_style():
        figure = Figure(figsize=size_inches("column", 40), layout="constrained")
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], "o")
        axes.set(xlabel="time (ms)", ylabel="rate (Hz)")
    return figure


@pytest.mark.parametrize("form", ["pdf", "svg", "png"])
def test_origin_comes_back_from_the_file(form, tmp_path):
    path = tmp_path / f"figure.{form}"
    save_figure(small_figure(), [path], PROVENANCE)
    assert origin(path) == PROVENANCE


@pytest.mark.parametrize("form", ["pdf", "svg", "png"])
def test_a_figure_without_an_origin_says_so(form, tmp_path):
    path = tmp_path / f"figure.{form}"
    small_figure().savefig(path)
    with pytest.raises(InputError, match="does not say what made it"):
        origin(path)
    path.write_bytes(b"nothing")
    with pytest.raises(InputError, match=f"not an? {form.upper()}"):
        origin(path)
    path.unlink()
    with pytest.raises(MissingFile):
        origin(path)


def test_an_unknown_format_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(InputError, match="Did you mean 'png'"):
        save_figure(small_figure(), [tmp_path / "figure.pgn"], {})
    assert list(tmp_path.iterdir()) == []


def test_text_stays_text_and_fonts_are_embedded(tmp_path):
    from pypdf import PdfReader

    save_figure(small_figure(), [tmp_path / "figure.pdf", tmp_path / "figure.svg"], {})
    page = PdfReader(tmp_path / "figure.pdf").pages[0]
    text = page.extract_text()
    assert "time (ms)" in text
    assert "rate (Hz)" in text
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert fonts
    assert all(font["/Subtype"] == "/Type0" for font in fonts)
    assert ">rate (Hz)</text>" in (tmp_path / "figure.svg").read_text()


def test_a_figure_is_as_wide_as_a_column(tmp_path):
    from pypdf import PdfReader

    save_figure(small_figure(), [tmp_path / "figure.pdf"], {})
    box = PdfReader(tmp_path / "figure.pdf").pages[0].mediabox
    # 72 points an inch; Matplotlib rounds the page to a thousandth of a point.
    assert float(box.width) == pytest.approx(85 / 25.4 * 72, abs=0.01)


@pytest.mark.slow
def test_the_same_result_gives_the_same_bytes_in_another_process_at_another_time_from_another_folder(config, tmp_path):
    import shutil

    moved = tmp_path / "moved" / config.parent.name
    shutil.copytree(config.parent, moved)
    made = []
    for number, (place, epoch) in enumerate(((config, "0"), (moved / "config.json", "1700000000"))):
        files = [tmp_path / str(number) / f"raster.{form}" for form in ("pdf", "svg", "png")]
        seed = str(number)
        call(
            "plot.py",
            "--kind",
            "raster",
            "--config",
            place,
            "--output",
            *files,
            SOURCE_DATE_EPOCH=epoch,
            PYTHONHASHSEED=seed,
        )
        made.append([path.read_bytes() for path in files])
    assert made[0] == made[1]
    assert not re.search(rb"/CreationDate|<dc:date>", b"".join(made[0]))


@pytest.mark.slow
def test_a_figure_found_on_a_disk_says_what_made_it(config, tmp_path):
    settings = json.dumps({"kind": "raster", "bin": 10.0})
    path = tmp_path / "found.pdf"
    call(
        "plot.py",
        "--kind",
        "raster",
        "--config",
        config,
        "--settings",
        settings,
        "--provenance",
        '{"run":"r1"}',
        "--output",
        path,
    )
    said = json.loads(call("whence.py", "--json", path).stdout)
    assert said["run"] == "r1"
    assert said["settings"]["bin"] == 10.0
    assert any(name.endswith("/spikes.h5") for name in said["files"])
    assert not any("v.h5" in name for name in said["files"])
    answer = call("whence.py", tmp_path / "nothing.pdf", check=False)
    assert answer.returncode == 2
    assert answer.stderr.startswith("error: ")


@pytest.mark.slow
def test_a_figure_can_be_drawn_from_single_files(config, tmp_path):
    folder = config.parent
    nodes = ["--nodes", folder / "mcortex_nodes.h5", folder / "mcortex_node_types.csv"]
    nodes += ["--nodes", folder / "mthalamus_nodes.h5", folder / "mthalamus_node_types.csv"]
    edges = ["--edges", folder / "mcortex_mcortex_edges.h5", folder / "mcortex_mcortex_edge_types.csv"]
    call("plot.py", "--kind", "connection_probability", *nodes, *edges, "--output", tmp_path / "p.png")
    spikes = ["--spikes", folder / "spikes.h5", "--tstop", "300"]
    call("plot.py", "--kind", "raster", *nodes, *spikes, "--output", tmp_path / "raster.svg")
    whole = tmp_path / "whole" / "raster.svg"
    call("plot.py", "--kind", "raster", "--config", config, "--output", whole)
    without = re.compile(r"<dc:description>.*?</dc:description>", re.DOTALL)
    assert without.sub("", (tmp_path / "raster.svg").read_text()) == without.sub("", whole.read_text())
    answer = call("plot.py", "--kind", "raster", "--output", tmp_path / "x.png", check=False)
    assert (answer.returncode, "no result named" in answer.stderr) == (2, True)


def test_a_figure_program_explains_itself():
    explained = call("plot.py", "--help").stdout
    assert "Draw a figure of a result" in explained
    assert "--settings" in explained


@pytest.mark.slow
def test_statistics_of_a_result_are_files_with_headers(config, tmp_path):
    settings = json.dumps({"seed": 3, "statistics": {"resamples": 100}})
    answer = call("compute_statistics.py", "--config", config, "--settings", settings, "--output", tmp_path)
    assert "PV: " in answer.stdout
    names = {path.name for path in tmp_path.iterdir()}
    tables = ("cells", "populations", "intervals", "psth", "spectrum", "correlations", "degrees", "field_potentials",
              "field_spectra")  # fmt: skip
    assert names == {f"{name}.csv" for name in (*tables, "connection_probability")} | {"statistics.json"}
    summary = json.loads((tmp_path / "statistics.json").read_text())
    assert summary["seed"] == 3
    assert [row["group"] for row in summary["populations"]] == ["Rorb", "PV", "Scnn1a"]
    assert [(row["population"], row["n_cells"]) for row in summary["inputs"]] == [("mthalamus", 50)]
    # 50 cells, 15 Hz, 0.3 s: 225 spikes of regular trains.
    assert 180 < summary["inputs"][0]["n_spikes"] < 270
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    call("compute_statistics.py", "--config", config, "--settings", settings, "--output", tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.slow
def test_two_results_are_compared(config, tmp_path):
    other = write_result(tmp_path / "other", tstop=300.0, rate=60.0)
    settings = json.loads(other.read_text())
    settings["run"]["dt"] = 0.05
    other.write_text(json.dumps(settings))
    answer = call("compare.py", config.parent, other.parent, "--names", "one", "two", "--output", tmp_path / "out")
    assert re.search(r"run\.dt +0\.1 +0\.05", answer.stdout)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "config_differences.csv", "statistics.csv", "overlay.pdf", "overlay.svg", "overlay.png",
        "difference.pdf", "difference.svg", "difference.png",
    }  # fmt: skip
    table = np.genfromtxt(tmp_path / "out" / "statistics.csv", delimiter=",", names=True, dtype=None, encoding="utf-8")
    rate = next(row for row in table if row["statistic"] == "rate_mean_hz" and row["group"] == "PV")
    # Twice the rate: each of 20 cells has about 9 and 18 spikes in 300 ms, with a variance of a quarter of these.
    assert rate["relative"] == pytest.approx(1.0, abs=0.35)
