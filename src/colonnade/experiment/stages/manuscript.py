"""Stage: what a paper takes from the experiment, and where there is a TeX, the paper itself."""

import shutil
from pathlib import Path

from colonnade.experiment.stages import components, figures, points, statistics, sweep_summary
from colonnade.experiment.stages.stage import File, Stage
from colonnade.figures.registry import figure_kind
from colonnade.paper import TEX

SECTIONS = ("experiment", "title", "authors", "seed", "networks", "inputs", "simulation", "statistics", "sweep")


class Manuscript(Stage):
    kind = "manuscript"
    program = "write_manuscript"
    folder = "manuscript"
    pattern = "manuscript"

    def names(self, config):
        return [""] if config.get("manuscript") else []

    def settings(self, config, name):
        chosen = {key: config[key] for key in SECTIONS if key in config}
        chosen["simulation"] = {key: value for key, value in config["simulation"].items() if key != "threads"}
        captions = [
            [figure, settings.get("caption") or figure_kind(settings["kind"]).caption(settings)]
            for figure, settings in config["figures"].items()
        ]
        order = {section: list(config[section]) for section in ("networks", "inputs")}  # JSON is sorted
        return {"order": order, "config": chosen, "figures": captions, "manuscript": config["manuscript"]}

    def reads(self, config, name):
        once = {"sweep": sweep_summary.STAGE.all_files(config, "")} if points.STAGE.names(config) else {}
        models = [name for name in components.STAGE.names(config) if name.endswith(".json")]
        once |= {"models": [File(components.STAGE.job(name), "file") for name in models]} if models else {}
        return once | {
            "populations": [File(statistics.STAGE.kind, "populations", at_all_points=True)],
            "degrees": [File(statistics.STAGE.kind, "degrees", at_all_points=True)],
            "drawn": [
                File(figures.STAGE.job(figure), "pdf", not figures.STAGE.stands_once(config, figure))
                for figure in figures.STAGE.names(config)
            ],
        }

    def stands_once(self, config, name):
        return True

    def files(self, config, name):
        """The paper is made where there is a TeX."""
        parts = {part: f"{part}.tex" for part in ("numbers", "methods", "tables", "figures")}
        paper = config.get("manuscript", {}).get("file", "")
        made = {"pdf": f"{Path(paper).stem}.pdf"} if paper and shutil.which(TEX) else {}
        return parts | {"methods_text": "methods.md", "numbers_table": "numbers.csv"} | made

    def user_files(self, config, name):
        return {"tex": [config["manuscript"]["file"], *config["manuscript"].get("more", [])]}


STAGE = Manuscript()
