"""The calls by which users of the Brain Modeling Toolkit know a simulation, its morphologies and its results."""

from colonnade.lazily import public_names

__getattr__, __dir__, __all__ = public_names(
    __name__,
    {
        "CompartmentReport": ".results",
        "SWCReader": ".morphologies",
        "SaveSynapses": ".simulator",
        "SpikeTrains": ".results",
        "get_swc": ".morphologies",
        "rand_syn_locations": ".morphologies",
        "to_dataframe": ".analyzer",
    },
)
