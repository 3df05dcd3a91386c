"""MPI ranks through NEURON's own ParallelContext: start MPI where the program runs under mpiexec, gather, wait."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from colonnade.errors import InputError

# Set by the launchers of MPICH and Slurm's PMI-2, of Open MPI, and by PMIx.
LAUNCHER_VARIABLES = ("PMI_RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK")
GATHERED = 32_000_000  # bytes of rows that rank 0 takes from all ranks at once


class Ranks:
    """This process among all that run one simulation. ``rank`` counts from 0 to ``count`` - 1; rank 0 writes."""

    def __init__(self):
        from colonnade.cells.interpreter import h

        if any(name in os.environ for name in LAUNCHER_VARIABLES):
            _start_mpi(h)
        self._context = h.ParallelContext()
        self.rank, self.count = int(self._context.id()), int(self._context.nhost())

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def gather(self, value) -> list | None:
        """Return the values of all ranks, by rank, on rank 0; ``None`` on the others."""
        return [value] if self.count == 1 else self._context.py_gather(value, 0)

    def gather_all(self, value) -> list:
        """Return the values of all ranks, by rank, on each of them."""
        return [value] if self.count == 1 else self._context.py_allgather(value)

    def broadcast(self, value):
        """Return rank 0's value on all ranks."""
        return value if self.count == 1 else self._context.py_broadcast(value, 0)

    def gather_rows(self, block: np.ndarray, rows: np.ndarray) -> Iterator[list[np.ndarray] | None]:
        """Yield ``rows`` (T,) of each rank's ``block`` (steps, E), some of them at a time, as ``gather`` gives them.

        T is the same on all ranks. Rank 0 never holds more than ``GATHERED`` bytes of them, or one row.
        """
        at_once = max(1, GATHERED // max(1, self._sum(block.shape[1] * block.itemsize)))
        for begin in range(0, len(rows), at_once):
            yield self.gather(block[rows[begin : begin + at_once]])

    def total(self, values: np.ndarray) -> np.ndarray:
        """Return the sum of an array (T, E), of one shape on all ranks, in the order of the ranks, on rank 0."""
        parts = self.gather_rows(values, np.arange(len(values)))
        sums = [sum(part[1:], start=part[0]) for part in parts if part is not None]
        return np.concatenate(sums) if sums else values

    def highest(self, value: int) -> int:
        """Return the highest value of all ranks, on all of them."""
        return value if self.count == 1 else int(self._context.allreduce(value, 2))

    def lowest(self, value: int) -> int:
        """Return the lowest value of all ranks, on all of them."""
        return value if self.count == 1 else int(self._context.allreduce(value, 3))

    def _sum(self, value: int) -> int:
        return value if self.count == 1 else int(self._context.allreduce(value, 1))

    def wait(self) -> None:
        """Wait until all ranks are here."""
        if self.count > 1:
            self._context.barrier()

    def leave(self, exit_code: int = 0) -> None:
        """End the program on all ranks together with ``exit_code``; on one rank nothing happens.

        A rank that ends without MPI's own farewell, which ``quit`` says, takes the others down with it.
        """
        if self.count > 1:
            from colonnade.cells.interpreter import h

            self._context.barrier()
            sys.stdout.flush()
            sys.stderr.flush()
            h.quit(exit_code)


def _start_mpi(h) -> None:
    if "MPI_LIB_NRN_PATH" not in os.environ:
        folder = Path(sys.prefix) / "lib"
        libraries = (folder / name for name in ("libmpi.so.12", "libmpi.12.dylib", "libmpi.dylib"))
        if library := next(filter(Path.is_file, libraries), None):
            os.environ["MPI_LIB_NRN_PATH"] = str(library)
    try:
        h.nrnmpi_init()
    except RuntimeError as error:
        raise InputError(
            f"NEURON cannot start MPI ({error})",
            key="MPI_LIB_NRN_PATH",
            value=os.environ.get("MPI_LIB_NRN_PATH"),
            expected="the path of libmpi.so, for example of the mpich package: pip install 'colonnade[mpi]'",
        ) from None
