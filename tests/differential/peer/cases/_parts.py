"""What several cases use: the five perisomatic cell types of the wheel, Poisson spike files, input sections."""

import numpy as np
from bmtk.utils.reports.spike_trains import PoissonSpikeGenerator

PERISOMATIC = {
    "Scnn1a": ("e", "Scnn1a_473845048_m", "472363762"),
    "Rorb": ("e", "Rorb_325404214_m", "473863510"),
    "Nr5a1": ("e", "Nr5a1_471087815_m", "473863035"),
    "PV1": ("i", "Pvalb_470522102_m", "472912177"),
    "PV2": ("i", "Pvalb_469628681_m", "473862421"),
}


def perisomatic(name: str) -> dict:
    """Return the node attributes of one of the wheel's five perisomatic cell types."""
    ei, morphology, fit = PERISOMATIC[name]
    return {
        "pop_name": name,
        "ei": ei,
        "model_type": "biophysical",
        "model_template": "ctdb:Biophys1.hoc",
        "model_processing": "aibs_perisomatic",
        "dynamics_params": f"{fit}_fit.json",
        "morphology": f"{morphology}.swc",
    }


def point(name: str, ei: str) -> dict:
    """Return the node attributes of an IntFire1 population, ``ei`` 'e' or 'i'."""
    return {
        "pop_name": name,
        "ei": ei,
        "model_type": "point_neuron",
        "model_template": "nrn:IntFire1",
        "dynamics_params": f"IntFire1_{'exc' if ei == 'e' else 'inh'}_1.json",
    }


def poisson(population: str, node_ids, rate: float, seconds: float, seed: int) -> PoissonSpikeGenerator:
    """Return Poisson spike trains at ``rate`` Hz over ``seconds`` of ``node_ids``."""
    spikes = PoissonSpikeGenerator(population=population, seed=seed)
    spikes.add(node_ids=list(node_ids), firing_rate=rate, times=(0.0, seconds))
    return spikes


def spike_input(path: str, node_set: str, module: str = "sonata") -> dict:
    """Return an entry of the config's ``inputs`` which plays a spike file."""
    return {"input_type": "spikes", "module": module, "input_file": path, "node_set": node_set}


def uniform_synapses(low: int, high: int):
    """Return a connection rule which gives low..high-1 synapses a pair, none where the draw is not positive."""
    return lambda source, target: max(0, int(np.random.randint(low, high)))
