"""Stage: the SONATA configs of the run that settles."""

from colonnade.experiment.stages.settle_inputs import config_before, settled, settles
from colonnade.experiment.stages.simulation_config import SimulationConfig


class SettleConfig(SimulationConfig):
    kind = "settle_config"
    folder = "settle"
    pattern = "settle_config"
    log_name = "settle_config"

    def names(self, config):
        return [""] if settles(config) else []

    def settings(self, config, name):
        return super().settings(config_before(config), name)

    def reads(self, config, name):
        return super().reads(config_before(config), name)

    def mentions(self, config, name):
        found = super().mentions(config_before(config), name)
        return {label: settled(files) for label, files in found.items()}


STAGE = SettleConfig()
