"""Mistakes in a config, one a row: each is named before any work, all of them together, also beside a finished run."""

import copy

import pytest
import yaml

from colonnade.errors import InputError, InputErrors
from colonnade.experiment import Experiment, Plan, load_config
from colonnade.experiment.estimate import size_of
from colonnade.experiment.user_file_checks import missing_files
from colonnade.places import project_file, project_folder

CHAPTER3 = yaml.safe_load(project_file("config", "config.yaml").read_text())
CHAPTER3["simulation"]["engine"] = "coreneuron"  # of which there is most that it cannot do
NAN, INFINITE = float("nan"), float("inf")

# Path in the config, what is put there, words that the error has to have.
TRIALS = [
    ("simulation.tstop", NAN, ["simulation.tstop", "nan", "finite"]),
    ("simulation.tstop", INFINITE, ["simulation.tstop", "inf", "finite"]),
    ("inputs.mthalamus.firing_rate", NAN, ["inputs.mthalamus.firing_rate", "nan"]),
    ("networks.mcortex.edges.0.connection_params.d_max", NAN, ["connection_params.d_max", "nan"]),
    ("networks.mcortex.nodes.0.positions.max_radius", INFINITE, ["positions.max_radius", "inf"]),
    ("simulation.celsius", -300.0, ["simulation.celsius", "below absolute zero"]),
    ("simulation.v_init", 5000.0, ["simulation.v_init", "5000", "-200 to 100 mV"]),
    ("simulation.spike_threshold", -15000.0, ["simulation.spike_threshold", "-200 to 100 mV"]),
    ("networks.mcortex.edges.0.syn_weight", -1.0, ["syn_weight", "-1.0", "uS"]),
    ("networks.mcortex.edges.0.syn_weight", 1e30, ["syn_weight", "1e+30", "uS"]),
    ("networks.mcortex.edges.0.delay", 0.01, ["delay", "shorter than simulation.dt"]),
    ("networks.mcortex.edges.0.source", {"pop_name": "Scnn1b"}, ["edges.0.source.pop_name", "'Scnn1a'"]),
    ("networks.mcortex.edges.0.target", {"popname": "Scnn1a"}, ["edges.0.target.popname", "'pop_name'"]),
    ("networks.mcortex.nodes.0.pop_name", "NULL", ["nodes.0.pop_name", "NULL"]),
    ("components.sha256", {"nobody.swc": "a" * 64}, ["components.sha256", "nobody.swc", "not used"]),
    ("inputs.clamp", {"type": "current_clamp", "population": "mcortex", "node_ids": [500], "amp": 0.1, "delay": 0.0,
                      "duration": 1.0}, ["inputs.clamp.node_ids", "500", "0 to 99"]),
    ("simulation.reports.v_report.cells", {"population": "mcortex", "node_id": [3, 777]},
     ["v_report.cells.node_id", "777", "0 to 99"]),
    ("simulation.reports.spikes", {"variable": "v"}, ["simulation.reports.spikes", "another output"]),
    ("simulation.reports.v_report.start_time", 4000.0, ["v_report", "no time of the run"]),
    ("simulation.reports.v_report.end_time", 9000.0, ["v_report", "3000 ms"]),
    ("figures.raster.window", [5000.0, None], ["figures.raster.window", "3000 ms"]),
    ("figures.raster.population", ["mcortex", "mcrtex"], ["figures.raster.population", "'mcortex'"]),
    ("figures.traces_v.node_ids", [100], ["figures.traces_v.node_ids", "0 to 99"]),
    ("networks.mcortex.nodes.0.morphology", "Scnn1a_473845048.swc", ["Scnn1a_473845048_m.swc", "morphologies"]),
    ("networks.mcortex.nodes.0.dynamics_params", "472363763_fit.json", ["472363762_fit.json"]),
    ("networks.mthalamus.edges.0.dynamics_params", "AMPA_ExcToEx.json", ["AMPA_ExcToExc.json"]),
    ("networks.mcortex.edges.0.connection_rule", "own_function.py:rule", ["connection_rule", "own_functions.py"]),
    ("networks.mcortex.edges.0.connection_rule", "own_functions.py:rul", ["edges.0.connection_rule", "'rule'"]),
    ("networks.mcortex.edges.0.connection_rule", "broken.py:rule", ["broken.py", "cannot be read as Python"]),
    ("inputs.mthalamus", {"type": "spikes", "file": "spike.csv"}, ["inputs.mthalamus.file", "spikes.csv"]),
    ("mechanisms", {"directory": "mod"}, ["mechanisms.directory", "mods"]),
    ("mechanisms", {"directory": "empty"}, ["mechanisms.directory", "no .mod files"]),
    ("components", {"source": "directory", "directory": "model"}, ["components.directory", "models"]),
    ("simulation.reports.v_report.variable", "caii", ["v_report.variable", "'cai'"]),
    ("simulation.reports.v_report.variable", "gbar_NaTx", ["v_report.variable", "'gbar_NaTs'"]),
    ("networks.mcortex.edges.0.model_template", "exp2sin", ["edges.0.model_template", "'exp2syn'"]),
    ("networks.mcortex.nodes.0.model_template", "ctbd:Biophys1.hoc", ["nodes.0.model_template", "'ctdb:Biophys1.hoc'"]),
    ("networks.points", {"nodes": [{"N": 3, "model_type": "point_neuron", "model_template": "nrn:IntFire1",
                                    "dynamics_params": "IntFire1_exc_1.json"}], "edges": []},
     ["simulation.engine", "CoreNEURON cannot simulate IntFire1", "engine neuron"]),
    ("inputs.field", {"type": "extracellular", "population": "mcortex", "field": [0.0, 1.0, 0.0],
                      "waveform": {"type": "sine", "amp": 1.0, "frequency": 10.0}},
     ["simulation.engine", "CoreNEURON cannot simulate the input field", "engine neuron"]),
    ("networks.mcortex.nodes.0.N", 10**9, ["limits.cells", "1e+09 cells"]),
    ("inputs.mthalamus.firing_rate", 1e9, ["limits.input_spikes", "3e+11 input spikes"]),
    ("networks.mthalamus.edges.0.connection_params.nsyn_max", 10**9, ["limits.synapses", "5e+12 synapses"]),
    ("simulation.tstop", 1e9, ["limits.steps", "1e+10 steps"]),
    ("sweep", {"values": {"simulation.v_init": [-70.0, -71.0]}, "replicates": 10**6}, ["limits.points", "2000000"]),
    ("sweep", {"values": {"simulation.v_init": list(range(-150, 50)), "seed": list(range(200))}},
     ["limits.points", "40000 points"]),
]  # fmt: skip


