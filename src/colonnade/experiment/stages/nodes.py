"""Stage: the cells of one network, with their positions and attributes."""

from colonnade.experiment.stages.stage import Stage, find_user_files, root_seed

OF_CELLS = ("model_template", "model_processing")  # whose functions are called when the network is simulated


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

    def user_files(self, config, name):
        groups = config["networks"][name]["nodes"]
        values = [{key: value for key, value in group.items() if key not in OF_CELLS} for group in groups]
        functions = find_user_files(values)
        return {"functions": functions} if functions else {}

    def files(self, config, name):
        return {"nodes": f"{name}_nodes.h5", "node_types": f"{name}_node_types.csv"}


def model_type(network: dict) -> str:
    """Return the model type of a network's cells; 'biophysical' where there are several."""
    kinds = {group["model_type"] for group in network["nodes"]}
    return kinds.pop() if len(kinds) == 1 else "biophysical"


def files_of_cell_functions(config: dict) -> list[str]:
    """Return the files with the user's own functions that make or process cells."""
    groups = (group for network in config["networks"].values() for group in network["nodes"])
    return find_user_files([{key: group[key] for key in OF_CELLS if key in group} for group in groups])


STAGE = Nodes()
