"""Point neurons: NEURON's artificial cells, the built-in ones (IntFire1, 2, 4) and compiled ones."""

import math
import os
from collections.abc import Mapping
from numbers import Real

from colonnade.cells.interpreter import h
from colonnade.errors import InputError

# The JSON files of IntFire1 hold these in seconds, as BMTK's do; NEURON has them in ms.
IN_SECONDS = {"IntFire1": ("tau", "refrac")}

PARAMETERS = 1  # of NEURON's MechanismStandard


def artificial_cells() -> list[str]:
    """Return the names of the artificial cells that NEURON has loaded."""
    kinds, name, names = h.MechanismType(1), h.ref(""), []
    for index in range(int(kinds.count())):
        if kinds.is_artificial(index):
            kinds.select(index)
            kinds.selected(name)
            names.append(name[0])
    return names


def point_parameters(name: str, dynamics: Mapping | None, file: str | os.PathLike | None = None) -> dict[str, float]:
    """Return the parameters for the artificial cell ``name`` in NEURON's units, after a check against its variables.

    ``dynamics`` holds tau and refrac of IntFire1 in seconds, everything else in NEURON's own units. Entries that are
    text (``"type"``) describe the file and are no parameters.
    """
    if name not in artificial_cells():
        raise InputError("no such artificial cell is loaded", key="model_template", value=f"nrn:{name}",
                         options=[f"nrn:{known}" for known in artificial_cells()])  # fmt: skip
    missing = [key for key in IN_SECONDS.get(name, ()) if key not in (dynamics or {})]
    if missing:
        raise InputError(f"{name} needs {missing[0]!r}", file=file, key="dynamics_params", expected="a time in seconds")
    instance = getattr(h, name)()
    known = [key for key in dir(instance) if isinstance(getattr(instance, key, None), float)]
    parameters = {}
    for key, value in (dynamics or {}).items():
        if isinstance(value, str) and key not in known:
            continue
        if key not in known:
            raise InputError(f"{name} has no such parameter", file=file, value=key, options=known)
        if not isinstance(value, Real) or not math.isfinite(value):
            raise InputError("is not a finite number", file=file, key=key, value=value)
        if key in IN_SECONDS.get(name, ()) and value <= 0 and key.startswith("tau"):
            raise InputError("has to be positive", file=file, key=key, value=value, expected="a time in seconds")
        parameters[key] = float(value) * 1000.0 if key in IN_SECONDS.get(name, ()) else float(value)
    return parameters


def changed_parameters(made, fresh) -> dict[str, float]:
    """Return the parameters of a point process or artificial cell ``made`` that are other than those of ``fresh``."""
    standard, name, found = h.MechanismStandard(mechanism_of(made), PARAMETERS), h.ref(""), {}
    for number in range(int(standard.count())):
        standard.name(name, number)
        if getattr(made, name[0]) != getattr(fresh, name[0]):
            found[name[0]] = float(getattr(made, name[0]))
    return found


def mechanism_of(made) -> str:
    """Return the name of the mechanism that a point process or an artificial cell is of."""
    return made.hname().partition("[")[0]
