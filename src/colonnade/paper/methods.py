"""The methods of an experiment in words, from its config: a paragraph that an author goes on from."""

from collections.abc import Mapping

from colonnade.paper.tables import edges_of, targets_of
from colonnade.paper.words import MODELS, input_words, listed, swept
from colonnade.report.tables import number
from colonnade.simulation.engines.registry import engine_kind


def methods_text(config: Mapping, versions: Mapping[str, str]) -> str:
    """Return the methods of a resolved ``config``, run with ``versions`` of programs by their names."""
    return " ".join(
        [_network(config), _connections(config), _inputs(config), _simulation(config, versions), _rest(config)]
    )


def _network(config: Mapping) -> str:
    said = []
    for name, network in config["networks"].items():
        total = sum(group["N"] for group in network["nodes"])
        kinds: dict[str, list[str]] = {}
        for group in network["nodes"]:
            words = f"{group['N']:,} of type {group['pop_name']}" if "pop_name" in group else f"{group['N']:,}"
            kinds.setdefault(MODELS.get(group["model_type"], group["model_type"]), []).append(words)
        groups = "; ".join(f"{listed(words)}: {kind}" for kind, words in kinds.items())
        said.append(f"{name} of {total:,} {'cell' if total == 1 else 'cells'} ({groups})")
    return f"The model has the population{'s' if len(said) > 1 else ''} {listed(said)}."


def _connections(config: Mapping) -> str:
    pairs = dict.fromkeys(f"{name} to {edges.get('target_network', name)}" for name, edges in edges_of(config))
    if not pairs:
        return "There are no connections."
    said = (
        f"Connections from {listed(list(pairs))} were made by the rules and with the weights and delays of the table "
        "of connectivity"
    )
    drawn = (
        edges.get("target_sections")
        and any(
            group["model_type"] == "biophysical"
            for group in targets_of(edges, config["networks"][edges.get("target_network", name)]["nodes"])
        )
        for name, edges in edges_of(config)
    )
    if any(drawn):
        said += (
            "; the site of each synapse on a dendrite was drawn in proportion to the dendrite's length within the "
            "stated range of distances from the soma"
        )
    return f"{said}."


def _inputs(config: Mapping) -> str:
    said = [f"{input_words(value)} ({value.get('population', name)})" for name, value in config["inputs"].items()]
    more = ", with the parameters of the table of input" if said else ""
    return f"Input was {listed(said)}{more}." if said else "There was no input."


def _simulation(config: Mapping, versions: Mapping[str, str]) -> str:
    simulation = config["simulation"]
    neuron = f"NEURON {versions.get('neuron', '')}".strip()
    engine = engine_kind(simulation["engine"]).in_words.format(neuron=neuron)
    program = f"Colonnade {versions.get('colonnade', '')}".strip()
    segments = f" in compartments of at most {simulation['dL']:g} µm" if simulation.get("dL") else ""
    return (
        f"The network was simulated for {number(simulation['tstop'])} ms{segments} in steps of {simulation['dt']:g} ms "
        f"at {simulation['celsius']:g} °C, from {simulation['v_init']:g} mV, by {program} with {engine}; a spike was "
        f"counted where the membrane potential of the soma rose above {simulation['spike_threshold']:g} mV."
    )


def _rest(config: Mapping) -> str:
    statistics, sweep = config["statistics"], config.get("sweep")
    start, stop = statistics["window"]
    stop = config["simulation"]["tstop"] if stop is None else stop
    said = (
        f"Statistics are of {number(start or 0)} to {number(stop)} ms; intervals in brackets are "
        f"{100 * statistics['confidence']:g} % bootstrap intervals from {statistics['resamples']:,} resamples. Every "
        f"random draw has its own stream below the seed {config['seed']}."
    )
    if sweep:
        times = f"{sweep['replicates']} times with other seeds for {listed(sweep['reseed'])}"
        values = list(swept(sweep))
        said += f" In place of the values above, runs had {'; '.join(values)}" if values else f" It was run {times}."
        said += (f", each {times}." if sweep["replicates"] > 1 else ".") if values else ""
    return said
