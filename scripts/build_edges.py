"""Build the edges from one saved network to another, or within one, and write them as SONATA files."""

import argparse
import json

from _program import run

from colonnade.builder.networks_from_config import build_edges


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--settings",
        type=json.loads,
        required=True,
        help='JSON: {"seed": 1, "source_network": "mthalamus", "target_network": "mcortex", "dL": 20.0, "edges": '
        '[{"source": {}, "target": {"pop_name": "Scnn1a"}, "connection_rule": "connect_random", "connection_params": '
        '{"nsyn_min": 0, "nsyn_max": 12}, "syn_weight": 5e-05, "delay": 2.0, ...}]}; a rule is a number, a connector, '
        "or file.py:function",
    )
    for end in ("source", "target"):
        help = f"nodes of the {end} network, and their types"
        parser.add_argument(f"--{end}", nargs=2, required=True, metavar=("FILE.h5", "FILE.csv"), help=help)
    parser.add_argument("--morphologies", metavar="DIR", help="SWC files; synapses on biophysical cells need them")
    parser.add_argument("--edges", required=True, metavar="OUT.h5", help="edges file to write")
    parser.add_argument("--edge-types", required=True, metavar="OUT.csv", help="edge-types file to write")
    parser.add_argument("--workers", type=int, default=1, help="processes; the files are the same for any number")
    given = parser.parse_args()
    settings = given.settings
    rows = build_edges(
        settings,
        given.source,
        given.target,
        given.edges,
        given.edge_types,
        given.morphologies,
        given.workers,
    )
    print(f"{settings['source_network']} to {settings['target_network']}: {rows} edges in {given.edges}")


run(main)
