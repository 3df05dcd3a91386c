"""What a kind of stimulus says of itself; each module in ``kinds/`` ends in one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from colonnade.json_schema import choice, number

Streams = Callable[..., np.random.Generator]  # streams(node_id, *purpose) is a generator of that name's own
Trains = Callable[[Mapping, np.ndarray, Streams], tuple[np.ndarray, np.ndarray]]
Waveform = Callable[[Mapping, np.ndarray, np.random.Generator], np.ndarray]

LARGEST_CURRENT = 100.0  # nA into a cell, if nobody says that more is meant; through 1 MOhm it makes 100 mV
RECEIVERS = {"spikes": "virtual", "current": "cells", "conductance": "cells", "voltage": "cells", "events": "synapses",
             "field": "cells"}  # fmt: skip
_NAME = {
    "type": "string",
    "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,63}$",
}
_IDS = {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1, "uniqueItems": True}
FIRING_RATE = number("Hz, of each cell.", least=0)
TIMES = {
    "type": "array",
    "items": {"type": "number", "minimum": 0},
    "minItems": 2,
    "maxItems": 2,
    "description": "s: start and stop.",
}
DELAY = number("ms, when it begins.", 0.0, least=0)
DURATION = number("ms. Default: to the end of the run.", above=0)
PLACE = {
    "section": choice("Kind of the sections that get it. Default: soma.", ("soma", "basal", "apical", "axon")),
    "section_index": {
        "description": "Which of these sections, counted from 0; all: each of them. Default: 0.",
        "anyOf": [{"type": "integer", "minimum": 0}, {"const": "all"}],
    },
    "section_dist": number("Place along the section, 0 to 1. Default: 0.5.", least=0, most=1),
}


@dataclass(frozen=True)
class StimulusKind:
    """A kind of stimulus.

    ``shows`` says in a sentence what it is. ``makes`` is one of ``RECEIVERS``: spikes of virtual cells, a current (nA),
    conductance (uS) or voltage (mV) at places of cells, a field (mV) around them, or events of synapses.
    ``properties`` are the JSON schema of its own settings, ``required`` those it cannot do without; ``draws`` tells
    whether it draws random numbers.

    Spikes: ``trains(settings, ids, streams)`` returns the ids (S,) and times (S,) in ms of the spikes of the nodes
    ``ids`` (N,). Others: ``module`` is its name in SONATA configs, ``renamed`` maps settings to their names there, and
    ``waveform(settings, times, rng)`` returns its values (n,) at ``times`` (n,), ms since it began, a step apart; the
    settings have ``duration`` (ms). ``tables`` marks one whose waveform is computed beforehand and kept in a file.
    """

    name: str
    shows: str
    makes: str
    properties: Mapping[str, dict]
    required: tuple[str, ...] = ()
    draws: bool = False
    trains: Trains | None = None
    waveform: Waveform | None = None
    module: str | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    tables: bool = False
    check: Callable[[Mapping], str | None] = field(default=lambda settings: None)

    @property
    def of_virtual_cells(self) -> bool:
        return RECEIVERS[self.makes] == "virtual"

    def schema(self) -> dict:
        """Return the JSON schema of the settings of an input of this kind."""
        cells = "Virtual population that spikes. Default: the input's name."
        ids = "Cells that spike. Default: all of the population."
        if not self.of_virtual_cells:
            cells = "Population of the cells that get it. Default: the input's name."
            ids = "Cells that get it. Default: all of the population."
        common = {
            "population": {**_NAME, "description": cells},
            "node_ids": {**_IDS, "description": ids},
        }
        if self.makes in ("current", "conductance", "voltage"):
            common |= PLACE
        return {
            "type": "object",
            "description": self.shows,
            "additionalProperties": False,
            "required": list(self.required),
            "properties": {"type": {}, **common, **self.properties},
        }

    def in_sonata(self, settings: Mapping) -> dict:
        """Return the settings as they stand in a SONATA config."""
        return {self.renamed.get(key, key): settings[key] for key in self.properties if key in settings}

    def from_sonata(self, entry: Mapping) -> dict:
        """Return the settings that an entry of a SONATA config's inputs gives."""
        defaults = {key: part["default"] for key, part in self.properties.items() if "default" in part}
        given = {key: self.renamed.get(key, key) for key in self.properties}
        return defaults | {key: entry[name] for key, name in given.items() if name in entry}
