"""Synapses that a user's function makes, by BMTK's names: what it does to one of them holds for all of the kind."""

from collections.abc import Callable, Mapping

from colonnade.errors import InputError
from colonnade.simulation.network.synapse_models import SynapseModel, register
from colonnade.user_functions import described_error


def add_synapse_model(function: Callable, name: str | None = None, overwrite: bool = True) -> Callable:
    """Let edges whose model_template is ``name`` (default: the function's own) have the synapses that it makes.

    ``function(parameters, x, section)`` gets the edge's dynamics_params and returns a point process of NEURON at the
    place ``x`` of ``section``, as BMTK's functions do. It is called once for each set of parameters, on a section of
    its own: mechanism and parameters are read from what it returns, so that all engines simulate them.
    """
    if not callable(function):
        raise InputError("is no function", key="add_synapse_model", value=function)
    register(name or function.__name__, lambda dynamics: _made(function, dynamics), overwrite)
    return function


def synapse_model(*function, name: str | None = None):
    """Register a function as ``add_synapse_model`` does, as a decorator with or without a name."""
    if function:
        return add_synapse_model(function[0])
    return lambda each: add_synapse_model(each, name)


def _made(function: Callable, dynamics: Mapping) -> SynapseModel:
    """Return the mechanism of what a function makes, and those of its parameters that it has changed."""
    from colonnade.cells.interpreter import h
    from colonnade.cells.point import changed_parameters, mechanism_of

    section = h.Section(name="probe")
    try:
        made = function(dict(dynamics), 0.5, section)
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"the function {function.__name__} failed: {described_error(error)}",
                         key="model_template") from error  # fmt: skip
    made = made[0] if isinstance(made, list | tuple) and made else made
    if not hasattr(made, "get_segment"):
        raise InputError(f"the function {function.__name__} made no point process", key="model_template", value=made)
    mechanism = mechanism_of(made)
    found = changed_parameters(made, getattr(h, mechanism)(section(0.5)))
    return SynapseModel(mechanism, tuple(sorted(found.items())))
