"""The third chapter of BMTK's tutorials as a script in BMTK's names: `tutorial_chapter3.py [build] [run] [plot]`.

A column of Scnn1a cells with distance-dependent connections, driven by virtual cells of the thalamus. It works in the
current folder. Colonnade runs it with other import lines and nothing else changed; see test_tutorial_script.py.
"""

import os
import sys

import numpy as np
from bmtk.analyzer.compartment import plot_traces
from bmtk.analyzer.spike_trains import plot_raster
from bmtk.builder.auxi.edge_connectors import connect_random, distance_connector
from bmtk.builder.auxi.node_params import positions_columinar, xiter_random
from bmtk.builder.networks import NetworkBuilder
from bmtk.simulator import bionet
from bmtk.utils.reports.spike_trains import PoissonSpikeGenerator
from bmtk.utils.sim_setup import build_env_bionet

N = int(os.environ.get("TUTORIAL_CELLS", 100))
TSTOP = float(os.environ.get("TUTORIAL_TSTOP", 3000.0))  # ms
STEPS = sys.argv[1:] or ["build", "run", "plot"]

if "build" in STEPS:
    cortex = NetworkBuilder("mcortex")
    cortex.add_nodes(
        N=N,
        pop_name="Scnn1a",
        positions=positions_columinar(N=N, center=[0, 50.0, 0], max_radius=30.0, height=100.0),
        rotation_angle_yaxis=xiter_random(N=N, min_x=0.0, max_x=2 * np.pi),
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
    cortex.save_nodes(output_dir="sim_ch03/network")
    cortex.save_edges(output_dir="sim_ch03/network")

    thalamus = NetworkBuilder("mthalamus")
    thalamus.add_nodes(N=100, pop_name="tON", potential="exc", model_type="virtual")
    thalamus.add_edges(
        source=thalamus.nodes(),
        target=cortex.nodes(),
        connection_rule=connect_random,
        connection_params={"nsyn_min": 0, "nsyn_max": 12},
        syn_weight=5.0e-05,
        distance_range=[0.0, 150.0],
        target_sections=["basal", "apical"],
        delay=2.0,
        dynamics_params="AMPA_ExcToExc.json",
        model_template="exp2syn",
    )
    thalamus.build()
    thalamus.save_nodes(output_dir="sim_ch03/network")
    thalamus.save_edges(output_dir="sim_ch03/network")

    psg = PoissonSpikeGenerator(population="mthalamus")
    psg.add(node_ids=range(100), firing_rate=15.0, times=(0.0, TSTOP / 1000.0))
    os.makedirs("sim_ch03/inputs", exist_ok=True)
    psg.to_sonata("sim_ch03/inputs/mthalamus_spikes.h5")
    print(f"number of spikes: {len(psg.to_dataframe())}")

    build_env_bionet(
        base_dir="sim_ch03",
        config_file="config.json",
        network_dir="sim_ch03/network",
        tstop=TSTOP,
        dt=0.1,
        report_vars=["v", "cai"],
        spikes_inputs=[("mthalamus", "sim_ch03/inputs/mthalamus_spikes.h5")],
        include_examples=True,
        compile_mechanisms=True,
    )

if "run" in STEPS:
    conf = bionet.Config.from_json("sim_ch03/config.json")
    conf.build_env()
    net = bionet.BioNetwork.from_config(conf)
    sim = bionet.BioSimulator.from_config(conf, network=net)
    sim.run()

if "plot" in STEPS:
    plot_raster(config_file="sim_ch03/config.json")
    plot_traces(config_file="sim_ch03/config.json", report_name="v_report", average=True)
    plot_traces(config_file="sim_ch03/config.json", report_name="v_report", node_ids=[N // 2])
    plot_traces(config_file="sim_ch03/config.json", report_name="cai_report", node_ids=[N // 2])
