"""What a user sees of a simulation: the same spikes by every way to run it, whole files, errors with their cause."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import libsonata
import numpy as np
import pytest
from small_simulation import N_CELLS, SIMULATE, TSTOP, build_network, simulate, spikes, voltages, write_config

from colonnade.files import sha256
from colonnade.mechanisms import compile_mechanisms
from colonnade.simulation.network.local_cells import OWN_MECHANISMS
from colonnade.simulation.stopping import STOPPED


@pytest.fixture(scope="module")
def network(tmp_path_factory) -> Path:
    """The folder of the small network, with its result in ``output``; not to be changed."""
    folder = build_network(tmp_path_factory.mktemp("small"))
    simulate(folder / "config.json")
    return folder


@pytest.fixture
def copy(network, tmp_path) -> Path:
    """A copy of the small network without results, in another place."""
    shutil.copytree(network, tmp_path / "moved", ignore=shutil.ignore_patterns("output"))
    return tmp_path / "moved"


def with_settings(**settings):
    return lambda values: values.update(colonnade=settings)


def test_all_cells_spike_so_that_the_comparisons_below_mean_something(network):
    assert {node for node, _ in spikes(network / "output" / "spikes.h5")} == set(range(N_CELLS + 1))


def test_a_moved_folder_gives_the_same_bytes(network, copy):
    simulate(copy / "config.json")
    for name in ("spikes.h5", "v.h5"):
        assert sha256(copy / "output" / name) == sha256(network / "output" / name)


def test_synapses_that_share_a_point_process_give_the_spikes_of_single_ones(network, copy):
    simulate(write_config(copy, with_settings(merge_synapses=False)))
    assert spikes(copy / "output" / "spikes.h5") == spikes(network / "output" / "spikes.h5")
    # Rounding alone: some 1e-16 a step, grown by the steepest part of a spike.
    np.testing.assert_allclose(voltages(copy / "output" / "v.h5"), voltages(network / "output" / "v.h5"), atol=1e-7)


def test_all_results_record_the_seeds_of_the_network_and_of_the_inputs(copy):
    def seeds(name):
        with h5py.File(copy / "output" / name) as file:
            return np.atleast_1d(file.attrs["seed"]).tolist()

    for folder, pattern, seed in (("network", "*.h5", 3), ("inputs", "*.h5", 4)):
        for path in (copy / folder).glob(pattern):
            with h5py.File(path, "r+") as file:
                file.attrs["seed"] = np.uint64(seed)
    simulate(copy / "config.json")
    assert seeds("spikes.h5") == seeds("v.h5") == [3, 4]


@pytest.mark.parametrize("options", [("--threads", "2"), ("--engine", "neuron", "--threads", "3")])
def test_threads_do_not_change_a_byte(options, network, tmp_path):
    simulate(network / "config.json", "--output", tmp_path, *options)
    for name in ("spikes.h5", "v.h5"):
        assert sha256(tmp_path / name) == sha256(network / "output" / name)


@pytest.mark.parametrize("engine", ["neuron", "lockstep"])
def test_libraries_of_another_processor_are_compiled_for_this_one(engine, network, copy):
    """As on the second kind of a cluster's nodes, or where the results were moved to another machine."""
    compile_mechanisms([OWN_MECHANISMS / "Exp2SynFixed.mod"], copy / "mechanisms", coreneuron=False)
    manifest = json.loads((copy / "mechanisms" / "mechanisms.json").read_text())
    there = {"key": "0" * 32, "processor": "x86_64, HAL 9000",
             "processor_features": [*manifest["processor_features"], "avx4096"]}  # fmt: skip
    (copy / "mechanisms" / "mechanisms.json").write_text(json.dumps(manifest | there))
    (copy / "mechanisms" / manifest["library"]).write_bytes(b"would kill the process")
    config = write_config(copy, lambda values: values["components"].update(mechanisms_dir="mechanisms"))
    said = simulate(config, "--engine", engine).stderr
    assert "HAL 9000: they use instructions that it lacks: avx4096); compiled for this one" in said
    assert spikes(copy / "output" / "spikes.h5") == spikes(network / "output" / "spikes.h5")


