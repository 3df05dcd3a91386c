"""Figures of single cells and of the network in 3-D, and functions of the user's own."""

import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from small_result import write_result

from colonnade.analysis.result import Result
from colonnade.errors import InputError
from colonnade.figures.kinds import morphology, network_view
from colonnade.figures.registry import figure_kind, figure_user_files
from colonnade.figures.saving import origin, save_page
from colonnade.geometry.morphology import swc_sections

OWN = Path(__file__).parent / "own_panel.py"


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Result:
    return Result.from_config(write_result(tmp_path_factory.mktemp("result"), tstop=300.0))


def test_synapses_lie_on_the_sections_that_the_file_of_edges_names(result):
    found = result.morphologies("mcortex")[3]
    picture = morphology.cell_picture(result, "mcortex", 3, found, {})
    soma, dendrite = swc_sections(*found)[:2]
    edges = result.edges["mthalamus_to_mcortex"]
    rows = np.flatnonzero(edges.target_ids == 3)
    at = edges.values("afferent_section_pos")[rows]
    expected = [
        (soma, dendrite)[number].place(x)
        for number, x in zip(edges.values("afferent_section_id")[rows], at, strict=True)
    ]
    np.testing.assert_allclose(picture.synapses["tON"], expected)
    assert len(picture.pieces) == 3  # the stick's; the soma is one point


def test_a_place_on_a_section_is_a_fraction_of_its_course(result):
    path, axon = result.morphologies("mcortex")[0]
    dendrite = swc_sections(path, axon)[1]
    first = np.hypot(54, 10)
    whole = first + np.sqrt(60**2 + 10**2 + 20**2)
    np.testing.assert_allclose(dendrite.place(first / whole), [60, 10, 0], atol=1e-5)
    np.testing.assert_allclose(dendrite.place(1.0), [120, 0, 20], atol=1e-5)


def test_a_cell_that_is_not_there_and_a_virtual_one_are_refused(result):
    for settings in ({"population": "mcortex", "node_id": 1000}, {"population": "mthalamus"}):
        with pytest.raises(InputError, match="node_id"):
            morphology.from_result(Figure(), result, settings)


def test_the_network_of_the_page_is_that_of_the_files(result):
    network = network_view.network_of(result, {"most_connections": 10**6})
    pairs = {tuple(pair) for pair in network["connections"]}
    wired = result.wiring(result.edges["mcortex_to_mcortex"])
    assert pairs == set(zip(wired.source.tolist(), wired.target.tolist(), strict=True))
    assert network["all_connections"]
    assert [group["cells"] for group in network["groups"]] == [40, 20, 40]
    few = network_view.network_of(result, {"most_connections": 50, "most_morphologies": 5})
    assert (len(few["connections"]), len(few["trees"]), len(few["shapes"])) == (50, 5, 1)
    assert not few["all_connections"]
    assert {tuple(pair) for pair in few["connections"]} <= pairs
    assert few == network_view.network_of(result, {"most_connections": 50, "most_morphologies": 5})


def test_a_page_says_what_made_it_and_asks_for_nothing_from_elsewhere(result, tmp_path):
    path = tmp_path / "network.html"
    save_page(network_view.page(result, {}), path, {"figure": 'a "quoted" <name>'}, title="a & b")
    assert origin(path) == {"figure": 'a "quoted" <name>'}
    text = path.read_text()
    assert "http" not in text
    assert "src=" not in text
    data = text.split('id="network">')[1].split("</script>")[0]
    assert len(json.loads(data.replace("<\\/", "</"))["x"]) == 100


def test_an_own_function_draws_and_what_fails_in_it_is_told_with_its_place(result):
    figure = Figure()
    kind = figure_kind("own")
    kind.draw(figure, result, {"function": f"{OWN}:spike_count", "arguments": {"population": "mcortex"}})
    assert len(figure.axes[0].lines[0].get_xdata()) == 100
    with pytest.raises(InputError, match=r"KeyError: 'depth' \(own_panel.py, line \d+\)"):
        kind.draw(Figure(), result, {"function": f"{OWN}:broken"})
    with pytest.raises(InputError, match=r"Did you mean 'spike_count'"):
        kind.draw(Figure(), result, {"function": f"{OWN}:spike_counts"})


def test_a_figure_depends_on_the_file_of_its_function_also_within_a_panel():
    own = {"kind": "own", "function": f"{OWN}:spike_count"}
    assert figure_user_files(own) == [str(OWN)]
    assert figure_user_files({"kind": "panel", "rows": [["a"]], "figures": {"a": own}}) == [str(OWN)]
    assert figure_user_files({"kind": "raster"}) == []
