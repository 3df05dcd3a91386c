"""Write the SONATA configs of a simulation: one for simulators, one circuit and one simulation config for readers."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from colonnade.errors import InputError
from colonnade.files import write_json
from colonnade.simulation.electrodes import electrode_positions, write_electrodes
from colonnade.simulation.engines.registry import REFERENCE, engine_kind
from colonnade.simulation.network.gap_junctions import are_gap_junctions
from colonnade.sonata.edges import EdgePopulation, read_edges
from colonnade.sonata.nodes import read_nodes
from colonnade.sonata.types import read_types
from colonnade.stimuli.registry import stimulus_kind
from colonnade.user_functions import is_reference, words_of

COMPONENTS = ("morphologies", "biophysical_neuron_models", "synaptic_models", "point_neuron_models", "templates")
PLACE_NAMES = {"section": "section_name", "section_index": "section_index", "section_dist": "section_dist"}
UNITS_OF_SYNAPSES = {"g": "uS", "i": "nA"}
INPUT_TYPES = {"current": "current_clamp", "conductance": "conductance", "voltage": "voltage_clamp"}
SETTINGS = ("engine", "merge_synapses", "largest_potential", "waves_until")


class ConfigFiles:
    """The files of a simulation, from which its configs are made.

    ``nodes`` and ``edges`` are pairs of an HDF5 and a CSV file in the order in which gids are given; ``spikes`` maps
    the names of inputs to files; ``components`` is a folder with one folder for each of ``kinds`` of ``COMPONENTS``
    (default: those which are there now); ``currents`` maps names of inputs to files as ``spikes`` does. All paths are
    written relative to ``folder``, where the configs go, so that what lies together can be moved together.
    """

    def __init__(
        self,
        folder,
        nodes: Sequence,
        edges: Sequence,
        spikes: Mapping,
        components,
        mechanisms,
        kinds=None,
        currents: Mapping | None = None,
    ):
        self.folder = Path(folder).resolve()
        self.nodes = [tuple(map(Path, pair)) for pair in nodes]
        self.edges = [tuple(map(Path, pair)) for pair in edges]
        self.spikes = {name: Path(path) for name, path in spikes.items()}
        self.currents = {name: Path(path) for name, path in (currents or {}).items()}
        self.components, self.mechanisms = Path(components), Path(mechanisms)
        there = [kind for kind in COMPONENTS if (self.components / kind).is_dir()]
        self.kinds = there if kinds is None else [kind for kind in COMPONENTS if kind in kinds]
        together = [self.folder, self.components, *(path for pair in self.nodes for path in pair)]
        self._root = Path(os.path.commonpath([path.resolve() for path in together]))

    @property
    def root(self) -> str:
        """The folder that holds all files, relative to that of the configs."""
        return os.path.relpath(self._root, self.folder)

    def place(self, path: Path) -> str:
        """Return ``path`` as it stands in a config."""
        return "$EXPERIMENT_DIR/" + Path(os.path.relpath(path.resolve(), self._root)).as_posix()

    def networks(self, populations: Mapping[str, str] | None = None) -> dict:
        """Return the section ``networks``; with ``populations`` (name -> type) it says what is in each file."""
        nodes = [{"nodes_file": self.place(h5), "node_types_file": self.place(csv)} for h5, csv in self.nodes]
        edges = [{"edges_file": self.place(h5), "edge_types_file": self.place(csv)} for h5, csv in self.edges]
        if populations is not None:
            for entry, (h5, csv) in zip(nodes, self.nodes, strict=True):
                names = [population.name for population in read_nodes(h5, csv)]
                entry["populations"] = {name: {"type": populations.get(name, "biophysical")} for name in names}
            for entry, (h5, csv) in zip(edges, self.edges, strict=True):
                kinds = {population.name: _kind_of_edges(population) for population in read_edges(h5, csv)}
                entry["populations"] = {name: {"type": kind} for name, kind in kinds.items()}
        return {"nodes": nodes, "edges": edges}

    def component_folders(self) -> dict[str, str]:
        """Return the section ``components``."""
        folders = {f"{kind}_dir": self.place(self.components / kind) for kind in self.kinds}
        return {**folders, "mechanisms_dir": self.place(self.mechanisms)}

    def functions(self) -> dict[str, dict[str, str]]:
        """Return the user's own functions that the types of nodes and edges name, as places relative to the configs."""
        of_nodes = {"model_template": "cell_models", "model_processing": "cell_processors"}
        of_edges = {"model_template": "synapse_models", "weight_function": "weight_functions"}
        own: dict[str, dict[str, str]] = {}
        files = [(csv, "node_type_id", of_nodes) for _, csv in self.nodes]
        files += [(csv, "edge_type_id", of_edges) for _, csv in self.edges]
        for csv, index, columns in files:
            types = read_types(csv, index)
            for column, section in columns.items():
                texts = types.values(column, types.ids) if column in types.columns else []
                for name in (word.strip() for text in texts for word in words_of(column, str(text))):
                    if is_reference(name):
                        own.setdefault(section, {})[name] = self._from_the_configs(name)
        return own

    def _from_the_configs(self, reference: str) -> str:
        file, _, function = reference.rpartition(":")
        return f"{Path(os.path.relpath(file, self.folder)).as_posix()}:{function}"


