"""NMODL mechanisms: what the files say, compiling them for NEURON and CoreNEURON, loading them."""

from colonnade.mechanisms.compilation import CompiledMechanisms, compile_mechanisms, compiled_in_cache, read_compiled
from colonnade.mechanisms.loading import (
    electrode_mechanisms,
    linear_mechanisms,
    load_mechanisms,
    mechanism_names,
    mechanisms_that_hear_their_cell,
)

__all__ = [
    "CompiledMechanisms",
    "compile_mechanisms",
    "compiled_in_cache",
    "electrode_mechanisms",
    "linear_mechanisms",
    "load_mechanisms",
    "mechanism_names",
    "mechanisms_that_hear_their_cell",
    "read_compiled",
]
