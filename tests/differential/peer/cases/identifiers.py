"""Populations whose ids start anywhere and have gaps, two of them in one file, several edge populations in one file.

BMTK draws the sites of a target cell from its gid, so every offset shows in the spikes.
"""

from pathlib import Path

import h5py
from bmtk.builder import NetworkBuilder

from . import _parts

SITE = {
    "target_sections": ["basal"],
    "distance_range": [20.0, 120.0],
    "model_template": "exp2syn",
    "delay": 1.5,
    "dynamics_params": "AMPA_ExcToExc.json",
}


def build(models):
    first = NetworkBuilder("first")
    first.add_nodes(N=3, node_id=[5, 7, 11], **_parts.perisomatic("Rorb"))
    second = NetworkBuilder("second")
    second.add_nodes(N=3, node_id=[2, 1, 30], **_parts.perisomatic("Nr5a1"))
    drive = NetworkBuilder("drive")
    drive.add_nodes(N=6, node_id=list(range(100, 106)), model_type="virtual")
    for network in (first, second):
        network.add_edges(source=network.nodes(), target=network.nodes(), connection_rule=2, syn_weight=2e-4, **SITE)
    second.add_edges(source=first.nodes(), target=second.nodes(), connection_rule=3, syn_weight=4e-4, **SITE)
    for network, weight in ((first, 5e-4), (second, 4e-4)):
        drive.add_edges(target=network.nodes(), connection_rule=4, syn_weight=weight, **SITE)
    for network in (first, second, drive):
        network.build()
        network.save(output_dir="network")
    folder = Path("network")
    with h5py.File(folder / "second_nodes.h5") as source, h5py.File(folder / "first_nodes.h5", "a") as target:
        source.copy("nodes/second", target["nodes"])
    with (
        h5py.File(folder / "drive_second_edges.h5") as source,
        h5py.File(folder / "drive_first_edges.h5", "a") as target,
    ):
        source.copy("edges/drive_to_second", target["edges"])
    for name in ("second_nodes.h5", "drive_second_edges.h5"):
        (folder / name).unlink()
    merge_types(
        folder, "first_node_types.csv", "second_node_types.csv", folder / "first_nodes.h5", "nodes/second", "node"
    )
    merge_types(
        folder,
        "drive_first_edge_types.csv",
        "drive_second_edge_types.csv",
        folder / "drive_first_edges.h5",
        "edges/drive_to_second",
        "edge",
    )
    _parts.poisson("drive", range(100, 106), 60.0, 0.2, 4).to_sonata("inputs/drive.h5")


def merge_types(folder, into, other, h5, group, kind):
    """Append the rows of one types file to another under new ids, and point the moved group at them."""
    header, *rows = (folder / other).read_text().splitlines()
    assert header.split() == (folder / into).read_text().splitlines()[0].split()
    with (folder / into).open("a") as file, h5py.File(h5, "a") as data:
        for row in rows:
            number, rest = row.split(" ", 1)
            file.write(f"{int(number) + 500} {rest}\n")
        data[group][f"{kind}_type_id"][...] += 500
    (folder / other).unlink()


def configuration(models):
    return {"inputs": {"drive": _parts.spike_input("inputs/drive.h5", "drive")}}