def put(config: dict, path: str, value) -> None:
    *parents, last = path.split(".")
    place = config
    for part in parents:
        place = place[int(part)] if isinstance(place, list) else place.setdefault(part, {})
    place[last] = value


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory with files whose names are near to the mistyped ones."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_functions.py").write_text("def rule(source, target):\n    return 1\n")
    (tmp_path / "broken.py").write_text("def rule(:\n")
    (tmp_path / "spikes.csv").write_text("timestamps population node_ids\n")
    for name in ("mods", "models", "empty"):
        (tmp_path / name).mkdir()
    return tmp_path


def problems(config: dict) -> str:
    """Return all that is said against a config before anything runs; '' where nothing is."""
    try:
        plan = Plan(Experiment(config, file="experiment.yaml"), project_folder())
        return "\n".join(map(str, missing_files(plan)))
    except InputError as error:
        return str(error)


def test_the_config_without_a_mistake_has_no_problem(folder):
    assert problems(copy.deepcopy(CHAPTER3)) == ""


@pytest.mark.parametrize(("path", "value", "said"), TRIALS, ids=[f"{path}={value}" for path, value, _ in TRIALS])
def test_a_mistake_is_named_with_its_place_and_the_nearest_name(path, value, said, folder):
    config = copy.deepcopy(CHAPTER3)
    put(config, path, value)
    found = problems(config)
    for words in said:
        assert words in found


def test_currents_go_to_the_cells_with_sections_of_a_network_that_has_point_neurons(folder):
    config = copy.deepcopy(CHAPTER3)
    lif = {"model_type": "point_neuron", "model_template": "nrn:IntFire1", "dynamics_params": "lif.json"}
    config["networks"]["mcortex"]["nodes"].append({"pop_name": "lif", "N": 3, **lif})
    sine = {"type": "sine", "population": "mcortex", "amp": 0.1, "frequency": 5.0}
    field = {"type": "extracellular", "population": "mcortex", "field": [0.0, 1.0, 0.0], "waveform": {"type": "ramp",
             "amp_start": 0.0, "amp_end": 1.0, "duration": 9.0}}  # fmt: skip
    refusal = "inputs.extra.population: an input of the type sine needs cells with sections"
    for settings, refused in ((sine, True), ({**sine, "node_ids": [0, 99]}, False), (field, False),
                              ({**sine, "node_ids": [99, 100]}, True)):  # fmt: skip
        config["inputs"]["extra"] = settings
        assert (refusal in problems(config)) == refused
        assert "needs cells" not in problems(config) or refused


