"""The simulated cells of a network: which are on this rank, of which prototype each one is, and their mechanisms."""

import heapq
import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from colonnade.cells import CellFactory, Prototype, SegmentTable
from colonnade.cells.own_cells import OwnFunctions
from colonnade.errors import InputError, MissingFile, in_file
from colonnade.mechanisms import (
    CompiledMechanisms,
    compiled_in_cache,
    load_mechanisms,
    mechanism_names,
    read_compiled,
)
from colonnade.mechanisms.compilation import MANIFEST, find_mod_files, misfit
from colonnade.mechanisms.modfile import ModFile, read_mod_file
from colonnade.places import project_file
from colonnade.simulation.network.gap_junctions import COLUMN as GAP_COLUMN
from colonnade.simulation.network.gap_junctions import MECHANISM as GAP_JUNCTION
from colonnade.simulation.network.populations import Network, Population
from colonnade.simulation.network.weights import own_function
from colonnade.sonata.config import SimulationConfig
from colonnade.sonata.nodes import NodePopulation
from colonnade.sonata.types import read_types

log = logging.getLogger(__name__)
OWN_MECHANISMS = project_file("mechanisms")
FAST_SYNAPSE = "Exp2SynFixed"
CONDUCTANCE = "ConductanceSource"  # what conductances of inputs are played into
FIELD_SUM = "FieldSum"  # what sums up what electrodes see, in NEURON and CoreNEURON
UNUSED = ("VecStim",)  # spike trains are played by NEURON's own PatternStim
# Of a connection and step, in compartments: in chapter 3, synapses take a fifth of the time (docs/scaling.md).
CONNECTION_COST = 0.13
VALUES = ("model_type", "model_template", "model_processing", "morphology", "dynamics_params")
SHAPES = ("model_type", "model_template", "morphology")  # what decides on the number of compartments
OWN_CELLS = ("cell_models", "cell_processors")  # sections of the config's own settings
FOLDERS = ("morphologies_dir", "biophysical_neuron_models_dir", "point_neuron_models_dir")


