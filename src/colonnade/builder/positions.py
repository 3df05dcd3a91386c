"""Where cells stand: random positions in columns, boxes, ellipsoids, on grids and by density, all in um."""

import functools
import numbers
from collections.abc import Callable, Sequence

import numpy as np

from colonnade.builder.draws import generator
from colonnade.errors import InputError, UnsupportedError

CENTER = (0.0, 50.0, 0.0)
UM3_PER_MM3 = 1e9


def shown_on_demand(function: Callable) -> Callable:
    """Let a function of positions take ``plot=True``, which shows them in a figure."""

    @functools.wraps(function)
    def with_figure(*arguments, plot: bool = False, **named):
        positions = function(*arguments, **named)
        if plot:
            import matplotlib.pyplot as plt  # half a second, which only figures need

            axes = plt.figure().add_subplot(projection="3d")
            axes.scatter(*positions.T, s=4)
            axes.set(xlabel="x (um)", ylabel="y (um)", zlabel="z (um)")
            plt.show()
        return positions

    return with_figure


@shown_on_demand
def positions_columinar(
    N: int = 1,
    center: Sequence[float] = CENTER,
    height: float = 100.0,
    min_radius: float = 0.0,
    max_radius: float = 1.0,
    *,
    seed: int | None = None,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """Return N positions (N, 3), uniform in an upright cylinder, or between two cylinders.

    The axis of the cylinder is y; ``height`` and the radii are in um.
    """
    _checked_count(N)
    center = _point(center, "center")
    _not_negative(height=height, min_radius=min_radius)
    if not _is_number(max_radius) or not max_radius >= min_radius:
        raise InputError("is below min_radius", key="max_radius", value=max_radius, expected=f">= {min_radius} um")
    arguments = {"N": N, "center": center, "height": height, "min_radius": min_radius, "max_radius": max_radius}
    rng = generator("positions_columinar", arguments, seed, rng)
    angle = 2.0 * np.pi * rng.random(N)
    # The area within a radius grows with its square, so it is the square that is uniform.
    radius = np.sqrt(min_radius**2 + (max_radius**2 - min_radius**2) * rng.random(N))
    along = height * (rng.random(N) - 0.5)
    return center + np.column_stack([radius * np.cos(angle), along, radius * np.sin(angle)])


positions_columnar = positions_columinar


@shown_on_demand
def positions_rect_prism(
    N: int = 1,
    center: Sequence[float] = CENTER,
    height: float = 20.0,
    x_length: float = 100.0,
    z_length: float = 100.0,
    *,
    seed: int | None = None,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """Return N positions (N, 3), uniform in a box around ``center``; ``height`` is its side along y (um)."""
    _checked_count(N)
    center = _point(center, "center")
    _not_negative(height=height, x_length=x_length, z_length=z_length)
    arguments = {"N": N, "center": center, "height": height, "x_length": x_length, "z_length": z_length}
    rng = generator("positions_rect_prism", arguments, seed, rng)
    return center + np.array([x_length, height, z_length]) * (rng.random((N, 3)) - 0.5)


@shown_on_demand
def positions_ellipsoid(
    N: int = 1,
    center: Sequence[float] = CENTER,
    height: float = 50.0,
    x_length: float = 100.0,
    z_length: float = 200.0,
    *,
    seed: int | None = None,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """Return N positions (N, 3), uniform in an ellipsoid around ``center`` whose axes have the given lengths (um)."""
    _checked_count(N)
    center = _point(center, "center")
    _not_negative(height=height, x_length=x_length, z_length=z_length)
    arguments = {"N": N, "center": center, "height": height, "x_length": x_length, "z_length": z_length}
    rng = generator("positions_ellipsoid", arguments, seed, rng)
    direction = rng.standard_normal((N, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    in_unit_ball = direction * np.cbrt(rng.random((N, 1)))
    return center + in_unit_ball * np.array([x_length, height, z_length]) / 2


@shown_on_demand
def positions_cuboid(
    N: int = 1,
    center: Sequence[float] = (0.0, 0.0, 0.0),
    height: float = 100.0,
    xside_length: float = 100.0,
    yside_length: float = 100.0,
    min_dist: float = 20.0,
    *,
    seed: int | None = None,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """Return N different points (N, 3) of a cubic grid whose points are ``min_dist`` um apart.

    The grid goes from ``center``, its lowest corner, to ``xside_length``, ``yside_length`` and ``height`` (along z)
    um beyond.
    """
    _checked_count(N)
    corner = _point(center, "center")
    _not_negative(height=height, xside_length=xside_length, yside_length=yside_length)
    if not _is_number(min_dist) or not min_dist > 0:
        raise InputError("is no distance", key="min_dist", value=min_dist, expected="> 0 um")
    sides = np.array([xside_length, yside_length, height])
    counts = np.floor(sides / min_dist + 1e-9).astype(int) + 1
    if counts.prod() < N:
        raise InputError(
            f"is more than the {counts.prod()} points of the grid", key="N", value=N, expected="a smaller N or min_dist"
        )
    arguments = {"N": N, "center": corner, "sides": sides, "min_dist": min_dist}
    rng = generator("positions_cuboid", arguments, seed, rng)
    chosen = rng.choice(counts.prod(), N, replace=False)
    return corner + min_dist * np.column_stack(np.unravel_index(chosen, counts))


def positions_list(positions: Sequence[Sequence[float]] = ((0, 0, 0), (0, 0, 1)), N: int | None = None) -> np.ndarray:
    """Return the given positions (N, 3) in um after a check that each has three coordinates."""
    points = np.asarray(positions, dtype=float)
    if points.ndim != 2 or points.shape[1] != 3 or not np.isfinite(points).all():
        raise InputError("is no list of x, y, z", key="positions", value=points.shape, expected="(N, 3) numbers in um")
    if N is not None and len(points) != N:
        raise InputError(f"has {len(points)} positions for {N} nodes", key="positions")
    return points


@shown_on_demand
def positions_density_matrix(
    mat: np.ndarray,
    position_scale: Sequence[Sequence[float]] = ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    origin: Sequence[float] = (0.0, 0.0, 0.0),
    dmin: float = 0.0,
    method: str = "prog",
    existing_positions: np.ndarray | None = None,
    N: int | None = None,
    *,
    seed: int | None = None,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """Return positions (M, 3) of cells whose density in each voxel is that of ``mat`` (cells per mm^3).

    ``position_scale`` (3, 3) takes voxel numbers to um, ``origin`` (um) is added. M is the density of the densest
    voxel times the volume, rounded down, of which each cell is kept with its voxel's share of that density; with
    ``N`` it is N. No two cells are nearer than ``dmin`` um to each other or to ``existing_positions``.
    """
    density = np.asarray(mat, dtype=float)
    scale, origin = np.asarray(position_scale, dtype=float), _point(origin, "origin")
    if density.ndim != 3 or not (density >= 0).all() or not density.any():
        raise InputError("is no density", key="mat", value=density.shape, expected="(a, b, c) numbers >= 0, not all 0")
    if method != "prog":
        raise UnsupportedError("this way to place cells is not there", key="method", value=method, options=["prog"])
    _not_negative(dmin=dmin)
    arguments = {"mat": density, "position_scale": scale, "origin": origin, "dmin": dmin, "N": N}
    rng = generator("positions_density_matrix", arguments, seed, rng)
    voxels = np.argwhere(density)
    weights = density[tuple(voxels.T)]
    if N is None:
        voxel_volume = abs(np.linalg.det(scale)) / UM3_PER_MM3
        N = rng.binomial(int(weights.max() * voxel_volume * len(voxels)), weights.mean() / weights.max())

    def draw(count: int) -> np.ndarray:
        voxel = voxels[rng.choice(len(voxels), count, p=weights / weights.sum())]
        return origin + (voxel + rng.random((count, 3))) @ scale.T

    if dmin == 0:
        return draw(N)
    return _apart(N, draw, dmin, existing_positions)


def _apart(N: int, draw, dmin: float, existing: np.ndarray | None) -> np.ndarray:
    """Draw N positions one after the other, those too near to earlier ones again."""
    from scipy.spatial import cKDTree  # half a second, which only this needs

    fixed = np.zeros((0, 3)) if existing is None else np.asarray(existing, dtype=float)
    kept = fixed
    for _ in range(1000):
        missing = N - (len(kept) - len(fixed))
        if missing == 0:
            return kept[len(fixed) :]
        fresh = draw(missing)
        if len(kept):
            fresh = fresh[cKDTree(kept).query(fresh)[0] >= dmin]
        rejected = np.zeros(len(fresh), dtype=bool)
        for first, second in sorted(cKDTree(fresh).query_pairs(np.nextafter(dmin, 0))) if len(fresh) else ():
            rejected[second] |= not rejected[first]
        kept = np.concatenate([kept, fresh[~rejected]])
    raise InputError(f"leaves no room for {N} cells", key="dmin", value=dmin, expected="fewer cells or a smaller dmin")


def xiter_random(
    N: int = 1,
    min_x: float = 0.0,
    max_x: float = 1.0,
    *,
    seed: int | None = None,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """Return N numbers (N,), uniform from ``min_x`` to ``max_x``: angles in rad, for example."""
    _checked_count(N)
    for key, value in (("min_x", min_x), ("max_x", max_x)):
        if not _is_number(value):
            raise InputError("is no number", key=key, value=value)
    if not max_x >= min_x:
        raise InputError("is below min_x", key="max_x", value=max_x, expected=f">= {min_x}")
    rng = generator("xiter_random", {"N": N, "min_x": min_x, "max_x": max_x}, seed, rng)
    return rng.uniform(min_x, max_x, N)


def _checked_count(N) -> None:
    if isinstance(N, bool) or not isinstance(N, int | np.integer) or N < 0:
        raise InputError("is no number of cells", key="N", value=N, expected="a whole number >= 0")


def _point(values, key: str) -> np.ndarray:
    try:
        point = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        point = np.zeros(0)
    if point.shape != (3,) or not np.isfinite(point).all():
        raise InputError("is no point", key=key, value=values, expected="[x, y, z] in um")
    return point


def _is_number(value) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _not_negative(**lengths: float) -> None:
    for key, value in lengths.items():
        if not _is_number(value) or not value >= 0:
            raise InputError("is no length", key=key, value=value, expected=">= 0 um")
