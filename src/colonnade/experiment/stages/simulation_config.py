"""Stage: the SONATA configs of a simulation."""

from colonnade.experiment.stages import components, edges, inputs, mechanisms, nodes
from colonnade.experiment.stages.stage import File, Stage


class SimulationConfig(Stage):
    kind = "simulation_config"
    program = "write_simulation_config"
    folder = "simulation"
    pattern = "simulation_config"
    wanted = False

    def settings(self, config, name):
        """Threads are left out: they change no result. ``components`` are the kinds of model files there will be."""
        values = {
            name: value
            if value["type"] in inputs.CURRENTS
            else {"type": value["type"], "population": value.get("population", name)}
            for name, value in config["inputs"].items()
        }
        simulation = {key: value for key, value in config["simulation"].items() if key != "threads"}
        populations = {name: nodes.model_type(network) for name, network in config["networks"].items()}
        kinds = sorted({file.partition("/")[0] for file in components.STAGE.names(config)})
        return {"components": kinds, "populations": populations, "inputs": values, "simulation": simulation}

    def reads(self, config, name):
        return {label: files for label, files in network_files(config).items() if label != "spikes"}

    def mentions(self, config, name):
        manifest = File(mechanisms.STAGE.kind, "manifest")
        return {"spikes": network_files(config)["spikes"], "mechanisms": [manifest]}

    def files(self, config, name):
        parts = ("circuit_config", "simulation_config", "node_sets")
        return {"config": "config.json", **{part: f"{part}.json" for part in parts}}

    def user_files(self, config, name):
        return {}


def network_files(config: dict) -> dict[str, list[File]]:
    """Return the files of all cells, connections and spike trains, in the order in which gids are given."""
    return {
        label: [file for name in stage.names(config) for file in stage.all_files(config, name)]
        for label, stage in (("nodes", nodes.STAGE), ("edges", edges.STAGE), ("spikes", inputs.STAGE))
    }


STAGE = SimulationConfig()
