"""The tutorial's third chapter on eight cells, as its notebook has it: `python tutorial.py`, in the folder to fill."""

import numpy as np
from bmtk.builder import NetworkBuilder
from bmtk.builder.auxi.edge_connectors import connect_random, distance_connector
from bmtk.builder.auxi.node_params import positions_columinar, xiter_random
from bmtk.simulator import bionet
from bmtk.utils.reports.spike_trains import PoissonSpikeGenerator
from bmtk.utils.sim_setup import build_env_bionet

cortex = NetworkBuilder("mcortex")
cortex.add_nodes(
    N=8,
    pop_name="Scnn1a",
    positions=positions_columinar(N=8, center=[0, 50.0, 0], max_radius=30.0, height=100.0),
    rotation_angle_yaxis=xiter_random(N=8, min_x=0.0, max_x=2 * np.pi),
    rotation_angle_zaxis=3.646878266,
    potental="exc",
    model_type="biophysical",
    model_template="ctdb:Biophys1.hoc",
    model_processing="aibs_perisomatic",
    dynamics_params="472363762_fit.json",
    morphology="Scnn1a_473845048_m.swc",
)
cortex.add_edges(
    source={"pop_name": "Scnn1a"},
    target={"pop_name": "Scnn1a"},
    connection_rule=distance_connector,
    connection_params={"d_weight_min": 0.0, "d_weight_max": 0.34, "d_max": 50.0, "nsyn_min": 0, "nsyn_max": 10},
    syn_weight=2.0e-04,
    distance_range=[30.0, 150.0],
    target_sections=["basal", "apical", "soma"],
    delay=2.0,
    dynamics_params="AMPA_ExcToExc.json",
    model_template="exp2syn",
)
cortex.build()
cortex.save_nodes(output_dir="sim/network")
cortex.save_edges(output_dir="sim/network")

thalamus = NetworkBuilder("mthalamus")
thalamus.add_nodes(N=20, pop_name="tON", potential="exc", model_type="virtual")
thalamus.add_edges(
    source={"pop_name": "tON"},
    target=cortex.nodes(pop_name="Scnn1a"),
    connection_rule=connect_random,
    connection_params={"nsyn_min": 0, "nsyn_max": 12},
    syn_weight=2.0e-04,
    distance_range=[0.0, 150.0],
    target_sections=["basal", "apical"],
    delay=2.0,
    dynamics_params="AMPA_ExcToExc.json",
    model_template="exp2syn",
)
thalamus.build()
thalamus.save_nodes(output_dir="sim/network")
thalamus.save_edges(output_dir="sim/network")

spikes = PoissonSpikeGenerator(population="mthalamus")
spikes.add(node_ids=range(20), firing_rate=40.0, times=(0.0, 0.15))
spikes.to_sonata("sim/inputs/mthalamus_spikes.h5")

build_env_bionet(
    base_dir="sim",
    config_file="config.json",
    network_dir="sim/network",
    tstop=150.0,
    dt=0.1,
    report_vars=["v", "cai"],
    spikes_inputs=[("mthalamus", "sim/inputs/mthalamus_spikes.h5")],
    include_examples=True,
    compile_mechanisms=True,
)

conf = bionet.Config.from_json("sim/config.json")
conf.build_env()
net = bionet.BioNetwork.from_config(conf)
sim = bionet.BioSimulator.from_config(conf, network=net)
sim.run()
