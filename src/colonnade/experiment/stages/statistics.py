"""Stage: the tables of what was simulated."""

from colonnade.experiment.stages import simulation, simulation_config
from colonnade.experiment.stages.stage import File, Stage, root_seed

TABLES = ("populations", "cells", "connection_probability", "intervals", "psth", "spectrum", "correlations", "degrees")

OF_ELECTRODES = ("field_potentials", "field_spectra")


class Statistics(Stage):
    kind = "statistics"
    program = "compute_statistics"
    folder = "statistics"
    pattern = "statistics"

    def settings(self, config, name):
        return {"seed": root_seed(config, "statistics"), "statistics": config.get("statistics", {})}

    def reads(self, config, name):
        return {
            "config": [File(simulation_config.STAGE.kind, "config")],
            **simulation_config.network_files(config),
            "simulated": [File(simulation.STAGE.kind, label) for label in ("spikes", *_electrodes(config))],
        }

    def files(self, config, name):
        tables = (*TABLES, *(OF_ELECTRODES if _electrodes(config) else ()))
        return {**{table: f"{table}.csv" for table in tables}, "summary": "statistics.json"}


def _electrodes(config) -> list[str]:
    return [f"electrode_{name}" for name in config["simulation"].get("electrodes", {})]


STAGE = Statistics()
