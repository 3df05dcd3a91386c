"""The public names: what a script of a user may import, and what keeps its meaning. The API pages show these."""

from importlib import import_module

PACKAGES = {
    "colonnade.builder": "Build networks: nodes, positions, edges by rules, SONATA files out.",
    "colonnade.spikes": "Spike trains as input, and files of spikes.",
    "colonnade.simulation": "Simulate SONATA networks.",
    "colonnade.bmtk": "Results, morphologies and saved synapses under the names that users of BMTK know.",
    "colonnade.figures": "Figures in a notebook, and the files that they are saved in.",
}
# Names of other packages that functions of the user's own, in a config or a notebook, meet.
FURTHER = {
    "colonnade.analysis.result": ("Result",),
    "colonnade.analysis.activity": ("Activity",),
    "colonnade.experiment": ("Experiment", "Plan", "load_config"),
    "colonnade.nwb": ("write_nwb",),
    "colonnade.errors": ("ColonnadeError", "InputError", "MissingFile"),
}


def public_names() -> dict[str, list[str]]:
    """Return the public names of each module."""
    found = {package: sorted(import_module(package).__all__) for package in PACKAGES}
    return found | {module: list(names) for module, names in FURTHER.items()}
