"""The tables in which Nordlie et al. (2009, doi:10.1371/journal.pcbi.1000456) ask a network model to be described.

A: summary, B: populations, C: connectivity, D: neurons and synapses, E: input, F: measurements.
"""

from collections.abc import Iterator, Mapping

from colonnade.report.tables import number

Table = tuple[str, list[str], list[list[str]]]
_RULES = {
    "distance_connector": "probability falls linearly with the distance between somata",
    "connect_random": "every pair, with a random number of synapses",
}
MODELS = {
    "biophysical": "biophysically detailed, several compartments",
    "point_neuron": "point neuron",
    "virtual": "spike source",
}
_SHOWN = ("firing_rate", "rate", "times", "amp", "delay", "duration", "file")


def nordlie_tables(config: Mapping) -> list[Table]:
    """Return the tables A to F of a resolved config: title, head and rows of text each."""
    return [
        _summary(config),
        _populations(config),
        _connectivity(config),
        _models(config),
        _input(config),
        _measured(config),
    ]


def _summary(config: Mapping) -> Table:
    networks, simulation = config["networks"], config["simulation"]
    groups = [group for network in networks.values() for group in network["nodes"]]
    kinds = dict.fromkeys(MODELS.get(group["model_type"], group["model_type"]) for group in groups)
    synapses = dict.fromkeys(
        edges.get("dynamics_params", edges.get("model_template", "")) for _, edges in _edges(config)
    )
    rules = dict.fromkeys(_rule(edges) for _, edges in _edges(config))
    rows = [
        ["Populations", ", ".join(networks)],
        ["Topology", "positions in space (µm)" if any("positions" in group for group in groups) else "none"],
        ["Connectivity", "; ".join(rules) or "none"],
        ["Neuron model", "; ".join(kinds)],
        ["Synapse model", ", ".join(filter(None, synapses)) or "none"],
        ["Plasticity", "none, unless a synapse model has it"],
        [
            "Input",
            "; ".join(f"{value['type'].replace('_', ' ')} ({name})" for name, value in config["inputs"].items())
            or "none",
        ],
        ["Measurements", ", ".join(["spikes", *(report["variable"] for report in simulation["reports"].values())])],
    ]
    return "A: Model summary", ["", "description"], rows


def _populations(config: Mapping) -> Table:
    rows = []
    for name, network in config["networks"].items():
        for group in network["nodes"]:
            rows.append([name, str(group.get("pop_name", "")), f"{group['N']:,}", _placed(group.get("positions"))])
    return "B: Populations", ["network", "group", "cells", "positions"], rows


def _connectivity(config: Mapping) -> Table:
    rows = []
    for name, edges in _edges(config):
        source = f"{name}{_filter(edges['source'])}"
        target = f"{edges.get('target_network', name)}{_filter(edges['target'])}"
        rows.append(
            [source, target, _weight(edges), _delay(edges), f"{_rule(edges)}{_parameters(edges)}{_where(edges)}"]
        )
    return "C: Connectivity", ["source", "target", "weight", "delay", "rule"], rows


def _models(config: Mapping) -> Table:
    rows = []
    for name, network in config["networks"].items():
        for group in network["nodes"]:
            if group["model_type"] != "virtual":
                files = [str(group[key]) for key in ("morphology", "dynamics_params") if group.get(key)]
                more = group.get("model_processing")
                said = ", ".join(
                    [MODELS.get(group["model_type"], group["model_type"]), *files, *([more] if more else [])]
                )
                rows.append([f"{group.get('pop_name', name)} ({name})", said])
    for kind in dict.fromkeys(
        (edges.get("model_template", ""), edges.get("dynamics_params", "")) for _, edges in _edges(config)
    ):
        if any(kind):
            rows.append(["synapse", ", ".join(filter(None, kind))])
    simulation = config["simulation"]
    rows.append(
        ["compartments", f"at most {simulation['dL']:g} µm long" if simulation.get("dL") else "as the models have them"]
    )
    return "D: Neuron and synapse models", ["", "description"], rows


def _input(config: Mapping) -> Table:
    rows = []
    for name, value in config["inputs"].items():
        said = ", ".join(f"{key.replace('_', ' ')} {value[key]}" for key in _SHOWN if key in value)
        rows.append([name, value["type"].replace("_", " "), str(value.get("population", name)), said])
    return "E: Input", ["input", "type", "onto", "parameters"], rows


def _measured(config: Mapping) -> Table:
    rows = [["spikes", "all simulated cells", f"threshold {config['simulation']['spike_threshold']:g} mV"]]
    for name, report in config["simulation"]["reports"].items():
        rows.append(
            [f"{report['variable']} ({name})", str(report["cells"]), f"sections: {report.get('sections', 'soma')}"]
        )
    window = config["statistics"]["window"]
    stop = config["simulation"]["tstop"] if window[1] is None else window[1]
    rows.append(
        ["statistics", f"{number(window[0] or 0)} to {number(stop)} ms", "means with bootstrap intervals over cells"]
    )
    return "F: Measurements", ["measured", "where, when", "how"], rows


def _edges(config: Mapping) -> Iterator[tuple[str, Mapping]]:
    for name, network in config["networks"].items():
        for edges in network["edges"]:
            yield name, edges


def _rule(edges: Mapping) -> str:
    rule = edges.get("connection_rule", 1)
    return f"{rule} synapses for every pair" if isinstance(rule, int) else _RULES.get(rule, f"by the function {rule}")


def _parameters(edges: Mapping) -> str:
    said = ", ".join(f"{key} {value:g}" if isinstance(value, int | float) else f"{key} {value}"
                     for key, value in edges.get("connection_params", {}).items())  # fmt: skip
    return f" ({said})" if said else ""


def _where(edges: Mapping) -> str:
    if not edges.get("target_sections"):
        return ""
    near, far = edges.get("distance_range", (0, "any"))
    return f"; onto {', '.join(edges['target_sections'])}, {near:g} to {far:g} µm from the soma"


def _weight(edges: Mapping) -> str:
    return f"{edges['syn_weight']:g} µS" if "syn_weight" in edges else ""


def _delay(edges: Mapping) -> str:
    return f"{edges['delay']:g} ms" if "delay" in edges else ""


def _filter(chosen: Mapping) -> str:
    return f" ({', '.join(f'{key} {value}' for key, value in chosen.items())})" if chosen else ""


def _placed(positions) -> str:
    if not isinstance(positions, Mapping):
        return "" if positions is None else "as listed"
    said = ", ".join(f"{key} {value}" for key, value in positions.items() if key != "function")
    return f"{positions.get('function', '')} ({said})" if said else str(positions.get("function", ""))
