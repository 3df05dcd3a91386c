"""The compiled runtime, called with NumPy arrays."""

import ctypes
import errno
import os
from pathlib import Path

import numpy as np

from colonnade.simulation.clamp_steps import half_steps
from colonnade.simulation.engines.lockstep.library import KernelEntry, KernelLibrary
from colonnade.simulation.model import Model

I32, I64, F64 = np.int32, np.int64, np.float64


def _pointer(values, kind):
    """Return values as a contiguous array of ``kind`` and its address; (None, None) for None."""
    if values is None:
        return None, None
    array = np.ascontiguousarray(values, kind)
    return array, array.ctypes.data_as(ctypes.c_void_p)


class Runtime:
    """One simulation in the compiled runtime; the methods are its calls, see runtime/calls.cpp."""

    def __init__(self, library: KernelLibrary, model: Model, exchange: int, threads: int):
        self.library, self._calls = library, library.calls
        for name, result in (("new", ctypes.c_void_p), ("spikes", ctypes.c_int64)):
            getattr(self._calls, f"lockstep_{name}").restype = result
        self.lanes = int(self._calls.lockstep_lanes())
        self._dt, self._celsius = model.dt, model.celsius
        self.half = half = half_steps(model.n_steps, model.dt)
        self._simulation = ctypes.c_void_p(
            self._call(
                "new",
                model.n_steps,
                model.dt,
                model.celsius,
                model.v_init,
                model.spike_threshold,
                half,
                exchange,
                threads,
                simulation=False,
            )
        )
        self._call(
            "external", len(model.spike_times), np.asarray(model.spike_times, F64), np.asarray(model.spike_gids, I64)
        )
        self._keep = []

    def _call(self, name: str, *arguments, simulation: bool = True):
        """Call a function; arrays go by address, floats as doubles, other numbers as integers."""
        words, kept = [], []
        for value in arguments:
            if isinstance(value, np.ndarray):
                array = np.ascontiguousarray(value)
                kept.append(array)
                words.append(array.ctypes.data_as(ctypes.c_void_p))
            elif value is None:
                words.append(ctypes.c_void_p(None))
            elif isinstance(value, str):
                words.append(value.encode())
            elif isinstance(value, float):
                words.append(ctypes.c_double(value))
            else:
                words.append(ctypes.c_int64(value) if isinstance(value, Long) else ctypes.c_int(int(value)))
        first = [self._simulation] if simulation else []
        return getattr(self._calls, f"lockstep_{name}")(*first, *words)

    def uniforms(self, kernel: KernelEntry, values: dict[str, float]) -> np.ndarray:
        """Return what is the same on all rows of a kernel's set, with parameters ``values`` beside the file's own."""
        given = {"dt": self._dt, "celsius": self._celsius, **kernel.parameters, **values}
        uniform = np.array([given.get(name, 0.0) for name in kernel.uniform] + [0.0] * kernel.table_size, F64)
        self._calls.lockstep_uniforms(kernel.name.encode(), uniform.ctypes.data_as(ctypes.c_void_p))
        return uniform

    def type(self, parent, scale, varying: int, coefficients) -> int:
        return self._call(
            "type",
            len(parent),
            varying,
            np.asarray(parent, I32),
            np.asarray(scale, F64),
            None if coefficients is None else np.asarray(coefficients, F64),
        )

    def ion(self, type_: int, rows: int, advances: bool, charge: float) -> None:
        self._call("ion", type_, rows, advances, float(charge))

    def density(self, type_: int, kernel: str, node, ions, ion_rows, uniform) -> int:
        return self._call(
            "density",
            type_,
            kernel,
            len(node),
            np.asarray(node, I32),
            len(ions),
            np.asarray(ions, I32),
            np.asarray(ion_rows, I32),
            uniform,
        )

    def group(self, type_: int, gids) -> int:
        return self._call("group", type_, len(gids), np.asarray(gids, I64))

    def synapses(self, group: int, kernel: str, node, uniform, there, ions, ion_rows) -> int:
        return self._call(
            "synapses",
            group,
            kernel,
            len(node),
            np.asarray(node, I32),
            uniform,
            there,
            len(ions),
            np.asarray(ions, I32),
            np.asarray(ion_rows, I32),
        )

    def points(self, kernel: str, gids, uniform, values) -> int:
        return self._call("points", kernel, len(gids), np.asarray(gids, I64), uniform, np.asarray(values, F64))

    def lay_out(self, group: int, membrane: bool, coefficients) -> None:
        self._call("lay_out", group, membrane, coefficients)

    def fill_set(self, group: int, set_: int, lane: int, values) -> None:
        self._call("fill_set", group, set_, lane, np.asarray(values, F64))

    def fill_ion(self, group: int, ion: int, lane: int, values) -> None:
        self._call("fill_ion", group, ion, lane, np.asarray(values, F64))

    def connections(self, gids, first_block, first, arguments_at, delay, count, group, set_, slots, arguments) -> None:
        self._call(
            "connections",
            Long(len(gids)),
            np.asarray(gids, I64),
            np.asarray(first_block, I64),
            np.asarray(first, I64),
            np.asarray(arguments_at, I64),
            np.asarray(delay, F64),
            np.asarray(count, I32),
            np.asarray(group, I32),
            np.asarray(set_, I32),
            Long(len(slots)),
            np.asarray(slots, np.uint32),
            Long(len(arguments)),
            np.asarray(arguments, F64),
        )

    def clamp(self, group: int, node: int, lane: int, electrode: bool, steps, conductance, current) -> None:
        self._call(
            "clamp",
            group,
            node,
            lane,
            electrode,
            len(steps),
            np.asarray(steps, I32),
            np.asarray(conductance, F64),
            np.asarray(current, F64),
        )

    def probes(self, table: np.ndarray, values: np.ndarray) -> None:
        """Record numbers: ``table`` (E, 6) is group, kind, number, row, field, lane of each column; see add_probe."""
        self._call("probes", Long(len(table)), np.asarray(table, I32), np.asarray(values, F64))

    def initialise(self) -> None:
        self._call("initialise")

    def field(self, group: int, nodes, electrodes, weights: np.ndarray, columns: np.ndarray) -> None:
        """Sum up what channels see of a group; see fields.py."""
        self._call(
            "field",
            group,
            len(nodes),
            np.asarray(nodes, I32),
            len(electrodes),
            np.asarray(electrodes, I32),
            weights.shape[2],
            np.asarray(weights, np.float32),
            np.asarray(columns, I64),
        )

    def record_into(self, rows: np.ndarray, sums: np.ndarray, n_shared: int) -> None:
        """Let the next steps be recorded into ``rows`` (E, steps) and, what channels see, be added to ``sums``
        (steps, S), of which the first ``n_shared`` columns are of several groups; both have to stay."""
        self._rows, self._sums = rows, sums
        self._call("record_into", rows, Long(rows.shape[1]), sums, Long(sums.shape[1]), Long(n_shared))

    @property
    def now(self) -> int:
        """The number of steps that are done."""
        return self._call("now")

    def advance(self, step: int, exchange_here: bool) -> int:
        return self._call("advance", step, exchange_here)

    def fresh_spikes(self) -> tuple[np.ndarray, np.ndarray]:
        return self._spikes(1)

    def taken_spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return times and gids of all spikes since the last call."""
        spikes = self._spikes(0)
        self._call("forget")
        return spikes

    def _spikes(self, fresh: int) -> tuple[np.ndarray, np.ndarray]:
        count = self._call("spikes", fresh, None, None)
        times, gids = np.empty(count), np.empty(count, I64)
        self._call("spikes", fresh, times, gids)
        return times, gids

    def inject(self, times: np.ndarray, gids: np.ndarray) -> None:
        self._call("inject", Long(len(times)), times, np.asarray(gids, I64))

    def save(self, path: Path) -> None:
        """Write the state into ``path``, onto the disk; ``OSError`` where it does not get whole."""
        ctypes.set_errno(0)
        if not self._call("state", str(path), 1):
            number = ctypes.get_errno() or errno.EIO
            raise OSError(number, os.strerror(number), str(path))
        with open(path, "rb") as file:
            os.fsync(file.fileno())

    def restore(self, path: Path) -> bool:
        """Go on from the state in ``path``; return whether it is whole and of this model."""
        return bool(self._call("state", str(path), 0))

    def worst(self, group: int, cells: int) -> tuple[np.ndarray, np.ndarray]:
        values, node = np.empty(cells), np.empty(cells, I32)
        self._call("worst", group, values, node)
        return values, node

    def close(self) -> None:
        self._call("delete")
        self._simulation = None


class Long(int):
    """A number that the runtime takes as 64 bits."""
