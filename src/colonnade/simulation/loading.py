"""From a config to a model: cells, synapses, inputs and recordings of this rank, and what takes the recordings."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from colonnade.errors import InputError, UnsupportedError, in_file
from colonnade.mechanisms import CompiledMechanisms
from colonnade.simulation.engines.registry import LAYER_VARIABLES, EngineKind
from colonnade.simulation.inputs.clamps import clamps_by_input
from colonnade.simulation.inputs.fields import extracellular_potentials
from colonnade.simulation.inputs.own_trains import SECTION as SPIKES_FUNCTIONS
from colonnade.simulation.inputs.spike_trains import connect_all, kind_of
from colonnade.simulation.inputs.stand_ins import with_released
from colonnade.simulation.model import Model
from colonnade.simulation.network.gap_junctions import joined_halves
from colonnade.simulation.network.local_cells import OWN_CELLS, LocalCells
from colonnade.simulation.network.populations import Network
from colonnade.simulation.network.synapses import Connector, Kept, joined
from colonnade.simulation.output import sort_order
from colonnade.simulation.output_files import check_output_files
from colonnade.simulation.ranks import Ranks
from colonnade.simulation.recorders.clamp_currents import MODULE as CLAMP_MODULE
from colonnade.simulation.recorders.clamp_currents import ClampRecorder, clamp_reports
from colonnade.simulation.recorders.ecp import EcpRecorder, ecp_reports
from colonnade.simulation.recorders.membrane import MembraneRecorder, columns_of, is_membrane, membrane_reports
from colonnade.simulation.recorders.netcon import MODULE as NETCON_MODULE
from colonnade.simulation.recorders.netcon import SynapseRecorder, synapse_reports
from colonnade.simulation.recorders.saved_synapses import MODULES as SAVE_MODULES
from colonnade.simulation.recorders.saved_synapses import SavedSynapses, save_folders
from colonnade.sonata.config import SimulationConfig
from colonnade.sonata.reports import PRECISIONS
from colonnade.user_functions import is_reference

log = logging.getLogger(__name__)
FUNCTIONS = ("weight_functions", "synapse_models", SPIKES_FUNCTIONS, *OWN_CELLS)  # sections of the user's own
REPORT_MODULES = ("membrane_report", "extracellular", NETCON_MODULE, CLAMP_MODULE, *SAVE_MODULES)


@dataclass
class Loaded:
    """A model, the network it came from with the ``cells`` of this rank, and the recorders, each with its number of
    ``model.recordings``. The synapses of ``saved`` are written at the end; ``kept`` are all, where that was asked for.

    ``spike_times`` (M,) in ms and ``spike_gids`` (M,) are the spikes that come in and are heard; on rank 0, which
    knows a run by them, all.
    """

    network: Network
    cells: LocalCells
    model: Model
    recorders: list
    counts: list[int]
    spike_times: np.ndarray
    spike_gids: np.ndarray
    saved: list[SavedSynapses] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)


def found_in(config: SimulationConfig, mechanisms: Callable, kind: EngineKind) -> Iterator[InputError]:
    """Yield what is wrong in a config, in each part of it that can be looked at: nothing is simulated.

    ``mechanisms()`` loads the mechanisms of the config; ``kind`` is the engine, which refuses what it cannot simulate.
    """
    for part in (check_config, check_output_files):
        try:
            part(config)
        except InputError as error:
            yield from getattr(error, "errors", [error])
    network = Network(config)
    for section, key in (("inputs", "node_set"), ("reports", "cells")):
        for name, entry in getattr(config, section).items():
            try:
                network.select(entry.get(key, "all"), f"{section}.{name}.{key}")
            except InputError as error:
                yield error
    try:
        with in_file(config.path):
            engine = kind.make(load(config, mechanisms(), Ranks()).model, 1)
            engine.load()
            engine.unload()
    except InputError as error:
        yield from getattr(error, "errors", [error])


def load(
    config: SimulationConfig, mechanisms: list[CompiledMechanisms], ranks: Ranks, keep_synapses: bool = False
) -> Loaded:
    """Read all files of ``config`` and make this rank's part of the model, with ``mechanisms`` as they are loaded.

    With ``keep_synapses`` they stay with the rows of their edges, for somebody who has them saved later.
    """
    network = Network(config)
    cells = LocalCells(network, ranks.rank, ranks.count)
    if ranks.count > 1:
        network.keep_edges_of(cells.local, ranks.highest)
    folders = save_folders(config).values()
    connector = Connector(network, cells.table_of, cells.local, keep=bool(folders) or keep_synapses)
    parts, spike_times, spike_gids = connect_all(network, connector)
    synapses = joined(parts)
    recorders = [
        MembraneRecorder(report, columns_of(report, network, cells.local, cells.table_of), ranks)
        for report in membrane_reports(config)
    ]
    recorders += [EcpRecorder(report, network, cells, ranks) for report in ecp_reports(config)]
    of_synapses = synapse_reports(config)
    recorders += [SynapseRecorder(report, network, cells, synapses, connector.models, ranks) for report in of_synapses]
    fields = extracellular_potentials(network, cells)
    clamps = clamps_by_input(network, cells.local, cells.table_of)
    recorders += [ClampRecorder(report, clamps, network, bool(fields), ranks) for report in clamp_reports(config)]
    recordings = [recorder.recordings() for recorder in recorders]
    flat = [recording for part in recordings for recording in part]
    synapses, spike_times, spike_gids = with_released(network, synapses, spike_times, spike_gids)
    heard = np.isin(spike_gids, np.unique(synapses.source))
    model = Model(
        gids=cells.gids,
        prototypes=cells.prototypes,
        synapses=synapses,
        synapse_models=connector.models,
        spike_times=spike_times[heard],
        spike_gids=spike_gids[heard],
        dt=config.dt,
        n_steps=config.n_steps,
        celsius=config.celsius,
        v_init=config.v_init,
        spike_threshold=config.spike_threshold,
        gap_junctions=joined_halves(connector.halves),
        # A report of single synapses needs each of them.
        merge_synapses=bool(config.settings.get("merge_synapses", True)) and not of_synapses,
        extracellular=bool(fields) or any(recording.variable in LAYER_VARIABLES for recording in flat),
        fields=fields,
        clamps=[clamp for part in clamps.values() for clamp in part],
        recordings=flat,
        mechanisms=mechanisms,
    )
    if not ranks.is_first:
        spike_times, spike_gids = model.spike_times, model.spike_gids
    saved = [SavedSynapses(folder, network, connector.kept, ranks) for folder in folders]
    counts = [len(part) for part in recordings]
    kept = connector.kept if keep_synapses else []
    return Loaded(network, cells, model, recorders, counts, spike_times, spike_gids, saved, kept)


def check_config(config: SimulationConfig) -> None:
    """Raise for inputs, reports and orders that are unknown or not supported, before anything is built."""
    for name, entry in config.inputs.items():
        kind_of(name, entry, config.path)
    for name, entry in config.reports.items():
        module = entry.get("module")
        if not is_membrane(entry) and module not in (*REPORT_MODULES, "spikes_report"):
            raise UnsupportedError(
                "reports of this module are not supported",
                file=config.path,
                key=f"reports.{name}.module",
                value=module,
                options=REPORT_MODULES,
            )
    if config.output.get("spikes_file_nwb"):
        log.warning("%s: spikes are not written as NWB (output.spikes_file_nwb)", config.path)
    sort_order(config)
    precision = config.settings.get("report_precision", "double")
    if precision not in PRECISIONS:
        raise InputError("unknown precision of reports", file=config.path, key="colonnade.report_precision",
                         value=precision, options=PRECISIONS)  # fmt: skip
    for section in FUNCTIONS:
        for name, reference in config.settings.get(section, {}).items():
            if not is_reference(reference):
                raise InputError("is no function of a file", file=config.path, key=f"colonnade.{section}.{name}",
                                 value=reference, expected="path/file.py:function")  # fmt: skip
