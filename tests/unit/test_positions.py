"""Positions follow their distributions (Kolmogorov-Smirnov and chi-squared at fixed seeds, p > 0.001)."""

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import pdist

import colonnade.builder as builder
from colonnade.errors import InputError, UnsupportedError

N = 4000


def uniform(values, low, high):
    """Return the p value for ``values`` being uniform from low to high."""
    return stats.kstest(values, stats.uniform(low, high - low).cdf).pvalue


@pytest.mark.parametrize("inner", [0.0, 20.0])
def test_a_column_is_filled_evenly(inner):
    points = builder.positions_columinar(N, [1.0, 50.0, -2.0], 100.0, inner, 30.0, seed=1)
    x, y, z = (points - [1.0, 50.0, -2.0]).T
    assert points.shape == (N, 3)
    assert uniform(y, -50, 50) > 0.001
    assert uniform(np.arctan2(z, x), -np.pi, np.pi) > 0.001
    assert uniform(x**2 + z**2, inner**2, 900) > 0.001


def test_a_box_is_filled_evenly():
    points = builder.positions_rect_prism(N, [0.0, 10.0, 0.0], height=20.0, x_length=40.0, z_length=60.0, seed=1)
    for axis, (low, high) in enumerate([(-20, 20), (0, 20), (-30, 30)]):
        assert uniform(points[:, axis], low, high) > 0.001
    assert abs(np.corrcoef(points.T) - np.eye(3)).max() < 4 / np.sqrt(N)


def test_an_ellipsoid_is_filled_evenly_with_all_cells():
    points = builder.positions_ellipsoid(N, [0.0, 50.0, 0.0], height=50.0, x_length=100.0, z_length=200.0, seed=1)
    scaled = (points - [0, 50, 0]) / [50, 25, 100]
    radius = np.linalg.norm(scaled, axis=1)
    assert len(points) == N
    assert uniform(radius**3, 0, 1) > 0.001
    for axis in range(3):  # on a sphere each coordinate is uniform (Archimedes)
        assert uniform(scaled[:, axis] / radius, -1, 1) > 0.001


def test_a_grid_is_used_once_a_point():
    points = builder.positions_cuboid(100, [5.0, 0.0, 0.0], 60.0, 100.0, 80.0, min_dist=20.0, seed=1)
    assert len(np.unique(points, axis=0)) == 100
    assert pdist(points).min() >= 20.0
    assert points.min(axis=0).tolist() == [5.0, 0.0, 0.0]
    assert points.max(axis=0).tolist() == [105.0, 80.0, 60.0]
    assert not ((points - [5, 0, 0]) % 20).any()
    with pytest.raises(InputError, match="more than the 120 points"):
        builder.positions_cuboid(121, [0, 0, 0], 60.0, 100.0, 80.0)


def test_each_grid_point_is_as_likely():
    counts = np.zeros(27)
    for seed in range(400):
        points = builder.positions_cuboid(5, height=40, xside_length=40, yside_length=40, min_dist=20, seed=seed)
        counts[(points / 20).astype(int) @ [9, 3, 1]] += 1
    assert stats.chisquare(counts).pvalue > 0.001


def test_a_density_decides_how_many_cells_a_voxel_has():
    density = np.zeros((2, 2, 3))
    density[0, 0], density[1, 1, 2] = [1e5, 2e5, 4e5], 3e5  # cells per mm^3
    scale = np.diag([100.0, 50.0, 200.0])  # voxels of 1e-3 mm^3
    points = builder.positions_density_matrix(density, scale, origin=[10.0, 0.0, 0.0], seed=1)
    voxels = np.floor((points - [10, 0, 0]) / np.diag(scale)).astype(int)
    counts = np.array([np.all(voxels == where, axis=1).sum() for where in np.argwhere(density)])
    assert counts.sum() == len(points)
    assert stats.chisquare(counts, density[density > 0] / density.sum() * len(points)).pvalue > 0.001
    assert abs(len(points) - 1000) < 4 * np.sqrt(1000)


def test_cells_keep_their_distance():
    crowd = np.array([[50.0, 50.0, 50.0]])
    points = builder.positions_density_matrix(
        np.ones((1, 1, 1)), np.diag([100.0] * 3), dmin=15.0, N=60, existing_positions=crowd, seed=1
    )
    assert len(points) == 60
    assert pdist(np.concatenate([crowd, points])).min() >= 15.0
    with pytest.raises(InputError, match="dmin"):
        builder.positions_density_matrix(np.ones((1, 1, 1)), np.diag([10.0] * 3), dmin=15.0, N=60, seed=1)


def test_angles_are_uniform():
    assert uniform(builder.xiter_random(N, 0.0, 2 * np.pi, seed=1), 0, 2 * np.pi) > 0.001


def test_a_script_draws_the_same_each_time_but_two_calls_differ():
    def script():
        builder.set_seed(5)
        return [builder.positions_columinar(N=10), builder.positions_columinar(N=10), builder.xiter_random(N=10)]

    first, second = script(), script()
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)
    assert (first[0] != first[1]).all()
    builder.set_seed(0)


def test_a_given_seed_or_generator_decides():
    np.testing.assert_array_equal(builder.xiter_random(5, seed=3), builder.xiter_random(5, seed=3))
    assert (builder.xiter_random(5, seed=3) != builder.xiter_random(5, seed=4)).all()
    rng = np.random.default_rng(1)
    assert (builder.xiter_random(5, rng=rng) != builder.xiter_random(5, rng=rng)).all()


@pytest.mark.parametrize(
    ("call", "key"),
    [
        (lambda: builder.positions_columinar(N=-1), "N"),
        (lambda: builder.positions_columinar(N=2.5), "N"),
        (lambda: builder.positions_columinar(center=[0, 0]), "center"),
        (lambda: builder.positions_columinar(min_radius=5, max_radius=2), "max_radius"),
        (lambda: builder.positions_columinar(height=-1), "height"),
        (lambda: builder.positions_rect_prism(x_length=float("nan")), "x_length"),
        (lambda: builder.positions_cuboid(min_dist=0), "min_dist"),
        (lambda: builder.positions_list([[0, 1]]), "positions"),
        (lambda: builder.positions_list([[0, 1, 2]], N=2), "positions"),
        (lambda: builder.positions_density_matrix(np.zeros((1, 1, 1))), "mat"),
        (lambda: builder.xiter_random(min_x=1, max_x=0), "max_x"),
    ],
)
def test_impossible_shapes_are_refused_by_name(call, key):
    with pytest.raises(InputError, match=rf"^{key}:"):
        call()


def test_a_lattice_is_refused_by_name():
    with pytest.raises(UnsupportedError, match="lattice"):
        builder.positions_density_matrix(np.ones((1, 1, 1)), method="lattice")


def test_positions_are_shown_where_the_script_asks_for_it(monkeypatch):
    import matplotlib.pyplot as plt

    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.gcf().axes[0].collections[0]))
    points = builder.positions_columinar(N=20, max_radius=30.0, seed=1, plot=True)
    np.testing.assert_array_equal(points, builder.positions_columinar(N=20, max_radius=30.0, seed=1))
    assert len(shown) == 1
    plt.close("all")
