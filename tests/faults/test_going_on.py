"""A run that is killed or stopped, at any time and by any signal, goes on and ends with the bytes of one left alone."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from small_simulation import N_SOURCES, SIMULATE, build_network, simulate, write_config

from colonnade.builder import NetworkBuilder
from colonnade.files import sha256
from colonnade.simulation.engines.registry import ENGINES
from colonnade.simulation.stopping import STOPPED
from colonnade.sonata.spikes import SpikeTrains, write_spikes

pytestmark = pytest.mark.xdist_group("going_on")

FILES = ("spikes.h5", "v.h5")
HELD = Path(__file__).with_name("held_simulate.py")
PATIENCE = 600  # s; for a program that hangs
ENGINE = "lockstep"  # of the tests in which all engines do the same
TSTOP, LONG, DT, EVERY = 1000.0, 4000.0, 0.05, 40.0
# In turn for the settings below, so that each engine is killed, and stopped by each signal but at most one.
SIGNALS = (signal.SIGTERM, signal.SIGKILL, signal.SIGUSR1, signal.SIGINT)
# (engine, threads when killed, threads when resumed, ranks)
SETTINGS = [
    ("lockstep", 1, 3, 1), ("lockstep", 3, 1, 1), ("lockstep", 2, 2, 1), ("lockstep", 1, 1, 2), ("lockstep", 1, 2, 3),
    ("neuron", 2, 1, 1), ("neuron", 1, 3, 1), ("neuron", 1, 1, 2), ("neuron", 1, 1, 3),
    ("coreneuron", 2, 1, 1), ("coreneuron", 1, 2, 1), ("coreneuron", 1, 1, 2),
]  # fmt: skip
SETTINGS += [(name, *numbers) for name in ENGINES if name not in {setting[0] for setting in SETTINGS}
             for numbers in ((1, 2, 1), (2, 1, 1), (1, 1, 2))]  # fmt: skip


@pytest.fixture(scope="module")
def network(tmp_path_factory) -> Path:
    """A network, and its undisturbed result by each engine in ``whole_ENGINE``."""
    folder = build_network(tmp_path_factory.mktemp("network"), with_point_neuron=False)
    write_inputs(folder, TSTOP)
    write_config(folder, lasting(TSTOP))
    for engine in ENGINES:
        simulate(folder / "config.json", "--engine", engine, "--output", folder / f"whole_{engine}")
    return folder


@pytest.fixture(scope="module")
def long_network(network) -> Path:
    """The network with ``long.json``, a run of some hundred states, and its results in ``long_ENGINE``."""

    def change(values):
        lasting(LONG)(values)
        values["inputs"]["sources"]["input_file"] = "inputs/long.h5"

    write_inputs(network, LONG, "long.h5")
    write_config(network, change, "long.json")
    for engine in ENGINES:
        simulate(network / "long.json", "--engine", engine, "--output", network / f"long_{engine}")
    return network


def write_inputs(folder, tstop, name="many.h5", after=0.0, seed=1):
    """Write spikes until ``tstop``; those before ``after`` are the same for each seed."""
    streams = np.random.default_rng(0), np.random.default_rng(seed)
    trains = [(rng.uniform(0, LONG, 1400), rng.integers(0, N_SOURCES, 1400)) for rng in streams]
    kept = [trains[0][0] < after, trains[1][0] >= after] if after else [trains[0][0] >= 0, trains[1][0] < 0]
    times = np.concatenate([times[each] for (times, _), each in zip(trains, kept, strict=True)])
    ids = np.concatenate([ids[each] for (_, ids), each in zip(trains, kept, strict=True)])
    within = times <= tstop
    write_spikes(folder / "inputs" / name, [SpikeTrains("sources", ids[within], times[within])])


def lasting(tstop, **settings):
    def change(values):
        values["run"]["tstop"] = tstop
        values["inputs"]["sources"]["input_file"] = "inputs/many.h5"
        values["colonnade"] = {"engine": ENGINE, **settings}

    return change


def results(folder) -> tuple[str, ...]:
    return tuple(sha256(folder / name) for name in FILES)


def states(output) -> list[Path]:
    """Return the files of the states, the latest first."""
    return sorted(output.glob(".state/*/[0-9]*.json"), key=lambda path: -int(path.stem))


def started(config, *options, ranks=1, program=SIMULATE) -> subprocess.Popen:
    """Start a simulation; with ``HELD`` it does not come to its end before it is stopped."""
    mpiexec = Path(sys.prefix, "bin", "mpiexec")
    if ranks > 1 and not mpiexec.is_file():
        pytest.skip("no mpiexec in this environment: pip install 'colonnade[mpi]'")
    launcher = [mpiexec, "-n", ranks] if ranks > 1 else []
    command = [*launcher, sys.executable, program, "--config", config, *options]
    return subprocess.Popen([str(word) for word in command], stderr=subprocess.PIPE, text=True, start_new_session=True,
                            env={**os.environ, "OMP_NUM_THREADS": "1"})  # fmt: skip


def programs(process: subprocess.Popen) -> list[int]:
    """Return the ids of the processes of all ranks, which a launcher of MPI gives sessions of their own."""
    listed = subprocess.run(["ps", "-ww", "-e", "-o", "pid=,ppid=,args="], capture_output=True, text=True).stdout
    lines = [line.split(maxsplit=2) for line in listed.splitlines()]
    family = {process.pid}
    while more := {int(pid) for pid, parent, _ in lines if int(parent) in family} - family:
        family |= more
    launchers = ("mpiexec", "hydra")
    return [int(pid) for pid, _, words in lines if int(pid) in family and SIMULATE.name in words
            and not any(name in words for name in launchers)]  # fmt: skip


def send(processes: list[int], *numbers: int) -> None:
    """Send signals to processes, which all get all of them before one of them goes on."""
    for number in (signal.SIGSTOP, *numbers, signal.SIGCONT):
        for process in processes:
            with contextlib.suppress(ProcessLookupError):  # after SIGKILL
                os.kill(process, number)


def wait_for_state(process, output, step) -> None:
    while not (found := states(output)) or int(found[0].stem) < step:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.005)


@pytest.mark.parametrize("seed", range(len(SETTINGS)))
def test_killed_at_random_and_gone_on(seed, long_network, tmp_path):
    chance = random.Random(seed)
    engine, threads, threads_later, ranks = SETTINGS[seed]
    number = SIGNALS[seed % len(SIGNALS)]
    options = ["--engine", engine, "--output", tmp_path, "--checkpoint-every", EVERY]
    # Ranks that wait for each other are slow on few cores: they get the shorter run.
    config, whole, tstop = ("long.json", "long", LONG) if ranks == 1 else ("config.json", "whole", TSTOP)
    step = chance.randint(1, int(0.7 * tstop / EVERY)) * round(EVERY / DT)
    process = started(long_network / config, *options, "--threads", threads, ranks=ranks, program=HELD)
    wait_for_state(process, tmp_path, step)
    time.sleep(chance.random() * 0.05)
    send(programs(process), number)
    said = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == STOPPED if number != signal.SIGKILL else process.returncode != 0, said
    assert not (tmp_path / "spikes.h5").exists()
    # A state is written before the oldest one goes: a kill between the two leaves both.
    assert 1 <= len(states(tmp_path)) <= (3 if number == signal.SIGKILL else 2)
    assert int(states(tmp_path)[0].stem) >= step
    process = started(long_network / config, *options, "--threads", threads_later, ranks=ranks)
    later = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 0, later
    assert begun_at(later) >= step * DT - 1e-6
    assert results(tmp_path) == results(long_network / f"{whole}_{engine}")
    assert not (tmp_path / ".state").exists()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_that_is_stopped_again_and_again_comes_to_its_end(engine, network, tmp_path):
    options = ["--engine", engine, "--output", tmp_path, "--checkpoint-every", 5 * EVERY]
    furthest, stops = 0.0, 10
    for attempt in range(stops + 1):
        process = started(network / "config.json", *options, program=HELD if attempt < stops else SIMULATE)
        said = []
        for line in process.stderr:
            said.append(line)
            if line.startswith("running") and attempt < stops:
                process.send_signal(signal.SIGUSR1)
        code = process.wait()
        assert code in (0, STOPPED), said
        if attempt:
            begun, furthest = furthest, begun_at("".join(said))
            assert furthest > begun
        if code == 0:
            break
        assert 1 <= len(states(tmp_path)) <= 2
    assert attempt > 0
    assert results(tmp_path) == results(network / f"whole_{engine}")


@pytest.fixture(scope="module")
def stopped_once(network) -> Path:
    """The network with a run in ``output`` that has two states and was then stopped."""
    process = started(write_config(network, lasting(TSTOP, checkpoint_every=EVERY), "stopped.json"), program=HELD)
    wait_for_state(process, network / "output", 2 * round(EVERY / DT))
    process.terminate()
    said = process.communicate()[1]
    assert process.returncode == STOPPED, said
    assert len(states(network / "output")) == 2
    return network


@pytest.fixture
def stopped(stopped_once, tmp_path) -> Path:
    """A copy of the network and of the stopped run."""
    for name in ("network", "components", "inputs", "output"):
        shutil.copytree(stopped_once / name, tmp_path / name)
    write_config(tmp_path, lasting(TSTOP, checkpoint_every=EVERY))
    return tmp_path


def go_on(folder, *options) -> str:
    return simulate(folder / "config.json", *options).stderr


def begun_at(said) -> float:
    """Return from where in ms a run went on; 0 where it began anew."""
    found = [float(line.split()[3]) for line in said.splitlines() if line.startswith("going on at")]
    return found[0] if found else 0.0


def time_of(state: Path) -> float:
    return json.loads(state.read_text())["time"]


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def engine_file(state: Path) -> Path:
    return state.with_name(f"{state.stem}.0.engine")


DAMAGES = {
    "a bit of the engine's part": lambda state: flip(engine_file(state), 5000),
    "a truncated part": lambda state: os.truncate(engine_file(state), engine_file(state).stat().st_size // 2),
    "a missing part": lambda state: engine_file(state).unlink(),
    "a bit of its own file": lambda state: flip(state, 100),
    "a truncated own file": lambda state: os.truncate(state, 300),
    "an empty own file": lambda state: os.truncate(state, 0),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_state_is_told_and_the_one_before_is_used(damage, network, stopped):
    latest, earlier = states(stopped / "output")
    before = time_of(earlier)
    DAMAGES[damage](latest)
    said = go_on(stopped)
    assert "a state is not used" in said
    assert begun_at(said) == before > 0
    assert results(stopped / "output") == results(network / f"whole_{ENGINE}")


@pytest.mark.parametrize("what", ["rows", "spikes"])
def test_damaged_rows_or_spikes_let_the_run_begin_anew(what, network, stopped):
    folder = states(stopped / "output")[0].parent
    if what == "rows":
        flip(folder / "v" / "v.h5", 20_000)
    else:
        flip(folder / "spikes.bin", 3)
    said = go_on(stopped)
    assert "not those that were written" in said
    assert begun_at(said) == 0
    assert results(stopped / "output") == results(network / f"whole_{ENGINE}")


def other_weights(folder):
    path = folder / "network" / "cells_cells_edge_types.csv"
    path.write_text(path.read_text().replace("5e-05", "6e-05"))


def other_model(folder):
    path = folder / "components" / "synaptic_models" / "slow.json"
    path.write_text(path.read_text().replace("5", "6"))


def other_run(folder, **run):
    values = json.loads((folder / "config.json").read_text())
    values["run"].update(run)
    (folder / "config.json").write_text(json.dumps(values))


FOREIGN = {
    "network": other_weights,
    "components": other_model,
    "config": lambda folder: other_run(folder, spike_threshold=-20),
    "inputs": lambda folder: write_inputs(folder, TSTOP, after=1.0, seed=9),
}


@pytest.mark.parametrize("part", FOREIGN)
def test_a_state_of_another_run_is_refused_with_its_reason(part, network, stopped):
    FOREIGN[part](stopped)
    said = go_on(stopped)
    assert f"is the state of a run that differs in {part}" in said
    assert begun_at(said) == 0
    assert results(stopped / "output") != results(network / f"whole_{ENGINE}")


def test_another_number_of_ranks_is_refused_with_its_reason(network, stopped):
    process = started(stopped / "config.json", ranks=2)
    said = process.communicate()[1]
    assert "differs in number of ranks (found {'found': '2', 'saved': '1'})" in said
    assert results(stopped / "output") == results(network / f"whole_{ENGINE}")


def test_another_engine_refuses_the_state(network, stopped):
    said = go_on(stopped, "--engine", "neuron")
    assert "is the state of a run that differs in engine" in said
    assert results(stopped / "output") == results(network / "whole_neuron")


def test_fresh_begins_anew(network, stopped):
    said = go_on(stopped, "--fresh")
    assert begun_at(said) == 0
    assert "not used" not in said
    assert results(stopped / "output") == results(network / f"whole_{ENGINE}")


def test_inputs_that_change_later_leave_the_state_useful(stopped):
    write_inputs(stopped, TSTOP, after=700.0, seed=9)
    said = go_on(stopped)
    assert begun_at(said) > 0
    simulate(stopped / "config.json", "--output", stopped / "anew", "--fresh")
    assert results(stopped / "output") == results(stopped / "anew")


def test_a_run_killed_while_its_state_is_written_has_the_state_before(network, stopped):
    """The files of a state without its own file, which comes last, are nothing."""
    latest, earlier = states(stopped / "output")
    begun = time_of(earlier)
    latest.unlink()
    os.truncate(engine_file(latest), 1000)
    (latest.parent / f".{latest.stem}-abcdefgh.json").write_text('{"step": 4')
    said = go_on(stopped)
    assert begun_at(said) == begun
    assert results(stopped / "output") == results(network / f"whole_{ENGINE}")


@pytest.mark.parametrize("engine", ["lockstep", "neuron", "coreneuron"])
def test_a_longer_run_goes_on_from_the_kept_end_of_a_shorter_one(engine, network, tmp_path):
    for name in ("network", "components", "inputs"):
        shutil.copytree(network / name, tmp_path / name)
    write_inputs(tmp_path, 600.0)
    write_config(tmp_path, lasting(600.0, engine=engine, keep_state=True))
    assert begun_at(go_on(tmp_path)) == 0
    assert [path.stem for path in states(tmp_path / "output")] == ["12000"]
    short = results(tmp_path / "output")
    os.link(tmp_path / "output" / "v.h5", tmp_path / "kept.h5")
    for tstop in (800.0, TSTOP):
        write_inputs(tmp_path, tstop)
        write_config(tmp_path, lasting(tstop, engine=engine, keep_state=True))
        said = go_on(tmp_path)
        anew = engine == "coreneuron"  # which says that it cannot
        assert begun_at(said) == (0 if anew else {800.0: 600.0, TSTOP: 800.0}[tstop])
        assert ("from which CoreNEURON cannot go on" in said) == anew
    assert results(tmp_path / "output") == results(network / f"whole_{engine}")
    assert sha256(tmp_path / "kept.h5") == short[1]  # the shorter result itself is as it was
    said = go_on(tmp_path)  # all is done
    assert begun_at(said) == TSTOP
    assert results(tmp_path / "output") == results(network / f"whole_{engine}")


@pytest.mark.parametrize("engine", ["lockstep", "neuron"])
@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 1), (3, 2)])
def test_each_point_neuron_goes_on_from_its_own_state(engine, before, after, tmp_path):
    folder = build_network(tmp_path)
    cells, sources = NetworkBuilder("cells"), NetworkBuilder("sources")
    cells.add_nodes(N=5, model_type="point_neuron", model_template="nrn:IntFire1", dynamics_params="lif.json")
    sources.add_nodes(N=N_SOURCES, model_type="virtual")
    sources.add_edges(target=cells.nodes(), connection_rule=lambda source, target: source.node_id == target.node_id,
                      syn_weight=0.3, delay=1.0, dynamics_params="point.json", model_template="exp2syn")  # fmt: skip
    for network in (cells, sources):
        network.build()
        network.save(output_dir=folder / "network")

    def change(tstop):
        def only_points(values):
            lasting(tstop, engine=engine, keep_state=True)(values)
            values["networks"]["edges"] = values["networks"]["edges"][1:]
            values["reports"] = {}

        return only_points

    for tstop, options in ((300.0, ["--threads", before]), (600.0, ["--threads", after])):
        write_inputs(folder, tstop)
        write_config(folder, change(tstop))
        said = go_on(folder, *options)
    assert begun_at(said) == 300.0
    simulate(folder / "config.json", "--output", folder / "anew")
    assert sha256(folder / "output" / "spikes.h5") == sha256(folder / "anew" / "spikes.h5")


def test_an_edited_result_is_no_part_of_a_state(network, tmp_path):
    """The kept rows are the same file on the disk as the report."""
    write_config(network, lasting(TSTOP, keep_state=True), "kept.json")
    simulate(network / "kept.json", "--output", tmp_path)
    flip(tmp_path / "v.h5", 30_000)
    said = simulate(network / "kept.json", "--output", tmp_path).stderr
    assert "not those that were written" in said
    assert results(tmp_path) == results(network / f"whole_{ENGINE}")


@pytest.mark.parametrize("numbers", [(signal.SIGTERM, signal.SIGINT), (signal.SIGINT, signal.SIGUSR1)])
def test_a_second_signal_ends_the_run_without_waiting_for_its_state(numbers, network, tmp_path):
    """Python hears signals between blocks of steps."""
    process = started(network / "config.json", "--output", tmp_path, "--checkpoint-every", 5 * EVERY, program=HELD)
    while not list(tmp_path.glob(".state/run-*")):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    send([process.pid], *numbers)
    said = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode in [128 + number for number in numbers], said
    assert "is saved" not in said


# Signals come while the first block runs, and as soon as the state is saved.
LATE = """
import os, signal, sys
from colonnade.simulation import simulate
from colonnade.simulation.checkpoints import Checkpoints
from colonnade.simulation.stopping import Stopped, StopSignals

