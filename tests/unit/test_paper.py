"""What a paper takes from an experiment: every number as a macro, the methods in words, the tables of a model."""

import csv
import shutil
from pathlib import Path

import pytest
import yaml

from colonnade.errors import InputError
from colonnade.experiment import Experiment
from colonnade.figures.registry import figure_kind
from colonnade.paper.latex import escaped, latex_table
from colonnade.paper.manuscript import make_pdf, write_parts
from colonnade.paper.methods import methods_text
from colonnade.paper.models import cell_words
from colonnade.paper.numbers import checked_keys, numbers_of, numbers_tex
from colonnade.paper.tables import nordlie_tables

ROOT = Path(__file__).resolve().parents[2]
POPULATIONS = (
    "population,group,n_cells,n_spikes,rate_mean_hz,rate_low_hz,rate_high_hz,cv_mean\n"
    "net,a_b,100,11074,36.9133333,35.2,38.6,\nnet,c,5,0,0,0,0,0.123456\n"
)


@pytest.fixture
def numbers(tmp_path):
    (tmp_path / "populations.csv").write_text(POPULATIONS)
    (tmp_path / "degrees.csv").write_text(
        "edges,direction,population,group,node_id,n_cells,n_synapses\nx,in,net,c,0,3,20\nx,in,net,c,1,8,50\nx,out,net,c,0,9,9\n"
    )
    return numbers_of({"": tmp_path / "populations.csv"}, {"": tmp_path / "degrees.csv"}, None)


@pytest.fixture(scope="module")
def config():
    return Experiment(yaml.safe_load((ROOT / "config" / "experiments" / "ei_column.yaml").read_text())).config


def test_every_number_of_the_statistics_has_a_key(numbers):
    rows = list(csv.DictReader(POPULATIONS.splitlines()))
    columns = [column for column in rows[0] if column not in ("population", "group")]
    expected = {f"net.{row['group']}.{column}" for row in rows for column in columns if row[column]}
    assert set(numbers) == expected | {"x.pairs", "x.synapses"}
    assert numbers["net.a_b.rate_mean_hz"] == "36.9133333"
    assert (numbers["x.pairs"], numbers["x.synapses"]) == ("11", "70")


def test_a_macro_has_three_digits_and_its_twin_all(numbers):
    text = numbers_tex(numbers)
    assert r"\colonnade@number{net.a_b.rate_mean_hz}{36.9}{36.9133333}" in text
    assert r"\colonnade@number{net.c.cv_mean}{0.123}{0.123456}" in text
    assert r"\colonnade@number{net.a_b.n_cells}{100}{100}" in text
    assert r"{1.50}{1.4995}" in numbers_tex({"rate": "1.4995"}), "zeros that are digits of the number stay"


def test_points_and_means_of_a_sweep_have_keys_of_their_own(tmp_path):
    (tmp_path / "populations.csv").write_text(POPULATIONS)
    (tmp_path / "sweep.csv").write_text(
        "inputs.x.rate,population,group,measure,mean,low,high,n,n_failed\n5.0,net,c,rate_mean_hz,2.5,2,3,3,0\n"
    )
    found = numbers_of({"rate~5": tmp_path / "populations.csv"}, {}, tmp_path / "sweep.csv")
    assert found["rate~5.net.c.n_cells".replace("~", "")] == "5"
    assert found["inputs.x.rate=5.0.net.c.rate_mean_hz.mean"] == "2.5"


def test_a_key_that_is_not_there_is_named_with_its_line_and_the_nearest_one(numbers):
    text = "a\n\\result{net.a_b.rate_mean_hz} % \\result{old}\n\\resultfull{net.a_b.rate_men_hz}\n"
    with pytest.raises(InputError, match=r"line 3.*Did you mean 'net.a_b.rate_mean_hz'"):
        checked_keys(text, numbers, Path("paper.tex"))


def test_the_methods_name_what_was_simulated_and_how(config):
    words = methods_text(config, {"neuron": "9.0.2", "colonnade": "0.1"})
    for said in ("column of 100 cells", "40 of type Scnn1a", "Poisson spike trains of 15 Hz", "1,000 ms",
                 "steps of 0.1 ms", "34 °C", "NEURON 9.0.2", "seed 2026"):  # fmt: skip
        assert said in words, said
    longer = methods_text(config | {"simulation": config["simulation"] | {"tstop": 250.0}}, {})
    assert "250 ms" in longer