class LocalCells:
    """The cells of this rank, dealt out by what they cost: ``gids`` (C,) ascending, ``prototypes`` (C of them).

    ``local`` (all gids,) bool marks them; ``imbalance`` is the cost of the rank with the most over the mean.
    """

    def __init__(self, network: Network, rank: int = 0, n_ranks: int = 1):
        config = network.config
        components = {name: config.component(name) for name in FOLDERS if name in config.components}
        if "templates_dir" in config.components:
            components["templates_dir"] = config.components["templates_dir"]
        self._factory = CellFactory(components, config.dL, own_functions(config))
        self.local = np.zeros(network.end_gid, bool)
        self._of_gid: dict[int, Prototype] = {}
        simulated = {
            name: np.flatnonzero(~population.virtual)[np.argsort(population.gids[~population.virtual])]
            for name, population in network.populations.items()
        }
        if not sum(map(len, simulated.values())):
            raise InputError("there is no cell to simulate, all nodes are virtual", file=config.path, key="networks")
        ranks, self.imbalance = self._deal(network, simulated, n_ranks)
        if n_ranks > 1:
            log.info("the cells of the costliest rank are %.1f %% more work than the mean", 100 * (self.imbalance - 1))
        for name, rows in simulated.items():
            self._add(network.populations[name], rows[ranks[name] == rank])
        self.gids = np.array(sorted(self._of_gid), np.int64)
        self.prototypes = [self._of_gid[gid] for gid in self.gids.tolist()]

    def _deal(self, network: Network, simulated: dict[str, np.ndarray], n_ranks: int) -> tuple[dict, float]:
        """Return the rank (K,) of each simulated row of each population, and the imbalance.

        The costliest cells are dealt first, each to the rank with the least so far: at most a third above the best
        (R. L. Graham, SIAM J. Appl. Math. 17:416, 1969).
        """
        if n_ranks == 1:
            return {name: np.zeros(len(rows), np.int64) for name, rows in simulated.items()}, 1.0
        costs = {name: self._costs(network, network.populations[name], rows) for name, rows in simulated.items()}
        every = np.concatenate(list(costs.values()))
        taken, ranks = [(0.0, rank) for rank in range(n_ranks)], np.empty(len(every), np.int64)
        for cell in np.argsort(-every, kind="stable").tolist():
            cost, ranks[cell] = taken[0]
            heapq.heapreplace(taken, (cost + every[cell], int(ranks[cell])))
        ends = np.cumsum([len(each) for each in costs.values()])[:-1]
        imbalance = max(taken)[0] * n_ranks / every.sum()
        return dict(zip(costs, np.split(ranks, ends), strict=True)), imbalance

    def _costs(self, network: Network, population: Population, rows: np.ndarray) -> np.ndarray:
        """Return what each cell (K,) at ``rows`` costs in a step, in compartments: its own, and connections onto it."""
        onto = network.edges_onto(population)
        shapes = [population.nodes.values(name)[rows].tolist() for name in SHAPES if population.nodes.has(name)]
        compartments, known = np.ones(len(rows)), {}
        for i, shape in enumerate(zip(*shapes, strict=True)):
            if shape not in known:
                known[shape] = self._compartments(population, rows[i])
            compartments[i] = known[shape]
        return compartments + CONNECTION_COST * onto[rows]

    def _compartments(self, population: Population, row: int) -> int:
        """Return the number of compartments of the cell at ``row``; 1 for a point neuron."""
        ((_, prototype),) = self._made(population, np.array([row]))
        return 1 if prototype.kind != "biophysical" else len(prototype.table)

    def table_of(self, gid: int) -> SegmentTable:
        """Return the segments of a local cell."""
        return self._of_gid[gid].table

    def _add(self, population: Population, rows: np.ndarray) -> None:
        for gid, prototype in self._made(population, rows):
            self._of_gid[gid] = prototype
            self.local[gid] = True

    def _made(self, population: Population, rows: np.ndarray) -> Iterator[tuple[int, Prototype]]:
        """Yield the gid and the prototype of each cell at ``rows``."""
        nodes = population.nodes
        columns = {name: nodes.values(name)[rows].tolist() for name in VALUES if nodes.has(name)}
        try:
            own = {
                name: nodes.attributes.dynamics_values(name)[rows].astype(float) for name in nodes.attributes.dynamics
            }
        except (TypeError, ValueError) as error:
            raise InputError(f"a value is no number ({error})", file=nodes.file, key="dynamics_params") from None
        keys = zip(*columns.values(), *(values.tolist() for values in own.values()), strict=True)
        known: dict[tuple, Prototype] = {}
        for i, (gid, key) in enumerate(zip(population.gids[rows].tolist(), keys, strict=True)):
            if key not in known:
                values = {name: column[i] for name, column in columns.items()}
                parameters = {name: column[i] for name, column in own.items() if np.isfinite(column[i])}
                if parameters:
                    values["dynamics_params"] = parameters
                with in_file(nodes.types_file or nodes.file):
                    known[key] = self._factory.prototype(values)
            prototype = known[key]
            if prototype.of_each_node:
                row = int(rows[i])
                with in_file(nodes.types_file or nodes.file):
                    prototype = prototype.of_node(
                        int(nodes.node_ids[row]), gid, population.name, partial(attribute_of, nodes, row)
                    )
            yield gid, prototype


def own_functions(config: SimulationConfig) -> OwnFunctions:
    """Return the user's functions for cells: those of a script, and those that the config names."""
    named = (config.settings.get(section, {}) for section in OWN_CELLS)
    return OwnFunctions(*named, lambda place, key: own_function(place, str(config.path.parent), key))


def attribute_of(nodes: NodePopulation, row: int, name: str):
    """Return an attribute of a node; KeyError where it has none."""
    if not nodes.has(name):
        raise KeyError(name)
    value = nodes.values(name)[row]
    return value.item() if isinstance(value, np.generic) else value


