"""Stage: a current from a table or a function of the user's, as times and amplitudes."""

from colonnade.experiment.stages.stage import Stage, find_user_files
from colonnade.stimuli.registry import module_of_code, stimulus_kind


class Currents(Stage):
    kind = "currents"
    program = "make_current"
    folder = "inputs"
    pattern = "currents/{current}"
    wanted = False

    def names(self, config):
        return [name for name, value in config["inputs"].items() if stimulus_kind(value["type"]).tables]

    def settings(self, config, name):
        kind, given = stimulus_kind(config["inputs"][name]["type"]), config["inputs"][name]
        own = {key: given[key] for key in ("type", *kind.properties) if key in given}
        return {**own, **{key: config["simulation"][key] for key in ("tstop", "dt")}}

    def modules(self, config, name):
        """The kind of stimulus is chosen by name at run time."""
        return [module_of_code(config["inputs"][name]["type"])]

    def files(self, config, name):
        return {"current": f"{name}_current.csv"}

    def user_files(self, config, name):
        functions = find_user_files(config["inputs"][name]["file"])
        return {"functions": functions} if functions else {"table": [config["inputs"][name]["file"]]}


STAGE = Currents()