def test_the_methods_say_whose_engine_it_is_and_what_neuron_does(config):
    said = {}
    for engine in ("neuron", "coreneuron", "lockstep"):
        settings = config | {"simulation": config["simulation"] | {"engine": engine}}
        said[engine] = methods_text(settings, {"neuron": "9.0.2", "colonnade": "0.1"})
    assert "by Colonnade 0.1 with NEURON 9.0.2;" in said["neuron"]
    assert "by Colonnade 0.1 with CoreNEURON and NEURON 9.0.2;" in said["coreneuron"]
    assert "with its own engine, lockstep, from the cells and mechanisms of NEURON 9.0.2;" in said["lockstep"]


def test_the_models_are_told_by_channels_and_numbers_and_lengths_have_units(config):
    fit = {
        "passive": [{"ra": 138.28, "e_pas": -92.4991, "cm": [{"section": "soma", "cm": 1.0},
                                                             {"section": "apic", "cm": 2.12},
                                                             {"section": "dend", "cm": 2.12}]}],
        "genome": [{"section": "soma", "name": "gbar_NaTs", "value": 0.7, "mechanism": "NaTs"},
                   {"section": "soma", "name": "gbar_Ih", "value": 0.1, "mechanism": "Ih"},
                   {"section": "dend", "name": "g_pas", "value": 1e-5, "mechanism": ""}],
    }  # fmt: skip
    synapse = {"level_of_detail": "exp2syn", "tau1": 1.0, "tau2": 3.0, "erev": -80.0}
    models = {"472363762_fit.json": fit, "AMPA_ExcToExc.json": synapse}
    tables = {title[0]: rows for title, _, rows in nordlie_tables(config, models)}
    said = next(row[1] for row in tables["D"] if row[0].startswith("Scnn1a"))
    for words in ("472363762_fit.json", "aibs_perisomatic; channels of soma: Ih, NaTs", "capacitance of soma 1 µF/cm²",
                  "of apical, basal 2.12 µF/cm²", "axial resistance 138.28 Ω cm", "leak -92.4991 mV"):  # fmt: skip
        assert words in said
    assert any("AMPA_ExcToExc.json; tau1 1 ms, tau2 3 ms, erev -80 mV" in row[1] for row in tables["D"])
    assert "center 0, 50, 0 µm, max_radius 30 µm" in tables["B"][0][-1]
    assert any("d_weight_max 0.34, d_max 80 µm" in row[-1] for row in tables["C"])
    assert cell_words({"tau": 0.01, "refrac": 0.002, "name": "lif"}) == "tau 0.01, refrac 0.002"
    assert escaped("Ω cm²") == r"$\Omega$ cm\textsuperscript{2}"


def test_captions_of_two_figures_of_a_kind_tell_them_apart():
    traces = {"kind": "traces", "population": "column", "mean": True, "node_ids": []}
    said = [figure_kind("traces").caption(traces | more) for more in (
        {"report": "v_report"}, {"report": "ca_report"}, {"report": "v_report", "mean": False, "node_ids": [0, 85]}
    )]  # fmt: skip
    assert len(set(said)) == 3
    assert said[2] == ("A recorded variable: cells 0, 85 alone, with a tick above each spike (report v_report; "
                       "population column).")  # fmt: skip
    assert figure_kind("spectrum").caption({"kind": "spectrum"}) == figure_kind("spectrum").shows


def test_the_tables_are_those_of_nordlie_and_hold_each_group_and_connection(config):
    tables = nordlie_tables(config)
    assert [title[0] for title, _, _ in tables] == list("ABCDEF")
    rows = {title[0]: rows for title, _, rows in tables}
    assert [row[1] for row in rows["B"]] == ["Scnn1a", "Rorb", "Nr5a1", "PV1", "PV2", "relay"]
    assert len(rows["C"]) == sum(len(network["edges"]) for network in config["networks"].values())
    assert any("d_weight_max 0.34" in row[-1] for row in rows["C"])
    assert all(len(row) == len(head) for _, head, rows in tables for row in rows)


