"""The first chapter of BMTK's tutorials as a script in BMTK's names: `tutorial_chapter1.py [build] [run] [plot]`.

One Scnn1a cell with a current clamp. It works in the current folder.
"""

import sys

from bmtk.analyzer.compartment import plot_traces
from bmtk.analyzer.spike_trains import to_dataframe
from bmtk.builder.networks import NetworkBuilder
from bmtk.simulator import bionet
from bmtk.utils.sim_setup import build_env_bionet

STEPS = sys.argv[1:] or ["build", "run", "plot"]

if "build" in STEPS:
    net = NetworkBuilder("mcortex")
    net.add_nodes(
        cell_name="Scnn1a_473845048",
        potental="exc",
        model_type="biophysical",
        model_template="ctdb:Biophys1.hoc",
        model_processing="aibs_perisomatic",
        dynamics_params="472363762_fit.json",
        morphology="Scnn1a_473845048_m.swc",
    )
    net.build()
    net.save_nodes(output_dir="sim_ch01/network")
    for node in net.nodes():
        print(node["node_id"], node["cell_name"], node["morphology"])

    build_env_bionet(
        base_dir="sim_ch01",
        config_file="config.json",
        network_dir="sim_ch01/network",
        tstop=150.0,
        dt=0.1,
        report_vars=["v", "cai"],
        current_clamp={"amp": 0.250, "delay": 20.0, "duration": 100.0},
        include_examples=True,
        compile_mechanisms=True,
    )

if "run" in STEPS:
    conf = bionet.Config.from_json("sim_ch01/config.json")
    conf.build_env()
    net = bionet.BioNetwork.from_config(conf)
    sim = bionet.BioSimulator.from_config(conf, network=net)
    sim.run()
    bionet.reset()

if "plot" in STEPS:
    spikes = to_dataframe(config_file="sim_ch01/config.json")
    print(f"spikes: {len(spikes)}, of node {spikes['node_ids'].iloc[0]} at {spikes['timestamps'].min():.1f} ms first")
    plot_traces(config_file="sim_ch01/config.json", node_ids=[0], report_name="v_report")
    plot_traces(config_file="sim_ch01/config.json", node_ids=[0], report_name="cai_report")
