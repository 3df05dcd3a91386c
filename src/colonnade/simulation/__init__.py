"""Simulations of SONATA networks, and the names by which BMTK's users know them."""

from colonnade.lazily import public_names

__getattr__, __dir__, __all__ = public_names(
    __name__,
    {
        "ArgumentParser": "colonnade.bmtk.simulator",
        "BioNetwork": "colonnade.bmtk.simulator",
        "BioSimulator": "colonnade.bmtk.simulator",
        "Config": "colonnade.bmtk.simulator",
        "build_env_bionet": "colonnade.bmtk.simulator",
        "nrn": "colonnade.bmtk.simulator",
        "reset": "colonnade.bmtk.simulator",
        "DiskFull": ".output",
        "Ranks": ".ranks",
        "Simulation": ".run",
        "simulate": ".run",
        "add_cell_model": "colonnade.cells.own_cells",
        "add_cell_processor": "colonnade.cells.own_cells",
        "add_spikes_generator": ".inputs.own_trains",
        "add_synapse_model": ".network.own_synapses",
        "add_weight_function": ".network.weights",
        "cell_model": "colonnade.cells.own_cells",
        "cell_processor": "colonnade.cells.own_cells",
        "model_processing": "colonnade.cells.own_cells",
        "spikes_generator": ".inputs.own_trains",
        "synapse_model": ".network.own_synapses",
        "synaptic_weight": ".network.weights",
    },
)
