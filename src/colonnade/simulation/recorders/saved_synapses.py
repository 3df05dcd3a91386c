"""The synapses of a simulation as edge files: each with its place, weight and delay (BMTK's module SaveSynapses)."""

import logging
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from colonnade.errors import InputError, UnsupportedError
from colonnade.simulation.inputs.spike_trains import connect_all
from colonnade.simulation.network.local_cells import LocalCells
from colonnade.simulation.network.populations import Network
from colonnade.simulation.network.synapses import GAP, Connector, Kept
from colonnade.simulation.ranks import Ranks
from colonnade.sonata.config import SimulationConfig
from colonnade.sonata.edge_writer import edge_writer
from colonnade.sonata.edges import EdgePopulation, read_edges
from colonnade.sonata.types import read_types, write_types

log = logging.getLogger(__name__)
MODULES = ("SaveSynapses", "save_synapses")
ON_SECTIONS, ON_POINTS, GAPS = range(3)  # groups of the file; BMTK has the first two
CARRIED = ("delay", "model_template", "dynamics_params", "is_gap_junction")
APPLIED = ("nsyns", "weight_function")  # columns of edge types that are in the weights and rows already


def save_folders(config: SimulationConfig) -> dict[str, Path]:
    """Return the folder of each report of the module ``SaveSynapses``: ``network_dir``, below the output folder."""
    folders = {}
    for name, entry in config.reports.items():
        if entry.get("module") in MODULES:
            if entry.get("single_file"):
                raise UnsupportedError("one file for all edges is not written", file=config.path,
                                       key=f"reports.{name}.single_file", value=entry["single_file"])  # fmt: skip
            folders[name] = config.output_path(str(entry.get("network_dir") or name))
    return folders


def kept_synapses(network: Network, cells: LocalCells) -> list[Kept]:
    """Return the synapses of a network that was connected already, with the rows of their edges."""
    connector = Connector(network, cells.table_of, cells.local, keep=True)
    logger = logging.getLogger("colonnade.simulation")
    level = logger.level
    logger.setLevel(logging.ERROR)  # it has warned the first time
    try:
        connect_all(network, connector)
    finally:
        logger.setLevel(level)
    return connector.kept


@dataclass
class _Rows:
    """Synapses of one edge population, K of them: ``edge`` (K,) is the row of each in its file, ``group`` (K,) its
    group in the new one; ``section`` and ``x`` (K,) its place, ``far_section`` and ``far_x`` (K,) that on the source of
    a gap junction; ``weight`` (K,) in uS."""

    edge: np.ndarray
    group: np.ndarray
    section: np.ndarray
    x: np.ndarray
    far_section: np.ndarray
    far_x: np.ndarray
    weight: np.ndarray


