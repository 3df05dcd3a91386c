"""The fourth chapter of BMTK's tutorials as a script in BMTK's names: `tutorial_chapter4.py [build] [run] [plot]`.

Biophysical and integrate-and-fire cells of two layers of one column, connected by functions of the script's own by
distance and tuning, with an input from the LGN, whose connections have weights and delays of their own, and one from
a travelling wave at a rate that changes. It works in the current folder.
"""

import math
import os
import random
import sys

import numpy as np
from bmtk.analyzer.spike_trains import plot_raster, plot_rates_boxplot
from bmtk.builder.auxi.edge_connectors import distance_connector
from bmtk.builder.auxi.node_params import positions_columinar, xiter_random
from bmtk.builder.networks import NetworkBuilder
from bmtk.simulator import bionet
from bmtk.utils.reports.spike_trains import PoissonSpikeGenerator
from bmtk.utils.sim_setup import build_env_bionet

STEPS = sys.argv[1:] or ["build", "run", "plot"]
TYPES = {  # name -> cells, sort, morphology, parameters
    "Scnn1a": (4, "e", "Scnn1a_473845048_m.swc", "472363762_fit.json"),
    "PV": (2, "i", "Pvalb_470522102_m.swc", "472912177_fit.json"),
}


def by_distance_and_tuning(source, target, d_max, nsyn_min, nsyn_max):
    """Return a number of synapses: more between cells that are near and alike."""
    if source["node_id"] == target["node_id"]:
        return None
    r = np.linalg.norm(np.array(source["positions"]) - np.array(target["positions"]))
    turn = abs((source["tuning_angle"] - target["tuning_angle"] + 180.0) % 360.0 - 180.0)
    if r > d_max or random.random() > 1.0 - turn / 360.0:
        return None
    return random.randint(nsyn_min, nsyn_max)


def some_sources(sources, target, n_sources, nsyns):
    """Return the number of synapses from each of ``sources``: none from most."""
    chosen = set(np.random.choice(len(sources), n_sources, replace=False))
    return [nsyns if i in chosen else None for i in range(len(sources))]


def delay_of(source, target, velocity):
    """Return a delay in ms that grows with the depth of the target."""
    return 1.0 + abs(target["positions"][1]) / velocity


def weight_of(source, target, low, high):
    """Return a weight in uS."""
    return low + (high - low) * (source.node_id % 3) / 2


def site_of(source, target, n_sections):
    """Return a section of the target and a place along it."""
    return random.randrange(n_sections), random.uniform(0.1, 0.9)


