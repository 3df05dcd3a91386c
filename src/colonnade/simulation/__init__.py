"""Simulations of SONATA networks, and the names by which BMTK's users know them."""

from colonnade.lazily import public_names

__getattr__, __dir__, __all__ = public_names(
    __name__,
    {
        "BioNetwork": "bmtk_names",
        "BioSimulator": "bmtk_names",
        "Config": "bmtk_names",
        "build_env_bionet": "bmtk_names",
        "nrn": "bmtk_names",
        "DiskFull": "output",
        "Ranks": "ranks",
        "Simulation": "run",
        "simulate": "run",
        "add_weight_function": "weights",
    },
)
