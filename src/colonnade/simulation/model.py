"""What an engine simulates, as arrays and values: cells, synapses, spikes that come in, clamps, what is recorded."""

from dataclasses import dataclass, field

import numpy as np

from colonnade.cells import Prototype
from colonnade.mechanisms import CompiledMechanisms
from colonnade.simulation.network.gap_junctions import GapJunctions, joined_halves
from colonnade.simulation.network.synapse_models import SynapseModel
from colonnade.simulation.network.synapses import Synapses

QUANTUM = 2.0**-44  # mV (6e-14), of potentials outside the cells


@dataclass(frozen=True)
class Site:
    """A place on a cell: its gid, the index of the section in the cell's list, and 0..1 along it."""

    gid: int
    section: int
    x: float


@dataclass(frozen=True)
class CurrentClamp:
    """Constant current: ``amplitude`` (nA) from ``delay`` for ``duration`` (ms)."""

    site: Site
    delay: float
    duration: float
    amplitude: float


@dataclass(frozen=True)
class CurrentSteps:
    """Current by steps: ``amplitudes`` (n,) in nA, each from its entry of ``times`` (n,) in ms to the next one."""

    site: Site
    times: np.ndarray
    amplitudes: np.ndarray


@dataclass(frozen=True)
class VoltageClamp:
    """An electrode of ``resistance`` (MOhm) that holds ``amplitude`` (mV) from ``delay`` for ``duration`` (ms)."""

    site: Site
    delay: float
    duration: float
    amplitude: float
    resistance: float


@dataclass(frozen=True)
class VoltageSteps:
    """An electrode of ``resistance`` (MOhm) that holds ``voltages`` (n,) in mV, each from its entry of ``times`` (n,)
    in ms, on steps, to the next, the last one until ``end`` (ms); before and after, it is not there."""

    site: Site
    times: np.ndarray
    voltages: np.ndarray
    end: float
    resistance: float


@dataclass(frozen=True)
class ConductanceSteps:
    """A conductance by steps, to ``reversal`` (mV): ``conductances`` (n,) in uS, each from its entry of ``times`` (n,)
    in ms to the next one."""

    site: Site
    times: np.ndarray
    conductances: np.ndarray
    reversal: float


@dataclass(frozen=True)
class ExtracellularPotential:
    """A potential outside the cells by steps: at K places of local cells it is ``potentials`` (K,) in mV times
    ``values`` (n,), each from its entry of ``times`` (n,) in ms, on steps, to the next one.

    ``gids``, ``sections`` and ``x`` (K,) are the places, the middles of all segments of some cells.
    """

    gids: np.ndarray
    sections: np.ndarray
    x: np.ndarray
    potentials: np.ndarray
    times: np.ndarray
    values: np.ndarray


Clamp = CurrentClamp | CurrentSteps | VoltageClamp | VoltageSteps | ConductanceSteps


@dataclass(frozen=True)
class Recording:
    """A range variable at E places of local cells: ``gids``, ``sections``, ``x`` (E,); ``index`` into an array variable
    such as vext, else None."""

    variable: str
    gids: np.ndarray
    sections: np.ndarray
    x: np.ndarray
    index: int | None = None

    def __len__(self) -> int:
        return len(self.gids)


@dataclass(frozen=True)
class SynapseRecording:
    """A variable of E synapses of the model: their rows (E,) in ``synapses``, and the ``gids`` (E,) of their cells."""

    variable: str
    gids: np.ndarray
    synapses: np.ndarray

    def __len__(self) -> int:
        return len(self.gids)


@dataclass(frozen=True)
class FieldRecording:
    """What C channels of electrodes see of the membrane currents of K local cells, summed up in parts.

    ``gids``, ``sections``, ``x`` (E,) are the places, the middles of segments, those of a cell together: the k-th cell
    has those from ``bounds[k]`` to ``bounds[k + 1]`` (K + 1,). ``resistances`` (C, E) are mV for 1 nA from a place.
    ``part`` (K,) is the sum which a cell belongs to, of ``n_parts``. ``by_cell`` tells that each cell has its own.

    An engine gives whole numbers of ``QUANTUM``, int64 (steps, n_parts * C), each cell's cut off towards 0: the sum of
    such numbers does not depend on which cells are on which thread or rank.
    """

    gids: np.ndarray
    sections: np.ndarray
    x: np.ndarray
    bounds: np.ndarray
    resistances: np.ndarray
    part: np.ndarray
    n_parts: int
    by_cell: bool = False
    variable: str = "i_membrane_"

    def __len__(self) -> int:
        return self.n_parts * len(self.resistances)


@dataclass
class Model:
    """A simulation, or one rank's part of it.

    ``gids`` (C,) ascending, ``prototypes`` (C of them), ``synapses`` onto these cells with ``synapse_models``;
    ``spike_times`` (M,) in ms ascending and ``spike_gids`` (M,) of sources that are not simulated. ``dt`` in ms,
    ``n_steps`` of it; ``celsius``; ``v_init`` and ``spike_threshold`` in mV. ``extracellular`` asks for NEURON's
    extracellular layer on all cells with sections. ``mechanisms`` are the libraries that are loaded.
    """

    gids: np.ndarray
    prototypes: list[Prototype]
    synapses: Synapses
    synapse_models: list[SynapseModel]
    spike_times: np.ndarray
    spike_gids: np.ndarray
    dt: float
    n_steps: int
    celsius: float
    v_init: float
    spike_threshold: float
    gap_junctions: GapJunctions = field(default_factory=lambda: joined_halves([]))
    merge_synapses: bool = True
    extracellular: bool = False
    clamps: list[CurrentClamp | CurrentSteps | VoltageClamp | VoltageSteps | ConductanceSteps] = field(
        default_factory=list
    )
    fields: list[ExtracellularPotential] = field(default_factory=list)
    recordings: list[Recording | SynapseRecording | FieldRecording] = field(default_factory=list)
    mechanisms: list[CompiledMechanisms] = field(default_factory=list)
