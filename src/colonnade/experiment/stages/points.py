"""Stage: one table of the statistics at all points of a sweep."""

from colonnade.experiment.stages import statistics
from colonnade.experiment.stages.stage import File, Stage


class Points(Stage):
    kind = "points"
    program = "gather_points"
    folder = "statistics"
    pattern = "points"

    def names(self, config):
        return [""] if "sweep" in config else []

    def settings(self, config, name):
        return {key: config[key] for key in ("seed", "seeds", "sweep")}

    def reads(self, config, name):
        return {"tables": [File(statistics.STAGE.kind, "populations", at_all_points=True)]}

    def stands_once(self, config, name):
        return True

    def files(self, config, name):
        return {"points": "points.csv"}


STAGE = Points()
