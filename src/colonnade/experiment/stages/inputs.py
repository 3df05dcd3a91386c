"""Stage: the spike trains of one input."""

from colonnade.experiment.stages import nodes
from colonnade.experiment.stages.stage import File, Stage, root_seed
from colonnade.stimuli.registry import module_of_code, stimulus_kind


class Inputs(Stage):
    kind = "inputs"
    program = "generate_spikes"
    folder = "inputs"
    pattern = "inputs/{input}"
    wanted = False

    def names(self, config):
        return [name for name, value in config["inputs"].items() if stimulus_kind(value["type"]).makes == "spikes"]

    def settings(self, config, name):
        settings = {"name": name, "population": name, **config["inputs"][name]}
        draws = stimulus_kind(settings["type"]).draws
        return {"seed": root_seed(config, "inputs"), **settings} if draws else settings

    def reads(self, config, name):
        population = config["inputs"][name].get("population", name)
        return {"nodes": [File(nodes.STAGE.job(population), "nodes")]}

    def modules(self, config, name):
        """The kind of stimulus is chosen by name at run time."""
        return [module_of_code(config["inputs"][name]["type"])]

    def files(self, config, name):
        return {"spikes": f"{name}_spikes.h5"}

    def user_files(self, config, name):
        file = config["inputs"][name].get("file")
        return super().user_files(config, name) | ({"spikes": [file]} if file else {})


STAGE = Inputs()
