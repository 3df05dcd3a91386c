"""A current from a table, or from a function of the user's own."""

from pathlib import Path

import numpy as np

from colonnade.errors import InputError, MissingFile
from colonnade.json_schema import number, text
from colonnade.stimuli.kind import DELAY, StimulusKind
from colonnade.user_functions import is_reference, load_function, users_code, where_defined


def table(settings, duration: float, dt: float) -> tuple[np.ndarray, np.ndarray]:
    """Return times (n,) in ms, from ``delay`` on, and currents (n,) in nA, each up to the next time.

    The last entry ends the current. ``duration`` (ms) is what is left of the run after the delay, ``dt`` its step, at
    which a function is read: it gets times (n,) in ms from 0 on and returns currents (n,) in nA.
    """
    given = settings["file"]
    if is_reference(given):
        times = np.arange(max(1, round(duration / dt))) * dt
        function = load_function(given, "file")
        with users_code(f"the function {given}", function, "file"):
            values = np.array(function(times.copy()), float)
        where = where_defined(function)
        if values.shape != times.shape:
            raise InputError(f"the function {given} gave an array {values.shape}{where}", key="file",
                             expected=times.shape)  # fmt: skip
        if not np.isfinite(values).all():
            first = int(np.flatnonzero(~np.isfinite(values))[0])
            raise InputError(f"the function {given} gave a current that is no number{where}", key="file",
                             value=values[first].item(), expected=f"nA at {times[first]:g} ms")  # fmt: skip
    else:
        times, values = _read(Path(given), settings)
    for name, column in ((settings["timestamps_column"], times), (settings["amplitudes_column"], values)):
        if not np.isfinite(column).all():
            row = int(np.argmax(~np.isfinite(column)))
            raise InputError("is no number", file=given, key=f"{name}, row {row}", value=float(column[row]))
    later = np.diff(times, prepend=-1.0 if len(times) and times[0] >= 0 else np.inf) > 0
    if len(times) < 2 or not later.all():
        row = int(np.argmin(later)) if len(times) else 0
        raise InputError("the times have to be two or more, ascending, from 0 ms on", file=given,
                         key=f"{settings['timestamps_column']}, row {row}",
                         value=float(times[row]) if len(times) else None)  # fmt: skip
    values = values * settings["scale"]
    if values[-1] != 0:
        times, values = np.append(times, 2 * times[-1] - times[-2]), np.append(values, 0.0)
    changed = np.flatnonzero(np.append(True, np.diff(values) != 0) | (np.arange(len(times)) >= len(times) - 1))
    return times[changed] + settings["delay"], values[changed]


def _read(path: Path, settings) -> tuple[np.ndarray, np.ndarray]:
    """Return the times (ms) and the values of a CSV or HDF5 file."""
    if not path.is_file():
        raise MissingFile("there is no such file", file=path, key="file")
    names = settings["timestamps_column"], settings["amplitudes_column"]
    try:
        columns = _columns_of_hdf5(path, names) if path.suffix in (".h5", ".hdf5") else _columns_of_csv(path, names)
        times, values = (np.asarray(column, float).ravel() for column in columns)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"the current cannot be read: {error}", file=path) from None
    if len(times) != len(values):
        raise InputError("not as many currents as times", file=path, value=(len(values), len(times)))
    return times, values


def _columns_of_csv(path: Path, names) -> list:
    import pandas as pd  # a quarter of a second, which only tables need

    table = pd.read_csv(path, sep=None, engine="python")
    _known(names, table.columns, path)
    return [table[name].to_numpy() for name in names]


def _columns_of_hdf5(path: Path, names) -> list:
    import h5py

    with h5py.File(path) as file:
        found: list[str] = []
        file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
        _known([name.strip("/") for name in names], found, path)
        return [file[name][()] for name in names]


def _known(names, there, path: Path) -> None:
    for name in names:
        if name not in there:
            raise InputError("the file has no such column", file=path, value=name, options=there)


KIND = StimulusKind(
    "array",
    shows="A current from a table in CSV or HDF5, or from a function of your own; each value holds to the next time.",
    makes="current",
    tables=True,
    required=("file",),
    properties={
        "file": text("CSV or HDF5 file, or file.py:function of the times in ms (n,) that returns nA (n,)."),
        "timestamps_column": text("Column, or dataset, of the times in ms.", "timestamps"),
        "amplitudes_column": text("Column, or dataset, of the currents in nA.", "amps"),
        "scale": number("Factor of the currents.", 1.0),
        "delay": DELAY,
    },
)