def write_configs(files: ConfigFiles, settings: Mapping) -> None:
    """Write ``config.json``, ``circuit_config.json``, ``simulation_config.json`` and ``node_sets.json``.

    ``settings`` has ``populations`` (name -> model type), ``inputs`` and ``simulation`` as in an experiment's config.
    ``config.json`` holds the whole simulation; Colonnade and BMTK run it from any working directory. The other three
    hold the same for readers that know no ``${configdir}`` (libsonata, bluepysnap), but for the currents of clamps.
    """
    simulation, populations = settings["simulation"], settings.get("populations", {})
    node_sets = {name: {"population": name} for name in populations}
    inputs = {name: _input(name, entry, files, node_sets) for name, entry in settings.get("inputs", {}).items()}
    reports = {
        name: _report(name, entry, simulation, node_sets) for name, entry in simulation.get("reports", {}).items()
    }
    for name, electrode in simulation.get("electrodes", {}).items():
        write_electrodes(files.folder / f"electrode_{name}.csv", electrode_positions(electrode))
        reports[name] = _electrode(name, electrode, node_sets)
    currents = {
        current_file(name).removesuffix(".h5"): _clamp_currents(name, settings["inputs"][name])
        for name in simulation.get("clamp_currents", [])
    }
    run = {"tstart": 0.0, **{key: simulation[key] for key in ("tstop", "dt", "dL", "spike_threshold", "nsteps_block")}}
    conditions = {key: simulation[key] for key in ("celsius", "v_init")}
    output = {"log_file": "log.txt", "spikes_file": "spikes.h5", "spikes_sort_order": "time"}
    own = {"report_precision": "single", **{key: simulation[key] for key in SETTINGS if key in simulation}}
    own |= files.functions()
    write_json(
        files.folder / "config.json",
        {
            "manifest": {"$EXPERIMENT_DIR": "${configdir}/" + files.root},
            "target_simulator": "NEURON",
            "run": run,
            "conditions": conditions,
            "node_sets": node_sets,
            "components": files.component_folders(),
            "networks": files.networks(),
            "inputs": inputs,
            "output": {"output_dir": "${configdir}/output", "overwrite_output_dir": True, **output},
            "reports": reports | currents,
            "colonnade": own,
        },
    )
    circuit = {"components": files.component_folders(), "networks": files.networks(populations)}
    manifest = {"$EXPERIMENT_DIR": f"./{files.root}"}
    write_json(
        files.folder / "circuit_config.json",
        {"version": 2, "manifest": manifest, "node_sets_file": "./node_sets.json", **circuit},
    )
    write_json(
        files.folder / "simulation_config.json",
        {
            "version": 2,
            "manifest": manifest,
            "network": "./circuit_config.json",
            "target_simulator": engine_kind(simulation.get("engine", REFERENCE)).target_simulator,
            "node_sets_file": "./node_sets.json",
            "run": {**{key: run[key] for key in ("tstop", "dt", "spike_threshold")}, "random_seed": 0, "dL": run["dL"]},
            "conditions": conditions,
            "output": {"output_dir": "./output", "spikes_file": "spikes.h5", "spikes_sort_order": "by_time"},
            "inputs": {name: _for_readers(entry, run) for name, entry in inputs.items()},
            "reports": {name: _report_for_readers(entry) for name, entry in reports.items()},
            "colonnade": own,
        },
    )
    write_json(files.folder / "node_sets.json", {"all": {}, **node_sets})


def _input(name: str, entry: Mapping, files: ConfigFiles, node_sets: dict) -> dict:
    kind = stimulus_kind(entry["type"])
    if kind.makes == "spikes":
        return _spikes(name, entry, files)
    if kind.makes == "events":
        return {"input_type": "spikes", "module": kind.module, **_events(entry, kind)}
    chosen = {"population": entry.get("population", name)}
    chosen |= {"node_id": entry["node_ids"]} if "node_ids" in entry else {}
    place = {PLACE_NAMES[key]: entry[key] for key in PLACE_NAMES if key in entry}
    target = {"node_set": _named(name, chosen, node_sets), **place}
    if kind.makes == "field":
        return _field(entry, kind, target, files)
    if kind.tables:
        path = files.place(_file_of(name, files.currents, "current"))
        return {"input_type": "csv", "module": "IClamp", "file": path, **target}
    if kind.name == "current_clamp":
        clamp = {key: entry[key] for key in ("amp", "delay", "duration")}
        return {"input_type": "current_clamp", "module": "IClamp", **target, **clamp}
    seed = {"random_seed": entry["seed"]} if kind.draws else {}
    return {"input_type": INPUT_TYPES[kind.makes], "module": kind.module, **target, **kind.in_sonata(entry), **seed}