# Rank 0 may take two rows of the four cells at once, and four spikes of each rank.
FEW_AT_ONCE = """
import sys
import numpy as np
from colonnade.simulation import checkpoints, ranks, simulate, spike_file

ranks.GATHERED, checkpoints.GATHERED_SPIKES, spike_file.AT_ONCE, spike_file.SAMPLES = 64, 8, 4, 2
gather, sizes, counts = ranks.Ranks.gather, [], []

def watched(self, value):
    parts = gather(self, value)
    if parts and isinstance(value, np.ndarray):
        sizes.append(sum(part.nbytes for part in parts))
    elif parts and isinstance(value, tuple) and isinstance(value[0], np.ndarray) and value[0].dtype == float:
        counts.append(sum(len(times) for times, _ in parts))
    return parts

ranks.Ranks.gather = watched
ran = simulate(sys.argv[1], sys.argv[2])
if ran.ranks.is_first:
    print(max(sizes), max(counts), len(counts))
ran.ranks.leave()
"""


@pytest.mark.slow
def test_two_mpi_ranks_write_the_files_of_one_though_few_rows_and_spikes_are_gathered_at_once(network, tmp_path):
    mpiexec = Path(sys.executable).parent / "mpiexec"
    if not mpiexec.exists():
        pytest.skip(f"no MPI in this environment: {mpiexec} is missing (pip install 'colonnade[mpi]')")
    command = [mpiexec, "-n", 2, sys.executable, "-c", FEW_AT_ONCE, network / "config.json", tmp_path]
    said = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True).stdout
    largest, spikes_at_once, gathers = map(int, said.splitlines()[-1].split())
    assert largest == 64
    assert 0 < spikes_at_once <= 8
    assert gathers > 2
    for name in ("spikes.h5", "v.h5"):
        assert sha256(tmp_path / name) == sha256(network / "output" / name)


def test_a_rank_that_fails_ends_the_run(copy):
    mpiexec = Path(sys.executable).parent / "mpiexec"
    if not mpiexec.exists():
        pytest.skip(f"no MPI in this environment: {mpiexec} is missing (pip install 'colonnade[mpi]')")
    blow_up = write_config(copy, lambda values: values["inputs"].update(clamp=clamp(amp=9e5, node_id=[1])))
    answer = simulate(blow_up, launcher=(mpiexec, "-n", "2"), check=False)
    assert answer.returncode != 0
    assert "node 1 of cells" in answer.stderr


@pytest.mark.parametrize("threads", ["1", "2"])
def test_coreneuron_gives_the_spikes_of_neuron(threads, tmp_path):
    folder = build_network(tmp_path, with_point_neuron=False)
    simulate(folder / "config.json")
    simulate(folder / "config.json", "--output", tmp_path / "core", "--engine", "coreneuron", "--threads", threads)
    assert len(spikes(tmp_path / "core" / "spikes.h5")) > N_CELLS
    assert sha256(tmp_path / "core" / "spikes.h5") == sha256(folder / "output" / "spikes.h5")
    np.testing.assert_allclose(voltages(tmp_path / "core" / "v.h5"), voltages(folder / "output" / "v.h5"), atol=1e-6)


def test_coreneuron_goes_on_where_a_block_ends(tmp_path):
    # Without reports, and with ends of blocks that six digits cannot hold.
    folder = build_network(tmp_path, with_point_neuron=False)
    write_config(folder, lambda values: values.pop("reports"))
    simulate(folder / "config.json")
    program = (
        "import sys; from colonnade.simulation.engines.coreneuron.engine import CoreNeuronEngine as E; "
        "E.first_block = 21; E.next_block = lambda *a: 613; "
        "from colonnade.simulation import simulate; simulate(sys.argv[1], sys.argv[2], 'coreneuron', 2)"
    )
    command = [sys.executable, "-c", program, str(folder / "config.json"), str(tmp_path / "core")]
    assert subprocess.run(command, capture_output=True, text=True).returncode == 0
    assert spikes(tmp_path / "core" / "spikes.h5") == spikes(folder / "output" / "spikes.h5")


def test_what_coreneuron_cannot_take_is_refused_with_the_word_to_change(network, tmp_path):
    answer = simulate(network / "config.json", "--output", tmp_path, "--engine", "coreneuron", check=False)
    assert answer.returncode == 2
    assert "CoreNEURON cannot simulate the mechanism IntFire1" in answer.stderr
    assert "--engine neuron" in answer.stderr