class SavedSynapses:
    """Files of all synapses of a network, ``<source>_<target>_edges.h5`` and ``..._edge_types.csv`` in ``folder``.

    They stand for the files of the network that they come from: the same synapses at the same places, one a row, with
    their final weights. Edges of virtual cells without an input have no synapses, and are left out.
    """

    def __init__(self, folder: Path, network: Network, kept: list[Kept], ranks: Ranks):
        self._network, self._folder, self._ranks = network, Path(folder), ranks
        self._edges: list[tuple[str, EdgePopulation, _Rows | None]] = []
        names: dict[str, int] = {}
        for edges in network.edges:
            name = f"{edges.source_population}_{edges.target_population}"
            names[name] = names.get(name, 0) + 1
            name = name if names[name] == 1 else f"{name}_{names[name]}"
            rows = self._gathered(edges, [part for part in kept if part.edges is edges])
            if ranks.is_first:
                self._check(name, edges)
            self._edges.append((name, edges, rows))

    def write(self) -> None:
        """Write the files, on the first rank."""
        if not self._ranks.is_first:
            return
        for name, edges, rows in self._edges:
            if not len(rows.edge):
                log.warning("%s: its edges have no synapses in this simulation; none are saved", edges.name)
                continue
            whole = read_edges(edges.file, edges.types_file, edges.name)[0]  # a rank has only its own edges
            self._write(self._paths(name), whole, rows)

    def _paths(self, name: str) -> tuple[Path, Path]:
        return self._folder / f"{name}_edges.h5", self._folder / f"{name}_edge_types.csv"

    def _check(self, name: str, edges: EdgePopulation) -> None:
        """Raise ``InputError`` where a file would replace one of the network, or cannot hold the edges."""
        config = self._network.config
        read = {path.resolve() for files in (*config.nodes, *config.edges) for path in (files.elements, files.types)
                if path is not None}  # fmt: skip
        for path in self._paths(name):
            if path.resolve() in read:
                raise InputError("would replace a file of the network", file=config.path, key="network_dir",
                                 value=str(path), expected="another folder")  # fmt: skip
            if config.output.get("overwrite_output_dir") is False and path.exists():
                raise InputError("is there already, and output.overwrite_output_dir is false", file=config.path,
                                 key="network_dir", value=str(path), expected="another folder")  # fmt: skip
        if edges.attributes.dynamics and "dynamics_params" in _stored(edges):
            raise UnsupportedError("edges with names and with values of dynamics_params are not saved", file=edges.file,
                                   key="dynamics_params")  # fmt: skip

    def _gathered(self, edges: EdgePopulation, kept: list[Kept]) -> _Rows | None:
        """Return the synapses of all ranks, by target and edge, on the first rank."""
        own = [(each.placed, edges.target_ids[each.placed.edge]) for each in kept]
        columns = {name: np.concatenate([np.zeros(0, kind), *(getattr(part, name) for part, _ in own)]) for name, kind
                   in (("edge", np.int64), ("model", np.int64), ("section", np.int64), ("x", float),
                       ("weight", float))}  # fmt: skip
        target = np.concatenate([np.zeros(0, np.int64), *(ids.astype(np.int64) for _, ids in own)])
        far = [each.efferent for each in kept if each.efferent is not None]
        places = [(edges.places(part.edge), part.section, part.x) for part in far]
        parts = self._ranks.gather((columns | {"edge": edges.places(columns["edge"]), "target": target}, places))
        if parts is None:
            return None
        columns = {name: np.concatenate([part[name] for part, _ in parts]) for name in parts[0][0]}
        target, model, edge = columns.pop("target"), columns.pop("model"), columns["edge"]
        group = np.where(model == GAP, GAPS, np.where(model >= 0, ON_SECTIONS, ON_POINTS))
        far_section, far_x = np.full(edges.stored, -1), np.zeros(edges.stored)
        for place, section, x in (each for _, places in parts for each in places):
            far_section[place], far_x[place] = section, x
        rows = _Rows(**columns, group=group, far_section=far_section[edge], far_x=far_x[edge])
        order = np.lexsort((edge, target))
        return _Rows(*(getattr(rows, field.name)[order] for field in fields(_Rows)))

    def _write(self, paths: tuple[Path, Path], edges: EdgePopulation, rows: _Rows) -> None:
        populations = self._network.populations
        sizes = [int(populations[name].nodes.node_ids.max()) + 1 for name in
                 (edges.source_population, edges.target_population)]  # fmt: skip
        more = {name: edges.values(name)[rows.edge] for name in CARRIED if name in _stored(edges)}
        more |= {f"dynamics_params/{name}": edges.attributes.dynamics_values(name)[rows.edge] for name in
                 edges.attributes.dynamics}  # fmt: skip
        places = {"sec_id": rows.section.astype(np.int64), "sec_x": rows.x}
        far = {"efferent_section_id": rows.far_section, "efferent_section_pos": rows.far_x}
        columns = {ON_SECTIONS: places, ON_POINTS: {}, GAPS: places | far}
        attributes = {}
        for group in np.unique(rows.group).tolist():
            part = rows.group == group
            own = columns[group] | {"syn_weight": rows.weight} | more
            attributes[group] = {name: _plain(values[part], name, edges) for name, values in own.items()}
        ids = [column[rows.edge] for column in (edges.source_ids, edges.target_ids, edges.type_ids)]
        seeds = self._network.config.seeds
        with edge_writer(paths[0], edges.name, edges.source_population, edges.target_population, *sizes, seeds) as file:
            file.append(*ids, rows.group.astype(np.uint16), attributes)
        types = read_types(edges.types_file, "edge_type_id")
        table = [
            {"edge_type_id": int(number)}
            | {name: types.values(name, np.array([number]))[0] for name in types.columns if name not in APPLIED}
            for number in (types.ids if len(types.ids) else np.unique(ids[2]))
        ]
        write_types(paths[1], "edge_type_id", table)


def _stored(edges: EdgePopulation) -> set[str]:
    """Return the names of attributes that edges have in the HDF5 file, one by one."""
    return {name for names in edges.attributes.group_columns.values() for name in names}


def _plain(values: np.ndarray, name: str, edges: EdgePopulation) -> np.ndarray:
    """Return a column as it can be written: texts for all edges, or numbers."""
    if values.dtype.kind != "O":
        return values
    if any(value is None for value in values):
        raise UnsupportedError("edges of which only some have this attribute are not saved", file=edges.file, key=name)
    if all(isinstance(value, bool | int | float | np.number | np.bool_) for value in values):
        return values.astype(float)
    return np.array([str(value) for value in values], object)
