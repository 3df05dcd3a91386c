"""NEURON as an engine: cells, point processes and NetCons made from the model's arrays, solved by psolve."""

import logging
import math
from functools import partial
from pathlib import Path

import numpy as np

from colonnade.cells import Cell, define_shapes
from colonnade.cells.interpreter import h
from colonnade.errors import InputError, SimulationError
from colonnade.mechanisms import mechanisms_that_hear_their_cell
from colonnade.simulation.engines.neuron.fields import FieldSums
from colonnade.simulation.engines.neuron.gathered import Gathered, Scattered
from colonnade.simulation.engines.neuron.point_processes import PointProcesses
from colonnade.simulation.engines.neuron.states import (
    IncomingSpikes,
    read_beside,
    read_state,
    write_state,
)
from colonnade.simulation.model import (
    Clamp,
    ConductanceSteps,
    CurrentClamp,
    ExtracellularPotential,
    FieldRecording,
    Model,
    Recording,
    Site,
    SynapseRecording,
    VoltageClamp,
    VoltageSteps,
)

log = logging.getLogger(__name__)
MAX_EXCHANGE = 10.0  # ms, longest interval between two exchanges of spikes; the shortest delay shortens it
PAST_STEP = 0.1  # of a step, so that rounding in NEURON's clock cannot leave one out
CURRENT = "i_membrane_"  # of a segment, nA
OFF_RESISTANCE = 1e21  # MOhm: a voltage clamp that is switched off


def has_rough_stub(cell: Cell) -> bool:
    """Return whether a cell with 3-d points ends in a section without them, of a diameter that needs double precision.

    NEURON gives such an axon stub 3-d points of single precision wherever it draws a shape, as it does in BMTK.
    """
    if not cell.sections or not cell.sections[0].n3d() or cell.sections[-1].n3d():
        return False
    return any(not section.n3d() and section.diam != float(np.float32(section.diam)) for section in cell.sections[-2:])


