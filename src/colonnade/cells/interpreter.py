"""NEURON's interpreter, without its windows, and with the hoc libraries that cells need."""

import os

os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")

from neuron import h

for _library in ("stdlib.hoc", "stdrun.hoc", "import3d.hoc"):
    h.load_file(_library)

__all__ = ["h"]