add_spikes, leave = Checkpoints.add_spikes, Checkpoints.leave

def during(self, spikes):
    os.kill(os.getpid(), signal.SIGUSR1)
    add_spikes(self, spikes)

def afterwards(self):
    os.kill(os.getpid(), signal.SIGTERM)
    leave(self)

Checkpoints.add_spikes, Checkpoints.leave = during, afterwards
try:
    simulate(sys.argv[1], sys.argv[2], stop=StopSignals().install())
except Stopped as stopped:
    sys.exit(stopped.exit_code)
"""


def test_a_second_signal_that_comes_when_the_state_is_saved_changes_nothing(network, tmp_path):
    words = [str(word) for word in (sys.executable, "-c", LATE, network / "config.json", tmp_path)]
    answer = subprocess.run(words, capture_output=True, text=True)
    assert answer.returncode == STOPPED, answer.stderr
    assert len(states(tmp_path)) == 1


def test_the_words_of_bmtk_save_a_state_and_begin_from_it(network, tmp_path):
    def first(values):
        lasting(600.0)(values)
        values["run"]["save_state"] = True
        values["output"] = {"output_dir": str(tmp_path / "first"), "state_dir": "end"}

    def second(values):
        lasting(TSTOP)(values)
        values["run"]["start_from_state"] = True
        values["output"] = {"output_dir": str(tmp_path / "second"), "state_dir": str(tmp_path / "first" / "end")}

    simulate(write_config(network, first, "first.json"))
    said = simulate(write_config(network, second, "second.json")).stderr
    assert begun_at(said) == 600.0
    assert results(tmp_path / "second") == results(network / f"whole_{ENGINE}")
    assert {path.name for path in (tmp_path / "first").iterdir()} == {"end", "spikes.h5", "v.h5", "timing.json"}

    def unlike(values):
        second(values)
        values["run"]["spike_threshold"] = -20

    answer = simulate(write_config(network, unlike, "unlike.json"), check=False)
    assert answer.returncode == 2
    assert "differs in config" in answer.stderr.splitlines()[-1]


# The types of edges are edited after they were read: before the run begins, or in its first step.
EDITED = """
import logging, sys
from pathlib import Path
from colonnade.simulation.run import Simulation
from colonnade.sonata.config import read_config