def load_config_mechanisms(config: SimulationConfig, coreneuron: bool) -> list[CompiledMechanisms]:
    """Load the mechanisms of a config; .mod files which are not compiled by us are compiled into the cache first.

    Of somebody else's folder a file that does not compile is left out with a warning: often it is not needed.
    """
    folders = config.components.get("mechanisms_dir", [])
    ready = [folder for folder in folders if (folder / MANIFEST).is_file()]
    electrodes = any(entry.get("module") == "extracellular" for entry in config.reports.values())
    lacks_sums = electrodes and not any(FIELD_SUM in read_compiled(folder).mechanisms for folder in ready)
    if lacks_sums and coreneuron:
        ready = []  # it needs all mechanisms in one library
    loaded = [load_mechanisms(_suitable(folder, coreneuron)) for folder in ready]
    foreign = []
    for folder in folders:
        if folder.is_file():
            raise InputError("is no folder of mechanisms", file=config.path, key="components.mechanisms_dir",
                             value=str(folder))  # fmt: skip
        if not folder.is_dir():
            log.warning("%s: there is no such folder of mechanisms; only NEURON's own can be used", folder)
        elif not any(folder.rglob("*.*")):
            log.warning("%s: the folder of mechanisms is empty", folder)
        elif folder not in ready:
            foreign += [mod for mod in _mod_files(folder) if mod.name not in UNUSED]
    there = {mod.name for mod in foreign}
    files = [mod.path for mod in foreign]
    if not ready:
        # What other runs of this process may need, too: NEURON takes no second library with the same mechanisms.
        wanted = dict.fromkeys([FAST_SYNAPSE, CONDUCTANCE, FIELD_SUM, *_synapses_of_ours(config)])
        files += [OWN_MECHANISMS / f"{name}.mod" for name in wanted if name not in there]
        files = [path for path in files if path.is_file()]
    elif lacks_sums and FIELD_SUM not in mechanism_names():
        files.append(OWN_MECHANISMS / f"{FIELD_SUM}.mod")
    try:
        if files:
            loaded.append(load_mechanisms(_compiled(files, "try" if coreneuron else False)))
    except InputError as error:
        if foreign:
            raise
        log.warning("%s: NEURON's own Exp2Syn is used, which is slower", error.message)
    return loaded


def _synapses_of_ours(config: SimulationConfig) -> list[str]:
    """Return this project's synapses where the edge types of somebody's config name one of them, all: one library."""
    named = set()
    for files in config.edges:
        types = read_types(files.types, "edge_type_id") if files.types else None
        if types is None:
            continue
        if GAP_COLUMN in types.columns:
            named.add(GAP_JUNCTION)
        if "model_template" in types.columns:
            named |= {str(name).removeprefix("nrn:") for name in types.values("model_template", types.ids)}
    ours = [mod.name for mod in map(read_mod_file, sorted(OWN_MECHANISMS.glob("*.mod"))) if mod.kind == "point"]
    return [name for name in ours if name != FAST_SYNAPSE] if named & set(ours) else []


def _suitable(folder: Path, coreneuron: bool) -> Path:
    """Return a folder of mechanisms for this processor, and for CoreNEURON where that is asked for: ``folder`` itself,
    else one in the cache. Flags that name another processor are the user's, who is told."""
    compiled = read_compiled(folder)
    reason, flags = misfit(compiled), compiled.manifest["flags"]
    if reason and "native" in flags:
        log.warning("%s: compiled for another processor (%s: %s); compiled for this one, into the cache", folder,
                    compiled.manifest.get("processor", "unknown"), reason)  # fmt: skip
    elif reason or not coreneuron or compiled.coreneuron_library or compiled.refusals:
        return folder
    return compiled_in_cache(folder, coreneuron="try" if coreneuron else False, flags=flags)


def _mod_files(folder: Path) -> list[ModFile]:
    """Return the .mod files of somebody's folder; those that cannot be used are left out with a warning."""
    try:
        return find_mod_files(folder)
    except MissingFile:
        raise
    except InputError as error:
        usable = []
        for path in sorted(folder.glob("*.mod")) or sorted(folder.glob("modfiles/*.mod")):
            try:
                usable += find_mod_files([path])
            except InputError as reason:
                log.warning("%s is left out: %s", path, reason.message)
        if not usable:
            raise error
        return usable


def _compiled(files: list[Path], coreneuron) -> Path:
    try:
        return compiled_in_cache(files, coreneuron=coreneuron)
    except InputError as error:
        usable = []
        for file in files:
            try:
                compiled_in_cache([file], coreneuron=False)
                usable.append(file)
            except InputError as reason:
                log.warning("%s does not compile and is left out: %s", file, reason.message)
        if not usable or len(usable) == len(files):
            raise error
        return compiled_in_cache(usable, coreneuron=coreneuron)
