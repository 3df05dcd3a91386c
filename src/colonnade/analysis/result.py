"""A network and what it did, found through a SONATA simulation config or named file by file."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from colonnade.analysis.activity import Activity, activity
from colonnade.analysis.connectivity import Wiring, wiring
from colonnade.analysis.field_potentials import FieldPotential, read_field_potential
from colonnade.errors import InputError, MissingFile
from colonnade.geometry.rotation import ANGLES, rotation
from colonnade.sonata.config import read_config
from colonnade.sonata.edges import EdgePopulation, read_edges
from colonnade.sonata.nodes import NodePopulation, read_nodes
from colonnade.sonata.reports import Report, read_report
from colonnade.sonata.spikes import SpikeTrains, read_spikes

Pair = tuple[str | os.PathLike, str | os.PathLike | None]


@dataclass
class Result:
    """The files of one experiment; each is read when it is asked for.

    ``node_files`` and ``edge_files`` are pairs of the HDF5 file and its CSV of types (or None), ``spike_files`` spikes
    of any population, ``report_files`` report name to file, ``tstop`` the end of the run in ms (None: not known),
    ``points_file`` the table of a sweep's points (``analysis.sweep_tables.gather``), ``morphology_files`` SWC files in
    their folder, or that folder, ``field_files`` the potentials of electrodes by name.
    """

    node_files: Sequence[Pair] = ()
    edge_files: Sequence[Pair] = ()
    spike_files: Sequence[str | os.PathLike] = ()
    report_files: Mapping[str, str | os.PathLike] = field(default_factory=dict)
    tstop: float | None = None
    points_file: str | os.PathLike | None = None
    morphology_files: Sequence[str | os.PathLike] = ()
    field_files: Mapping[str, str | os.PathLike] = field(default_factory=dict)
    _spikes: dict = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def from_config(cls, config_file: str | os.PathLike) -> "Result":
        """Return the result of the simulation that a SONATA config describes, of Colonnade or another simulator."""
        config = read_config(config_file)
        spikes = config.output.get("spikes_file", config.output.get("spikes_file_csv"))
        inputs = [
            entry["input_file"]
            for entry in config.inputs.values()
            if entry.get("input_type", "spikes") == "spikes" and entry.get("input_file")
        ]
        reports = {
            name: config.output_path(entry.get("file_name", f"{name}.h5"))
            for name, entry in config.reports.items()
            if entry.get("module", entry.get("type", "")) in REPORT_MODULES
        }
        electrodes = {
            name: config.output_path(entry.get("file_name", f"{name}.h5"))
            for name, entry in config.reports.items()
            if entry.get("module") == "extracellular"
        }
        return cls(
            [(files.elements, files.types) for files in config.nodes],
            [(files.elements, files.types) for files in config.edges],
            ([config.output_path(spikes)] if spikes else []) + [Path(path) for path in inputs],
            {name: path if path.suffix else path.with_suffix(".h5") for name, path in reports.items()},
            config.tstop,
            morphology_files=config.components.get("morphologies_dir", ()),
            field_files=electrodes,
        )

    @cached_property
    def nodes(self) -> dict[str, NodePopulation]:
        """All node populations by name."""
        return {population.name: population for files in self.node_files for population in read_nodes(*files)}

    @cached_property
    def edges(self) -> dict[str, EdgePopulation]:
        """All edge populations by name."""
        return {population.name: population for files in self.edge_files for population in read_edges(*files)}

    def spikes(self, population: str) -> SpikeTrains:
        """Return the spikes of ``population`` from the first file that has some; none are not an error."""
        for path in self.spike_files:
            found = self._read_spikes(path)
            if population in found or list(found) == [""]:
                return found.get(population, found.get(""))
        return SpikeTrains(population, np.empty(0, dtype=np.uint64), np.empty(0))

    def all_spikes(self) -> dict[str, SpikeTrains]:
        """Return the spikes of all populations in all files, those of the first file where two hold the same."""
        found: dict[str, SpikeTrains] = {}
        for path in self.spike_files:
            found = self._read_spikes(path) | found
        return found

    def _read_spikes(self, path) -> dict[str, SpikeTrains]:
        if path not in self._spikes:
            self._spikes[path] = read_spikes(path)
        return self._spikes[path]

    @property
    def simulated(self) -> list[str]:
        """Names of the populations that are simulated, not played back."""
        return [name for name, nodes in self.nodes.items() if not np.all(_text(nodes, "model_type") == "virtual")]

    def populations(self, chosen: str | Iterable[str] | None = None) -> list[str]:
        """Return the names of the ``chosen`` populations, by default the simulated ones."""
        if chosen is None:
            return self.simulated
        names = [chosen] if isinstance(chosen, str) else list(chosen)
        for name in names:
            if name not in self.nodes:
                raise InputError("no such population", key="population", value=name, options=self.nodes)
        return names

    def groups(self, population: str, group_by: str = "pop_name") -> np.ndarray:
        """Return the name that each cell of ``population`` is counted and coloured under, (N,): its ``group_by``.

        The population's own name stands where a cell has none; ``pop_name`` may be missing altogether.
        """
        nodes = self.nodes[population]
        if not nodes.has(group_by) and group_by != "pop_name":
            known = sorted({column for each in self.nodes.values() for column in each.columns})
            if group_by not in known:
                raise InputError("no node has this attribute", key="group_by", value=group_by, options=known)
        names = _text(nodes, group_by)
        return np.where(names == "", population, names)

    def group_names(self, group_by: str = "pop_name") -> list[str]:
        """Return the names of all groups of all populations, virtual ones too, in the order of the config."""
        return list(dict.fromkeys(name for each in self.nodes for name in self.groups(each, group_by).tolist()))

    def window(self, window: Sequence[float | None] | None = None) -> tuple[float, float]:
        """Return (start, stop) in ms: ``window``, or its None parts from the whole run."""
        start, stop = window or (None, None)
        if stop is None:
            stop = self.tstop
        if stop is None:
            last = max((trains.timestamps.max(initial=0.0) for trains in self.all_spikes().values()), default=0.0)
            stop = float(np.nextafter(last, np.inf)) if last > 0 else 1.0
        return float(start or 0.0), float(stop)

    def activity(
        self, population: str, group_by: str = "pop_name", window: Sequence[float | None] | None = None
    ) -> Activity:
        """Return the spikes of all cells of ``population`` within ``window`` (ms)."""
        nodes = self.nodes[population]
        trains = self.spikes(population)
        return activity(
            trains.timestamps,
            trains.node_ids.astype(np.int64),
            cells=nodes.node_ids.astype(np.int64),
            groups=self.groups(population, group_by),
            population=population,
            window=self.window(window),
        )

    def report(self, name: str | None = None, population: str | None = None) -> Report:
        """Return the report ``name`` of ``population``; either may be left out where there is only one."""
        if name is None and len(self.report_files) == 1:
            name = next(iter(self.report_files))
        if name not in self.report_files:
            raise InputError("no such report", key="report", value=name, options=self.report_files)
        path = Path(self.report_files[name])
        if not path.is_file():
            raise MissingFile("there is no such report; has the simulation been run?", file=path)
        reports = read_report(path, population)
        if len(reports) != 1:
            raise InputError("the report holds several populations", file=path, key="population", options=reports)
        return next(iter(reports.values()))

    def field_potential(self, electrode: str | None = None, population: str | None = None) -> FieldPotential:
        """Return what an ``electrode`` has recorded of all cells, or of one ``population``.

        Its name may be left out where there is only one.
        """
        if electrode is None and len(self.field_files) == 1:
            electrode = next(iter(self.field_files))
        if electrode not in self.field_files:
            raise InputError("no such electrode", key="electrode", value=electrode, options=self.field_files)
        return read_field_potential(self.field_files[electrode], population)

    def positions(self, population: str) -> np.ndarray | None:
        """Return the positions of the cells in um, (N, 3), NaN for a cell without one; None if no cell has one."""
        nodes = self.nodes[population]
        if nodes.has("positions"):
            places = np.asarray(nodes.values("positions"), dtype=float)
        elif all(nodes.has(axis) for axis in "xyz"):
            places = np.stack([np.asarray(nodes.values(axis), dtype=float) for axis in "xyz"], axis=1)
        else:
            return None
        return places if np.isfinite(places).all(axis=1).any() else None

    def turns(self, population: str) -> np.ndarray:
        """Return the matrices (N, 3, 3) that turn the cells of ``population`` from their morphologies' own axes."""
        nodes = self.nodes[population]
        angles = np.zeros((len(nodes.node_ids), 3))
        for axis, name in enumerate(ANGLES):
            if nodes.has(name):
                angles[:, axis] = np.nan_to_num(np.asarray(nodes.values(name), dtype=float))
        return np.array([rotation(*each) for each in angles]).reshape(-1, 3, 3)

    def morphologies(self, population: str) -> list[tuple[Path, str | None] | None]:
        """Return the SWC file of each cell and how its axon is treated; None for a cell without one in a file."""
        nodes = self.nodes[population]
        processing = _text(nodes, "model_processing")
        folders = [Path(each) if Path(each).is_dir() else Path(each).parent for each in self.morphology_files]
        places: dict[str, Path | None] = {}
        for name in dict.fromkeys(_text(nodes, "morphology").tolist()):
            names = [name, f"{name}.swc"] if name else []
            found = (folder / each for folder in folders for each in names if (folder / each).is_file())
            places[name] = next(found, None)
        return [
            None if places[name] is None else (places[name], treatment or None)
            for name, treatment in zip(_text(nodes, "morphology").tolist(), processing.tolist(), strict=True)
        ]

    def edge_populations(self, chosen: str | Iterable[str] | None = None) -> list[EdgePopulation]:
        """Return the ``chosen`` edge populations, by default all."""
        names = list(self.edges) if chosen is None else [chosen] if isinstance(chosen, str) else list(chosen)
        for name in names:
            if name not in self.edges:
                raise InputError("no such edge population", key="edges", value=name, options=self.edges)
        return [self.edges[name] for name in names]

    def wiring(self, edges: EdgePopulation) -> Wiring:
        """Return the connected pairs of an edge population."""
        for population in (edges.source_population, edges.target_population):
            if population not in self.nodes:
                raise InputError(
                    f"the edges {edges.name} refer to a population without nodes",
                    file=edges.file,
                    value=population,
                    options=self.nodes,
                )
        return wiring(
            self.nodes[edges.source_population].node_ids,
            self.nodes[edges.target_population].node_ids,
            edges.source_ids,
            edges.target_ids,
            edges.values("nsyns") if edges.has("nsyns") else None,
            same_population=edges.source_population == edges.target_population,
        )


REPORT_MODULES = (
    "membrane_report",
    "netcon_report",
    "multimeter_report",
    "compartment",
    "compartment_set",
    "summation",
    "soma_report",
)


def _text(nodes: NodePopulation, column: str) -> np.ndarray:
    """Return an attribute of all nodes as text, "" where a node has none, (N,)."""
    values = nodes.values(column) if nodes.has(column) else np.full(len(nodes.node_ids), None, dtype=object)
    return np.array(["" if _absent(value) else str(value) for value in values.tolist()], dtype=str)


def _absent(value) -> bool:
    return value is None or value != value