@pytest.mark.parametrize("path", sorted((ROOT / "config" / "experiments").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_experiment_has_its_methods_and_tables(path):
    config = Experiment(yaml.safe_load(path.read_text())).config
    assert methods_text(config, {"neuron": "9"}).endswith(".")
    for _, head, rows in nordlie_tables(config):
        assert all(len(row) == len(head) and all(isinstance(cell, str) for cell in row) for row in rows)


def said_of(name: str, **sections) -> tuple[str, dict[str, str]]:
    """Return the methods of an experiment that comes along, and the text of each table by its letter."""
    values = yaml.safe_load((ROOT / "config" / "experiments" / f"{name}.yaml").read_text())
    config = Experiment({**values, **sections}).config
    tables = {title[0]: "\n".join(" | ".join(row) for row in rows) for title, _, rows in nordlie_tables(config)}
    return methods_text(config, {"neuron": "9"}), tables


def test_point_neurons_are_told_from_others_and_their_weights_are_no_conductances():
    words, tables = said_of("mixed_column")
    assert "16 of type Scnn1a and 4 of type PV: biophysically detailed" in words
    assert "48 of type LIF_exc and 12 of type LIF_inh: point neuron" in words
    assert "| 0.06 | 2 ms" in tables["C"]
    assert "| 0.0001 µS | 2 ms" in tables["C"]


def test_inputs_have_all_their_parameters_with_units():
    assert (
        "Ornstein-Uhlenbeck current | pv | mean 0.28 nA, sigma 0.05 nA, tau 5 ms" in said_of("pv_gap_junctions")[1]["E"]
    )
    assert "sine (amp 20 V/m, frequency 10 Hz, delay 50 ms), field 0, 1, 0" in said_of("alternating_field")[1]["E"]
    assert "times 0, 0.5 s, shape 2, refractory 2 ms" in said_of("mixed_column")[1]["E"]


def test_gap_junctions_plasticity_and_varied_values_are_named():
    words, tables = said_of("pv_gap_junctions")
    assert "runs had networks.pv.edges.0.syn_weight 0, 0.001, 0.002 and 0.004." in words
    assert ("gap junction" in tables["A"], "gap junction" in tables["D"]) == (True, True)
    assert "short-term depression" in said_of("depression")[1]["A"]
    sweep = {"design": "random", "n": 3, "values": {"simulation.v_init": {"min": -80, "max": -60}}, "replicates": 2}
    words = said_of("depression", sweep=sweep)[0]
    assert "simulation.v_init at random from -80 to -60, each 2 times with other seeds for inputs." in words


def test_signs_of_latex_are_escaped():
    assert escaped("a_b & 5 % {x} µm") == r"a\_b \& 5 \% \{x\} \textmu{}m"
    assert escaped("-80 mV, 5e-05 of a-1.json") == r"\ensuremath{-}80 mV, 5\ensuremath{\times10^{-5}} of a-1.json"
    assert escaped("θ ≤ λ") == r"$\theta$ $\leq$ $\lambda$"
    assert r"50\%" in latex_table("t", ["a", "b"], [["1", "50%"]])


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex: apt-get install texlive-latex-recommended")
def test_the_example_becomes_a_paper_with_the_same_bytes_twice(config, numbers, tmp_path):
    (tmp_path / "figures").mkdir()
    paper = tmp_path / "my paper.tex"
    shutil.copy(ROOT / "config" / "manuscript.tex", paper)
    made = []
    for part in ("one", "two"):
        write_parts(tmp_path / part, config, numbers, {"neuron": "9"}, {})
        make_pdf("pdflatex", paper, [], tmp_path / part, tmp_path / "figures", tmp_path / part / "paper.pdf")
        made.append((tmp_path / part / "paper.pdf").read_bytes())
    assert made[0] == made[1]
    from pypdf import PdfReader

    pages = PdfReader(tmp_path / "one" / "paper.pdf").pages
    fonts = [font.get_object()["/Subtype"] for page in pages for font in page["/Resources"]["/Font"].values()]
    assert "/Type3" not in fonts, "a bitmap"
    text = "".join(page.extract_text() for page in pages)
    assert "36.9 Hz (35.2 to 38.6)" in " ".join(text.split())


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex: apt-get install texlive-latex-recommended")
def test_what_tex_complains_of_is_told(config, numbers, tmp_path):
    (tmp_path / "paper.tex").write_text("\\documentclass{article}\\begin{document}\\nosuchcommand\\end{document}\n")
    write_parts(tmp_path / "parts", config, numbers, {}, {})
    with pytest.raises(InputError, match="nosuchcommand"):
        make_pdf("pdflatex", tmp_path / "paper.tex", [], tmp_path / "parts", tmp_path, tmp_path / "paper.pdf")
