"""Stage: means over replicates for each point of a sweep."""

from colonnade.experiment.stages import points
from colonnade.experiment.stages.stage import Stage, root_seed


class SweepSummary(Stage):
    kind = "sweep_summary"
    program = "summarise_sweep"
    folder = "statistics"
    pattern = "sweep_summary"

    def names(self, config):
        return points.STAGE.names(config)

    def settings(self, config, name):
        chosen = {key: config["statistics"][key] for key in ("confidence", "resamples")}
        return {"seed": root_seed(config, "statistics"), **chosen}

    def reads(self, config, name):
        return {"points": points.STAGE.all_files(config, "")}

    def stands_once(self, config, name):
        return True

    def files(self, config, name):
        return {"summary": "sweep.csv"}


STAGE = SweepSummary()
