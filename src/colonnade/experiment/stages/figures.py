"""Stage: one figure in all its formats."""

from colonnade.code_facts import with_local_modules
from colonnade.experiment.stages import components, points, simulation, simulation_config
from colonnade.experiment.stages.stage import File, Stage, root_seed
from colonnade.figures.registry import FORMATS, PAGE, figure_kind, figure_reads, figure_settings, figure_user_files


class Figures(Stage):
    kind = "figures"
    program = "plot"
    folder = "figures"
    pattern = "figures/{figure}"

    def names(self, config):
        return list(config.get("figures", {}))

    def settings(self, config, name):
        seed = root_seed(config, "statistics")
        figures = {other: {**figure, "seed": seed} for other, figure in config["figures"].items()}
        return figure_settings(figures, name, config["networks"])

    def reads(self, config, name):
        """A figure of spikes or reports is drawn from the simulation's config, which names the files."""
        kinds = figure_reads(self.settings(config, name))
        network = simulation_config.network_files(config)
        found = {"points": points.STAGE.all_files(config, "")} if "points" in kinds else {}
        if "morphologies" in kinds:
            models = components.models_of_cells(list(config["networks"].values()), "morphologies")
            found["morphologies"] = [File(components.STAGE.job(model), "file") for model in models]
        if {"spikes", "reports"} & set(kinds):
            spikes = simulation.STAGE.all_files(config, "")
            return {**found, "config": [File(simulation_config.STAGE.kind, "config")], **network, "simulated": spikes}
        return found | {label: network[label] for label in ("nodes", "edges") if label in kinds}

    def modules(self, config, name):
        """A figure's code is that of its kind; a panel's that of its figures, too."""
        settings = self.settings(config, name)
        parts = [settings, *settings.get("figures", {}).values()]
        return sorted({figure_kind(part["kind"]).draw.__module__ for part in parts})

    def stands_once(self, config, name):
        """A figure of the sweep shows all its points."""
        return figure_kind(config["figures"][name]["kind"]).of_sweep

    def files(self, config, name):
        """A kind that can be turned has a page beside its drawings."""
        known = config.get("figures", {})
        page = name not in known or figure_kind(known[name]["kind"]).page
        return {form: f"{name}.{form}" for form in (*FORMATS, PAGE) if form != PAGE or page}

    def user_files(self, config, name):
        found = figure_user_files(self.settings(config, name))
        functions = [each for path in found if path.endswith(".py") for each in with_local_modules(path)]
        others = [path for path in found if path not in functions]
        return ({"functions": functions} if functions else {}) | ({"others": others} if others else {})


STAGE = Figures()
