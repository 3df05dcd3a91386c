"""Simulate a SONATA config from beginning to end: load, run block by block, write."""

import contextlib
import logging
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from colonnade.errors import InputError, SimulationError, in_file
from colonnade.files import remove_leftovers
from colonnade.mechanisms import CompiledMechanisms
from colonnade.simulation.checkpoints import Checkpoints, StateSettings
from colonnade.simulation.engines.engine import Engine
from colonnade.simulation.engines.registry import REFERENCE, engine_for, engine_kind
from colonnade.simulation.identity import stamps
from colonnade.simulation.loading import Loaded, check_config, load
from colonnade.simulation.model import FieldRecording
from colonnade.simulation.network.local_cells import load_config_mechanisms
from colonnade.simulation.output import (
    check_disk_space,
    disk_full_reported,
    locked,
    log_to_file,
    spike_files,
    write_all_spikes,
    write_timing,
)
from colonnade.simulation.output_files import check_output_files
from colonnade.simulation.progress import Progress
from colonnade.simulation.ranks import Ranks
from colonnade.simulation.stopping import STOPPED, Stopped, StopSignals
from colonnade.sonata.config import SimulationConfig, read_config

log = logging.getLogger(__name__)
ROW_MEMORY = 256_000_000  # bytes of recorded rows that the engine of a rank may hold at once
LARGEST_POTENTIAL = 300.0  # mV; no membrane goes beyond it, a solution that blows up does