def test_coreneuron_follows_neuron_in_one_process_on_mechanisms_compiled_for_neuron_alone(tmp_path):
    folder = build_network(tmp_path, with_point_neuron=False)
    compile_mechanisms([OWN_MECHANISMS / "Exp2SynFixed.mod"], tmp_path / "compiled", coreneuron=False)
    config = write_config(folder, lambda values: values["components"].update(mechanisms_dir=str(tmp_path / "compiled")))
    program = """
import sys
from colonnade.errors import InputError
from colonnade.simulation import simulate
from colonnade.simulation.engines.coreneuron.engine import CoreNeuronEngine
config, folder = sys.argv[1:]
model = simulate(config, folder + "/neuron", "neuron").loaded.model
engine = CoreNeuronEngine(model, 1)
try:
    engine.load()
except InputError as error:
    print(error)
engine.unload()
simulate(config, folder + "/coreneuron", "coreneuron")
"""
    command = [sys.executable, "-c", program, str(config), str(tmp_path)]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert "compiled: engine: these mechanisms are compiled for NEURON alone" in answer.stdout
    assert spikes(tmp_path / "coreneuron" / "spikes.h5") == spikes(tmp_path / "neuron" / "spikes.h5")


def test_a_simulation_follows_one_that_was_refused_in_the_same_process(network, tmp_path):
    """As in a notebook, which also holds the error and all that it hangs on to."""
    program = """
import sys
from colonnade.errors import InputError
from colonnade.simulation import simulate
config, folder = sys.argv[1:]
try:
    simulate(config, folder, "coreneuron")
except InputError as error:
    held = error
assert "IntFire1" in str(held)
simulate(config, folder, "neuron")
"""
    command = [sys.executable, "-c", program, str(network / "config.json"), str(tmp_path)]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert spikes(tmp_path / "spikes.h5") == spikes(network / "output" / "spikes.h5")


def test_the_first_row_of_a_report_is_one_step_after_the_start(network):
    with h5py.File(network / "output" / "v.h5") as file:
        group = file["report/cells"]
        assert group["data"].shape == (round(TSTOP / 0.05), N_CELLS)
        assert group["mapping/time"][()].tolist() == [0.0, TSTOP, 0.05]
        assert group["data"][0, 0] != -68.0
        assert abs(group["data"][0, 0] + 68.0) < 1.0


def test_libsonata_reads_spikes_and_reports_of_single_precision(network, tmp_path):
    simulate(write_config(network, with_settings(report_precision="single"), "single.json"), "--output", str(tmp_path))
    theirs = libsonata.SpikeReader(str(tmp_path / "spikes.h5"))["cells"]
    assert [(node, t) for node, t in theirs.get()] == spikes(network / "output" / "spikes.h5")
    assert theirs.sorting == "by_time"
    report = libsonata.SomaReportReader(str(tmp_path / "v.h5"))["cells"]
    assert report.get_node_ids() == list(range(N_CELLS))
    assert (report.data_units, report.time_units) == ("mV", "ms")
    np.testing.assert_allclose(report.get().data, voltages(network / "output" / "v.h5"), rtol=1e-6)


def test_a_report_of_all_sections_has_every_segment(copy):
    def change(values):
        values["reports"] = {
            "all": {"cells": {"population": "cells", "node_id": [2]}, "variable_name": "v", "sections": "all",
                    "module": "membrane_report", "start_time": 10.0, "end_time": 20.0, "dt": 0.5},
            "dendrites": {"cells": [2], "variable_name": "v", "sections": ["basal"], "module": "membrane_report"},
        }  # fmt: skip

    simulate(write_config(copy, change))
    with h5py.File(copy / "output" / "all.h5") as file, h5py.File(copy / "output" / "dendrites.h5") as part:
        group, dendrites = file["report/cells"], part["report/cells"]
        assert group["data"].shape[0] == 20
        assert group["mapping/node_ids"][()].tolist() == [2]
        ids, pos = group["mapping/element_ids"][()], group["mapping/element_pos"][()]
        assert len(set(zip(ids.tolist(), pos.tolist(), strict=True))) == group["data"].shape[1] > len(set(ids))
        chosen = np.isin(ids, dendrites["mapping/element_ids"][()])
        assert 0 < chosen.sum() < len(ids)
        np.testing.assert_array_equal(group["data"][:, chosen], dendrites["data"][200:400:10])


def clamp(amp=0.3, node_id=(0,), **more):
    node_set = {"population": "cells", "node_id": list(node_id)}
    return {"module": "IClamp", "input_type": "current_clamp", "node_set": node_set, "amp": amp, "delay": 5.0,
            "duration": 20.0, **more}  # fmt: skip


