"""The tables in which Nordlie et al. (2009, doi:10.1371/journal.pcbi.1000456) ask a network model to be described.

A: summary, B: populations, C: connectivity, D: neurons and synapses, E: input, F: measurements.
"""

from collections.abc import Iterator, Mapping

from colonnade.paper.models import cell_words, synapse_words
from colonnade.paper.words import INPUTS, MODELS, parameters_of, shown, swept
from colonnade.report.tables import number

Table = tuple[str, list[str], list[list[str]]]
_RULES = {
    "distance_connector": "probability falls linearly with the distance between somata",
    "connect_random": "every pair, with a random number of synapses",
    "gap_connector": "pairs within a distance, with a probability",
}
_PLASTICITY = {
    "TsodyksMarkram": "short-term depression and facilitation (Tsodyks and Markram)",
    "STDP": "depends on the times of spikes (STDP)",
}
_NOT_PLASTIC = ("exp2syn", "expsyn", "exp2synfixed", "ampa_nmda", "nmda", "gaba_a", "gaba_b")


_LENGTHS = (
    "d_max",
    "center",
    "height",
    "min_radius",
    "max_radius",
    "x_length",
    "z_length",
    "xside_length",
    "yside_length",
    "min_dist",
    "dmin",
    "origin",
)  # parameters of our own rules and positions, in um
_FUNCTION = ".py:"  # names one of the user's, whose parameters have units that only the user knows


def nordlie_tables(config: Mapping, models: Mapping[str, Mapping] | None = None) -> list[Table]:
    """Return the tables A to F of a resolved config: title, head and rows of text each.

    ``models`` are the contents of the files of parameters that the config names, by their names.
    """
    return [
        _summary(config),
        _populations(config),
        _connectivity(config),
        _models(config, models or {}),
        _input(config),
        _measured(config),
    ]


def _summary(config: Mapping) -> Table:
    networks, simulation = config["networks"], config["simulation"]
    groups = [group for network in networks.values() for group in network["nodes"]]
    kinds = dict.fromkeys(MODELS.get(group["model_type"], group["model_type"]) for group in groups)
    synapses = dict.fromkeys(_synapse(edges) for _, edges in edges_of(config))
    rules = dict.fromkeys(_rule(edges) for _, edges in edges_of(config))
    templates = dict.fromkeys(edges.get("model_template") for _, edges in edges_of(config))
    plastic = [
        _PLASTICITY.get(name, f"as {name} has it") for name in templates if name and name.lower() not in _NOT_PLASTIC
    ]
    inputs = [f"{INPUTS.get(value['type'], value['type'])} ({name})" for name, value in config["inputs"].items()]
    variables = dict.fromkeys(report["variable"] for report in simulation["reports"].values())
    rows = [
        ["Populations", ", ".join(networks)],
        ["Topology", "positions in space (µm)" if any("positions" in group for group in groups) else "none"],
        ["Connectivity", "; ".join(rules) or "none"],
        ["Neuron model", "; ".join(kinds)],
        ["Synapse model", "; ".join(filter(None, synapses)) or "none"],
        ["Plasticity", "; ".join(plastic) or "none"],
        ["Input", "; ".join(inputs) or "none"],
        ["Measurements", ", ".join(["spikes", *variables, *simulation.get("electrodes", {})])],
    ]
    if config.get("sweep"):
        rows.append(["Varied", "; ".join(swept(config["sweep"])) or "seeds"])
    return "A: Model summary", ["", "description"], rows


def _populations(config: Mapping) -> Table:
    rows = []
    for name, network in config["networks"].items():
        for group in network["nodes"]:
            rows.append([name, str(group.get("pop_name", "")), f"{group['N']:,}", _placed(group.get("positions"))])
    return "B: Populations", ["network", "group", "cells", "positions"], rows


def _connectivity(config: Mapping) -> Table:
    rows = []
    for name, edges in edges_of(config):
        target = edges.get("target_network", name)
        rows.append(
            [
                f"{name}{_filter(edges['source'])}",
                f"{target}{_filter(edges['target'])}",
                _weight(edges, config["networks"][target]["nodes"]),
                f"{shown(edges['delay'])} ms" if "delay" in edges else "",
                f"{_rule(edges)}{_parameters(edges)}{_where(edges)}",
            ]
        )
    return "C: Connectivity", ["source", "target", "weight", "delay", "rule"], rows


