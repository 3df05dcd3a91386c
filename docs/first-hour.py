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
# # The first hour
# For whoever has never simulated a neuron. We go from one cell to one synapse, to ten cells, and to the network of
# chapter 3 of the Brain Modeling Toolkit's tutorials. Nothing is drawn by hand: each step is a small config, which the
# command `colonnade run` takes from the models to figures. In a terminal it is the same command.
#
# You need Colonnade (`pip install colonnade`), g++ and make, two cores and 1 GB of memory.

# %%
import subprocess
import sys
from pathlib import Path

import PIL.Image
import yaml
from IPython.display import Image

CELL = {
    "pop_name": "Scnn1a",  # a cell of layer 4 of the mouse's visual cortex
    "N": 1,
    "model_type": "biophysical",
    "model_template": "ctdb:Biophys1.hoc",
    "model_processing": "aibs_perisomatic",
    "dynamics_params": "472363762_fit.json",  # its channels
    "morphology": "Scnn1a_473845048_m.swc",  # its form
}


def run(config):
    """Write the config into a file, run it, and return the folder of its results."""
    Path("config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    answer = subprocess.run([sys.executable, "-m", "colonnade", "run"], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return Path("results") / config["experiment"]


def show(folder, figure):
    """Show a figure, half as fine as it is printed."""
    with PIL.Image.open(folder / "figures" / f"{figure}.png") as picture:
        small = picture.convert("RGB").reduce(2)
    small.save("shown.png", optimize=True)
    return Image("shown.png", width=560)


# %% [markdown]
# ## One cell
# A current into the soma, from 100 to 400 ms. The cell's membrane is divided into some 200 segments; for each, NEURON
# solves how its potential follows from the currents through its channels.

# %%
one_cell = {
    "experiment": "one_cell",
    "seed": 1,
    "networks": {"cell": {"nodes": [CELL]}},
    "inputs": {"step": {"type": "current_clamp", "population": "cell", "amp": 0.2, "delay": 100.0, "duration": 300.0}},
    "simulation": {"tstop": 500.0, "reports": {"v": {"variable": "v", "cells": "cell", "sections": "soma"}}},
    "figures": {
        "potential": {"kind": "traces", "report": "v", "node_ids": [0], "mean": False, "height": 45},
        "cell": {"kind": "morphology", "report": "v"},
    },
}
folder = run(one_cell)
show(folder, "potential")

# %% [markdown]
# The ticks above are its spikes. And this is the cell, seen from the side:

# %%
show(folder, "cell")

# %% [markdown]
# ## One synapse
# Now a second "cell" that only sends spikes, one every 100 ms, through synapses on the dendrites. Each spike lets
# current in for some milliseconds: a postsynaptic potential. A weight in µS says how much.

# %%
one_synapse = {
    "experiment": "one_synapse",
    "seed": 1,
    "networks": {
        "cell": {"nodes": [CELL]},
        "source": {
            "nodes": [{"pop_name": "source", "N": 1, "model_type": "virtual"}],
            "edges": [
                {
                    "target_network": "cell",
                    "connection_rule": 5,  # synapses
                    "syn_weight": 1.0e-3,
                    "delay": 2.0,
                    "distance_range": [0.0, 100.0],
                    "target_sections": ["basal"],
                    "dynamics_params": "AMPA_ExcToExc.json",
                    "model_template": "exp2syn",
                }
            ],
        },
    },
    "inputs": {"source": {"type": "regular", "firing_rate": 10.0, "times": [0.1, 0.5], "phase": 0.0}},
    "simulation": one_cell["simulation"],
    "figures": {
        "potential": one_cell["figures"]["potential"],
        "cell": {"kind": "morphology", "report": "v"},
    },
}
folder = run(one_synapse)
show(folder, "potential")

# %% [markdown]
# The five synapses have been placed at random, the same way each time, as the seed says:

# %%
show(folder, "cell")

# %% [markdown]
# ## Ten cells
# Ten cells in a column, each driven by twenty sources that fire at random (a Poisson process, 15 Hz). Among each other,
# neighbours connect more often than distant cells: `distance_connector`.

# %%
drive = dict(one_synapse["networks"]["source"]["edges"][0])
drive |= {"connection_rule": "connect_random", "connection_params": {"nsyn_min": 0, "nsyn_max": 12}, "syn_weight": 3e-4}
ten = CELL | {
    "N": 10,
    "positions": {"function": "positions_columinar", "center": [0.0, 50.0, 0.0], "max_radius": 30.0, "height": 100.0},
}
among = drive | {
    "target_network": "cells",
    "connection_rule": "distance_connector",
    "connection_params": {"d_weight_min": 0.0, "d_weight_max": 0.5, "d_max": 80.0, "nsyn_min": 1, "nsyn_max": 10},
}
ten_cells = {
    "experiment": "ten_cells",
    "seed": 1,
    "networks": {
        "cells": {"nodes": [ten], "edges": [among]},
        "sources": {
            "nodes": [{"pop_name": "source", "N": 20, "model_type": "virtual"}],
            "edges": [drive | {"target_network": "cells"}],
        },
    },
    "inputs": {"sources": {"type": "poisson", "firing_rate": 15.0, "times": [0.0, 1.0]}},
    "simulation": {"tstop": 1000.0},
    "figures": {"raster": {"kind": "raster"}, "view": {"kind": "network_view"}},
}
folder = run(ten_cells)
show(folder, "raster")

# %% [markdown]
# Each row is a cell, each stroke a spike; below, how often a cell spikes on average. `report.html` in the folder of the
# results shows the network in a view that can be turned.

# %%
show(folder, "view")

# %% [markdown]
# ## Chapter 3
# The same with 100 cells and 100 sources is chapter 3 of the tutorials. `colonnade init` makes a folder of it; here we
# let it run for one second instead of three.

# %%
subprocess.run([sys.executable, "-m", "colonnade", "init", "chapter3"], check=True, capture_output=True)
chapter3 = yaml.safe_load(Path("chapter3/config.yaml").read_text())
chapter3["simulation"]["tstop"] = 1000.0
chapter3["inputs"]["mthalamus"]["times"] = [0.0, 1.0]
folder = run(chapter3)
show(folder, "raster")

# %% [markdown]
# From here: change a value in `config.yaml` and run again, only what depends on it is made anew. The next page builds a
# network in Python; the gallery shows all figures; every key is explained in the table of the config.