def _spikes(name: str, entry: Mapping, files: ConfigFiles) -> dict:
    path = _file_of(name, files.spikes, "spike")
    return {
        "input_type": "spikes",
        "module": "csv" if path.suffix == ".csv" else "sonata",
        "input_file": files.place(path),
        "node_set": entry.get("population", name),
    }


def _field(entry: Mapping, kind, target: Mapping, files: ConfigFiles) -> dict:
    """Return a potential outside the cells; a file of the user is named as it lies from the config."""
    own = kind.in_sonata(entry)
    if "file" in own:
        own["file"] = os.path.relpath(own["file"], files.folder)
    waveform = {**own["waveform"], "seed": entry["seed"]}
    return {"input_type": "lfp", "module": kind.module, **target, **own, "waveform": waveform}


def _events(entry: Mapping, kind) -> dict:
    filters = {key: {} for key in ("precell_filter", "postcell_filter")}
    return {**filters, **kind.in_sonata(entry), "random_seed": entry["seed"]}


def _kind_of_edges(edges: EdgePopulation) -> str:
    return "electrical" if len(edges) and are_gap_junctions(edges, len(edges)).all() else "chemical"


def _file_of(name: str, files: Mapping[str, Path], of: str) -> Path:
    if name not in files:
        raise InputError(f"the input has no {of} file", key=f"inputs.{name}", options=files)
    return files[name]


def _for_readers(entry: Mapping, run: Mapping) -> dict:
    """Return an input in the words of the SONATA specification of the Blue Brain Project."""
    if entry["module"] in ("sonata", "csv"):
        return {
            "input_type": "spikes",
            "module": "synapse_replay",
            "spike_file": entry["input_file"],
            "source": entry["node_set"],
            "node_set": "all",
            "delay": 0.0,
            "duration": run["tstop"],
        }
    if entry["module"] != "IClamp" or "file" in entry:
        delay = entry.get("delay", 0.0)
        return {**entry, "delay": delay, "duration": entry.get("duration", run["tstop"] - delay)}
    times = {key: entry[key] for key in ("delay", "duration", "node_set")}
    return {"input_type": "current_clamp", "module": "linear", "amp_start": entry["amp"], **times}


def _report(name: str, entry: Mapping, simulation: Mapping, node_sets: dict) -> dict:
    cells, sections = entry.get("cells", "all"), entry.get("sections", "soma")
    if not isinstance(cells, str):
        cells = _named(name, cells, node_sets)
    synapse = {"module": "netcon_report", "syn_type": entry["synapse"]} if "synapse" in entry else {}
    unit = UNITS_OF_SYNAPSES.get(entry["variable"].partition("_")[0]) if synapse else None
    synapse |= {"unit": unit} if unit else {}
    return {
        "module": "membrane_report",
        **synapse,
        "variable_name": entry["variable"],
        "cells": cells,
        "sections": sections,
        "file_name": f"{name}.h5",
        "dt": entry.get("dt", simulation["dt"]),
        "start_time": entry.get("start_time", 0.0),
        "end_time": entry.get("end_time", simulation["tstop"]),
    }


def _electrode(name: str, entry: Mapping, node_sets: dict) -> dict:
    cells = entry.get("cells", "all")
    return {
        "module": "extracellular",
        "electrode_positions": f"./electrode_{name}.csv",
        "cells": cells if isinstance(cells, str) else _named(name, cells, node_sets),
        "file_name": f"{name}.h5",
        "minimum_distance": entry.get("minimum_distance", "auto"),
        "by_population": entry.get("by_population", True),
        "variable_name": "v",
        "electrode_channels": "all",
    }


def current_file(name: str) -> str:
    """Return the name of the file with the currents of the clamps of an input."""
    return f"{name}_current.h5"


def _clamp_currents(name: str, entry: Mapping) -> dict:
    variable = "se" if stimulus_kind(entry["type"]).makes == "voltage" else "ic"
    return {"module": "clamp_report", "variable_name": variable, "input_name": name, "file_name": current_file(name)}


def _report_for_readers(entry: Mapping) -> dict:
    return {"type": "synapse" if entry["module"] == "netcon_report" else "compartment", "enabled": True, **entry}


def _named(name: str, node_set, node_sets: dict) -> str:
    """Return the name of a node set, which is added to ``node_sets`` where it has none."""
    if not node_set:
        return "all"
    for known, value in node_sets.items():
        if value == node_set:
            return known
    node_sets[f"{name}_cells"] = node_set if isinstance(node_set, dict) else {"node_id": list(node_set)}
    return f"{name}_cells"
