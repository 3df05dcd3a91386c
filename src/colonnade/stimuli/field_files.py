"""Fields from outside: how near an electrode may be, and files of potentials at places, as COMSOL exports them."""

import os
from pathlib import Path

import numpy as np

from colonnade.errors import InputError

NEAREST = 10.0  # um: nearer to an electrode, the potential of a point is no longer that of an electrode


def read_field(path: str | os.PathLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the places (M, 3) in um and the potentials (M,) in mV of a file with rows of x, y, z and one potential.

    Its head, lines with % or words, tells whether the potentials are in V.
    """
    lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    head = [line for line in lines if line.startswith("%") or not _is_row(line)]
    rows = [line.split() for line in lines if not line.startswith("%") and _is_row(line)]
    if not rows or {len(row) for row in rows} != {4}:
        raise InputError("not a field: rows of x, y, z and one potential", file=path)
    table = np.array(rows, float)
    if len(table) < 4 or np.linalg.matrix_rank(table[:, :3] - table[0, :3]) < 3:
        raise InputError("the places of the field lie in a plane", file=path, expected="places around the cells")
    return table[:, :3], (1000.0 if any("(V)" in line for line in head) else 1.0) * table[:, 3]


def _is_row(line: str) -> bool:
    words = line.split()
    try:
        return bool(words) and all(np.isfinite(float(word)) for word in words)
    except ValueError:
        return False
