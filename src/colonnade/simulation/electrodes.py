"""Electrodes outside the cells: where their channels are, from a config's words and in BMTK's files."""

import itertools
import os
from collections.abc import Mapping

import numpy as np

from colonnade.errors import InputError
from colonnade.files import atomic_write


def electrode_positions(settings: Mapping) -> np.ndarray:
    """Return the places (C, 3) in um of the channels that a config's ``positions``, ``grid`` or ``probe`` describe."""
    if "positions" in settings:
        positions = np.asarray(settings["positions"], float)
    elif "grid" in settings:
        grid = settings["grid"]
        axes = [
            first + spacing * np.arange(count)
            for first, spacing, count in zip(grid["first"], grid["spacing"], grid["counts"], strict=True)
        ]
        positions = np.array(list(itertools.product(*axes)), float)
    else:
        probe = settings["probe"]
        direction = np.asarray(probe.get("direction", (0.0, 1.0, 0.0)), float)
        length = np.linalg.norm(direction)
        if not length > 0:
            raise InputError("is no direction", key="probe.direction", value=direction.tolist())
        steps = probe["spacing"] * np.arange(probe["channels"])
        positions = np.asarray(probe["first"], float) + steps[:, None] * direction / length
    if len(np.unique(positions, axis=0)) < len(positions):
        raise InputError("two channels of an electrode are at one place", value=positions[:3].tolist())
    return positions


def write_electrodes(path: str | os.PathLike, positions: np.ndarray) -> None:
    """Write the places (C, 3) in um of channels as BMTK reads them."""
    rows = (f"{number} {x:.12g} {y:.12g} {z:.12g}\n" for number, (x, y, z) in enumerate(positions.tolist()))
    with atomic_write(path) as temporary:
        temporary.write_text("channel x_pos y_pos z_pos\n" + "".join(rows))