config, types, when = sys.argv[1:]
logging.basicConfig(stream=sys.stderr)
simulation = Simulation(read_config(config))
simulation.load()

def edit():
    Path(types).write_text(Path(types).read_text().replace("5e-05", "6e-05"))

def initialise():
    edit()
    begin()

begin = simulation.engine.initialise
if when == "loaded":
    edit()
else:
    simulation.engine.initialise = initialise
simulation.run()
"""


@pytest.mark.parametrize("when", ["loaded", "begun"])
def test_a_network_that_is_edited_while_it_runs_gets_no_states(when, network, tmp_path):
    """A state would be taken for one of the new network."""
    for name in ("network", "components", "inputs"):
        shutil.copytree(network / name, tmp_path / name)
    config = write_config(tmp_path, lasting(TSTOP, checkpoint_every=5 * EVERY, keep_state=True))
    types = tmp_path / "network" / "cells_cells_edge_types.csv"
    words = [str(word) for word in (sys.executable, "-c", EDITED, config, types, when)]
    answer = subprocess.run(words, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr.count("were changed after they were read") == 5
    assert states(tmp_path / "output") == []
    assert results(tmp_path / "output") == results(network / f"whole_{ENGINE}")


# The disk takes a hundred bytes of some states and no more; at one time for the engine's part, at one for the rows.
FULL_DISK = """
import errno, logging, os, resource, sys
from colonnade.simulation import simulate
from colonnade.simulation.engines.lockstep.engine import LockstepEngine
from colonnade.simulation.engines.neuron import states
from colonnade.sonata.row_file import RowFile

