"""Stage: the spike trains of one input until the simulations have settled; and what else of a config counts until then.

A setting that is not in ``config_before`` cannot keep points of a sweep from sharing one settled state. It leaves out
only what cannot act before; whether that is so, the simulations check by the spikes themselves.
"""

from colonnade.experiment.stages.inputs import Inputs
from colonnade.experiment.stages.stage import File
from colonnade.stimuli.registry import stimulus_kind


class SettleInputs(Inputs):
    kind = "settle_inputs"
    folder = "settle/inputs"
    pattern = "settle_inputs/{input}"
    log_name = "settle_inputs"

    def names(self, config):
        return super().names(config) if settles(config) else []

    def settings(self, config, name):
        return super().settings(config_before(config), name)

    def user_files(self, config, name):
        return super().user_files(config_before(config), name)


def settles(config: dict) -> bool:
    """Return whether the simulations begin with a state that they share."""
    return bool(config["simulation"].get("settle"))


def config_before(config: dict) -> dict:
    """Return the config of a run that ends when the simulations have settled, without what comes later."""
    simulation = config["simulation"]
    if not settles(config):  # it is that one already
        return config
    until = simulation["settle"]["until"]
    recorded = simulation.get("clamp_currents", ())
    inputs = {
        name: settings if name in recorded else _before(settings, until) for name, settings in config["inputs"].items()
    }
    reports = {
        name: {**report, "end_time": min(until, report.get("end_time", until))}
        for name, report in simulation["reports"].items()
        if report.get("start_time", 0.0) < until
    }
    kept = {key: value for key, value in simulation.items() if key not in ("settle", "tstop", "reports")}
    kept |= {"tstop": until, "reports": reports}
    acting = [settings["type"] for settings in inputs.values() if settings]
    if any(stimulus_kind(name).waveform and name != "current_clamp" for name in acting):
        kept["waves_until"] = simulation["tstop"]
    return {**config, "inputs": {name: value for name, value in inputs.items() if value}, "simulation": kept}


def _before(settings: dict, until: float) -> dict | None:
    """Return what an input does before ``until`` ms, None where that is nothing and the run needs not know of it.

    Trains whose beginning does not depend on their end, and constant currents, end at ``until``; others count whole.
    """
    kind = stimulus_kind(settings["type"])
    if settings["type"] == "current_clamp":
        delay, duration = settings["delay"], settings["duration"]
        return {**settings, "duration": min(duration, until - delay)} if delay < until else None
    if kind.makes != "spikes" or "times" not in settings:
        return settings
    times, until_s = settings["times"], until / 1000.0
    if times[0] >= until_s:
        chosen = {key: settings[key] for key in ("population",) if key in settings}
        return {"type": "poisson", **chosen, "firing_rate": 0.0, "times": [0.0, until_s]}
    if settings["type"] == "poisson" and isinstance(settings["firing_rate"], int | float):
        return {**settings, "times": [times[0], min(times[-1], until_s)]}
    return settings


def settled(files: list[File]) -> list[File]:
    """Return files with those of inputs replaced by the ones until the simulations have settled."""
    return [file._replace(job=f"settle_{file.job}") if file.job.startswith("inputs/") else file for file in files]


STAGE = SettleInputs()