def test_a_current_by_steps_of_a_file_is_the_sum_of_its_pulses(copy):
    (copy / "current.csv").write_text("timestamps amps\n5.0 0.5\n15.0 1.0\n25.0 0.0\n")
    by_file = {"module": "IClamp", "input_type": "csv", "file": "current.csv", "node_set": [0]}
    pulses = clamp(amp=[0.5, 1.0], delay=[5.0, 15.0], duration=[10.0, 10.0])
    for name, entry in (("file", by_file), ("pulses", pulses)):
        simulate(write_config(copy, lambda values, entry=entry: values.update(inputs={"clamp": entry}), f"{name}.json"),
                 "--output", str(copy / name))  # fmt: skip
    assert len(spikes(copy / "file" / "spikes.h5")) > 0
    np.testing.assert_allclose(voltages(copy / "file" / "v.h5"), voltages(copy / "pulses" / "v.h5"), atol=0.2)


def test_a_solution_that_breaks_down_names_cell_and_time_and_leaves_no_result(copy):
    answer = simulate(write_config(copy, lambda values: values["inputs"].update(clamp=clamp(amp=9e5, node_id=[1]))),
                      check=False)  # fmt: skip
    assert answer.returncode == 2
    assert "v of node 1 of cells" in answer.stderr
    assert "at 5." in answer.stderr
    assert {path.name for path in (copy / "output").iterdir()} == {"log.txt"}


def test_an_existing_folder_keeps_its_other_files_and_loses_leftovers_of_a_killed_run(copy):
    output = copy / "output"
    output.mkdir()
    (output / "notes.txt").write_text("mine")
    (output / ".spikes-abcdefgh.h5").write_text("half")
    simulate(copy / "config.json")
    names = {path.name for path in output.iterdir()}
    assert names == {"notes.txt", "log.txt", "spikes.h5", "v.h5", "timing.json"}
    assert (output / "notes.txt").read_text() == "mine"


def test_a_second_run_into_the_same_folder_is_refused(copy):
    (copy / "output").mkdir()
    with open(copy / "output" / ".simulation.lock", "w") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        holder.write("process 1 on elsewhere")
        holder.flush()
        answer = simulate(copy / "config.json", check=False)
    assert answer.returncode == 2
    assert "another simulation is writing here (process 1 on elsewhere)" in answer.stderr


def test_a_run_that_is_stopped_leaves_its_state_and_nothing_half_written(copy):
    long = write_config(copy, lambda values: values["run"].update(tstop=100_000.0))
    process = subprocess.Popen([sys.executable, SIMULATE, "--config", long], stderr=subprocess.PIPE, text=True)
    output = copy / "output"
    while not list(output.glob(".state/*/v/v.h5")):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    said = process.communicate()[1]
    assert process.returncode == STOPPED
    assert "stopped by SIGTERM; its state at" in said
    assert {path.name for path in output.iterdir()} == {"log.txt", ".state"}
    assert len(list(output.glob(".state/*/[0-9]*.json"))) == 1


def unknown_variable(values):
    values["reports"]["v"]["variable_name"] = "vm"


def unknown_node_set(values):
    values["inputs"]["sources"]["node_set"] = "source"


def unknown_module(values):
    values["inputs"]["sources"]["module"] = "ecephys_probe"


def unknown_report(values):
    values["reports"]["v"]["module"] = "movie_report"


def unknown_model(values):
    values["components"]["synaptic_models_dir"] = "$MODELS/morphologies"


def unknown_order(values):
    values["output"]["spikes_sort_order"] = "tme"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (unknown_variable, "'vm'). Did you mean 'v'?"),
        (unknown_node_set, "inputs.sources.node_set: there is no such node set (found 'source'). Did you mean 'source"),
        (unknown_module, "inputs.sources.module"),
        (unknown_report, "reports.v.module"),
        (unknown_model, "morphologies/point.json: there is no such synapse model"),
        (unknown_order, "output.spikes_sort_order: unknown order (found 'tme'). Did you mean 'time'?"),
    ],
)  # fmt: skip
def test_a_slip_in_the_config_is_named_in_one_line(change, said, copy):
    answer = simulate(write_config(copy, change), check=False)
    assert answer.returncode == 2
    assert said in answer.stderr.splitlines()[-1]
    assert "Traceback" not in answer.stderr


