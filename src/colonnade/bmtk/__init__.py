"""The calls by which users of the Brain Modeling Toolkit know a simulation, its morphologies and its results."""

from colonnade.lazily import public_names

__getattr__, __dir__, __all__ = public_names(
    __name__,
    {
        "CompartmentReport": ".results",
        "GammaSpikeGenerator": ".generators",
        "PoissonSpikeGenerator": ".generators",
        "SWCReader": ".morphologies",
        "SaveSynapses": ".simulator",
        "SpikeTrains": ".results",
        "get_swc": ".morphologies",
        "node_types_table": ".analyzer",
        "nodes_table": ".analyzer",
        "rand_syn_locations": ".morphologies",
        "sort_order": ".results",
        "spike_statistics": ".analyzer",
        "to_dataframe": ".analyzer",
    },
)
