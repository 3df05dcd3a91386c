"""Stage: the network run by an engine."""

from colonnade.experiment.stages import components, edges, kernels, mechanisms, nodes, simulation_config
from colonnade.experiment.stages.stage import File, Stage
from colonnade.simulation.config_files import current_file
from colonnade.simulation.engines.registry import ENGINES
from colonnade.stimuli.registry import module_of_code, stimulus_kind


class Simulation(Stage):
    kind = "simulation"
    program = "simulate"
    folder = "simulation"
    pattern = "simulation"

    def settings(self, config, name):
        return simulation_config.STAGE.settings(config, name)

    def reads(self, config, name):
        models, settled = components.STAGE, File("settle", "state")
        return {
            "config": simulation_config.STAGE.all_files(config, ""),
            **simulation_config.network_files(config),
            "components": [File(models.job(file), "file") for file in models.names(config)],
            "mechanisms": mechanisms.STAGE.all_files(config, ""),
            **({"settled": [settled]} if config["simulation"].get("settle") else {}),
            **({"kernels": kernels.STAGE.all_files(config, "")} if kernels.STAGE.names(config) else {}),
        }

    def files(self, config, name):
        reports = {f"report_{report}": f"output/{report}.h5" for report in config["simulation"]["reports"]}
        electrodes = {f"electrode_{each}": f"output/{each}.h5" for each in config["simulation"].get("electrodes", {})}
        clamps = config["simulation"].get("clamp_currents", [])
        currents = {f"clamp_{name}": f"output/{current_file(name)}" for name in clamps}
        return {"spikes": "output/spikes.h5", **reports, **electrodes, **currents}

    def modules(self, config, name):
        """The engine and what makes stimuli at run time are chosen by name."""
        given = config["inputs"].values()
        types = {each["type"] for value in given for each in (value, value.get("waveform", value))}
        own = [name for name in sorted(types) if stimulus_kind(name).waveform and name != "current_clamp"]
        return [ENGINES[config["simulation"]["engine"]], *map(module_of_code, own)]

    def user_code(self, config, name):
        found = nodes.files_of_cell_functions(config) + edges.files_of_synapse_functions(config)
        return list(dict.fromkeys(found))

    def user_files(self, config, name):
        fields = [value for value in config["inputs"].values() if stimulus_kind(value["type"]).makes == "field"]
        files = [value["file"] for value in fields if "file" in value]
        return {"fields": files} if files else {}


STAGE = Simulation()
