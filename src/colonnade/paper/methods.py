"""The methods of an experiment in words, from its config: a paragraph that an author goes on from."""

from collections.abc import Mapping

from colonnade.paper.tables import MODELS
from colonnade.report.tables import number
from colonnade.simulation.engines.registry import engine_kind

_INPUTS = {"poisson": "Poisson spike trains", "spikes": "given spike trains", "current_clamp": "current steps"}


def methods_text(config: Mapping, versions: Mapping[str, str]) -> str:
    """Return the methods of a resolved ``config``, run with ``versions`` of programs by their names."""
    return " ".join(
        [_network(config), _connections(config), _inputs(config), _simulation(config, versions), _rest(config)]
    )


def _network(config: Mapping) -> str:
    said = []
    for name, network in config["networks"].items():
        groups = [f"{group['N']:,} of type {group.get('pop_name', name)}" for group in network["nodes"]]
        kind = MODELS.get(network["nodes"][0]["model_type"], network["nodes"][0]["model_type"])
        total = sum(group["N"] for group in network["nodes"])
        cells = "cell" if total == 1 else "cells"
        said.append(f"{name} of {total:,} {cells} ({_listed(groups)}; {kind})")
    return f"The model has the population{'s' if len(said) > 1 else ''} {_listed(said)}."


def _connections(config: Mapping) -> str:
    pairs = [
        f"{name} to {edges.get('target_network', name)}"
        for name, network in config["networks"].items() for edges in network["edges"]
    ]  # fmt: skip
    if not pairs:
        return "There are no connections."
    return (
        f"Connections were drawn at random from {_listed(list(dict.fromkeys(pairs)))}, by the rules and with the "
        "weights and delays of the table of connectivity; the site of each synapse was drawn in proportion to the "
        "length of the dendrite within the stated range of distances from the soma."
    )


def _inputs(config: Mapping) -> str:
    said = []
    for name, value in config["inputs"].items():
        kind = _INPUTS.get(value["type"], f"{value['type'].replace('_', ' ')} input")
        rate = value.get("firing_rate")
        more = (
            f" of {rate:g} Hz"
            if isinstance(rate, int | float)
            else f" with a rate by {rate}"
            if isinstance(rate, str)
            else ""
        )
        amplitude = value.get("amp")
        more += f" of {amplitude:g} nA" if isinstance(amplitude, int | float) else ""
        said.append(f"{kind}{more} ({value.get('population', name)})")
    return f"Input was {_listed(said)}." if said else "There was no input."


def _simulation(config: Mapping, versions: Mapping[str, str]) -> str:
    simulation = config["simulation"]
    engine = engine_kind(simulation["engine"]).title
    segments = f" in compartments of at most {simulation['dL']:g} µm" if simulation.get("dL") else ""
    return (
        f"The network was simulated for {number(simulation['tstop'])} ms{segments} in steps of {simulation['dt']:g} ms "
        f"at {simulation['celsius']:g} °C, from {simulation['v_init']:g} mV, with {engine} "
        f"(NEURON {versions.get('neuron', '')}) by Colonnade {versions.get('colonnade', '')}; a spike was counted "
        f"where the membrane potential of the soma rose above {simulation['spike_threshold']:g} mV."
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
        values = [f"{path} over {len(each)} values" for path, each in sweep.get("values", {}).items()]
        replicates = sweep.get("replicates", 1)
        said += f" The experiment was repeated for {_listed(values) or 'the points of the sweep'}"
        said += f", {replicates} times each." if replicates > 1 else "."
    return said


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
