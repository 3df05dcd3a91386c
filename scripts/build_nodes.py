"""Build the nodes of one network from its settings and write them as SONATA files."""

import argparse
import json

from _program import run

from colonnade.builder.networks_from_config import build_nodes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--settings",
        type=json.loads,
        required=True,
        help='JSON: {"seed": 1, "network": "mcortex", "nodes": [{"N": 100, "pop_name": "Scnn1a", "model_type": '
        '"biophysical", "positions": {"function": "positions_columinar", "max_radius": 30.0}, ...}]}; a function is '
        "one of colonnade.builder.positions or file.py:function, called as function(N, rng, ...)",
    )
    parser.add_argument("--nodes", required=True, metavar="OUT.h5", help="nodes file to write")
    parser.add_argument("--node-types", required=True, metavar="OUT.csv", help="node-types file to write")
    given = parser.parse_args()
    network = build_nodes(given.settings, given.nodes, given.node_types)
    print(f"{network.name}: {network.nnodes} nodes")


run(main)
