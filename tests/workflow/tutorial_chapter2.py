"""The second chapter of BMTK's tutorials as a script in BMTK's names: `tutorial_chapter2.py [build] [run] [plot]`.

One Scnn1a cell with synapses of virtual cells of the thalamus, whose spikes are Poisson. It works in the
current folder.
"""

import os
import sys

from bmtk.analyzer.compartment import plot_traces
from bmtk.analyzer.spike_trains import plot_raster
from bmtk.builder.networks import NetworkBuilder
from bmtk.simulator import bionet
from bmtk.utils.reports.spike_trains import PoissonSpikeGenerator
from bmtk.utils.sim_setup import build_env_bionet

STEPS = sys.argv[1:] or ["build", "run", "plot"]


def more_from_even_ids(source, target, few, many):
    """Return how many synapses a pair of cells has."""
    return many if source.node_id % 2 == 0 else few


if "build" in STEPS:
    cortex = NetworkBuilder("mcortex")
    cortex.add_nodes(
        cell_name="Scnn1a_473845048",
        potental="exc",
        model_type="biophysical",
        model_template="ctdb:Biophys1.hoc",
        model_processing="aibs_perisomatic",
        dynamics_params="472363762_fit.json",
        morphology="Scnn1a_473845048_m.swc",
    )
    cortex.build()
    cortex.save_nodes(output_dir="sim_ch02/network")

    thalamus = NetworkBuilder("mthalamus")
    thalamus.add_nodes(N=10, pop_name="tON", potential="exc", model_type="virtual")
    thalamus.add_edges(
        source={"pop_name": "tON"},
        target=cortex.nodes(),
        connection_rule=5,
        syn_weight=0.001,
        delay=2.0,
        weight_function=None,
        target_sections=["basal", "apical"],
        distance_range=[0.0, 150.0],
        dynamics_params="AMPA_ExcToExc.json",
        model_template="exp2syn",
    )
    thalamus.add_edges(
        source=thalamus.nodes(pop_name="tON"),
        target=cortex.nodes(cell_name="Scnn1a_473845048"),
        connection_rule=more_from_even_ids,
        connection_params={"few": 1, "many": 3},
        syn_weight=0.0005,
        delay=1.0,
        target_sections=["somatic"],
        distance_range=[0.0, 50.0],
        dynamics_params="AMPA_ExcToExc.json",
        model_template="exp2syn",
    )
    thalamus.build()
    thalamus.save_nodes(output_dir="sim_ch02/network")
    thalamus.save_edges(output_dir="sim_ch02/network")

    psg = PoissonSpikeGenerator(population="mthalamus")
    psg.add(node_ids=range(10), firing_rate=20.0, times=(0.0, 0.2))
    os.makedirs("sim_ch02/inputs", exist_ok=True)
    psg.to_sonata("sim_ch02/inputs/mthalamus_spikes.h5")
    print(psg.to_dataframe().head())

    build_env_bionet(
        base_dir="sim_ch02",
        config_file="config.json",
        network_dir="sim_ch02/network",
        tstop=200.0,
        dt=0.1,
        report_vars=["v", "cai"],
        spikes_inputs=[("mthalamus", "sim_ch02/inputs/mthalamus_spikes.h5")],
        include_examples=True,
        compile_mechanisms=True,
    )

if "run" in STEPS:
    conf = bionet.Config.from_json("sim_ch02/config.json")
    conf.build_env()
    net = bionet.BioNetwork.from_config(conf)
    sim = bionet.BioSimulator.from_config(conf, network=net)
    sim.run()

if "plot" in STEPS:
    plot_raster(config_file="sim_ch02/config.json", population="mcortex")
    plot_traces(config_file="sim_ch02/config.json", node_ids=[0], report_name="v_report")
