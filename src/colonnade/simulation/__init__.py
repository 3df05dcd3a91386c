"""Simulations of SONATA networks, and the names by which BMTK's users know them."""

from colonnade.simulation.bmtk_names import BioNetwork, BioSimulator, Config, build_env_bionet, nrn
from colonnade.simulation.output import DiskFull
from colonnade.simulation.ranks import Ranks
from colonnade.simulation.run import Simulation, simulate
from colonnade.simulation.weights import add_weight_function

__all__ = [
    "BioNetwork",
    "BioSimulator",
    "Config",
    "DiskFull",
    "Ranks",
    "Simulation",
    "add_weight_function",
    "build_env_bionet",
    "nrn",
    "simulate",
]