class NeuronEngine:
    """Runs a ``Model`` in NEURON, on ``threads`` threads of this process (and of each other MPI rank)."""

    name = "neuron"
    first_block = 2  # steps before the first look at the solution
    least_block = 1
    block_seconds = 1.0  # wall time from one look to the next
    gathers = True  # the currents of all membranes, after each step

    def __init__(self, model: Model, threads: int = 1):
        if model.extracellular and threads > 1:
            log.warning("NEURON simulates the layer outside of the cells on one thread")
            threads = 1
        self.model, self.threads = model, threads
        self.cells: dict[int, Cell] = {}
        self._context = h.ParallelContext()
        self._alive: list = []  # NEURON forgets what Python does not hold
        self._incoming: IncomingSpikes | None = None
        self._halves: list = []  # of gap junctions
        self._steps: list[tuple] = []  # (object, variable, times, values) of what changes by steps
        self._anchors: dict[int, object] = {}
        self._sums: FieldSums | None = None
        self._vectors: list[list | Gathered] = []
        self._fresh = True
        self._rows_until = 0  # the step up to which rows were taken
        self._singly = False
        self._shortest = 1  # delay between any two cells, in whole steps
        self._together = False

    def load(self) -> None:
        self._check_delays()
        self._load_cells()
        self._load_synapses()
        self._separate_events()
        self._load_gap_junctions()
        self._incoming = IncomingSpikes(self.model.spike_times, self.model.spike_gids)
        for clamp in self.model.clamps:
            self._load_clamp(clamp)
        self._field = Scattered(self.model.fields, self._outside, self.model.dt)
        self._spike_times, self._spike_gids = h.Vector(), h.Vector()
        self._context.spike_record(-1, self._spike_times, self._spike_gids)
        self._vectors = [self._record(recording) for recording in self._singles()]
        self._sums = FieldSums(self.model, self.cells, self.threads)

    def initialise(self) -> None:
        h.dt, h.steps_per_ms = self.model.dt, 1 / self.model.dt
        h.celsius, h.v_init = self.model.celsius, self.model.v_init
        h.tstop = self.model.n_steps * self.model.dt
        self._context.nthread(self.threads, 1)
        self._context.set_maxstep(MAX_EXCHANGE)
        h.stdinit()
        self._fresh = True
        self._sums.find_nodes()
        self._begin_rows(0)
        self._field.forget()

    def _singles(self) -> list[Recording | SynapseRecording]:
        """Return the recordings of single places."""
        return [each for each in self.model.recordings if not isinstance(each, FieldRecording)]

    def _begin_rows(self, step: int) -> None:
        self._rows_until = step
        for vectors in self._vectors:
            if isinstance(vectors, Gathered):
                vectors.begin()

    def save(self, path: Path) -> None:
        vgap = [half.vgap for half in self._halves]
        write_state(path, {**self._incoming.place(h.t), "vgap": vgap, "threads": self.threads})

    def restore(self, path: Path, step: int) -> None:
        place = read_beside(path)
        self._go_on_with_threads(place["threads"])
        self.initialise()
        read_state(path).restore()
        if round(h.t / self.model.dt) != step:
            raise SimulationError(f"{path} is the state at {h.t} ms, not at {step * self.model.dt} ms")
        self._incoming.go_on(place)
        for half, potential in zip(self._halves, place["vgap"], strict=True):
            half.vgap = potential
        for owner, variable, times, values in self._steps:
            if (row := int(np.searchsorted(times, h.t, side="right")) - 1) >= 0:
                setattr(owner, variable, float(values[row]))
        self.rows(), self.spikes()  # of the initialisation
        self._begin_rows(step)
        self._together = self.threads > 1

    def _go_on_with_threads(self, threads: int) -> None:
        """Take as many threads as a state has, if it has point neurons: it holds them in the order of their threads."""
        if threads != self.threads and any(prototype.kind == "point" for prototype in self.model.prototypes):
            log.warning("NEURON goes on with the state's number of threads, %d, as there are point neurons", threads)
            self.threads = self._sums.threads = threads

    def steps_at_once(self, memory: int) -> int:
        row = 8 * sum(map(len, self._singles())) + self._sums.bytes_per_step
        return max(1, min(self.model.n_steps, memory // max(1, row)))

    def next_block(self, steps: int, seconds: float, most: int) -> int:
        return min(most, max(self.least_block, round(steps * self.block_seconds / max(seconds, 1e-6))))

    def advance(self, step: int) -> None:
        until = (step + PAST_STEP) * self.model.dt
        self._sums.expect(step - round(h.t / self.model.dt))
        gathered = [each for each in self._vectors if isinstance(each, Gathered)]
        if gathered or self.model.fields:
            for each in range(round(h.t / self.model.dt) + 1, step + 1):
                if self.model.fields:
                    self._field.apply(each - 1)
                if self._singly:
                    h.fadvance()
                else:
                    self._context.psolve((each + PAST_STEP) * self.model.dt)
                for vectors in gathered:
                    vectors.fetch()
        elif self._singly:
            h(f"while (t < {(step - 0.5) * self.model.dt!r}) {{ fadvance() }}")
        else:
            self._solve(until)
        if abs(h.t / self.model.dt - step) > 0.5:
            raise SimulationError(f"the engine {self.name} stopped at {h.t} ms instead of {step * self.model.dt} ms")

    def _solve(self, until: float) -> None:
        """Run until a time in ms.

        After a state of one thread, NEURON lacks the event that brings several threads together once a minimum delay.
        """
        if self._together:
            dt = self.model.dt
            for step in range(round(h.t / dt) + self._shortest, round(until / dt), self._shortest):
                self._context.psolve((step + PAST_STEP) * dt)
        self._context.psolve(until)

    def rows(self) -> list[np.ndarray]:
        step, before = round(h.t / self.model.dt), self._rows_until
        skipped = 1 if self._fresh else 0  # NEURON records the state at 0 ms, too
        blocks = []
        for vectors in self._vectors:
            if isinstance(vectors, Gathered):
                blocks.append(vectors.rows())
                continue
            n_rows = max(0, int(vectors[0].size()) - skipped) if vectors else step - before
            block = np.empty((len(vectors), n_rows)).T  # each vector in one piece
            for column, vector in enumerate(vectors):
                block[:, column] = vector.as_numpy()[skipped:]
                vector.resize(0)
            blocks.append(block)
        self._rows_until = step
        self._fresh = False
        singles, sums = iter(blocks), iter(self._sums.rows())
        return [next(sums if isinstance(each, FieldRecording) else singles) for each in self.model.recordings]

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        times, gids = np.array(self._spike_times), np.array(self._spike_gids).astype(np.int64)
        self._spike_times.resize(0)
        self._spike_gids.resize(0)
        return times, gids

    def states(self) -> np.ndarray:
        cells = (self.cells[gid] for gid in self.model.gids.tolist())
        return np.array([point_state(cell.point) if cell.soma is None else cell.soma(0.5).v for cell in cells])

    def worst_place(self, gid: int) -> str:
        segments = [segment for section in self.cells[gid].sections for segment in section]
        if not segments:
            return ""
        v = np.abs([segment.v for segment in segments])
        worst = segments[int(np.argmax(np.where(np.isfinite(v), v, np.inf)))]
        mechanisms = list(worst.sec.psection()["density_mechs"])
        section = worst.sec.name().rpartition(".")[2]
        return f"{section}({worst.x:.3g}), with {worst.v:g} mV and the mechanisms {', '.join(mechanisms) or 'none'}"

    def unload(self) -> None:
        """Let go of all cells and connections, so that the same process can simulate another model."""
        self._vectors, self._alive, self._anchors, self.cells = [], [], {}, {}
        self._incoming, self._steps, self._halves = None, [], []
        self.processes = self._sums = None
        self._context.gid_clear()
        self._context.nthread(1)
        h.cvode.use_fast_imem(0)

    def _check_delays(self) -> None:
        delay, dt = self.model.synapses.delay, self.model.dt
        shortest = self._context.allreduce(float(delay.min()) if len(delay) else MAX_EXCHANGE, 3)
        self._shortest = max(1, int(shortest / dt + 1e-9))
        self._fit_to_delays(shortest)

    def _fit_to_delays(self, shortest: float) -> None:
        """NEURON exchanges spikes by steps where each delay (ms) is longer than one, between threads than two.

        Shorter ones need one thread, and up to a step one rank: there it can deliver within a step. With threads on
        several ranks, some runs with delays of two steps were seen to hang.
        """
        dt = self.model.dt
        least = 2 if self._context.nhost() == 1 else 3
        if self.threads > 1 and self._shortest < least:
            log.warning("NEURON simulates delays below %d time steps (here %g ms) on one thread", least, shortest)
            self.threads = 1
        if shortest > dt * (1 + 1e-6):
            return
        if self._context.nhost() > 1:
            raise InputError(
                "a delay of at most one time step cannot be simulated on several ranks",
                key="delay",
                value=shortest,
                expected=f"more than {dt:g} ms, or one rank",
            )
        self._singly = True

    def _load_cells(self) -> None:
        rank, context, threshold = int(self._context.id()), self._context, self.model.spike_threshold
        for gid, prototype in zip(self.model.gids.tolist(), self.model.prototypes, strict=True):
            cell = self.cells[gid] = prototype.instantiate(gid)
            context.set_gid2node(gid, rank)
            if cell.soma is None:
                detector = h.NetCon(cell.point, None)
            else:
                detector = h.NetCon(cell.soma(0.5)._ref_v, None, sec=cell.soma)
                detector.threshold = threshold
                if self.model.extracellular:
                    for section in cell.sections:
                        section.insert("extracellular")
            context.cell(gid, detector)
        if any(has_rough_stub(self.cells[gid]) for gid in self._first_of_each_prototype()):
            define_shapes()

    def _first_of_each_prototype(self) -> list[int]:
        pairs = zip(self.model.prototypes, self.model.gids.tolist(), strict=True)
        return list({id(prototype): gid for prototype, gid in pairs}.values())

    def _load_synapses(self) -> None:
        synapses = self.model.synapses
        self.processes = processes = PointProcesses(self.model, self.cells)
        connect, alive = self._context.gid_connect, self._alive
        columns = (synapses.source.tolist(), processes.of_synapse, synapses.weight.tolist(), synapses.delay.tolist())
        for source, process, weight, delay in zip(*columns, strict=True):
            connection = connect(source, process)
            connection.weight[0] = weight
            connection.delay = delay
            alive.append(connection)
        hearing = np.array([name in mechanisms_that_hear_their_cell() for name in processes.mechanisms] + [False], bool)
        for row in np.flatnonzero(hearing[synapses.model]).tolist():
            # With the delay of the spikes that come in, a synapse sees the difference that the spikes themselves have.
            connection = connect(int(synapses.target[row]), processes.of_synapse[row])
            connection.weight[0] = -1.0
            connection.delay = float(synapses.delay[row])
            alive.append(connection)

    def _separate_events(self) -> None:
        """Make NEURON keep one event a connection under way, not one for all connections of a source.

        It does the latter where all delays of a source are the same; such events stand in the queues of all threads at
        once, which states mix up. A connection of another delay that is switched off turns that off.
        """
        rows = np.unique(self.model.synapses.source, return_index=True)[1]
        for source, row in zip(self.model.synapses.source[rows].tolist(), rows.tolist(), strict=True):
            other = self._context.gid_connect(source, self.processes.of_synapse[row])
            other.delay = self.model.synapses.delay[row] + 1.0
            other.active(False)
            self._alive.append(other)

    def _load_gap_junctions(self) -> None:
        """Make both halves of each gap junction, and let NEURON bring each one the potential at the other."""
        halves, context = self.model.gap_junctions, self._context
        if not int(context.allreduce(len(halves), 1)):
            return
        columns = (halves.gid, halves.section, halves.x, halves.conductance, halves.here, halves.there)
        for gid, section, x, conductance, here, there in zip(*(column.tolist() for column in columns), strict=True):
            segment = self.cells[gid].segment(section, x)
            half = h.GapJunction(segment)
            half.g = conductance
            context.source_var(segment._ref_v, here, sec=segment.sec)
            context.target_var(half, half._ref_vgap, there)
            self._halves.append(half)
        context.setup_transfer()

    def _segment(self, site: Site):
        return self.cells[site.gid].segment(site.section, site.x)

    def _load_clamp(self, clamp: Clamp) -> None:
        if isinstance(clamp, VoltageClamp):
            electrode, times, resistances = voltage_clamp(clamp, self._segment(clamp.site), self.model.dt)
            self._play_steps(electrode, "rs", times, resistances)
            return
        if isinstance(clamp, VoltageSteps):
            self._load_voltage_steps(clamp)
            return
        if isinstance(clamp, ConductanceSteps):
            source = h.ConductanceSource(self._segment(clamp.site))
            source.e = clamp.reversal
            self._play_steps(source, "g", clamp.times, clamp.conductances)
            return
        electrode = h.IClamp(self._segment(clamp.site))
        self._alive.append(electrode)
        if isinstance(clamp, CurrentClamp):
            electrode.delay, electrode.dur, electrode.amp = clamp.delay, clamp.duration, clamp.amplitude
            return
        electrode.delay, electrode.dur = 0.0, 1e9
        self._play_steps(electrode, "amp", clamp.times, clamp.amplitudes)

    def _load_voltage_steps(self, clamp: VoltageSteps) -> None:
        electrode = h.SEClamp(self._segment(clamp.site))
        electrode.dur1, electrode.amp1, electrode.rs = 1e9, clamp.voltages[0], OFF_RESISTANCE
        self._play_steps(electrode, "amp1", clamp.times, clamp.voltages)
        self._play_steps(electrode, "rs", [clamp.times[0], clamp.end], [clamp.resistance, OFF_RESISTANCE])

    def _play_steps(self, electrode, variable: str, times, values) -> None:
        """Set a variable of an electrode to ``values`` (n,), each from its entry of ``times`` (n,) in ms on.

        They are played as a line that is flat around the middle of each time step, where both engines read it: steps
        would be events, which NEURON delivers on the first thread only, so late to cells of the others.
        """
        dt, times, values = self.model.dt, np.asarray(times, float), np.asarray(values, float)
        first = np.ceil(times / dt - 0.5)  # the step that NEURON would take each value for as an event
        last = np.append(first[1:], max(self.model.n_steps, first[-1]) + 1)
        keep = last > first
        knots = np.stack([first[keep] + 0.25, last[keep] - 0.25], axis=1).ravel() * dt
        heights = np.repeat(values[keep], 2)
        if first[keep][0] > 0:
            before = getattr(electrode, variable)
            knots, heights = np.append([0.0, knots[0] - dt / 2], knots), np.append([before, before], heights)
        vectors = h.Vector(knots), h.Vector(heights)
        vectors[1].play(electrode, getattr(electrode, f"_ref_{variable}"), vectors[0], 1)
        self._alive += [electrode, *vectors]
        self._steps.append((electrode, variable, times, values))

    def _record_synapses(self, recording: SynapseRecording) -> list:
        vectors = []
        for row in recording.synapses.tolist():
            process = self.processes.of_synapse[row]
            try:
                vectors.append(h.Vector().record(process, getattr(process, f"_ref_{recording.variable}")))
            except (AttributeError, TypeError, NameError, RuntimeError):
                known = [name for name in dir(process) if isinstance(getattr(process, name, None), float)]
                message = f"{process.hname().partition('[')[0]} has no such variable to report"
                raise InputError(message, key="variable_name", value=recording.variable, options=known) from None
        return vectors

    def _anchor(self, gid: int) -> list:
        """Return a point process on a cell, from which NEURON knows the thread of what is recorded there.

        Without it NEURON looks through all nodes of all threads for each vector, as it has to for a cell of several
        trees, which may be on several threads.
        """
        if self.threads == 1 or self.cells[gid].n_trees > 1:
            return []
        return self._process_on(gid)

    def _process_on(self, gid: int) -> list:
        """Return a point process on a cell, if there can be one."""
        if gid not in self._anchors:
            self._anchors[gid] = h.PointProcessMark(self.cells[gid].soma(0.5))
        return [self._anchors[gid]]

    def _outside(self, field: ExtracellularPotential) -> list:
        """Return the addresses of the potentials that drive the outside of the cells at the places of a field."""
        places = zip(field.gids.tolist(), field.sections.tolist(), field.x.tolist(), strict=True)
        return [self.cells[gid].segment(section, x)._ref_e_extracellular for gid, section, x in places]

    def _currents(self, recording: Recording) -> list:
        """Return the addresses of the membrane currents at the places of a recording."""
        places = zip(recording.gids.tolist(), recording.sections.tolist(), recording.x.tolist(), strict=True)
        return [self.cells[gid].segment(section, x)._ref_i_membrane_ for gid, section, x in places]

    def _record(self, recording: Recording | SynapseRecording) -> "list | Gathered":
        if isinstance(recording, SynapseRecording):
            return self._record_synapses(recording)
        if recording.variable == CURRENT:
            h.cvode.use_fast_imem(1)
            if self.gathers:
                return Gathered(partial(self._currents, recording), len(recording.gids))
        vectors = []
        places = zip(recording.gids.tolist(), recording.sections.tolist(), recording.x.tolist(), strict=True)
        for gid, section, x in places:
            segment = self.cells[gid].segment(section, x)
            try:
                reference = getattr(segment, f"_ref_{recording.variable}")
                if recording.index is not None:
                    reference = reference[recording.index]
                vectors.append(h.Vector().record(*self._anchor(gid), reference))
            except IndexError:
                raise InputError(f"{segment} has no such element", key="variable_name",
                                 value=f"{recording.variable}[{recording.index}]") from None  # fmt: skip
            except (AttributeError, TypeError, NameError, RuntimeError):
                raise unknown_variable(recording.variable, segment) from None
        return vectors


def point_state(point) -> float:
    """Return the state of a point neuron: its variable m or v; 0 where it has neither."""
    found = (getattr(point, name, None) for name in ("m", "v", "V"))
    return next((value for value in found if isinstance(value, float)), 0.0)


def voltage_clamp(clamp: VoltageClamp, segment, dt: float) -> tuple:
    """Make an electrode which is there from one step after ``delay`` on and, as BMTK has it, in the very first step.

    Return it with the times (n,) in ms at which its resistance changes, and the new values (n,) in MOhm. In that step
    BMTK's electrode has NEURON's own resistance of 1 MOhm and, before ``delay``, holds 0 mV.
    """
    electrode = h.SEClamp(segment)
    electrode.dur1, electrode.amp1 = clamp.delay, 0.0
    electrode.dur2, electrode.amp2 = clamp.duration, clamp.amplitude
    electrode.dur3, electrode.amp3 = 0.0, 0.0
    electrode.rs = 1.0
    first = math.ceil(clamp.delay / dt - 1e-9) + 1
    changes = [(0.0, 1.0), (dt, OFF_RESISTANCE), (first * dt, clamp.resistance)]
    if first == 1:
        del changes[1]
    return electrode, *zip(*changes, strict=True)


def unknown_variable(variable: str, segment) -> InputError:
    """Return the error that a segment has no such range variable; it names those it has."""
    mechanisms = segment.sec.psection()["density_mechs"]
    known = [f"{name}_{mechanism}" for mechanism, names in mechanisms.items() for name in names]
    ions = [name for names in segment.sec.psection()["ions"].values() for name in names]
    return InputError(
        f"{segment} has no such variable to report", key="variable_name", value=variable, options=["v", *ions, *known]
    )
