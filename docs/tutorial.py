# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From the installation to a changed network
# We build a small column of layer 4 of the mouse's visual cortex, drive it by spikes of the thalamus, simulate it, look
# at its spikes and voltages, then add inhibitory cells and see what they do.
#
# ## Install
# On a machine with Python 3.11 or newer, g++ and make (Debian: `sudo apt-get install g++ make python3 python3-venv`),
# in a clone of Colonnade
#
#     make .venv/.installed
#     .venv/bin/python -m ipykernel install --user --name colonnade
#
# then open this notebook with the kernel `colonnade`. It writes its files into `tutorial/` of the folder it runs in.

# %%
import logging
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from colonnade import simulation
from colonnade.builder import (
    NetworkBuilder,
    connect_random,
    distance_connector,
    positions_columinar,
    xiter_random,
)
from colonnade.figures import plot_raster, plot_traces
from colonnade.sonata.edges import read_edges
from colonnade.sonata.reports import read_report
from colonnade.spikes import PoissonSpikeGenerator, read_spikes

logging.getLogger("colonnade").setLevel(logging.WARNING)  # no lines about progress
SEED = 2026
folder = Path("tutorial")

# %% [markdown]
# ## Cells and connections
# A network is built by rules: groups of cells with their properties, and connections between groups. A single value
# holds for the whole group (its model); an array has one value a cell (positions in micrometres, rotations in radians).
# The model is the Allen Institute's of a Scnn1a cell: a reconstructed morphology, and the parameters of a fit.
#
# The nearer two cells are, the more probably they are connected, by up to 10 synapses. These lie on the dendrites and
# the soma, 30 to 150 micrometres away from where the soma begins. Weights are in microsiemens, delays in milliseconds.
#
# Every random draw comes from a stream with a name of its own below the seed: the same script makes the same network,
# and what is added later leaves all that was drawn before as it was.


# %%
def excitatory_column() -> NetworkBuilder:
    column = NetworkBuilder("column", seed=SEED)
    column.add_nodes(
        N=30,
        pop_name="Scnn1a",
        positions=positions_columinar(N=30, center=[0.0, 50.0, 0.0], max_radius=30.0, height=100.0, seed=SEED),
        rotation_angle_yaxis=xiter_random(N=30, min_x=0.0, max_x=2 * np.pi, seed=SEED),
        model_type="biophysical",
        model_template="ctdb:Biophys1.hoc",
        model_processing="aibs_perisomatic",
        dynamics_params="472363762_fit.json",
        morphology="Scnn1a_473845048_m.swc",
    )
    column.add_edges(
        source={"pop_name": "Scnn1a"},
        target={"pop_name": "Scnn1a"},
        connection_rule=distance_connector,
        connection_params={"d_weight_min": 0.0, "d_weight_max": 0.4, "d_max": 80.0, "nsyn_min": 1, "nsyn_max": 10},
        syn_weight=2.0e-4,
        delay=2.0,
        distance_range=[30.0, 150.0],
        target_sections=["basal", "apical", "soma"],
        dynamics_params="AMPA_ExcToExc.json",
        model_template="exp2syn",
    )
    return column


column = excitatory_column()
column.build()
column.save(output_dir=folder / "before" / "network")

# %% [markdown]
# ## Input
# The thalamus is a population of virtual cells: they have no model, only spike times. 100 Poisson sources fire at 15 Hz
# for half a second (seconds and Hz here, as in BMTK; files hold milliseconds).


# %%
def thalamus_onto(column: NetworkBuilder) -> NetworkBuilder:
    thalamus = NetworkBuilder("thalamus", seed=SEED)
    thalamus.add_nodes(N=100, pop_name="relay", model_type="virtual")
    thalamus.add_edges(
        source=thalamus.nodes(),
        target=column.nodes(pop_name="Scnn1a"),
        connection_rule=connect_random,
        connection_params={"nsyn_min": 0, "nsyn_max": 12},
        syn_weight=5.0e-5,
        delay=2.0,
        distance_range=[0.0, 150.0],
        target_sections=["basal", "apical"],
        dynamics_params="AMPA_ExcToExc.json",
        model_template="exp2syn",
    )
    return thalamus


thalamus = thalamus_onto(column)
thalamus.build()
thalamus.save(output_dir=folder / "before" / "network")

spikes = PoissonSpikeGenerator(population="thalamus", seed=SEED)
spikes.add(node_ids=range(100), firing_rate=15.0, times=(0.0, 0.5))
spikes.to_sonata(folder / "thalamus_spikes.h5")
spikes.to_dataframe().head()


# %% [markdown]
# ## Simulate
# `build_env_bionet` collects the models (from the pinned wheel of the Brain Modeling Toolkit, cached after the first
# time), compiles the mechanisms (cached, too) and writes the simulation's SONATA config. Half a second of the column
# takes a few seconds. `python scripts/simulate.py --config tutorial/before/config.json` simulates it outside of a
# notebook.


# %%
def simulate(name: str) -> None:
    config_file = simulation.build_env_bionet(
        base_dir=folder / name,
        network_dir=folder / name / "network",
        config_file="config.json",
        tstop=500.0,
        report_vars=["v"],
        spikes_inputs=[("thalamus", folder / "thalamus_spikes.h5")],
        include_examples=True,
        compile_mechanisms=True,
        overwrite=True,
    )
    config = simulation.Config.from_json(config_file)
    network = simulation.BioNetwork.from_config(config)
    simulation.BioSimulator.from_config(config, network=network).run()