class Simulation:
    """One run of a config. ``load()`` builds it, ``run()`` carries it out and writes the results."""

    def __init__(
        self,
        config: SimulationConfig,
        engine: str | None = None,
        threads: int | None = None,
        states: StateSettings | None = None,
        stop: StopSignals | None = None,
        keep_synapses: bool = False,
    ):
        self.config, self._keep_synapses = config, keep_synapses
        self.states = states or StateSettings.of(config)
        self._stop = stop or StopSignals()  # which nobody installs: signals do what they always do
        self.kind = engine_kind(engine or engine_of(config), config.path)
        self.threads = int(threads or config.settings.get("threads", 1))
        if self.threads < 1:
            raise InputError("the number of threads is at least 1", key="threads", value=self.threads)
        self.largest_potential = float(config.settings.get("largest_potential", LARGEST_POTENTIAL))
        if self.largest_potential <= abs(config.v_init):
            raise InputError("the run would end as it begins, at conditions.v_init", file=config.path,
                             key="colonnade.largest_potential", value=self.largest_potential,
                             expected=f"more than {abs(config.v_init):g} mV")  # fmt: skip
        self.ranks = Ranks()
        if not self.ranks.is_first:
            logging.getLogger("colonnade").setLevel(logging.ERROR)
        self.timing: dict[str, float] = {}
        self.loaded: Loaded | None = None
        self.engine: Engine | None = None
        self._read: list = []  # stamps of the files
        self._held = contextlib.ExitStack()

    def load(self) -> None:
        """Read the network, make cells, connections, inputs and recordings; hold the output folder."""
        with contextlib.ExitStack() as held:
            check_output_files(self.config)
            if self.ranks.is_first:
                held.enter_context(disk_full_reported(self.config.output_dir))
                held.enter_context(locked(self.config.output_dir))
                held.enter_context(log_to_file(self._log_file()))
            check_config(self.config)
            with self._timed("mechanisms"):
                mechanisms = self._load_mechanisms()
            with self._timed("load"), in_file(self.config.path):
                self._read = stamps(self.config)
                self.loaded = load(self.config, mechanisms, self.ranks, self._keep_synapses)
                self.engine = self.kind.make(self.loaded.model, self.threads)
                held.callback(self.engine.unload)  # whatever happens: this process may simulate another model
                self.engine.load()
                self.ranks.wait()
            self._held = held.pop_all()
        counts = self.ranks.gather((len(self.loaded.model.gids), len(self.loaded.model.synapses)))
        if counts:
            log.info("%d cells and %d synapses loaded in %.2f s", *map(sum, zip(*counts, strict=True)),
                     self.timing["load"])  # fmt: skip

    def _load_mechanisms(self) -> list[CompiledMechanisms]:
        """Load the mechanisms, which rank 0 compiles first where that is due."""
        for_coreneuron = self.kind.needs_coreneuron_library
        if self.ranks.is_first:
            load_config_mechanisms(self.config, for_coreneuron)
        self.ranks.wait()
        return load_config_mechanisms(self.config, for_coreneuron)

    def run(self) -> None:
        """Carry out the run and write spikes and reports, whole or not at all."""
        if self.engine is None:
            self.load()
        config, recorders = self.config, self.loaded.recorders
        self._stop.listening = True  # from here on there is something to save
        states = Checkpoints(config, self.loaded, self.kind, self.ranks, self.states, self._read)
        with self._held:
            begin = states.choose()
            if self.ranks.is_first:
                remove_leftovers([*(recorder.report.path for recorder in recorders), *spike_files(config)])
                if states.takes_room:
                    check_disk_space(config.output_dir, sum(recorder.n_bytes for recorder in recorders))
            try:
                with self._timed("initialise"):
                    states.begin(self.engine)
                self._advance(states, begin)
                with self._timed("write"):
                    spikes = states.finish(self.engine)
                    if spikes is not None:
                        write_all_spikes(config, self.loaded.network, spikes)
                    for synapses in self.loaded.saved:
                        synapses.write()
                    states.put_results()
            except BaseException:
                states.leave()
                raise
            if self.ranks.is_first:
                self._finish(len(spikes), begin)

    def _advance(self, states: Checkpoints, begin: int) -> None:
        """Run all blocks from the step ``begin`` on. Raises ``Stopped`` where a signal asks for it."""
        model, engine = self.loaded.model, self.engine
        log.info("running %g ms in steps of %g ms: %s, %d threads, %d ranks", self.config.tstop, model.dt,
                 engine.name, engine.threads, self.ranks.count)  # fmt: skip
        progress = Progress(self.config.tstop, quiet=not self.ranks.is_first)
        step, most = begin, self.ranks.lowest(engine.steps_at_once(ROW_MEMORY))
        block = self.ranks.broadcast(min(most, engine.first_block))
        with self._timed("run"):
            self._watch_states(begin)
            while step < model.n_steps:
                begun = time.perf_counter()
                end = min(states.next_after(step), step + block)
                engine.advance(end)
                took = time.perf_counter() - begun  # a look may cost more than the steps; blocks must not shrink for it
                # A rank without cells has as many rows as the others, of no columns.
                blocks = [block if block.shape[1] else np.zeros((end - step, 0)) for block in engine.rows()]
                self._watch(step, end, blocks)
                states.add_spikes(engine.spikes())
                for recorder, part in zip(self.loaded.recorders, self._parts(blocks), strict=True):
                    recorder.write(step, end, part)
                progress.reach(end * model.dt)
                block = self.ranks.broadcast(engine.next_block(end - step, took, most))
                step = end
                self._save(states, step)
        progress.close()

    def _save(self, states: Checkpoints, step: int) -> None:
        """Save a state where one is due or the run is to stop; stop it."""
        number = self.ranks.highest(self._stop.number or 0)
        stops = number and step < self.loaded.model.n_steps
        if not stops and not states.is_due(step):
            return
        begun = time.perf_counter()
        problem = states.save(self.engine, step)
        self.timing["states"] = self.timing.get("states", 0.0) + time.perf_counter() - begun
        if stops:
            self._stop.pass_over()
            name, t = signal.Signals(number).name, f"{step * self.config.dt:g} ms"
            if problem:
                raise Stopped(f"stopped by {name} at {t}; the state could not be saved: {problem}", 128 + number)
            raise Stopped(f"stopped by {name}; its state at {t} is saved, and the same command goes on", STOPPED)

    def _parts(self, blocks: list[np.ndarray]) -> Iterator[list[np.ndarray]]:
        """Yield the blocks of each recorder."""
        begin = 0
        for count in self.loaded.counts:
            yield blocks[begin : begin + count]
            begin += count

    def _watch(self, begin: int, end: int, blocks: list[np.ndarray]) -> None:
        """Raise ``SimulationError`` on a voltage that cannot be: NEURON would go on with it."""
        model = self.loaded.model
        for recording, block in zip(model.recordings, blocks, strict=True):
            if len(recording) and len(block) != end - begin:
                raise SimulationError(f"{len(block)} rows of {recording.variable} came for {end - begin} steps")
            if isinstance(recording, FieldRecording):
                continue
            largest = self.largest_potential if recording.variable == "v" else np.finfo(float).max
            if -largest <= block.min(initial=0.0) and block.max(initial=0.0) <= largest:
                continue  # false for NaN, too; no copy of the block was made
            row, column = np.argwhere(~(np.abs(block) <= largest))[0]
            self._blown_up(recording.variable, recording.gids[column], begin + row + 1, block[row, column])
        self._watch_states(end)

    def _watch_states(self, step: int) -> None:
        model = self.loaded.model
        has_membrane = np.array([prototype.kind == "biophysical" for prototype in model.prototypes], bool)
        states = self.engine.states()
        bad = ~np.isfinite(states) | (has_membrane & (np.abs(states) > self.largest_potential))
        if bad.any():
            first = int(np.argmax(bad))
            self._blown_up("v" if has_membrane[first] else "the state", model.gids[first], step, states[first])

    def _blown_up(self, variable: str, gid: int, step: int, value: float) -> None:
        name, node_id = self.loaded.network.place_of(int(gid))
        dt = self.config.dt
        where = self.engine.worst_place(int(gid))
        raise SimulationError(
            f"{variable} of node {node_id} of {name} is {value:g} at {step * dt:g} ms: the solution has broken down. "
            + (f"At the end of these steps the cell is worst in {where}. " if where else "")
            + f"Look at the cell's parameters and inputs, or take steps shorter than {dt:g} ms; 'largest_potential' is "
            f"{self.largest_potential:g} mV"
        )

    def _finish(self, n_spikes: int, begin: int) -> None:
        self.timing["run"] -= self.timing.get("states", 0.0)
        self.timing["total"] = sum(self.timing.values())
        speed = (self.config.tstop - begin * self.config.dt) / max(self.timing["run"], 1e-9)
        log.info("%d spikes; load %.2f s, run %.2f s (%.0f ms/s), write %.2f s", n_spikes, self.timing["load"],
                 self.timing["run"], speed, self.timing["write"])  # fmt: skip
        summary = {
            "engine": self.kind.name,
            "threads": self.engine.threads,
            "ranks": self.ranks.count,
            **({"began_at_ms": begin * self.config.dt} if begin else {}),
            "seconds": {phase: round(seconds, 4) for phase, seconds in self.timing.items()},
        }
        write_timing(self.config.output_dir / "timing.json", summary)

    def _log_file(self) -> Path | None:
        name = self.config.output.get("log_file")
        return self.config.output_path(name) if name else None

    @contextlib.contextmanager
    def _timed(self, phase: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.timing[phase] = self.timing.get(phase, 0.0) + time.perf_counter() - begun


def simulate(
    config_file,
    output_dir=None,
    engine: str | None = None,
    threads: int | None = None,
    stop: StopSignals | None = None,
    **states,
) -> Simulation:
    """Simulate the SONATA config ``config_file``; ``output_dir``, ``engine``, ``threads`` stand above its own.

    ``states`` are those of ``StateSettings``. Raises ``Stopped`` where a signal that ``stop`` takes has ended the run.
    """
    config = read_config(config_file, output_dir)
    simulation = Simulation(config, engine, threads, StateSettings.of(config, **states), stop)
    simulation.run()
    return simulation


def engine_of(config: SimulationConfig) -> str:
    """Return the name of the engine that a config asks for."""
    if "engine" in config.settings:
        return config.settings["engine"]
    target = str(config.values.get("target_simulator", "NEURON"))
    kind = engine_for(target) or engine_kind(REFERENCE)
    if kind.target_simulator != target.upper():
        log.warning("%s: target_simulator is %s; %s is used", config.path, target, kind.title)
    return kind.name