copy, save, done, calls = states.shutil.copyfileobj, LockstepEngine.save, RowFile.done, []

def no_room():
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

def copied(source, target, length):
    calls.append("engine")
    if len(calls) in (3, 4):
        target.write(source.read(100))
        no_room()
    copy(source, target, length)

def saved(self, path):  # by C++, which gets no more than this from the system
    calls.append("engine")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    if len(calls) in (3, 4):
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        save(self, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

def summed(self):
    return no_room() if len(calls) == 6 else done(self)

states.shutil.copyfileobj, LockstepEngine.save, RowFile.done = copied, saved, summed
if len(sys.argv) > 4:
    states.os.fsync = lambda file: os._exit(9) if len(calls) == 8 else None
logging.basicConfig(stream=sys.stderr)
simulate(sys.argv[1], sys.argv[2], sys.argv[3], every=50.0)
"""


@pytest.mark.parametrize("engine", ["neuron", "lockstep"])
@pytest.mark.parametrize("killed_later", [False, True])
def test_a_disk_that_fills_while_a_state_is_written_costs_that_state_only(killed_later, engine, network, tmp_path):
    words = [sys.executable, "-c", FULL_DISK, network / "config.json", tmp_path, engine]
    words += ["killed"] if killed_later else []
    answer = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    reasons = [line.rpartition("saved: ")[2] for line in answer.stderr.splitlines() if "could not be saved" in line]
    full = "No space left on device"
    assert reasons == [*(["File too large"] * 2 if engine == "lockstep" else [full] * 2), full], answer.stderr
    assert answer.returncode == (9 if killed_later else 0)
    if killed_later:  # while the eighth state was written
        assert [path.stem for path in states(tmp_path)] == ["7000", "5000"]
        said = simulate(network / "config.json", "--output", tmp_path, "--engine", engine).stderr
        assert begun_at(said) == 350.0
    assert results(tmp_path) == results(network / f"whole_{engine}")