def mean_rate(name: str, node_ids: range) -> float:
    """Return the mean rate of some cells of the column in Hz."""
    trains = read_spikes(folder / name / "output" / "spikes.h5")["column"]
    return np.isin(trains.node_ids, node_ids).sum() / len(node_ids) / 0.5


simulate("before")
print(f"The column fires at {mean_rate('before', range(30)):.1f} Hz.")

# %% [markdown]
# Spikes of all cells, and their rate. (With `show=False` the figure is returned, and shown once by the notebook.)

# %%
plot_raster(config_file=folder / "before" / "config.json", population="column", show=False)

# %% [markdown]
# The membrane potential at the soma of three cells:

# %%
plot_traces(config_file=folder / "before" / "config.json", report_name="v_report", node_ids=[0, 10, 20], show=False)

# %% [markdown]
# ## Change the network
# Now ten parvalbumin-positive cells, with a model of their own, join the column. The excitatory cells excite them, and
# they inhibit the excitatory cells near the soma.

# %%
column = excitatory_column()
column.add_nodes(
    N=10,
    pop_name="PV",
    positions=positions_columinar(N=10, center=[0.0, 50.0, 0.0], max_radius=30.0, height=100.0, seed=SEED),
    model_type="biophysical",
    model_template="ctdb:Biophys1.hoc",
    model_processing="aibs_perisomatic",
    dynamics_params="472912177_fit.json",
    morphology="Pvalb_470522102_m.swc",
)
column.add_edges(
    source={"pop_name": "Scnn1a"},
    target={"pop_name": "PV"},
    connection_rule=distance_connector,
    connection_params={"d_weight_min": 0.0, "d_weight_max": 0.5, "d_max": 80.0, "nsyn_min": 1, "nsyn_max": 10},
    syn_weight=4.0e-3,
    delay=2.0,
    distance_range=[0.0, 150.0],
    target_sections=["basal"],
    dynamics_params="AMPA_ExcToInh.json",
    model_template="exp2syn",
)
column.add_edges(
    source={"pop_name": "PV"},
    target={"pop_name": "Scnn1a"},
    connection_rule=distance_connector,
    connection_params={"d_weight_min": 0.0, "d_weight_max": 0.6, "d_max": 80.0, "nsyn_min": 1, "nsyn_max": 10},
    syn_weight=8.0e-4,
    delay=1.0,
    distance_range=[0.0, 50.0],
    target_sections=["basal", "apical", "soma"],
    dynamics_params="GABA_InhToExc.json",
    model_template="exp2syn",
)
column.build()
column.save(output_dir=folder / "after" / "network")
thalamus = thalamus_onto(column)
thalamus.build()
thalamus.save(output_dir=folder / "after" / "network")


# %% [markdown]
# All that was there before is still the same: no connection among the excitatory cells was drawn anew.


# %%
def excitatory_connections(name: str) -> set:
    network = folder / name / "network"
    edges = read_edges(network / "column_column_edges.h5", network / "column_column_edge_types.csv")[0]
    pairs = zip(edges.source_ids.tolist(), edges.target_ids.tolist(), edges.values("nsyns").tolist(), strict=True)
    return {(source, target, count) for source, target, count in pairs if source < 30 and target < 30}


print(len(excitatory_connections("before")), "connections among the excitatory cells")
print("the same in both networks:", excitatory_connections("before") == excitatory_connections("after"))

# %% [markdown]
# ## Compare

# %%
simulate("after")
print(f"Excitatory cells alone: {mean_rate('before', range(30)):5.1f} Hz")
print(f"with inhibitory ones:   {mean_rate('after', range(30)):5.1f} Hz")
print(f"inhibitory cells:       {mean_rate('after', range(30, 40)):5.1f} Hz")

# %%
colours = {"Scnn1a": "#0072B2", "PV": "#D55E00"}
plot_raster(config_file=folder / "after" / "config.json", population="column", colours=colours, show=False)

# %% [markdown]
# The excitatory cells fire less, and together: each volley of theirs makes the inhibitory cells fire, and these silence
# them for a while.
#
# The same cell, with the same input, before and after. `read_report` reads a SONATA report cell by cell.

# %%
figure, axes = plt.subplots(figsize=(6.3, 2.4), layout="constrained")
for name, colour in (("before", "0.6"), ("after", "#0072B2")):
    report = read_report(folder / name / "output" / "v_report.h5")["column"]
    axes.plot(report.times(), report.values(10)[:, 0], color=colour, label=name, linewidth=0.8)
axes.set(xlabel="time (ms)", ylabel="membrane potential (mV)", xlim=(0, 500))
axes.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1.0, 1.0))
plt.show()

# %% [markdown]
# ## Where to go from here
# - A network like this as one YAML file, with statistics, figures and a report: `config/experiments/ei_column.yaml`,
#   run by `make run EXPERIMENT=config/experiments/ei_column.yaml`. `config/README.md` explains every key.
# - A sweep of any value with replicates: `config/experiments/rate_sweep.yaml`.
# - Connection rules and positions of your own: `config/experiments/own_functions.py`.
# - The files in `tutorial/` are SONATA: libsonata, bluepysnap and BMTK read them.