def _models(config: Mapping, models: Mapping[str, Mapping]) -> Table:
    rows = []
    for name, network in config["networks"].items():
        for group in network["nodes"]:
            if group["model_type"] != "virtual":
                keys = ("model_template", "morphology", "dynamics_params", "model_processing")
                said = [shown(group[key]) for key in keys if group.get(key)]
                kind = MODELS.get(group["model_type"], group["model_type"])
                known = cell_words(models.get(str(group.get("dynamics_params")), {}))
                words = "; ".join(filter(None, [", ".join([kind, *said]), known]))
                rows.append([f"{group.get('pop_name', name)} ({name})", words])
    synapses = {_synapse(edges): str(edges.get("dynamics_params")) for _, edges in edges_of(config)}
    for words, file in synapses.items():
        if words:
            rows.append(["synapse", "; ".join(filter(None, [words, synapse_words(models.get(file, {}))]))])
    longest = config["simulation"].get("dL")
    rows.append(["compartments", f"at most {longest:g} µm long" if longest else "as the models have them"])
    return "D: Neuron and synapse models", ["", "description"], rows


def _input(config: Mapping) -> Table:
    rows = []
    for name, value in config["inputs"].items():
        words = INPUTS.get(value["type"], value["type"].replace("_", " "))
        rows.append([name, words, str(value.get("population", name)), parameters_of(value)])
    return "E: Input", ["input", "type", "onto", "parameters"], rows


def _measured(config: Mapping) -> Table:
    simulation = config["simulation"]
    rows = [["spikes", "all simulated cells", f"threshold {simulation['spike_threshold']:g} mV"]]
    for name, report in simulation["reports"].items():
        where = (
            f"synapses: {report['synapse']}" if "synapse" in report else f"sections: {report.get('sections', 'soma')}"
        )
        rows.append([f"{report['variable']} ({name})", shown(report["cells"]), where])
    for name in simulation.get("electrodes", {}):
        rows.append([f"extracellular potential ({name})", "electrodes", "line sources in an endless medium"])
    window = config["statistics"]["window"]
    stop = simulation["tstop"] if window[1] is None else window[1]
    rows.append(
        ["statistics", f"{number(window[0] or 0)} to {number(stop)} ms", "means with bootstrap intervals over cells"]
    )
    return "F: Measurements", ["measured", "where, when", "how"], rows


def edges_of(config: Mapping) -> Iterator[tuple[str, Mapping]]:
    """Yield the source network's name and the settings of each group of edges."""
    for name, network in config["networks"].items():
        for edges in network["edges"]:
            yield name, edges


def targets_of(edges: Mapping, groups: list[Mapping]) -> list[Mapping]:
    """Return those of a network's ``groups`` of cells that the edges' target chooses; all where that cannot be told."""
    wanted = {key: value if isinstance(value, list) else [value] for key, value in edges["target"].items()}
    chosen = [group for group in groups if all(group.get(key) in value for key, value in wanted.items())]
    return chosen or groups


def _synapse(edges: Mapping) -> str:
    if edges.get("is_gap_junction"):
        return "gap junction"
    parts = (shown(edges[key]) for key in ("model_template", "dynamics_params") if edges.get(key))
    return ", ".join(parts)


def _rule(edges: Mapping) -> str:
    rule = edges["connection_rule"]
    if isinstance(rule, int):
        return f"every pair, with {rule} {'synapse' if rule == 1 else 'synapses'}"
    if isinstance(rule, list):
        return "a table of the number of synapses of each pair"
    return _RULES.get(rule, f"by the function {rule}")


def _parameters(edges: Mapping) -> str:
    said = _with_units(edges["connection_params"], edges["connection_rule"])
    return f" ({said})" if said else ""


def _with_units(parameters: Mapping, function) -> str:
    """Return the parameters of a rule or of positions, with the unit of lengths if the function is one of ours."""
    own = _FUNCTION in str(function)
    return ", ".join(
        f"{name} {shown(value)}" + (" µm" if name in _LENGTHS and not own else "") for name, value in parameters.items()
    )


def _where(edges: Mapping) -> str:
    if not edges.get("target_sections"):
        return ""
    onto = f"; onto {', '.join(edges['target_sections'])}"
    if "distance_range" not in edges:
        return onto
    near, far = edges["distance_range"]
    return f"{onto}, {near:g} to {far:g} µm from the soma"


def _weight(edges: Mapping, groups: list[Mapping]) -> str:
    """Return the weight; it is a conductance but for synapses of point neurons."""
    if "syn_weight" not in edges:
        return ""
    points = all(group["model_type"] == "point_neuron" for group in targets_of(edges, groups))
    return shown(edges["syn_weight"]) + ("" if points else " µS")


def _filter(chosen: Mapping) -> str:
    return f" ({', '.join(f'{key} {shown(value)}' for key, value in chosen.items())})" if chosen else ""


def _placed(positions) -> str:
    if not isinstance(positions, Mapping):
        return "" if positions is None else "as listed"
    function = str(positions.get("function", ""))
    said = _with_units({key: value for key, value in positions.items() if key != "function"}, function)
    return f"{function} ({said})" if said else function
