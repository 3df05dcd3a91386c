"""Stage: the kernels of the engine lockstep, made from the mechanisms."""

from colonnade.experiment.stages import mechanisms
from colonnade.experiment.stages.stage import Stage
from colonnade.simulation.engines.lockstep.files import LIBRARY, MANIFEST

ENGINE = "lockstep"


class Kernels(Stage):
    kind = "kernels"
    program = "compile_kernels"
    folder = "kernels"
    pattern = "kernels"
    wanted = False

    def names(self, config):
        return [""] if config["simulation"]["engine"] == ENGINE else []

    def settings(self, config, name):
        return {}

    def reads(self, config, name):
        return {"mechanisms": mechanisms.STAGE.all_files(config, "")}

    def files(self, config, name):
        return {"library": LIBRARY, "manifest": MANIFEST}


STAGE = Kernels()
