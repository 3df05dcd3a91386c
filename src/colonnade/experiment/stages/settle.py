"""Stage: the run that settles, whose state all points of a sweep share that are the same until then."""

from colonnade.experiment.stages import settle_config
from colonnade.experiment.stages.settle_inputs import config_before, settled, settles
from colonnade.experiment.stages.simulation import Simulation


class Settle(Simulation):
    kind = "settle"
    folder = "settle"
    pattern = "settle"
    folders = ("state",)
    log_name = "settle"
    wanted = False

    def names(self, config):
        return [""] if settles(config) else []

    def settings(self, config, name):
        return super().settings(config_before(config), name)

    def reads(self, config, name):
        found = super().reads(config_before(config), name)
        own = {"config": settle_config.STAGE.all_files(config, "")}
        return {label: settled(files) for label, files in found.items()} | own

    def files(self, config, name):
        return {**super().files(config_before(config), name), "state": "state"}

    def modules(self, config, name):
        return super().modules(config_before(config), name)


STAGE = Settle()
