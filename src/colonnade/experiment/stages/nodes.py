"""Stage: the cells of one network, with their positions and attributes."""

from colonnade.experiment.stages.stage import Stage, root_seed


class Nodes(Stage):
    kind = "nodes"
    program = "build_nodes"
    folder = "network"
    pattern = "nodes/{network}"
    wanted = False

    def names(self, config):
        return list(config["networks"])

    def settings(self, config, name):
        """Cells without any function draw nothing, so a replicate's seed is not theirs."""
        groups = config["networks"][name]["nodes"]
        draws = any(isinstance(value, dict) for group in groups for value in group.values())
        seed = root_seed(config, "networks") if draws else config["seed"]
        return {"seed": seed, "network": name, "nodes": groups}

    def files(self, config, name):
        return {"nodes": f"{name}_nodes.h5", "node_types": f"{name}_node_types.csv"}


def model_type(network: dict) -> str:
    """Return the model type of a network's cells; 'biophysical' where there are several."""
    kinds = {group["model_type"] for group in network["nodes"]}
    return kinds.pop() if len(kinds) == 1 else "biophysical"


STAGE = Nodes()
