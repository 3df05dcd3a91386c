"""Simulate a SONATA config from beginning to end: load, run block by block, write."""

import contextlib
import logging
import time
from collections.abc import Iterator

import numpy as np

from colonnade.errors import InputError, SimulationError, UnsupportedError
from colonnade.simulation.cells import LocalCells, load_config_mechanisms
from colonnade.simulation.connections import Connector, joined
from colonnade.simulation.ecp import EcpRecorder, ecp_reports
from colonnade.simulation.engines import ENGINES, Engine, make_engine
from colonnade.simulation.inputs import clamps, connect_all, kind_of
from colonnade.simulation.model import Model
from colonnade.simulation.netcon import SynapseRecorder, synapse_reports
from colonnade.simulation.network import Network
from colonnade.simulation.output import (
    check_room,
    locked,
    remove_leftovers,
    room_checked,
    sort_order,
    spike_files,
    write_all_spikes,
    write_timing,
)
from colonnade.simulation.progress import Progress
from colonnade.simulation.ranks import Ranks
from colonnade.simulation.recording import MembraneRecorder, columns_of, is_membrane, membrane_reports
from colonnade.sonata.config import SimulationConfig, read_config

log = logging.getLogger(__name__)
ROW_MEMORY = 256_000_000  # bytes of recorded rows that an engine may hold at once
REPORT_MODULES = ("membrane_report", "extracellular", "netcon_report", "spikes_report")
LAYER_VARIABLES = ("vext", "e_extracellular", "i_membrane")  # only there with NEURON's extracellular layer
POSSIBLE_VOLTAGE = 1000.0  # mV; no membrane goes beyond it, a solution that blows up does


