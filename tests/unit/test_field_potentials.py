"""Field potentials and current source density: closed solutions, spectra of known waves, mistakes."""

from dataclasses import replace

import h5py
import numpy as np
import pytest
from matplotlib.figure import Figure

from colonnade.analysis.csd import CONDUCTIVITY, current_source_density, depth_order, forward_matrix
from colonnade.analysis.field_potentials import (
    BANDS,
    FieldPotential,
    field_spectrum,
    power_in,
    read_field_potential,
)
from colonnade.errors import InputError, MissingFile
from colonnade.figures import plot_ecp
from colonnade.figures.kinds.csd import draw_csd
from colonnade.figures.kinds.lfp import draw_lfp
from colonnade.simulation.electrodes import electrode_positions, write_electrodes
from colonnade.simulation.recorders.line_source import read_electrodes

PLACES = 50.0 * np.arange(16)


def probe(potentials, dt=0.1):
    potentials = np.asarray(potentials, float)
    times = dt * np.arange(1, len(potentials) + 1)
    positions = np.column_stack([np.full(potentials.shape[1], 30.0), 50.0 * np.arange(potentials.shape[1]),
                                 np.zeros(potentials.shape[1])])  # fmt: skip
    return FieldPotential(times, potentials, np.arange(potentials.shape[1]), positions, dt)


class TestCurrentSourceDensity:
    @pytest.mark.parametrize("method", ["delta", "step"])
    def test_the_matrix_is_the_potential_of_discs_by_numerical_integration(self, method):
        matrix = forward_matrix(PLACES, 400.0, method)
        rings = (np.arange(20000) + 0.5) / 20000 * 200.0  # um, radii of thin rings
        width = 200.0 / 20000
        depths = np.array([0.0]) if method == "delta" else (np.arange(400) + 0.5) / 400 * 50.0 - 25.0
        share = 50.0 if method == "delta" else 50.0 / 400  # um of the density that a disc stands for
        for row, column in ((0, 0), (0, 1), (3, 9)):
            potential = 0.0
            for depth in depths:
                apart = PLACES[row] - PLACES[column] - depth
                # point sources: I / (4 pi sigma r), I = density x area x thickness
                potential += np.sum(2 * np.pi * rings * width / np.hypot(rings, apart)) * share
            potential *= 1e-6 / (4 * np.pi * CONDUCTIVITY)
            assert matrix[row, column] == pytest.approx(potential, rel=1e-3)

    @pytest.mark.parametrize("method", ["delta", "step"])
    def test_sources_come_back_from_their_potentials_in_any_order_of_channels(self, method):
        density = np.zeros((3, 16))
        density[:, 4], density[:, 10] = (-1.0, -2.0, 0.5), (1.0, 2.0, -0.5)
        potentials = density @ forward_matrix(PLACES, 300.0, method).T
        order = np.random.default_rng(1).permutation(16)
        positions = np.column_stack([np.zeros(16), np.zeros(16), PLACES])[order]
        places, found = current_source_density(potentials[:, order], positions, 300.0, method)
        np.testing.assert_allclose(places, PLACES)
        np.testing.assert_allclose(found, density, atol=1e-9)

    @pytest.mark.parametrize("positions", [[[0, 0, 0], [0, 0, 1], [0, 0, 3]], [[0, 0, 0], [0, 0, 1], [5, 0, 2]],
                                           [[0, 0, 0], [0, 0, 1]], [[0, 0, 0], [0, 0, 0], [0, 0, 1]]])  # fmt: skip
    def test_channels_off_a_line_or_uneven_are_refused(self, positions):
        with pytest.raises(InputError, match="current source density needs"):
            depth_order(positions)

    def test_a_wrong_method_gets_the_right_name(self):
        with pytest.raises(InputError, match="Did you mean 'delta'"):
            forward_matrix(PLACES, 100.0, "delt")


class TestSpectra:
    def test_a_wave_has_its_power_at_its_frequency_and_in_its_band(self):
        times = 0.1 * np.arange(40000)
        field = probe(
            np.column_stack([0.3 * np.sin(2 * np.pi * 40 * times / 1000), 0.1 * np.sin(2 * np.pi * 6e-3 * times)])
        )
        frequencies, power = field_spectrum(field, 1000.0)
        assert frequencies[np.argmax(power, axis=0)].tolist() == [40.0, 6.0]
        np.testing.assert_allclose(power_in(frequencies, power, BANDS["gamma"])[0], 0.3**2 / 2, rtol=0.01)
        np.testing.assert_allclose(power_in(frequencies, power, BANDS["theta"])[1], 0.1**2 / 2, rtol=0.05)

    def test_the_filter_takes_fast_waves_away_and_shifts_nothing(self):
        times = 0.1 * np.arange(20000)
        slow, fast = np.sin(2 * np.pi * 20 * times / 1000), np.sin(2 * np.pi * 1500 * times / 1000)
        found = probe(np.column_stack([slow + fast])).low_pass(200.0).potentials[:, 0]
        np.testing.assert_allclose(found[2000:-2000], slow[2000:-2000], atol=1e-2)
        with pytest.raises(InputError, match="no frequency"):
            probe(np.zeros((100, 3))).low_pass(9000.0)


