"""Synapses that a user's function makes, by BMTK's names: what it does to one of them holds for all of the kind."""

from collections.abc import Callable, Mapping

from colonnade.errors import InputError
from colonnade.simulation.network.synapse_models import SynapseModel, register
from colonnade.simulation.network.weights import own_function
from colonnade.streams import seeded
from colonnade.user_functions import check_function, is_reference, registering, users_code


def add_synapse_model(function: Callable, name: str | None = None, overwrite: bool = True) -> Callable:
    """Let edges whose model_template is ``name`` (default: the function's own) have the synapses that it makes.

    ``function(parameters, x, section)`` gets the edge's dynamics_params and returns a point process of NEURON at the
    place ``x`` of ``section``, as BMTK's functions do. It is called once for each set of parameters, on a section of
    its own: mechanism and parameters are read from what it returns, so that all engines simulate them.
    """
    check_function(function, "add_synapse_model")
    register(name or function.__name__, lambda dynamics: _made(function, dynamics), overwrite)
    return function


def synapse_model(*function, name: str | None = None):
    """Register a function as ``add_synapse_model`` does, as a decorator with or without a name."""
    return registering(add_synapse_model, function, name)


def named_synapse(name: str, dynamics: Mapping, from_config: Mapping[str, str], folder) -> SynapseModel | None:
    """Return the synapse of the model_template ``name`` if it is a function that the config names, else None.

    ``from_config`` gives them as ``file.py:function``, relative to ``folder``.
    """
    if name in from_config:
        return _made(own_function(from_config[name], str(folder), "colonnade.synapse_models"), dynamics)
    if is_reference(name):
        raise InputError("the config does not name this file; add it to colonnade.synapse_models",
                         key="model_template", value=name)  # fmt: skip
    return None


def _made(function: Callable, dynamics: Mapping) -> SynapseModel:
    """Return the mechanism of what a function makes, and those of its parameters that it has changed."""
    from colonnade.cells.interpreter import h
    from colonnade.cells.point import changed_parameters, mechanism_of

    section = h.Section(name="probe")
    title = f"the function {function.__name__}"
    with users_code(title, function, "model_template"), seeded(0, "synapse", function.__name__, repr(dict(dynamics))):
        made = function(dict(dynamics), 0.5, section)
    made = made[0] if isinstance(made, list | tuple) and made else made
    if not hasattr(made, "get_segment"):
        raise InputError(f"the function {function.__name__} made no point process", key="model_template", value=made)
    mechanism = mechanism_of(made)
    found = changed_parameters(made, getattr(h, mechanism)(section(0.5)))
    return SynapseModel(mechanism, tuple(sorted(found.items())))
