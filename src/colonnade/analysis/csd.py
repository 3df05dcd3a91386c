"""Current source density from potentials along a line, by the inverse methods of Pettersen et al. 2006.

Pettersen, Devor, Ulbert, Dale & Einevoll 2006, J Neurosci Methods 154:116-133 (doi:10.1016/j.jneumeth.2005.12.005). The
sources are discs of a diameter d around the line, in a medium of a conductivity sigma: thin ones at the channels
(delta), or cylinders from half-way to the one neighbour to half-way to the other (step). Their potentials at the
channels are a matrix, and the density is its inverse applied to what was recorded.
"""

import numpy as np

from colonnade.errors import InputError

METHODS = ("delta", "step")
CONDUCTIVITY = 0.3  # S/m, of grey matter
UNEVEN = 1e-6


def depth_order(positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the order (C,) of channels along their line and their places (C,) on it in um, evenly spaced.

    Raises ``InputError`` where the ``positions`` (C, 3) in um are not on one line, or not evenly spaced.
    """
    positions = np.asarray(positions, float)
    if len(positions) < 3 or not np.isfinite(positions).all():
        raise InputError("current source density needs three channels or more", key="electrode", value=len(positions))
    ends = positions[np.argmax(np.linalg.norm(positions - positions[0], axis=1))]
    direction = (ends - positions[0]) / np.linalg.norm(ends - positions[0])
    if direction[np.argmax(np.abs(direction))] < 0:
        direction = -direction
    places = (positions - positions[0]) @ direction
    order = np.argsort(places, kind="stable")
    steps = np.diff(places[order])
    aside = np.linalg.norm(positions - positions[0] - places[:, None] * direction, axis=1)
    if aside.max() > UNEVEN * np.ptp(places) or np.ptp(steps) > UNEVEN * np.ptp(places) or steps.min() <= 0:
        raise InputError("current source density needs channels at even steps along one line", key="electrode",
                         expected="a probe")  # fmt: skip
    return order, (positions @ direction)[order]


def forward_matrix(places: np.ndarray, diameter: float, method: str, conductivity: float = CONDUCTIVITY) -> np.ndarray:
    """Return the potentials (C, C) in mV at ``places`` (C,) in um for a density of 1 uA/mm3 in each disc (columns).

    ``diameter`` (um) is that of the discs; a thin disc of ``delta`` stands for the density over one step.
    """
    if method not in METHODS:
        raise InputError("no such method", key="method", value=method, options=METHODS)
    if not diameter > 0:
        raise InputError("no diameter", key="diameter", value=diameter, expected="um, above 0")
    step = places[1] - places[0]
    apart = np.abs(places[:, None] - places[None, :])
    radius = diameter / 2
    if method == "delta":
        length = step * (np.sqrt(apart**2 + radius**2) - apart)  # um2
    else:
        upper, lower = apart + step / 2, apart - step / 2
        length = _integral(upper, radius) - _integral(lower, radius)
    return length * 1e-6 / (2 * conductivity)  # uA/mm3 = A/m3 x 1e3; um2 = 1e-12 m2: V x 1e-9, so mV x 1e-6


def _integral(end: np.ndarray, radius: float) -> np.ndarray:
    """Return the integral from 0 to ``end`` of sqrt(z^2 + radius^2) - |z|, in um2."""
    root = np.sqrt(end**2 + radius**2)
    return (end * root + radius**2 * np.arcsinh(end / radius) - end * np.abs(end)) / 2


def current_source_density(
    potentials: np.ndarray,
    positions: np.ndarray,
    diameter: float = 500.0,
    method: str = "step",
    conductivity: float = CONDUCTIVITY,
) -> tuple[np.ndarray, np.ndarray]:
    """Return places (C,) in um along the electrode and the density (T, C) in uA/mm3 there; a sink is negative.

    ``potentials`` (T, C) in mV at ``positions`` (C, 3) in um.
    """
    order, places = depth_order(positions)
    broken = np.flatnonzero(~np.isfinite(potentials).all(axis=0))
    if len(broken):
        raise InputError("current source density needs the potentials of all channels", key="electrode",
                         value=f"channels {', '.join(map(str, broken[:10]))}", expected="finite numbers")  # fmt: skip
    matrix = forward_matrix(places, diameter, method, conductivity)
    return places, np.linalg.solve(matrix, potentials[:, order].T).T