def test_all_problems_come_at_once():
    config = copy.deepcopy(CHAPTER3)
    for path, value in (("simulation.celsius", -400.0), ("figures.raster.population", "mcrtex"),
                        ("networks.mcortex.edges.0.delay", 0.01)):  # fmt: skip
        put(config, path, value)
    with pytest.raises(InputErrors, match="3 problems") as caught:
        Experiment(config)
    assert {error.key for error in caught.value.errors} == {
        "simulation.celsius", "figures.raster.population", "networks.mcortex.edges.0.delay"
    }  # fmt: skip
    for path in ("simulation.tsop", "sed", "simulation.dT"):
        put(config, path, 1)
    with pytest.raises(InputErrors, match="3 problems"):
        Experiment(config)


def test_a_key_that_stands_twice_is_named_with_both_lines(tmp_path):
    path = tmp_path / "twice.yaml"
    path.write_text("experiment: a\nsimulation:\n  tstop: 1.0\n  dt: 0.1\n  tstop: 2.0\nexperiment: b\n")
    with pytest.raises(InputErrors) as caught:
        load_config(path)
    assert "simulation.tstop: this key stands twice, in lines 3 and 5" in str(caught.value)
    assert "experiment: this key stands twice, in lines 1 and 6" in str(caught.value)


def test_what_is_larger_than_usual_can_be_meant():
    config = copy.deepcopy(CHAPTER3)
    put(config, "networks.mthalamus.nodes.0.N", 2_000_000)
    put(config, "limits", {"cells": 1e7, "synapses": 1e12, "input_spikes": 1e12})
    assert size_of(Experiment(config).config).cells == 2_000_100


def test_an_error_names_the_line_of_the_key_or_of_what_it_is_missing_in(tmp_path):
    path = tmp_path / "experiment.yaml"
    config = copy.deepcopy(CHAPTER3)
    config["networks"]["mcortex"]["edges"][0]["delay"] = 0.01
    path.write_text(yaml.safe_dump(config))
    line = 1 + next(number for number, text in enumerate(path.read_text().splitlines()) if "delay: 0.01" in text)
    with pytest.raises(InputError, match=f"experiment.yaml:{line}: networks.mcortex.edges.0.delay: shorter"):
        load_config(path)
    del config["networks"]["mcortex"]["edges"][0]["delay"], config["simulation"]["tstop"]
    path.write_text(yaml.safe_dump(config))
    line = 1 + path.read_text().splitlines().index("simulation:")
    with pytest.raises(InputError, match=f"experiment.yaml:{line}: simulation: the key 'tstop' is missing"):
        load_config(path)


def test_the_problems_of_all_points_of_a_sweep_come_at_once():
    config = copy.deepcopy(CHAPTER3)
    put(
        config,
        "sweep.values",
        {"networks.mcortex.edges.0.delay": [0.01, 1.0, 0.02], "simulation.v_init": [-70.0, 900.0]},
    )
    with pytest.raises(InputErrors) as caught:
        Experiment(config)
    said = str(caught.value)
    assert "3 problems" in said
    assert "sweep point delay~0.01+v_init~-70 and 1 more: networks.mcortex.edges.0.delay: shorter" in said
    assert "sweep point delay~0.01+v_init~900 and 2 more: simulation.v_init: no membrane potential" in said
    put(config, "sweep.values", {"simulation.v_int": [1.0], "networks.mcrtex.edges": [1]})
    with pytest.raises(InputErrors, match="2 problems"):
        Experiment(config)


@pytest.mark.parametrize(("engine", "refused"), [("lockstep", True), ("coreneuron", False), ("neuron", False)])
def test_an_engine_without_gap_junctions_is_named_before_any_job(engine, refused):
    config = copy.deepcopy(CHAPTER3)
    config["simulation"]["engine"] = engine
    config["networks"]["mcortex"]["edges"].append(
        {"source": {"pop_name": "Scnn1a"}, "target": {"pop_name": "Scnn1a"}, "is_gap_junction": True,
         "connection_rule": "gap_connector", "syn_weight": 1e-4, "distance_range": [0.0, 100.0],
         "target_sections": ["soma"]}
    )  # fmt: skip
    said = [str(error) for error in missing_files(Plan(Experiment(config), project_folder()))]
    assert any("lockstep cannot simulate gap junctions" in text for text in said) == refused, said
