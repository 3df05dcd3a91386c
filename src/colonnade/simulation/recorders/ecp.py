"""Reports of extracellular potentials: which cells and electrodes, and the file that their sum goes to."""

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from colonnade.cells import Prototype
from colonnade.errors import InputError
from colonnade.geometry.rotation import ANGLES
from colonnade.simulation.journal import Journal
from colonnade.simulation.model import QUANTUM, FieldRecording
from colonnade.simulation.network.local_cells import LocalCells
from colonnade.simulation.network.populations import Network, Population
from colonnade.simulation.ranks import Ranks
from colonnade.simulation.recorders.line_source import (
    Electrodes,
    Lines,
    read_electrodes,
    segment_lines,
    transfer_resistances,
)
from colonnade.sonata.config import SimulationConfig
from colonnade.sonata.hdf5 import write_head
from colonnade.sonata.row_file import RowFile, row_dataset

ROWS = "/ecp/data"
PARTS = "/ecp/populations"


@dataclass(frozen=True)
class EcpReport:
    """The potential at ``electrodes`` of the currents of the cells of ``node_set``, at each step, into ``path``.

    With ``by_population`` the file also has the potential of each population's cells; with a folder ``contributions``
    there is that of each cell alone, in ``<gid>.h5`` there.
    """

    name: str
    path: Path
    electrodes: Electrodes
    node_set: object
    minimum_distance: float | str | None
    contributions: Path | None
    tstop: float
    dt: float
    n_rows: int
    seeds: tuple[int, ...]
    by_population: bool = False


def ecp_reports(config: SimulationConfig) -> list[EcpReport]:
    """Return the reports of the module ``extracellular``."""
    reports = []
    for name, entry in config.reports.items():
        if entry.get("module") != "extracellular":
            continue
        key = f"reports.{name}"
        if "electrode_positions" not in entry:
            raise InputError("the report names no electrodes", file=config.path, key=f"{key}.electrode_positions")
        file = str(entry.get("file_name") or entry.get("ecp_file") or name)
        path = config.output_path(file if file.endswith((".h5", ".hdf5")) else f"{file}.h5")
        electrodes = read_electrodes(entry["electrode_positions"])
        reports.append(
            EcpReport(
                name,
                path,
                electrodes,
                entry.get("cells", "biophysical"),
                entry.get("minimum_distance"),
                config.output_path(folder) if (folder := entry.get("contributions_dir")) else None,
                config.tstop,
                config.dt,
                config.n_steps,
                config.seeds,
                bool(entry.get("by_population", False)),
            )
        )
    return reports