def test_spikes_are_sorted_as_asked_and_written_as_csv_too(copy):
    simulate(
        write_config(copy, lambda values: values["output"].update(spikes_sort_order="id", spikes_file_csv="s.csv"))
    )
    found = spikes(copy / "output" / "spikes.h5")
    assert found == sorted(found)
    lines = (copy / "output" / "s.csv").read_text().splitlines()
    assert lines[0] == "timestamps population node_ids"
    assert [(int(line.split()[2]), float(line.split()[0])) for line in lines[1:]] == found


def test_the_log_tells_time_speed_and_what_remains(network):
    log = (network / "output" / "log.txt").read_text()
    assert "5 cells" in log
    assert f"{TSTOP:.1f} of {TSTOP:g} ms" in log
    assert "ms/s" in log
    assert "remaining" in log


def test_a_full_disk_is_found_before_the_run(tmp_path):
    # The size of the report is past any disk; nothing is run or written.
    folder = build_network(tmp_path)
    values = lambda values: (values["run"].update(tstop=1e10), values["reports"]["v"].update(sections="all"))  # noqa: E731
    answer = simulate(write_config(folder, values), check=False)
    assert answer.returncode == 2
    assert "MB are free" in answer.stderr
    assert os.listdir(folder / "output") == ["log.txt"]


def test_spikes_played_again_have_the_effect_of_the_spikes_of_cells(network, copy):
    def change(values):
        recurrent = values["networks"]["edges"].pop(0)
        again = {"module": "replay", "input_type": "replay_spikes", "edges": recurrent,
                 "spikes_file": str(network / "output" / "spikes.h5")}  # fmt: skip
        values["inputs"] = {"again": again, **values["inputs"]}

    simulate(write_config(copy, change))
    assert spikes(copy / "output" / "spikes.h5") == spikes(network / "output" / "spikes.h5")


def test_extracellular_potentials_are_those_of_the_membrane_currents(copy):
    # The currents of a cell sum to nothing, so far away its potential falls off faster than one over the distance.
    electrodes = "channel x_pos y_pos z_pos\n0 30 0 30\n1 30000 0 30000\n"
    (copy / "electrodes.csv").write_text(electrodes)
    report = {"module": "extracellular", "cells": "biophysical", "electrode_positions": "electrodes.csv"}
    simulate(write_config(copy, lambda values: values["reports"].update(ecp=report)))
    with h5py.File(copy / "output" / "ecp.h5") as file:
        potential = file["ecp/data"][()]
    assert potential.shape == (round(TSTOP / 0.05), 2)
    peak = np.abs(potential).max(axis=0)
    assert 1e-4 < peak[0] < 1.0
    assert peak[1] < 1e-4 * peak[0]


@pytest.mark.parametrize("compiled", [True, False])
def test_electrodes_come_to_mechanisms_that_were_made_without_them(tmp_path, compiled):
    folder = build_network(tmp_path, with_point_neuron=False)
    mechanisms = tmp_path / "mechanisms"
    if compiled:
        compile_mechanisms([OWN_MECHANISMS / "Exp2SynFixed.mod"], mechanisms)
    else:
        mechanisms.mkdir()
        shutil.copy(OWN_MECHANISMS / "Exp2SynFixed.mod", mechanisms)
    probe = {"module": "extracellular", "electrode_positions": str(tmp_path / "probe.csv")}
    (tmp_path / "probe.csv").write_text("channel x_pos y_pos z_pos\n0 40 10 20\n")
    config = write_config(folder, lambda values: values["components"].update(mechanisms_dir=str(mechanisms)))
    program = """
import sys
from colonnade.simulation.run import Simulation
from colonnade.sonata.config import read_config
config, folder, probe, *runs = sys.argv[1:]
for number, run in enumerate(runs):
    read = read_config(config, f"{folder}/{run}{number}")
    read.reports = {} if run == "without" else {"probe": eval(probe)}
    Simulation(read, "coreneuron" if run == "coreneuron" else "neuron").run()
"""
    for runs in (["without", "neuron"], ["coreneuron"]):
        command = [sys.executable, "-c", program, str(config), str(tmp_path), repr(probe), *runs]
        answer = subprocess.run(command, capture_output=True, text=True)
        assert answer.returncode == 0, answer.stderr
    with h5py.File(tmp_path / "neuron1" / "probe.h5") as one, h5py.File(tmp_path / "coreneuron0" / "probe.h5") as other:
        np.testing.assert_allclose(one["ecp/data"], other["ecp/data"], atol=1e-9)
        assert np.abs(one["ecp/data"]).max() > 1e-5
