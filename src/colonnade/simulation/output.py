"""Output files of a run: the folder, the lock against a second run, room on the disk, spikes, timings."""

import contextlib
import errno
import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from colonnade.errors import InputError, SimulationError
from colonnade.files import file_lock
from colonnade.log_lines import LogLine
from colonnade.simulation.network.populations import Network, Population
from colonnade.simulation.spike_file import SpikeFile
from colonnade.sonata.config import SimulationConfig
from colonnade.sonata.spikes import SpikeTrains, csv_writer, spike_writer

log = logging.getLogger(__name__)
LOCK = ".simulation.lock"
SPARE = 50_000_000  # bytes that stay free beside what the reports need
SORT_ORDERS = {
    "time": "time",
    "by_time": "time",
    "id": "id",
    "by_id": "id",
    "gid": "id",
    "node_id": "id",
    "na": None,
    "none": None,
    "unsorted": None,
}


class DiskFull(SimulationError):
    """There is no room for the results on the disk."""


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for one run. The lock dies with the process, however it ends."""
    with contextlib.ExitStack() as held:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            held.enter_context(file_lock(folder / LOCK, wait=False))
        except BlockingIOError as holder:
            raise InputError(f"another simulation is writing here ({holder})", file=folder) from None
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise InputError(f"results cannot be written there: {error.strerror}", file=folder, key="output.output_dir",
                             expected="a folder that you can write to") from None  # fmt: skip
        yield


@contextlib.contextmanager
def log_to_file(path: Path | None) -> Iterator[None]:
    """Write what Colonnade says into the file ``path`` (``None``: nowhere), too."""
    if path is None:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    handler.handleError = lambda record: None  # a line that does not fit on the disk is on the other streams
    handler.setFormatter(LogLine("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("colonnade")
    level = logger.level
    if logger.getEffectiveLevel() > logging.INFO:
        logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
        handler.close()


def check_disk_space(folder: Path, n_bytes: int) -> None:
    """Raise ``DiskFull`` if ``n_bytes`` and a little more do not fit on the disk of ``folder``."""
    free = shutil.disk_usage(folder).free
    if free < n_bytes + SPARE:
        raise DiskFull(f"{folder}: the reports need {n_bytes / 1e6:.0f} MB, but {free / 1e6:.0f} MB are free")


@contextlib.contextmanager
def disk_full_reported(folder: Path) -> Iterator[None]:
    """Turn the operating system's 'no space left' into ``DiskFull``."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull(f"{folder}: the disk became full; no result was written") from error


def sort_order(config: SimulationConfig) -> str | None:
    """Return how spikes are sorted: ``output.spikes_sort_order``, else by time."""
    value = config.output.get("spikes_sort_order", "time")
    if value is None:
        return None
    if value not in SORT_ORDERS:
        raise InputError("unknown order", file=config.path, key="output.spikes_sort_order", value=value,
                         options=SORT_ORDERS)  # fmt: skip
    return SORT_ORDERS[value]


def spike_files(config: SimulationConfig) -> list[Path]:
    """Return where spikes go: ``output.spikes_file`` (else ``spikes.h5``) and ``output.spikes_file_csv`` if any."""
    csv = config.output.get("spikes_file_csv")
    return [
        config.output_path(config.output.get("spikes_file") or "spikes.h5"),
        *([config.output_path(csv)] if csv else []),
    ]


def write_all_spikes(config: SimulationConfig, network: Network, spikes: SpikeFile) -> None:
    """Write the spikes of all simulated cells, one group a population; few of them are in memory at a time."""
    populations = [each for each in network.populations.values() if not each.virtual.all()]
    sort = sort_order(config)
    binary, *text = spike_files(config)
    sizes = {each.name: 0 for each in populations}
    for piece in spikes.pieces():
        for train in _trains(piece, populations):
            sizes[train.population] += len(train)
    with spike_writer(binary, sizes, sort, config.seeds) as append:
        for piece in _in_order(spikes, populations, sort):
            append(_trains(piece, populations))
    for path in text:
        with csv_writer(path, sort) as append:
            for chosen in [populations] if sort else [[each] for each in populations]:
                for piece in _in_order(spikes, populations, sort):
                    append(_trains(piece, chosen))


def _in_order(spikes: SpikeFile, populations: list[Population], sort: str | None) -> Iterator[np.ndarray]:
    """Yield the spikes piece by piece in the order ``sort``; by time, where there is none."""
    if sort != "id":
        for piece in spikes.pieces_by(lambda some: some["time"]):
            yield piece[np.lexsort((piece["gid"], piece["time"]))]
        return
    firsts = np.array([each.first_gid for each in populations], np.int64)
    yield from spikes.pieces_by(lambda some: some["gid"] - firsts[np.searchsorted(firsts, some["gid"], "right") - 1])


def _trains(spikes: np.ndarray, populations: list[Population]) -> Iterator[SpikeTrains]:
    """Yield the spikes of each population."""
    for each in populations:
        mine = spikes[(spikes["gid"] >= each.first_gid) & (spikes["gid"] < each.end_gid)]
        yield SpikeTrains(each.name, mine["gid"] - each.first_gid, mine["time"])


def write_timing(path: Path, timing: dict) -> None:
    """Write the wall times of a run; a file of its own, since all the others are the same in each run."""
    path.write_text(json.dumps(timing, indent=2) + "\n", encoding="utf-8")
