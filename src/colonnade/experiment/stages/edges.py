"""Stage: the connections from one network to another, or within one, with every synapse's site."""

from colonnade.experiment.stages import components, nodes
from colonnade.experiment.stages.stage import File, Stage, find_user_files, root_seed

OF_SYNAPSES = "model_template"  # whose functions are called when the network is simulated


class Edges(Stage):
    kind = "edges"
    program = "build_edges"
    folder = "network"
    pattern = "edges/{source}_{target}"
    wanted = False

    def names(self, config):
        """Return SOURCE_TARGET of each edge file, those from virtual cells last."""
        return ["_".join(pair) for pair in edge_pairs(config)]

    def wildcards(self, config):
        sources, targets = zip(*edge_pairs(config), strict=True) if edge_pairs(config) else ((), ())
        return {"source": sources, "target": targets}

    def settings(self, config, name):
        source, target = _pair(config, name)
        groups = [
            {key: value for key, value in edges.items() if key != "target_network"}
            for edges in config["networks"][source]["edges"]
            if edges.get("target_network", source) == target
        ]
        ends = {"source_network": source, "target_network": target}
        return {"seed": root_seed(config, "networks"), **ends, "dL": config["simulation"]["dL"], "edges": groups}

    def user_files(self, config, name):
        groups = self.settings(config, name)["edges"]
        values = [{key: value for key, value in group.items() if key != OF_SYNAPSES} for group in groups]
        functions = find_user_files(values)
        return {"functions": functions} if functions else {}

    def reads(self, config, name):
        source, target = _pair(config, name)
        morphologies = components.models_of_cells([config["networks"][target]], "morphologies")
        return {
            "source_nodes": nodes.STAGE.all_files(config, source),
            "target_nodes": nodes.STAGE.all_files(config, target),
            "morphologies": [File(components.STAGE.job(file), "file") for file in morphologies],
        }

    def files(self, config, name):
        return {"edges": f"{name}_edges.h5", "edge_types": f"{name}_edge_types.csv"}


def files_of_synapse_functions(config: dict) -> list[str]:
    """Return the files with the user's own functions that make synapses."""
    groups = (edges for network in config["networks"].values() for edges in network["edges"])
    return find_user_files([edges.get(OF_SYNAPSES) for edges in groups])


def edge_pairs(config: dict) -> list[tuple[str, str]]:
    """Return (source, target) of each edge file, in the order of the config, those from virtual cells last."""
    networks = config["networks"]
    pairs = dict.fromkeys(
        (source, edges.get("target_network", source)) for source in networks for edges in networks[source]["edges"]
    )
    return sorted(pairs, key=lambda pair: nodes.model_type(networks[pair[0]]) == "virtual")


def _pair(config: dict, name: str) -> tuple[str, str]:
    return next(pair for pair in edge_pairs(config) if "_".join(pair) == name)


STAGE = Edges()