class EcpRecorder:
    """Takes sums from the engine's blocks and writes the potentials of all ranks on rank 0.

    The sums are whole numbers until they are those of all cells, so that they are the same on any number of ranks.
    """

    def __init__(self, report: EcpReport, network: Network, cells: LocalCells, ranks: Ranks):
        self.report, self._ranks = report, ranks
        of_gid = dict(zip(cells.gids.tolist(), cells.prototypes, strict=True))
        lines: dict[int, Lines] = {}
        gids, sections, xs, resistances, populations = [], [], [], [], []
        self._populations: list[str] = []
        for name, rows in network.select(report.node_set, f"reports.{report.name}.cells").items():
            population = network.populations[name]
            rows = rows[~population.virtual[rows] & ~population.point[rows]]
            rows = rows[cells.local[population.gids[rows]]]
            for gid, angles, position in zip(population.gids[rows].tolist(), *places_of(population, rows), strict=True):
                prototype = of_gid[gid]
                if id(prototype) not in lines:
                    lines[id(prototype)] = lines_of(prototype)
                placed = lines[id(prototype)].placed(angles, position)
                resistances.append(transfer_resistances(report.electrodes, placed, report.minimum_distance))
                populations.append(len(self._populations))
                gids.append(np.full(len(prototype.table), gid))
                sections.append(prototype.table.section_id)
                xs.append(prototype.table.x)
            if not (population.virtual.all() or population.point.all()):
                self._populations.append(name)
        joined = [np.concatenate([*parts, np.zeros(0)]) for parts in (gids, sections, xs)]
        self._gids = [int(part[0]) for part in gids]
        self._population_of = np.array(populations, np.int64)
        n_channels, by_cell = len(report.electrodes.channels), report.contributions is not None
        self._recording = FieldRecording(
            joined[0].astype(np.int64),
            joined[1].astype(np.int64),
            joined[2],
            np.cumsum([0, *map(len, gids)]),
            np.concatenate([*resistances, np.zeros((n_channels, 0))], axis=1),
            np.arange(len(gids)) if by_cell else self._population_of,
            len(gids) if by_cell else len(self._populations),
            by_cell,
        )
        self._file: RowFile | None = None
        self._cell_files: list[RowFile] = []

    def recordings(self) -> list[FieldRecording]:
        """Return what the engine has to record: what the channels see of each population, or each cell."""
        return [self._recording]

    @property
    def n_bytes(self) -> int:
        """Size of the files, but for their heads."""
        files = 1 + (len(self._gids) if self.report.contributions else 0)
        files += len(self._populations) if self.report.by_population else 0
        return 8 * self.report.n_rows * len(self.report.electrodes.channels) * files

    def open(self, journal: Journal) -> None:
        """Open the files for ``write``; ``journal`` knows what is in them already."""
        report = self.report
        if report.contributions:
            self._cell_files = [
                journal.file(report.contributions / f"{gid}.h5", report.name, self._lay_out) for gid in self._gids
            ]
        if self._ranks.is_first:
            self._file = journal.file(report.path, report.name, self._lay_out_all)

    def rows_before(self, step: int) -> int:
        """Return how many rows come before ``step``."""
        return step

    def write(self, begin: int, end: int, blocks: list[np.ndarray]) -> None:
        """Write the potentials of steps ``begin`` to ``end`` (excluded)."""
        n_channels = len(self.report.electrodes.channels)
        sums = blocks[0].reshape(end - begin, self._recording.n_parts, n_channels).astype(np.int64)
        for part, file in enumerate(self._cell_files):
            file.write(ROWS, sums[:, part] * QUANTUM)
        if self._recording.by_cell:
            mine = [sums[:, self._population_of == number].sum(axis=1) for number in range(len(self._populations))]
            sums = np.stack([*mine, np.zeros((end - begin, n_channels), np.int64)], axis=1)
        sums = self._ranks.total(sums.reshape(end - begin, -1)).reshape(sums.shape)
        if self._file is None:
            return
        self._file.write(ROWS, sums.sum(axis=1) * QUANTUM)
        for number, name in enumerate(self._populations if self.report.by_population else ()):
            self._file.write(f"{PARTS}/{name}", sums[:, number] * QUANTUM)

    def _lay_out(self, file: h5py.File) -> list[h5py.Dataset]:
        """Lay out a new file of potentials (T, channels) as BMTK does; return the dataset of its rows."""
        write_head(file, self.report.seeds)
        report = self.report
        data = row_dataset(file.create_group("ecp"), "data", (report.n_rows, len(report.electrodes.channels)), "<f8")
        data.attrs["units"] = "mV"
        file["ecp/time"] = np.array([0.0, report.tstop, report.dt])
        file["ecp/time"].attrs["units"] = "ms"
        file["ecp/channel_id"] = report.electrodes.channels
        file["ecp/positions"] = report.electrodes.positions
        file["ecp/positions"].attrs["units"] = "um"
        return [data]

    def _lay_out_all(self, file: h5py.File) -> list[h5py.Dataset]:
        """Lay out the file of all cells: where that is asked for, with a dataset more for each population."""
        datasets = self._lay_out(file)
        group = file.create_group(PARTS)
        for name in self._populations if self.report.by_population else ():
            datasets.append(row_dataset(group, name, datasets[0].shape, "<f8"))
            datasets[-1].attrs["units"] = "mV"
        return datasets


def places_of(population: Population, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rotation angles (K, 3) in radians and the positions (K, 3) in um of the somata; 0 where not given."""
    nodes = population.nodes
    angles = np.zeros((len(rows), 3))
    for axis, name in enumerate(ANGLES):
        if nodes.has(name):
            angles[:, axis] = np.nan_to_num(nodes.values(name)[rows].astype(float))
    positions = np.zeros((len(rows), 3))
    if nodes.has("positions") or nodes.has("position"):
        return angles, np.array(nodes.values("positions" if nodes.has("positions") else "position")[rows].tolist())
    for axis, name in enumerate("xyz"):
        if nodes.has(name):
            positions[:, axis] = nodes.values(name)[rows].astype(float)
    return angles, positions


def lines_of(prototype: Prototype) -> Lines:
    """Return the segments of a kind of cell as lines, its soma at the origin."""
    cell = prototype.instantiate(-1)
    somata = [section for section in cell.sections if section.name().rpartition(".")[2].startswith("soma")]
    return segment_lines(cell.sections, somata or [cell.soma])