class TestElectrodes:
    def test_lists_grids_and_probes(self, tmp_path):
        grid = electrode_positions({"grid": {"first": [0, 0, 0], "spacing": [10, 0, 20], "counts": [2, 1, 3]}})
        assert grid.tolist() == [[0, 0, 0], [0, 0, 20], [0, 0, 40], [10, 0, 0], [10, 0, 20], [10, 0, 40]]
        found = electrode_positions(
            {"probe": {"first": [1, 2, 3], "direction": [0, 0, -2], "spacing": 5, "channels": 3}}
        )
        assert found.tolist() == [[1, 2, 3], [1, 2, -2], [1, 2, -7]]
        write_electrodes(tmp_path / "e.csv", found)
        read = read_electrodes(tmp_path / "e.csv")
        np.testing.assert_array_equal(read.positions, found)
        assert read.channels.tolist() == [0, 1, 2]

    @pytest.mark.parametrize(
        "settings",
        [{"positions": [[0, 0, 0], [0, 0, 0]]},
         {"grid": {"first": [0, 0, 0], "spacing": [0, 1, 1], "counts": [2, 1, 1]}},
         {"probe": {"first": [0, 0, 0], "direction": [0, 0, 0], "spacing": 1, "channels": 2}}],
    )  # fmt: skip
    def test_channels_at_one_place_and_no_direction_are_refused(self, settings):
        with pytest.raises(InputError):
            electrode_positions(settings)

    def test_files_that_are_none_are_named(self, tmp_path):
        with pytest.raises(MissingFile):
            read_field_potential(tmp_path / "x.h5")
        with h5py.File(tmp_path / "y.h5", "w") as file:
            file["ecp/data"] = np.zeros((3, 2))
        with pytest.raises(InputError, match="not the potentials"):
            read_field_potential(tmp_path / "y.h5")


def test_a_channel_without_numbers_is_left_out_of_potentials_and_named_by_their_sources():
    potentials = np.sin(np.arange(300)[:, None] / 100 + np.arange(16)) * 1e-3
    potentials[:, 3] = np.nan
    axes = draw_lfp(Figure(), probe(potentials))
    assert [bool(np.isfinite(line.get_ydata()).all()) for line in axes.lines[:5]] == [True, True, True, False, True]
    with pytest.raises(InputError, match="channels 3"):
        draw_csd(Figure(), probe(potentials))


def test_the_figures_show_places_scale_and_signs():
    potentials = np.sin(np.arange(3000)[:, None] / 100 + np.arange(16)) * 1e-3
    figure = Figure(figsize=(3.3, 3.3))
    axes = draw_lfp(figure, probe(potentials))
    assert axes.get_ylabel() == "y (µm)"
    assert [label.get_text() for label in axes.get_yticklabels()][:3] == ["0", "50", "100"]
    assert any("µV" in text.get_text() for text in axes.texts)
    turned = probe(potentials)
    turned = replace(turned, positions=turned.positions[::-1])
    upside_down = draw_lfp(Figure(), turned)
    assert [label.get_text() for label in upside_down.get_yticklabels()][:2] == ["0", "50"]
    lowest = axes.lines[15].get_ydata() - 15 * axes.get_yticks()[1]
    np.testing.assert_allclose(upside_down.lines[0].get_ydata(), lowest, atol=1e-9)
    figure = Figure(figsize=(3.3, 3.3))
    axes = draw_csd(figure, probe(potentials), diameter=200.0)
    low, high = axes.collections[0].get_clim()
    assert low == -high < 0
    assert "µA/mm³" in figure.axes[1].get_ylabel()


def test_the_call_of_bmtk_plots_a_file_of_any_simulator(tmp_path):
    with h5py.File(tmp_path / "ecp.h5", "w") as file:  # as BMTK writes it, without the places of the channels
        file["ecp/data"] = np.sin(np.arange(200))[:, None] * [1.0, 2.0, 0.5]
        file["ecp/channel_id"] = [4, 5, 6]
        file["ecp/time"] = [0.0, 20.0, 0.1]
    figure = plot_ecp(ecp_path=tmp_path / "ecp.h5", title="Probe", show=False, save_as=tmp_path / "ecp.png")
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_yticklabels()] == ["4", "5", "6"]
    assert axes.get_ylabel() == "channel"
    assert (tmp_path / "ecp.png").stat().st_size > 1000
    with pytest.raises(InputError, match="nothing to plot"):
        plot_ecp(show=False)
