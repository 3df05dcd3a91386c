"""Stage: the models of others, one file a job, from where the config says."""

from collections.abc import Iterator
from pathlib import Path

from colonnade.experiment.stages.stage import Stage


class Components(Stage):
    kind = "components"
    program = "fetch_component"
    folder = "components"
    pattern = "components/{kind}/{file}"
    wanted = False

    def names(self, config):
        return sorted(set(_model_files(config)))

    def wildcards(self, config):
        pairs = [name.split("/") for name in self.names(config)]
        return {"kind": [kind for kind, _ in pairs], "file": [file for _, file in pairs]}

    def settings(self, config, name):
        kind, _, file = name.partition("/")
        chosen = {key: value for key, value in config["components"].items() if key != "sha256"}
        digests = {key: value for key, value in config["components"]["sha256"].items() if key == file}
        return {**chosen, "sha256": digests, "files": {kind: [file]}}

    def files(self, config, name):
        return {"file": name, "record": f"records/{name}.json"}

    def user_files(self, config, name):
        components = config["components"]
        own = f"{components.get('directory')}/{name}"
        return {"source": [own]} if components["source"] == "directory" or Path(own).is_file() else {}


def models_of_cells(networks: list[dict], kind: str | None = None) -> list[str]:
    """Return the names of the jobs whose files the cells of ``networks`` need, those of one ``kind`` or all."""
    found = sorted({name for network in networks for group in network["nodes"] for name in _of_cells(group)})
    return [name for name in found if kind is None or name.startswith(f"{kind}/")]


def _model_files(config: dict) -> Iterator[str]:
    """Yield ``kind/file`` of each model file that the config names."""
    yield from models_of_cells(list(config["networks"].values()))
    for network in config["networks"].values():
        for edges in network["edges"]:
            if isinstance(edges.get("dynamics_params"), str):
                yield f"synaptic_models/{edges['dynamics_params']}"


def _of_cells(group: dict) -> Iterator[str]:
    if group["model_type"] == "virtual":
        return
    point = group["model_type"] == "point_neuron"
    if group.get("morphology"):
        yield f"morphologies/{group['morphology']}"
    if group.get("dynamics_params"):
        yield f"{'point_neuron_models' if point else 'biophysical_neuron_models'}/{group['dynamics_params']}"
    schema, _, template = group.get("model_template", "").partition(":")
    if schema == "hoc":
        yield f"templates/{template if template.endswith('.hoc') else f'{template}.hoc'}"
    if schema == "nml":
        yield f"biophysical_neuron_models/{template}"


STAGE = Components()
