"""Reports of clamps: the current that each electrode of some inputs injects, at each step (module clamp_report)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from colonnade.errors import InputError, UnsupportedError
from colonnade.simulation.clamp_steps import half_steps, steps_of
from colonnade.simulation.inputs.spike_trains import kind_of
from colonnade.simulation.journal import Journal
from colonnade.simulation.model import Clamp, Recording
from colonnade.simulation.network.populations import Network
from colonnade.simulation.ranks import Ranks
from colonnade.sonata.config import SimulationConfig
from colonnade.sonata.hdf5 import write_head
from colonnade.sonata.row_file import RowFile, row_dataset

MODULE = "clamp_report"
VARIABLES = {"ic": "IClamp", "se": "SEClamp"}  # BMTK's names -> the kind of the inputs
ROWS = "/data"
ALL_STEPS = ("dt", "start_time", "end_time", "sections")  # keys of other reports


@dataclass(frozen=True)
class ClampReport:
    """The currents (nA) of all clamps of ``inputs``, at each of ``n_rows`` steps, into ``path``."""

    name: str
    path: Path
    inputs: tuple[str, ...]
    n_rows: int
    dt: float
    seeds: tuple[int, ...]


def clamp_reports(config: SimulationConfig) -> list[ClampReport]:
    """Return the reports of the module ``clamp_report``: of one input, or of all current or all voltage clamps."""
    reports = []
    for name, entry in config.reports.items():
        if entry.get("module") != MODULE:
            continue
        key, variable = f"reports.{name}", entry.get("variable_name")
        if variable not in VARIABLES:
            raise InputError("no kind of clamp", file=config.path, key=f"{key}.variable_name", value=variable,
                             options=VARIABLES, expected="ic for current clamps, se for voltage clamps")  # fmt: skip
        for other in ALL_STEPS:
            if other in entry:
                raise UnsupportedError("a report of clamps has each step of the run", file=config.path,
                                       key=f"{key}.{other}", value=entry[other])  # fmt: skip
        if entry.get("cells", entry.get("node_set", "all")) != "all":
            raise UnsupportedError("a report of clamps has all cells of its inputs", file=config.path,
                                   key=f"{key}.cells", value=entry.get("cells", entry.get("node_set")),
                                   expected="input_name, for one input")  # fmt: skip
        kind = VARIABLES[variable]
        known = [each for each, item in config.inputs.items() if kind_of(each, item, config.path) == kind]
        chosen = entry.get("input_name")
        if not known or (chosen is not None and chosen not in known):
            raise InputError(f"no input that is a {kind}", file=config.path, key=f"{key}.input_name", value=chosen,
                             options=known)  # fmt: skip
        file = str(entry.get("file_name") or name)
        path = config.output_path(file if file.endswith((".h5", ".hdf5")) else f"{file}.h5")
        inputs = tuple(known) if chosen is None else (chosen,)
        reports.append(ClampReport(name, path, inputs, config.n_steps, config.dt, config.seeds))
    return reports


class ClampRecorder:
    """Computes the currents from what the electrodes do at each step, and the potentials there at its end.

    A column is one electrode: inputs as in the config, then cells by gid. ``mapping`` in the file tells the input, the
    population, the node, and the place of each. ``outside`` tells that there is a field outside of the cells, against
    which voltage clamps hold the inside.
    """

    def __init__(
        self, report: ClampReport, clamps: Mapping[str, list[Clamp]], network: Network, outside: bool, ranks: Ranks
    ):
        self.report, self._ranks, self._outside = report, ranks, outside
        own = [(i, clamp) for i, name in enumerate(report.inputs) for clamp in clamps.get(name, ())]
        clock = half_steps(report.n_rows, report.dt)
        self._steps = [steps_of(clamp, clock, report.dt) for _, clamp in own]
        self._coupled = [k for k, (_, conductance, _) in enumerate(self._steps) if conductance.any()]
        self._sites = [own[k][1].site for k in self._coupled]
        places = [(i, *network.place_of(clamp.site.gid), clamp.site) for i, clamp in own]
        parts = ranks.gather_all(places)
        columns = [column for part in parts for column in part]
        order = sorted(range(len(columns)), key=lambda k: (columns[k][0], columns[k][3].gid))
        self._order, self._columns = np.array(order, np.int64), [columns[k] for k in order]
        if not columns:
            raise InputError("no cell has a clamp of this input", file=network.config.path,
                             key=f"reports.{report.name}", value=", ".join(report.inputs))  # fmt: skip
        self._rows: RowFile | None = None

    def recordings(self) -> list[Recording]:
        """Return what the engine has to record: potentials where the current depends on them."""
        if not self._sites:
            return []
        gids, sections = (np.array([getattr(site, name) for site in self._sites]) for name in ("gid", "section"))
        x = np.array([site.x for site in self._sites])
        inside = Recording("v", gids, sections, x)
        return [inside, Recording("vext", gids, sections, x, 0)] if self._outside else [inside]

    @property
    def n_bytes(self) -> int:
        """Size of the file, but for its head."""
        return 8 * self.report.n_rows * len(self._columns)

    def open(self, journal: Journal) -> None:
        """Open the file for ``write``; ``journal`` knows what is in it already."""
        if self._ranks.is_first:
            self._rows = journal.file(self.report.path, self.report.name, self._lay_out)

    def rows_before(self, step: int) -> int:
        """Return how many rows come before ``step``."""
        return step

    def write(self, begin: int, end: int, blocks: list[np.ndarray]) -> None:
        """Write the currents of steps ``begin`` to ``end`` (excluded)."""
        potentials = np.zeros((end - begin, len(self._steps)))
        if blocks:
            potentials[:, self._coupled] = sum(blocks[1:], start=blocks[0])
        currents = np.zeros_like(potentials)
        for k, (steps, conductance, current) in enumerate(self._steps):
            at = np.searchsorted(steps, np.arange(begin, end), side="right") - 1
            on = at >= 0
            currents[on, k] = current[at[on]] - conductance[at[on]] * potentials[on, k]
        for parts in self._ranks.gather_rows(currents, np.arange(end - begin)):
            if self._rows is not None:
                self._rows.write(ROWS, np.concatenate(parts, axis=1)[:, self._order])

    def _lay_out(self, file: h5py.File) -> list[h5py.Dataset]:
        """Lay out a new file: rows as BMTK has them, ``data`` (T, clamps), and beside them what each column is."""
        write_head(file, self.report.seeds)
        data = row_dataset(file, "data", (self.report.n_rows, len(self._columns)), "<f8")
        data.attrs["units"] = "nA"
        mapping = file.create_group("mapping")
        mapping["time"] = np.array([0.0, self.report.n_rows * self.report.dt, self.report.dt])
        mapping["time"].attrs["units"] = "ms"
        inputs, populations, nodes, sites = zip(*self._columns, strict=True)
        for name, values in (("input_names", [self.report.inputs[i] for i in inputs]), ("populations", populations)):
            mapping.create_dataset(name, data=list(values), dtype=h5py.string_dtype())
        mapping["node_ids"] = np.array(nodes, np.uint64)
        mapping["element_ids"] = np.array([site.section for site in sites], np.uint32)
        mapping["element_pos"] = np.array([site.x for site in sites], float)
        return [data]
