"""Currents as tables: times (ms) and amplitudes (nA), each up to the next time."""

import os
from collections.abc import Mapping
from importlib import import_module

from colonnade.files import atomic_write
from colonnade.stimuli.registry import module_of_code, stimulus_kind


def write_current(settings: Mapping, output: str | os.PathLike) -> int:
    """Write the current that ``settings`` describe, in a form that BMTK reads, too; return how many rows it has.

    ``settings`` has ``type``, a kind of ``colonnade.stimuli`` that is a table, that kind's own, and of the simulation
    ``tstop`` and ``dt`` (ms).
    """
    kind = stimulus_kind(settings["type"])
    settings = kind.from_sonata(settings) | {key: settings[key] for key in ("tstop", "dt")}
    make = import_module(module_of_code(kind.name)).table
    times, amplitudes = make(settings, settings["tstop"] - settings["delay"], settings["dt"])
    with atomic_write(output) as temporary:
        rows = (
            f"{time!r} {amplitude!r}\n" for time, amplitude in zip(times.tolist(), amplitudes.tolist(), strict=True)
        )
        temporary.write_text("timestamps amps\n" + "".join(rows))
    return len(times)