class Simulation:
    """One run of a config. ``load()`` builds it, ``run()`` carries it out and writes the results."""

    def __init__(self, config: SimulationConfig, engine: str | None = None, threads: int | None = None):
        self.config = config
        self.engine_name = engine or _engine_of(config)
        self.threads = int(threads or config.settings.get("threads", 1))
        if self.engine_name not in ENGINES:
            raise InputError("there is no such engine", file=config.path, key="colonnade.engine",
                             value=self.engine_name, options=ENGINES)  # fmt: skip
        if self.threads < 1:
            raise InputError("the number of threads is at least 1", key="threads", value=self.threads)
        self.ranks = Ranks()
        self.timing: dict[str, float] = {}
        self.network: Network | None = None
        self.engine: Engine | None = None

    def load(self) -> None:
        """Read the network, make cells, connections, inputs and recordings."""
        with self._timed("load"):
            check_config(self.config)
            self.network = network = Network(self.config)
            if self.ranks.is_first:
                load_config_mechanisms(self.config, self.engine_name == "coreneuron")
            self.ranks.wait()
            mechanisms = load_config_mechanisms(self.config, self.engine_name == "coreneuron")
            self.cells = cells = LocalCells(network, self.ranks.rank, self.ranks.count)
            connector = Connector(network, cells.table_of, cells.local)
            parts, spike_times, spike_gids = connect_all(network, connector)
            synapses = joined(parts)
            heard = np.isin(spike_gids, np.unique(synapses.source))
            self.recorders = [
                MembraneRecorder(report, columns_of(report, network, cells.local, cells.table_of), self.ranks)
                for report in membrane_reports(self.config)
            ]
            self.recorders += [EcpRecorder(report, network, cells, self.ranks) for report in ecp_reports(self.config)]
            of_synapses = synapse_reports(self.config)
            self.recorders += [
                SynapseRecorder(report, network, cells, synapses, connector.models, self.ranks)
                for report in of_synapses
            ]
            recordings = [recorder.recordings() for recorder in self.recorders]
            self._counts = [len(part) for part in recordings]
            self.model = Model(
                gids=cells.gids,
                prototypes=cells.prototypes,
                synapses=synapses,
                synapse_models=connector.models,
                spike_times=spike_times[heard],
                spike_gids=spike_gids[heard],
                dt=self.config.dt,
                n_steps=self.config.n_steps,
                celsius=self.config.celsius,
                v_init=self.config.v_init,
                spike_threshold=self.config.spike_threshold,
                merge_synapses=bool(self.config.settings.get("merge_synapses", True)) and not of_synapses,
                extracellular=any(recording.variable in LAYER_VARIABLES for part in recordings for recording in part),
                clamps=clamps(network, cells.local, cells.table_of),
                recordings=[recording for part in recordings for recording in part],
                mechanisms=mechanisms,
            )
            self.engine = make_engine(self.engine_name, self.model, self.threads)
            self.engine.load()
            self.ranks.wait()
        n_synapses = self.ranks.gather(len(synapses))
        n_cells = self.ranks.gather(len(cells.gids))
        if n_cells:
            log.info("%d cells, %d synapses loaded in %.2f s", sum(n_cells), sum(n_synapses), self.timing["load"])

    def run(self) -> None:
        """Carry out the run and write spikes and reports, whole or not at all."""
        if self.engine is None:
            self.load()
        config, first = self.config, self.ranks.is_first
        with contextlib.ExitStack() as stack:
            if first:
                stack.enter_context(room_checked(config.output_dir))
                stack.enter_context(locked(config.output_dir))
                remove_leftovers([*(recorder.report.path for recorder in self.recorders), *spike_files(config)])
                check_room(config.output_dir, sum(recorder.n_bytes for recorder in self.recorders))
            with self._timed("initialise"):
                self.engine.initialise()
            for recorder in self.recorders:
                stack.enter_context(recorder.open())
            times, gids = self._advance()
            with self._timed("write"):
                if first:
                    write_all_spikes(config, self.network, times, gids)
                stack.close()
        if first:
            self._finish(len(times))

    def _advance(self) -> tuple[np.ndarray, np.ndarray]:
        """Run all blocks; return times and gids of all spikes on rank 0."""
        model, engine = self.model, self.engine
        log.info("running %g ms in steps of %g ms: %s, %d threads, %d ranks", self.config.tstop, model.dt,
                 engine.name, self.threads, self.ranks.count)  # fmt: skip
        progress = Progress(self.config.tstop, quiet=not self.ranks.is_first)
        spikes, step = [], 0
        most = engine.steps_at_once(ROW_MEMORY)
        block = min(most, engine.first_block)
        with self._timed("run"):
            while step < model.n_steps:
                begun = time.perf_counter()
                end = min(model.n_steps, step + block)
                engine.advance(end)
                blocks = engine.rows()
                self._watch(step, end, blocks)
                spikes.append(engine.spikes())
                for recorder, part in zip(self.recorders, self._parts(blocks), strict=True):
                    recorder.write(step, end, part)
                progress.reach(end * model.dt)
                block = self.ranks.broadcast(engine.next_block(end - step, time.perf_counter() - begun, most))
                step = end
        progress.close()
        parts = self.ranks.gather([np.concatenate(column) for column in zip(*spikes, strict=True)])
        if parts is None:
            return np.zeros(0), np.zeros(0, np.int64)
        return tuple(np.concatenate([part[i] for part in parts]) for i in range(2))

    def _parts(self, blocks: list[np.ndarray]) -> Iterator[list[np.ndarray]]:
        begin = 0
        for count in self._counts:
            yield blocks[begin : begin + count]
            begin += count

    def _watch(self, begin: int, end: int, blocks: list[np.ndarray]) -> None:
        """Raise ``SimulationError`` on a voltage that cannot be: NEURON would go on with it."""
        for recording, block in zip(self.model.recordings, blocks, strict=True):
            if len(block) != end - begin:
                raise SimulationError(f"{len(block)} rows of {recording.variable} came for {end - begin} steps")
            bad = ~np.isfinite(block)
            if recording.variable == "v":
                bad |= np.abs(block) > POSSIBLE_VOLTAGE
            if bad.any():
                row, column = np.argwhere(bad)[0]
                self._blown_up(recording.variable, recording.gids[column], begin + row + 1, block[row, column])
        v = self.engine.soma_voltages()
        bad = ~np.isfinite(v) | (np.abs(v) > POSSIBLE_VOLTAGE)
        bad &= np.array([prototype.kind == "biophysical" for prototype in self.model.prototypes], bool)
        if bad.any():
            self._blown_up("v", self.model.gids[bad][0], end, v[bad][0])

    def _blown_up(self, variable: str, gid: int, step: int, value: float) -> None:
        name, node_id = self.network.place_of(int(gid))
        raise SimulationError(
            f"{variable} of node {node_id} of {name} is {value:g} at {step * self.model.dt:g} ms: the solution has "
            f"broken down. Look at the cell's parameters and inputs, or take steps shorter than {self.model.dt:g} ms"
        )

    def _finish(self, n_spikes: int) -> None:
        self.timing["total"] = sum(self.timing.values())
        speed = self.config.tstop / self.timing["run"] if self.timing["run"] else float("inf")
        log.info("%d spikes; load %.2f s, run %.2f s (%.0f ms/s), write %.2f s", n_spikes, self.timing["load"],
                 self.timing["run"], speed, self.timing["write"])  # fmt: skip
        summary = {
            "engine": self.engine_name,
            "threads": self.threads,
            "ranks": self.ranks.count,
            "seconds": {phase: round(seconds, 4) for phase, seconds in self.timing.items()},
        }
        write_timing(self.config.output_dir / "timing.json", summary)

    @contextlib.contextmanager
    def _timed(self, phase: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.timing[phase] = self.timing.get(phase, 0.0) + time.perf_counter() - begun


def simulate(config_file, output_dir=None, engine: str | None = None, threads: int | None = None) -> Simulation:
    """Simulate the SONATA config ``config_file``; ``output_dir``, ``engine``, ``threads`` stand above its own."""
    simulation = Simulation(read_config(config_file, output_dir), engine, threads)
    simulation.run()
    return simulation


def check_config(config: SimulationConfig) -> None:
    """Raise for inputs and reports that are unknown or not supported, before anything is built."""
    for name, entry in config.inputs.items():
        kind_of(name, entry, config.path)
    for name, entry in config.reports.items():
        module = entry.get("module")
        if not is_membrane(entry) and module not in REPORT_MODULES:
            raise UnsupportedError(
                "reports of this module are not supported",
                file=config.path,
                key=f"reports.{name}.module",
                value=module,
                options=REPORT_MODULES,
            )
    if config.output.get("spikes_file_nwb"):
        log.warning("%s: spikes are not written as NWB (output.spikes_file_nwb)", config.path)
    membrane_reports(config)
    sort_order(config)


def _engine_of(config: SimulationConfig) -> str:
    if "engine" in config.settings:
        return config.settings["engine"]
    target = str(config.values.get("target_simulator", "NEURON")).lower()
    if target not in ENGINES:
        log.warning("%s: target_simulator is %s; NEURON is used", config.path, target)
    return "coreneuron" if target == "coreneuron" else "neuron"
