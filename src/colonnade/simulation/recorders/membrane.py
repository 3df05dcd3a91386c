"""Reports of a simulation config: which variable of which elements goes into which file, block by block."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colonnade.errors import InputError, UnsupportedError
from colonnade.geometry.segments import SECTION_LABELS, SegmentTable
from colonnade.simulation.journal import Journal
from colonnade.simulation.model import Recording
from colonnade.simulation.network.populations import Network
from colonnade.simulation.ranks import Ranks
from colonnade.sonata.config import SimulationConfig
from colonnade.sonata.reports import ReportLayout, lay_out, rows_name, units_of
from colonnade.sonata.row_file import RowFile

log = logging.getLogger(__name__)
TYPES = ("compartment", "synapse")
EVERYWHERE = ("all",)  # also in sections of no type that SONATA knows
MEMBRANE_MODULES = ("membrane_report", "multimeter_report", "multimeter")


@dataclass(frozen=True)
class MembraneReport:
    """One variable of the ``elements`` (None: the middle of the soma; else section types, or ``EVERYWHERE``) of the
    cells of ``node_set``, at every ``every``-th step of [``first``, ``last``), into ``path``."""

    name: str
    path: Path
    variable: str
    index: int | None
    units: str
    node_set: object
    elements: tuple[str, ...] | None
    first: int
    last: int
    every: int
    dt: float
    precision: str
    seeds: tuple[int, ...] = ()

    def rows(self, begin: int, end: int) -> np.ndarray:
        """Return which rows of the steps ``begin`` to ``end`` (excluded) belong into the report."""
        steps = np.arange(begin, end)
        return np.flatnonzero((steps >= self.first) & (steps < self.last) & (steps % self.every == 0))

    @property
    def n_rows(self) -> int:
        """How many rows the whole report has."""
        return (self.last - 1) // self.every - (self.first - 1) // self.every


def is_membrane(entry: dict) -> bool:
    """Return whether an entry of ``reports`` asks for variables of cells."""
    module = entry.get("module", "membrane_report" if entry.get("type") in ("compartment", "summation") else None)
    return module in MEMBRANE_MODULES


def membrane_reports(config: SimulationConfig) -> list[MembraneReport]:
    """Return the reports of variables of cells; two that would share a file get one each."""
    reports, taken = [], set()
    for name, entry in config.reports.items():
        if not is_membrane(entry):
            continue
        key = f"reports.{name}"
        variables = entry.get("variable_name")
        variables = variables if isinstance(variables, list) else [variables]
        if not variables or not all(isinstance(variable, str) and variable for variable in variables):
            raise InputError("the report names no variable", file=config.path, key=f"{key}.variable_name")
        file = str(entry.get("file_name") or name)
        path = config.output_path(file if file.endswith((".h5", ".hdf", ".hdf5")) else f"{file}.h5")
        for variable in variables:
            own = path
            if own in taken:
                own = path.with_name(f"{path.stem}_{variable}{path.suffix}")
                log.warning("%s: a report file holds one variable; %s goes to %s", key, variable, own.name)
            taken.add(own)
            reports.append(_membrane_report(name, key, variable, own, entry, config))
    return reports


def _membrane_report(name, key, variable, path, entry, config: SimulationConfig) -> MembraneReport:
    transform = entry.get("transform") or None
    if isinstance(transform, dict):
        transform = transform.get(variable)
    if transform not in (None, "first_element"):
        raise UnsupportedError("this transform is not supported", file=config.path, key=f"{key}.transform",
                               value=transform, options=("first_element",))  # fmt: skip
    if entry.get("type") == "summation":
        raise UnsupportedError("summation reports are not supported", file=config.path, key=f"{key}.type")
    if entry.get("type") not in (None, *TYPES):
        raise UnsupportedError("reports of this type are not supported", file=config.path, key=f"{key}.type",
                               value=entry["type"], options=TYPES)  # fmt: skip
    every = _steps(entry.get("dt"), 1, config.dt, config, f"{key}.dt")
    first = _steps(entry.get("start_time"), 0, config.dt, config, f"{key}.start_time")
    last = _steps(entry.get("end_time"), config.n_steps, config.dt, config, f"{key}.end_time")
    if not (every >= 1 and 0 <= first < last):
        raise InputError("the report has no time in it", file=config.path, key=key,
                         value=(entry.get("start_time"), entry.get("end_time"), entry.get("dt")))  # fmt: skip
    if last > config.n_steps:
        raise InputError("the report ends after the run", file=config.path, key=f"{key}.end_time",
                         value=entry["end_time"], expected=f"{config.tstop} ms or less")  # fmt: skip
    variable, bracket, index = variable.partition("[")
    if bracket and not re.fullmatch(r"\d+\]", index):
        raise InputError("no element of a variable", file=config.path, key=f"{key}.variable_name",
                         value=f"{variable}[{index}", expected="such as vext[0]")  # fmt: skip
    return MembraneReport(
        name=name,
        path=path,
        variable=variable,
        index=int(index.rstrip("]")) if bracket else 0 if transform or variable == "vext" else None,
        units=str(entry.get("unit") or entry.get("units") or units_of(variable)),
        node_set=entry.get("cells", entry.get("node_set", "biophysical")),
        elements=_elements(entry.get("sections", "all"), config, f"{key}.sections"),
        first=first,
        last=last,
        every=every,
        dt=config.dt,
        precision=config.settings.get("report_precision", "double"),
        seeds=config.seeds,
    )


def _steps(value, default: int, dt: float, config: SimulationConfig, key: str) -> int:
    if value is None:
        return default
    steps = float(value) / dt
    if abs(steps - round(steps)) > 1e-4 * max(1.0, abs(steps)):
        raise InputError("this is not a multiple of the time step", file=config.path, key=key, value=value,
                         expected=f"a multiple of {dt} ms")  # fmt: skip
    return round(steps)


def _elements(sections, config: SimulationConfig, key: str) -> tuple[str, ...] | None:
    """Return None for the middle of the soma, else the types of the sections, or ``EVERYWHERE``."""
    if sections == "soma":
        return None
    labels = sections if isinstance(sections, list) and sections else [sections]
    if "all" in labels:
        return EVERYWHERE
    for label in labels:
        if str(label).lower() not in SECTION_LABELS:
            raise InputError("no such section", file=config.path, key=key, value=label,
                             options=("all", *SECTION_LABELS))  # fmt: skip
    return tuple(dict.fromkeys(SECTION_LABELS[str(label).lower()] for label in labels))


@dataclass
class Columns:
    """The columns of one report and population on this rank: node ids (n,), how many columns each has (n,), and for
    each column the gid, section, x, and the element id and position that are written."""

    node_ids: np.ndarray
    counts: np.ndarray
    gids: np.ndarray
    sections: np.ndarray
    x: np.ndarray
    element_ids: np.ndarray
    element_pos: np.ndarray


def columns_of(
    report: MembraneReport, network: Network, local: np.ndarray, table_of: Callable[[int], SegmentTable]
) -> dict[str, Columns]:
    """Return the columns of ``report`` on this rank, by population, nodes ascending."""
    chosen = network.select(report.node_set, f"reports.{report.name}.cells")
    columns, n_points = {}, 0
    for name, rows in chosen.items():
        population = network.populations[name]
        n_points += int(population.point[rows].sum())
        rows = rows[~population.virtual[rows] & ~population.point[rows]]
        rows = rows[np.argsort(population.nodes.node_ids[rows])]
        gids = population.gids[rows]
        here = local[gids]
        parts = [_places(gid, table_of(gid), report.elements) for gid in gids[here].tolist()]
        counts = np.array([len(part[1]) for part in parts], np.int64)
        merged = [np.concatenate([part[i] for part in parts]) if parts else np.zeros(0) for i in range(4)]
        gid_column = np.repeat(gids[here], counts)
        node_ids = population.nodes.node_ids[rows][here].astype(np.int64)
        if len(rows):
            section, x, element, pos = merged
            columns[name] = Columns(node_ids, counts, gid_column, section.astype(np.int64), x, element, pos)
    if not n_points and all(network.populations[name].virtual[rows].all() for name, rows in chosen.items()):
        raise InputError("virtual cells have nothing to record", file=network.config.path,
                         key=f"reports.{report.name}.cells", value=report.node_set)  # fmt: skip
    if n_points:
        log.warning("report %s: %d point neurons have no %s to report", report.name, n_points, report.variable)
    return columns


def _places(gid: int, table: SegmentTable, elements: tuple[str, ...] | None):
    """Return section, x, element id and element position of each column of one cell."""
    if elements is None:
        soma = np.unique(table.section_id[table.section_type == "soma"])[:1]
        return soma, np.array([0.5]), np.array([0]), np.array([0.5])
    rows = np.flatnonzero(np.isin(table.section_type, elements) | (elements == EVERYWHERE))
    return table.section_id[rows], table.x[rows], table.section_id[rows], table.x[rows]


class MembraneRecorder:
    """Takes the rows of one report from the engine's blocks, from all ranks, into its file on rank 0."""

    def __init__(self, report: MembraneReport, columns: dict[str, Columns], ranks: Ranks):
        self.report, self._columns, self._ranks = report, columns, ranks
        self._names = sorted(set().union(*(ranks.broadcast(ranks.gather(list(columns))))))
        self._order: dict[str, np.ndarray] = {}
        self.layouts = [self._layout(name) for name in self._names]
        self._rows: RowFile | None = None

    def recordings(self) -> list[Recording]:
        """Return what the engine has to record, one entry a population, in the order of ``write``."""
        return [
            Recording(self.report.variable, c.gids, c.sections, c.x, self.report.index)
            for c in (self._columns[name] for name in self._names if name in self._columns)
        ]

    @property
    def n_bytes(self) -> int:
        """Size of the file, but for its head."""
        return sum(layout.n_rows * layout.row_bytes for layout in self.layouts if layout)

    def open(self, journal: Journal) -> None:
        """Open the file of the report for ``write``; ``journal`` knows what is in it already."""
        if self._ranks.is_first and self.layouts:
            report = self.report
            self._rows = journal.file(report.path, report.name, lambda file: lay_out(file, self.layouts, report.seeds))

    def rows_before(self, step: int) -> int:
        """Return how many rows come before ``step``."""
        return len(self.report.rows(0, step))

    def write(self, begin: int, end: int, blocks: list[np.ndarray]) -> None:
        """Write the rows of steps ``begin`` to ``end`` (excluded); ``blocks`` as ``recordings`` ordered them."""
        rows = self.report.rows(begin, end)
        own = dict(zip((name for name in self._names if name in self._columns), blocks, strict=True))
        for name in self._names:
            for parts in self._ranks.gather_rows(own.get(name, np.zeros((end - begin, 0))), rows):
                if self._rows is not None:
                    self._rows.write(rows_name(name), np.concatenate(parts, axis=1)[:, self._order[name]])

    def _layout(self, name: str) -> ReportLayout | None:
        """Merge the columns of all ranks; return the layout on rank 0."""
        own = self._columns.get(name)
        parts = self._ranks.gather(
            None if own is None else (own.node_ids, own.counts, own.element_ids, own.element_pos)
        )
        if parts is None:
            return None
        node_ids, counts, element_ids, element_pos = (
            np.concatenate([part[i] for part in parts if part is not None]) for i in range(4)
        )
        first = np.cumsum(counts) - counts
        order = np.argsort(node_ids, kind="stable")
        spans = [np.arange(first[i], first[i] + counts[i]) for i in order]
        self._order[name] = np.concatenate([*spans, np.zeros(0, np.int64)]).astype(np.int64)
        report, dt = self.report, self.report.dt
        return ReportLayout(
            population=name,
            variable=report.variable,
            units=report.units,
            node_ids=node_ids[order],
            offsets=np.concatenate([[0], np.cumsum(counts[order])]),
            element_ids=element_ids[self._order[name]],
            element_pos=element_pos[self._order[name]],
            start=report.first * dt,
            stop=report.last * dt,
            dt=report.every * dt,
            n_rows=report.n_rows,
            precision=report.precision,
            first=(-(-report.first // report.every) * report.every + 1) * dt,
        )
