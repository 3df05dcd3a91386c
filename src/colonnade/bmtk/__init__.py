"""The calls by which users of the Brain Modeling Toolkit know a simulation and its results."""

from colonnade.lazily import public_names

__getattr__, __dir__, __all__ = public_names(
    __name__,
    {
        "CompartmentReport": ".results",
        "SaveSynapses": ".simulator",
        "SpikeTrains": ".results",
        "to_dataframe": ".analyzer",
    },
)
