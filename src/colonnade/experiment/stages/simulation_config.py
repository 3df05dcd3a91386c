"""Stage: the SONATA configs of a simulation."""

from colonnade.experiment.stages import components, currents, edges, inputs, mechanisms, nodes
from colonnade.experiment.stages.stage import File, Stage, root_seed
from colonnade.stimuli.registry import stimulus_kind

OF_NO_RESULT = ("threads", "checkpoint_every", "keep_state", "settle")  # settings that change no result
MENTIONED = ("spikes", "currents")  # files whose names it writes, but whose content it does not read
NETWORK = ("nodes", "edges", *MENTIONED)


class SimulationConfig(Stage):
    kind = "simulation_config"
    program = "write_simulation_config"
    folder = "simulation"
    pattern = "simulation_config"
    wanted = False

    def settings(self, config, name):
        """What changes no result is left out. ``components`` are the kinds of model files there will be."""
        values = {
            name: _input_settings(name, value, root_seed(config, "inputs")) for name, value in config["inputs"].items()
        }
        simulation = {key: value for key, value in config["simulation"].items() if key not in OF_NO_RESULT}
        populations = {name: nodes.model_type(network) for name, network in config["networks"].items()}
        kinds = sorted({file.partition("/")[0] for file in components.STAGE.names(config)})
        return {"components": kinds, "populations": populations, "inputs": values, "simulation": simulation}

    def reads(self, config, name):
        return {label: files for label, files in network_files(config).items() if label not in MENTIONED}

    def mentions(self, config, name):
        manifest = File(mechanisms.STAGE.kind, "manifest")
        return {label: network_files(config)[label] for label in MENTIONED} | {"mechanisms": [manifest]}

    def files(self, config, name):
        parts = ("circuit_config", "simulation_config", "node_sets")
        electrodes = {
            f"electrode_{each}": f"electrode_{each}.csv" for each in config["simulation"].get("electrodes", {})
        }
        return {"config": "config.json", **{part: f"{part}.json" for part in parts}, **electrodes}

    def user_files(self, config, name):
        return {}


def _input_settings(name: str, value: dict, seed: int) -> dict:
    """Return what the config of the simulation says of an input: all, or of those in files whose they are."""
    kind = stimulus_kind(value["type"])
    if kind.makes == "spikes":
        return {"type": value["type"], "population": value.get("population", name)}
    if kind.tables:
        return {key: part for key, part in value.items() if key not in kind.properties}
    return {**value, "seed": seed} if kind.draws or kind.makes == "field" else value


def network_files(config: dict) -> dict[str, list[File]]:
    """Return the files of all cells, connections, spike trains and currents, in the order in which gids are given."""
    return {
        label: [file for name in stage.names(config) for file in stage.all_files(config, name)]
        for label, stage in zip(NETWORK, (nodes.STAGE, edges.STAGE, inputs.STAGE, currents.STAGE), strict=True)
    }


STAGE = SimulationConfig()
