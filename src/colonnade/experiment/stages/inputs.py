"""Stage: the spike trains of one input."""

from colonnade.experiment.stages import nodes
from colonnade.experiment.stages.stage import File, Stage, root_seed

CURRENTS = ("current_clamp",)  # inputs that the simulation itself makes


class Inputs(Stage):
    kind = "inputs"
    program = "generate_spikes"
    folder = "inputs"
    pattern = "inputs/{input}"
    wanted = False

    def names(self, config):
        return [name for name, value in config["inputs"].items() if value["type"] not in CURRENTS]

    def settings(self, config, name):
        settings = {"name": name, "population": name, **config["inputs"][name]}
        return {"seed": root_seed(config, "inputs"), **settings} if settings["type"] == "poisson" else settings

    def reads(self, config, name):
        population = config["inputs"][name].get("population", name)
        return {"nodes": [File(nodes.STAGE.job(population), "nodes")]}

    def files(self, config, name):
        return {"spikes": f"{name}_spikes.h5"}

    def user_files(self, config, name):
        file = config["inputs"][name].get("file")
        return super().user_files(config, name) | ({"spikes": [file]} if file else {})


STAGE = Inputs()
