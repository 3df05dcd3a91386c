"""A ring of PV cells with gap junctions at somata and dendrites, and synapses beside them; two cells are driven."""

from bmtk.builder import NetworkBuilder

from . import _parts

N = 6


def build(models):
    cells = NetworkBuilder("bio")
    cells.add_nodes(N=N, **_parts.perisomatic("PV1"))
    cells.add_gap_junctions(
        connection_rule=lambda s, t: int(t.node_id == (s.node_id + 1) % N),
        conductance=2e-3,
        distance_range=[0.0, 50.0],
        target_sections=["somatic"],
    )
    cells.add_edges(
        connection_rule=lambda s, t: 4 * int(t.node_id == (s.node_id + 2) % N),
        syn_weight=1e-4,
        delay=1.5,
        distance_range=[0.0, 150.0],
        target_sections=["basal"],
        dynamics_params="GABA_InhToInh.json",
        model_template="exp2syn",
    )
    cells.add_gap_junctions(
        connection_rule=lambda s, t: int(t.node_id == (s.node_id + 3) % N and s.node_id < 3),
        conductance=1e-3,
        distance_range=[20.0, 120.0],
        target_sections=["basal"],
    )
    drive = NetworkBuilder("drive")
    drive.add_nodes(N=20, model_type="virtual")
    drive.add_edges(
        target=cells.nodes(node_id=[0, 3]),
        connection_rule=3,
        syn_weight=4e-3,
        delay=1.0,
        distance_range=[0.0, 150.0],
        target_sections=["basal"],
        dynamics_params="AMPA_ExcToInh.json",
        model_template="exp2syn",
    )
    for network in (cells, drive):
        network.build()
        network.save(output_dir="network")
    _parts.poisson("drive", range(20), 60.0, 0.2, seed=5).to_sonata("inputs/drive.h5")


def configuration(models):
    return {
        "networks": {"gap_juncs": [{"gap_juncs_file": "network/bio_gap_juncs.h5"}]},
        "inputs": {"drive": _parts.spike_input("inputs/drive.h5", "drive")},
        "reports": {"v": {"cells": {"population": "bio"}, "variable_name": "v", "sections": "soma",
                          "module": "membrane_report"}},
    }  # fmt: skip