if "build" in STEPS:
    net = NetworkBuilder("V1")
    for name, (n, ei, morphology, fit) in TYPES.items():
        net.add_nodes(
            N=n,
            pop_name=name,
            location="L4",
            ei=ei,
            positions=positions_columinar(N=n, center=[0, 50.0, 0], max_radius=30.0, height=100.0),
            tuning_angle=np.linspace(start=0.0, stop=360.0, num=n, endpoint=False),
            rotation_angle_yaxis=xiter_random(N=n, min_x=0.0, max_x=2 * math.pi),
            rotation_angle_zaxis=3.646878266,
            model_type="biophysical",
            model_template="ctdb:Biophys1.hoc",
            model_processing="aibs_perisomatic",
            dynamics_params=fit,
            morphology=morphology,
        )
    for ei, sort, n in (("e", "exc", 6), ("i", "inh", 4)):
        net.add_nodes(
            N=n,
            pop_name=f"LIF_{sort}",
            location="L4",
            ei=ei,
            positions=positions_columinar(N=n, center=[0, 50.0, 0], min_radius=30.0, max_radius=60.0, height=100.0),
            tuning_angle=np.linspace(start=0.0, stop=360.0, num=n, endpoint=False),
            model_type="point_neuron",
            model_template="nrn:IntFire1",
            dynamics_params=f"IntFire1_{sort}_1.json",
        )
    net.add_edges(
        source={"ei": "e"},
        target={"pop_name": "Scnn1a"},
        connection_rule=by_distance_and_tuning,
        connection_params={"d_max": 160.0, "nsyn_min": 3, "nsyn_max": 7},
        syn_weight=5e-05,
        weight_function="gaussianLL",
        weight_sigma=50.0,
        distance_range=[30.0, 150.0],
        target_sections=["basal", "apical"],
        delay=2.0,
        dynamics_params="AMPA_ExcToExc.json",
        model_template="exp2syn",
    )
    net.add_edges(
        source={"ei": "e"},
        target={"pop_name": "LIF_exc"},
        connection_rule=distance_connector,
        connection_params={"d_weight_min": 0.0, "d_weight_max": 0.34, "d_max": 300.0, "nsyn_min": 3, "nsyn_max": 7},
        syn_weight=0.0019,
        weight_function="wmax",
        delay=2.0,
        dynamics_params="instantaneousExc.json",
    )
    net.add_edges(
        source={"ei": "i"},
        target={"ei": "e", "model_type": "biophysical"},
        iterator="one_to_all",
        connection_rule=lambda source, targets: [4] * len(targets),
        syn_weight=0.0002,
        distance_range=[0.0, 50.0],
        target_sections=["somatic", "basal", "apical"],
        delay=2.0,
        dynamics_params="GABA_InhToExc.json",
        model_template="exp2syn",
    )
    net.add_edges(
        source={"ei": "i"},
        target={"pop_name": ["LIF_exc", "LIF_inh"]},
        connection_rule=2,
        syn_weight=0.01,
        delay=2.0,
        dynamics_params="instantaneousInh.json",
    )
    net.build()
    net.save_nodes(output_dir="sim_ch04/network")
    net.save_edges(output_dir="sim_ch04/network")

    lgn = NetworkBuilder("LGN")
    lgn.add_nodes(N=20, pop_name="tON", ei="e", location="LGN", model_type="virtual")
    lgn.add_nodes(N=10, pop_name="tOFF", ei="e", location="LGN", model_type="virtual")
    onto_cells = lgn.add_edges(
        source=lgn.nodes(),
        target=net.nodes(model_type="biophysical"),
        iterator="all_to_one",
        connection_rule=some_sources,
        connection_params={"n_sources": 8, "nsyns": 6},
        dynamics_params="AMPA_ExcToExc.json",
        model_template="exp2syn",
    )
    onto_cells.add_properties("syn_weight", rule=weight_of, rule_params={"low": 4e-4, "high": 8e-4}, dtypes=float)
    onto_cells.add_properties(
        ["afferent_section_id", "afferent_section_pos"],
        rule=site_of,
        rule_params={"n_sections": 20},
        dtypes=[int, float],
    )
    onto_cells.add_properties("delay", rule=delay_of, rule_params={"velocity": 100.0}, dtypes=float)
    lgn.add_edges(
        source=lgn.nodes(pop_name="tON"),
        target=net.nodes(model_type="point_neuron"),
        connection_rule=1,
        syn_weight=0.3,
        weight_function="wmax",
        delay=2.0,
        dynamics_params="instantaneousExc.json",
    )
    lgn.build()
    lgn.save_nodes(output_dir="sim_ch04/network")
    lgn.save_edges(output_dir="sim_ch04/network")

    tw = NetworkBuilder("tw")
    tw.add_nodes(N=10, pop_name="TW", ei="e", location="TW", model_type="virtual")
    tw.add_edges(
        source=tw.nodes(),
        target=net.nodes(pop_name="PV"),
        connection_rule=5,
        syn_weight=0.002,
        distance_range=[0.0, 1.0e20],
        target_sections=["basal", "somatic"],
        delay=2.0,
        dynamics_params="AMPA_ExcToInh.json",
        model_template="exp2syn",
    )
    tw.build()
    tw.save_nodes(output_dir="sim_ch04/network")
    tw.save_edges(output_dir="sim_ch04/network")

    os.makedirs("sim_ch04/inputs", exist_ok=True)
    psg = PoissonSpikeGenerator(population="LGN")
    psg.add(node_ids=range(20), firing_rate=30.0, times=(0.0, 0.2))
    psg.add(node_ids=range(20, 30), firing_rate=[5.0, 40.0, 5.0], times=[0.0, 0.1, 0.2])
    psg.to_sonata("sim_ch04/inputs/lgn_spikes.h5")
    seconds = np.linspace(0.0, 0.2, 100)
    waves = PoissonSpikeGenerator(population="tw")
    waves.add(node_ids=range(10), firing_rate=20.0 + 15.0 * np.sin(30.0 * seconds), times=seconds)
    waves.to_csv("sim_ch04/inputs/tw_spikes.csv")

    build_env_bionet(
        base_dir="sim_ch04",
        config_file="simulation_config.json",
        network_dir="sim_ch04/network",
        tstop=200.0,
        dt=0.1,
        report_vars=["v"],
        spikes_inputs=[("LGN", "sim_ch04/inputs/lgn_spikes.h5"), ("tw", "sim_ch04/inputs/tw_spikes.csv")],
        include_examples=True,
        compile_mechanisms=True,
    )

if "run" in STEPS:
    conf = bionet.Config.from_json("sim_ch04/simulation_config.json")
    conf.build_env()
    net = bionet.BioNetwork.from_config(conf)
    sim = bionet.BioSimulator.from_config(conf, network=net)
    sim.run()

if "plot" in STEPS:
    plot_raster(config_file="sim_ch04/simulation_config.json", group_by="pop_name")
    plot_rates_boxplot(config_file="sim_ch04/simulation_config.json", group_by="pop_name")
