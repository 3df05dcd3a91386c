"""One change, and the exact steps that it runs again: for every section of the config and every library module."""

from fnmatch import fnmatch
from pathlib import Path

import pytest
from workflow_runs import ROOT, rules_to_run

from colonnade.experiment import Experiment, Plan, load_config
from colonnade.experiment.stages import STAGES
from colonnade.provenance import PACKAGE, source_files

FIGURES = {"plot_raster", "plot_traces"}
SIMULATED = {"simulate", "compute_statistics", *FIGURES}
NETWORK_BUILT = {"build_edges", "write_simulation_config", *SIMULATED}
CELLS = ("networks", "cells")


def at(*path):
    """Return what sets the value at ``path``, given last."""
    *place, value = path

    def change(config):
        part = config
        for name in place[:-1]:
            part = part.setdefault(name, {}) if isinstance(part, dict) else part[name]
        part[place[-1]] = value

    return change


CHANGES = {
    "title": (at("title", "Another"), set()),
    "seed": (at("seed", 8), {"build_nodes", "generate_spikes", *NETWORK_BUILT}),
    "seeds.networks": (at("seeds", {"networks": 9}), {"build_nodes", *NETWORK_BUILT}),
    "seeds.inputs": (at("seeds", {"inputs": 9}), {"generate_spikes", *SIMULATED}),
    "seeds.statistics": (at("seeds", {"statistics": 9}), {"compute_statistics", *FIGURES}),
    "limits": (at("limits", {"cells": 2e6}), set()),
    "components.sha256": (
        at("components", "sha256",
           {"ball_and_stick.swc": "d9ce6c59610d43a133f73ad98df5f842d09393b9faca647738828e33071a1a24"}),
        {"fetch_component", *NETWORK_BUILT},
    ),
    "mechanisms.flags": (at("mechanisms", {"flags": "-O1"}), {"compile_mechanisms", *SIMULATED}),
    "a cell's model": (at(*CELLS, "nodes", 0, "model_processing", "aibs_allactive"), {"build_nodes", *NETWORK_BUILT}),
    "positions": (at(*CELLS, "nodes", 0, "positions", "height", 41.0), {"build_nodes", *NETWORK_BUILT}),
    "number of cells": (at(*CELLS, "nodes", 0, "N", 4), {"build_nodes", *NETWORK_BUILT}),
    "weight": (at(*CELLS, "edges", 0, "syn_weight", 2e-3), NETWORK_BUILT),
    "delay": (at(*CELLS, "edges", 0, "delay", 1.0), NETWORK_BUILT),
    "rule": (at(*CELLS, "edges", 0, "connection_params", "nsyn_max", 5), NETWORK_BUILT),
    "rate": (at("inputs", "sources", "firing_rate", 61.0), {"generate_spikes", *SIMULATED}),
    "a clamp": (
        at("inputs", "clamp", {"type": "current_clamp", "population": "cells", "amp": 0.1, "delay": 1.0,
                               "duration": 9.0}),
        {"write_simulation_config", *SIMULATED},
    ),
    "tstop": (at("simulation", "tstop", 150.0), {"write_simulation_config", *SIMULATED}),
    "dt": (at("simulation", "dt", 0.05), {"write_simulation_config", *SIMULATED}),
    "dL": (at("simulation", "dL", 10.0), {"build_edges", "write_simulation_config", *SIMULATED}),
    "celsius": (at("simulation", "celsius", 30.0), {"write_simulation_config", *SIMULATED}),
    "v_init": (at("simulation", "v_init", -76.0), {"write_simulation_config", *SIMULATED}),
    "engine": (at("simulation", "engine", "coreneuron"), {"compile_mechanisms", "write_simulation_config", *SIMULATED}),
    "largest_potential": (at("simulation", "largest_potential", 200.0), {"write_simulation_config", *SIMULATED}),
    "threads": (at("simulation", "threads", 2), set()),
    "a report": (
        at("simulation", "reports", "cai", {"variable": "cai", "cells": "cells"}),
        {"write_simulation_config", *SIMULATED},
    ),
    "statistics": (at("statistics", {"window": [10.0, 100.0]}), {"compute_statistics"}),
    "a figure": (at("figures", "raster", "window", [0.0, 50.0]), {"plot_raster"}),
    "another figure": (at("figures", "raster2", {"kind": "raster", "population": "cells"}), {"plot_raster"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_config_runs_these_steps_again(name, finished, edit_config):
    change, rules = CHANGES[name]
    edit_config(finished, change)
    assert set(rules_to_run(finished)) == rules


def test_comments_and_order_and_touch_run_nothing_again(finished):
    path = finished / "experiment.yaml"
    path.write_text("# A comment.\n\n" + path.read_text() + "\n# Another.\n")
    assert rules_to_run(finished) == {}
    (finished / "models" / "synaptic_models" / "excitatory.json").touch()
    assert rules_to_run(finished) == {}


ALL = {"components", "edges", "figures", "inputs", "mechanisms", "nodes", "simulation", "simulation_config",
       "statistics"}  # fmt: skip
MODELS = {"simulation", "simulation_config"}
# Which stages run a module, for the small experiment: the first pattern that fits counts.
MODULES = [
    ("__init__.py errors.py files.py receipts.py", ALL),
    ("analysis/comparison.py analysis/csd.py analysis/phase_response.py analysis/response.py analysis/sweep_tables.py",
     set()),
    ("analysis/recorded.py", {"figures"}),
    ("analysis/__init__.py analysis/activity.py analysis/connectivity.py analysis/field_potentials.py",
     {"figures", "statistics"}),
    ("analysis/result.py analysis/spectra.py analysis/time_course.py",
     {"figures", "statistics"}),
    ("analysis/*", {"statistics"}),
    ("__main__.py allen.py public.py archive/* command/* crate_steps.py nwb.py paper/*", set()),
    ("bmtk/* crate.py experiment/* report/* verification.py", set()),
    ("figures/kinds/__init__.py figures/kinds/raster.py figures/kinds/traces.py", {"figures"}),
    ("figures/network_page.py figures/projection.py", set()),
    ("figures/kinds/* figures/histograms.py figures/overlay.py figures/rates.py", set()),
    ("figures/*", {"figures"}),
    ("builder/* geometry/morphology.py", {"edges", "nodes"}),
    ("sonata/edge_writer.py", {"edges", "nodes", "simulation"}),
    ("geometry/__init__.py", {"edges", "figures", "nodes", "statistics", *MODELS}),
    ("geometry/rotation.py", {"figures", "simulation", "statistics"}),
    ("code_facts.py provenance.py", {"simulation"}),
    ("sonata/row_file.py", {"figures", "simulation", "statistics"}),
    ("json_schema.py", {"figures", "inputs", *MODELS}),
    ("stimuli/kinds/poisson.py", {"inputs"}),
    ("stimuli/field_files.py", {"simulation"}),
    ("stimuli/__init__.py stimuli/kind.py stimuli/registry.py stimuli/kinds/__init__.py", {"inputs", *MODELS}),
    ("stimuli/*", set()),
    ("cells/factory.py cells/neuroml.py cells/own_prototypes.py cells/wiring.py", {"simulation"}),
    ("cells/biophysics.py cells/cell.py cells/fits.py cells/gradients.py cells/point.py cells/templates.py", MODELS),
    ("cells/* geometry/*", {"edges", "nodes", *MODELS}),
    ("cache.py", {"components", "mechanisms", *MODELS}),
    ("components.py", {"components"}),
    ("json_file.py", {"figures", "statistics", *MODELS}),
    ("lazily.py", {"edges", "figures", "nodes", *MODELS}),
    ("mechanisms/*", {"mechanisms", *MODELS}),
    ("places.py", {"mechanisms", "simulation", "simulation_config"}),
    ("simulation/config_files.py simulation/electrodes.py", {"simulation_config"}),
    ("simulation/engines/coreneuron/* simulation/engines/lockstep/*", set()),
    ("simulation/engines/neuron/*", {"simulation"}),
    ("simulation/__init__.py simulation/engines/* simulation/model.py", MODELS),
    ("simulation/network/local_cells.py", {"simulation"}),
    ("simulation/network/*", MODELS),
    ("log_lines.py simulation/*", {"simulation"}),
    ("sonata/node_sets.py", MODELS),
    ("sonata/edge_index.py", MODELS),
    ("sonata/config.py sonata/edges.py sonata/forms.py sonata/keys.py", {"figures", "statistics", *MODELS}),
    ("sonata/reports.py", {"figures", "statistics", "simulation"}),
    ("sonata/spikes.py sonata/nwb_spikes.py sonata/spike_trains.py", {"figures", "inputs", "statistics", "simulation"}),
    ("sonata/*", ALL - {"components", "mechanisms"}),
    ("spikes/*", {"inputs"}),
    ("streams.py", {"edges", "inputs", "nodes", "statistics", *MODELS}),
    ("user_functions.py", {"edges", "inputs", "nodes", *MODELS}),
]  # fmt: skip


def stages_of_modules() -> dict[str, set[str]]:
    """Return the stages whose code each library module is part of, in the small experiment."""
    experiment = Experiment(load_config(ROOT / "tests" / "workflow" / "experiment.yaml"))
    found = {path.relative_to(PACKAGE).as_posix(): set() for path in PACKAGE.rglob("*.py")}
    found |= {path.relative_to(PACKAGE).as_posix(): set() for path in PACKAGE.rglob("*.cpp")}
    for job in Plan(experiment, ROOT).jobs:
        kind, _, name = job.partition("/")
        program = ROOT / "scripts" / f"{STAGES[kind].program}.py"
        for path in map(Path, source_files(program, STAGES[kind].modules(experiment.config, name))):
            if path.is_relative_to(PACKAGE):
                found[path.relative_to(PACKAGE).as_posix()].add(kind)
    return found


def test_a_change_of_a_module_runs_these_stages_again():
    wrong = {}
    for module, stages in stages_of_modules().items():
        patterns = (wanted for words, wanted in MODULES if any(fnmatch(module, word) for word in words.split()))
        expected = next(patterns, None)
        if stages != expected:
            wrong[module] = (sorted(stages), expected)
    assert wrong == {}
