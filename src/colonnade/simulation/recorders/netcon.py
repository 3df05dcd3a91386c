"""Reports of synapses: a variable of each synapse of some cells, such as its conductance (module netcon_report)."""

from dataclasses import dataclass, replace

import numpy as np

from colonnade.errors import InputError, UnsupportedError
from colonnade.simulation.model import SynapseRecording
from colonnade.simulation.network.local_cells import LocalCells
from colonnade.simulation.network.populations import Network
from colonnade.simulation.network.synapse_models import SynapseModel
from colonnade.simulation.network.synapses import Synapses
from colonnade.simulation.ranks import Ranks
from colonnade.simulation.recorders.membrane import Columns, MembraneRecorder, MembraneReport, membrane_reports
from colonnade.sonata.config import SimulationConfig
from colonnade.sonata.reports import ReportLayout

MODULE = "netcon_report"
DEFAULT_SYNAPSE = "Exp2Syn"


@dataclass(frozen=True)
class SynapseReport:
    """A report of the synapses whose mechanism is called ``mechanism...``, None for all of them."""

    membrane: MembraneReport
    mechanism: str | None


def synapse_reports(config: SimulationConfig) -> list[SynapseReport]:
    """Return the reports of the module ``netcon_report``."""
    entries = {name: entry for name, entry in config.reports.items() if entry.get("module") == MODULE}
    reports = []
    for name, entry in entries.items():
        mechanism = entry.get("syn_type", DEFAULT_SYNAPSE)
        if mechanism == "netcon":
            raise UnsupportedError("variables of the connections themselves are not reported", file=config.path,
                                   key=f"reports.{name}.syn_type", value=mechanism,
                                   expected="the name of a synapse's mechanism")  # fmt: skip
        alike = replace(config, reports={name: {**entry, "module": "membrane_report", "sections": "all"}})
        reports += [SynapseReport(report, mechanism) for report in membrane_reports(alike)]
    return reports


class SynapseRecorder(MembraneRecorder):
    """Takes a variable of the synapses of the chosen cells from the engine's blocks into its file.

    Columns are in the order of the synapses: those from simulated cells first, then those of the inputs. The file has
    the gid of each one's source and target, as BMTK's has, in ``src_ids`` and ``trg_ids``; -1 for a virtual source.
    """

    def __init__(
        self,
        report: SynapseReport,
        network: Network,
        cells: LocalCells,
        synapses: Synapses,
        models: list[SynapseModel],
        ranks: Ranks,
    ):
        name, variable = report.membrane.name, report.membrane.variable
        fits = np.array([model.mechanism.startswith(report.mechanism or "") for model in models], bool)
        wanted = np.flatnonzero((synapses.model >= 0) & np.append(fits, False)[synapses.model])
        wanted = wanted[np.argsort(synapses.target[wanted], kind="stable")]
        targets = synapses.target[wanted]
        virtual = np.concatenate([population.gids[population.virtual] for population in network.populations.values()])
        columns, self._synapses = {}, {}
        for population_name, rows in network.select(report.membrane.node_set, f"reports.{name}.cells").items():
            population = network.populations[population_name]
            gids = np.sort(population.gids[rows])
            begin, end = np.searchsorted(targets, gids), np.searchsorted(targets, gids, side="right")
            gids, begin, end = (column[end > begin] for column in (gids, begin, end))
            if not len(gids):
                continue
            own = np.concatenate([wanted[b:e] for b, e in zip(begin, end, strict=True)])
            section, x = synapses.section[own], synapses.x[own].copy()
            for gid in gids.tolist():
                mine = synapses.target[own] == gid
                x[mine] = _middles(cells.table_of(gid), section[mine], x[mine])
            self._synapses[population_name] = own
            columns[population_name] = Columns(
                gids - population.first_gid, end - begin, synapses.target[own], section, x, section, x
            )
        self._sources = {
            key: np.where(np.isin(synapses.source[own], virtual), -1, synapses.source[own])
            for key, own in self._synapses.items()
        }
        if not columns and ranks.count == 1:
            raise InputError(f"no chosen cell has a synapse {report.mechanism or ''}", key=f"reports.{name}",
                             file=network.config.path, value=variable)  # fmt: skip
        super().__init__(report.membrane, columns, ranks)

    def recordings(self) -> list[SynapseRecording]:
        """Return what the engine has to record, one entry a population, in the order of ``write``."""
        names = [name for name in self._names if name in self._columns]
        return [
            SynapseRecording(self.report.variable, self._columns[name].gids, self._synapses[name]) for name in names
        ]

    def _layout(self, name: str) -> ReportLayout | None:
        layout = super()._layout(name)
        parts = self._ranks.gather((self._sources.get(name), name in self._columns and self._columns[name].gids))
        if layout is None or parts is None:
            return layout
        columns = [np.concatenate([part[i] for part in parts if part[0] is not None]) for i in range(2)]
        order = self._order[name]
        return replace(layout, more={"src_ids": columns[0][order], "trg_ids": columns[1][order]})


def _middles(table, section: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the middles (K,) of the segments in which the places ``x`` on ``section`` lie; the ends stay."""
    count = np.bincount(table.section_id)[section]
    middle = (np.minimum(np.floor(x * count), count - 1) + 0.5) / count
    return np.where((x <= 0) | (x >= 1), x, middle)
