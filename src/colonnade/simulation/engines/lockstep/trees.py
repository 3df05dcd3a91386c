"""The tree of a cell as arrays: read from one live NEURON cell, rooted at its soma, without what is not needed."""

import hashlib
from dataclasses import dataclass, field

import numpy as np

from colonnade.cells import Cell
from colonnade.cells.interpreter import h
from colonnade.cells.wiring import Wiring, read_wiring
from colonnade.errors import InputError, UnsupportedError

PASSIVE = "pas"  # part of the matrix itself
NOT_CHANNELS = ("capacitance", "morphology", PASSIVE)
COINIT, EINIT, EADVANCE = 4, 32, 64  # bits of NEURON's ion_style


@dataclass(kw_only=True)
class Tree(Wiring):
    """One cell as NEURON has it: its wiring of N nodes and what they hold.

    ``capacitance`` (N,) uF/cm2; ``leak`` (N,) S/cm2 and ``leak_reversal`` (N,) mV of pas, which ``leaks`` (N,) bool
    marks; ``soma`` is a node, ``names`` are the sections'. ``channels`` maps mechanisms to their nodes (n,), ``values``
    to {parameter: (n,)}. ``ions`` maps (ion, advances) to nodes, ``ion_values`` to {field: (n,)}.
    """

    capacitance: np.ndarray
    leak: np.ndarray
    leak_reversal: np.ndarray
    leaks: np.ndarray
    soma: int
    names: list[str]
    channels: dict[str, np.ndarray] = field(default_factory=dict)
    values: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    ions: dict[tuple[str, bool], np.ndarray] = field(default_factory=dict)
    ion_values: dict[tuple[str, bool], dict[str, np.ndarray]] = field(default_factory=dict)

    @property
    def structure(self) -> str:
        """What is the same for all cells of a type: its shape and areas, where channels and ions are (a digest)."""
        parts = [self.parent, self.area, self.start, self.first, self.count, np.array([self.soma])]
        digest = hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts))
        for table in (self.channels, self.ions):
            for key in sorted(table):
                digest.update(repr(key).encode() + table[key].tobytes())
        return digest.hexdigest()


def read_tree(cell: Cell, known: dict) -> Tree:
    """Return the tree of a live cell; ``known`` maps mechanisms to kernels' entries.

    Raises ``UnsupportedError`` for what lockstep does not simulate, with the word to change.
    """
    wiring = read_wiring(cell.sections)
    capacitance, leak, reversal = np.zeros((3, len(wiring.parent)))
    leaks = np.zeros(len(wiring.parent), bool)
    channels: dict[str, list] = {}
    ions: dict[tuple[str, bool], list] = {}
    for number in np.argsort(wiring.first).tolist():
        section, first = cell.sections[number], int(wiring.first[number])
        if wiring.turned[number]:
            raise _refused(f"a section that is joined by its 1 end ({section.name()})")
        segments = list(section)
        mechanisms = [mechanism.name() for mechanism in segments[0]]
        here = slice(first, first + len(segments))
        capacitance[here] = [segment.cm for segment in segments]
        if PASSIVE in mechanisms:
            leaks[here] = True
            leak[here], reversal[here] = zip(*((segment.g_pas, segment.e_pas) for segment in segments), strict=True)
        if any(segment.point_processes() for segment in segments):
            raise _refused(f"a point process that a cell brings with it ({section.name()})")
        _read_section(section, segments, first, mechanisms, known, channels, ions)
    soma = cell.sections.index(cell.soma)
    tree = Tree(
        **vars(wiring),
        capacitance=capacitance,
        leak=leak,
        leak_reversal=reversal,
        leaks=leaks,
        soma=int(wiring.nodes(np.array([soma]), np.array([0.5]))[0]),
        names=[section.name().rpartition(".")[2] for section in cell.sections],
    )
    for name, found in channels.items():
        tree.channels[name] = np.array([node for node, _ in found], np.int64)
        tree.values[name] = _columns(values for _, values in found)
    for key, found in ions.items():
        tree.ions[key] = np.array([node for node, _ in found], np.int64)
        tree.ion_values[key] = _columns(values for _, values in found)
    return tree


def _columns(rows) -> dict[str, np.ndarray]:
    rows = list(rows)
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _read_section(section, segments, first: int, mechanisms, known, channels, ions) -> None:
    """Add the channels and ions of one section to ``channels`` and ``ions``."""
    for name in mechanisms:
        if name in NOT_CHANNELS:
            continue
        if name.endswith("_ion"):
            ion = name.removesuffix("_ion")
            style = int(h.ion_style(name, sec=section))
            cinit, advances = bool(style & COINIT), bool(style & EADVANCE)
            charge = h.ion_charge(name)
            for i, segment in enumerate(segments):
                inside = getattr(h, f"{ion}i0_{name}") if cinit else getattr(segment, f"{ion}i")
                outside = getattr(h, f"{ion}o0_{name}") if cinit else getattr(segment, f"{ion}o")
                reversal = getattr(segment, f"e{ion}")
                if style & EINIT or advances:
                    reversal = h.nernst(inside, outside, charge)
                values = {"E": reversal, "I": 0.0, "CI": inside, "CO": outside}
                ions.setdefault((ion, advances), []).append((first + i, values))
            continue
        if name == "extracellular":
            raise _refused("the extracellular layer")
        if name not in known:
            raise _refused(f"the mechanism {name}")
        wanted = [slot for slot in known[name].slots if slot in known[name].parameters]
        for i, segment in enumerate(segments):
            values = {slot: getattr(segment, f"{slot}_{name}") for slot in wanted}
            channels.setdefault(name, []).append((first + i, values))


def _refused(what: str) -> UnsupportedError:
    return UnsupportedError(
        f"lockstep cannot simulate {what}", key="engine", expected="engine neuron (--engine neuron)"
    )


@dataclass
class Reduced:
    """The tree of a type as the engine has it, n nodes, rooted at the soma (node 0).

    ``node`` (N,) is the place of each node of ``Tree`` here, -1 where it was eliminated; ``parent`` (n,);
    ``scale`` (n,) area * 0.01; the first ``varying`` nodes may hold conductances. ``coefficients`` (P, 6, n) for each
    of P cells of the type: coupling to the parent, diagonal, capacitance / dt, constant current, factor, inverse.
    """

    node: np.ndarray
    parent: np.ndarray
    scale: np.ndarray
    varying: int
    coefficients: np.ndarray


def reduced(trees: list[Tree], varying: set[int], kept: set[int], dt: float) -> Reduced:
    """Return the trees of one type without nodes of no area, except those in ``kept`` and where three branches meet.

    Nodes in ``varying``, and those between them and the soma, come first; the rest has constant matrix elements.
    """
    one = trees[0]
    near: list[dict[int, np.ndarray]] = [{} for _ in one.parent]
    for i, p in enumerate(one.parent.tolist()):
        if p >= 0:
            near[i][p] = near[p][i] = np.array([tree.coupling[i] for tree in trees])
    free = [i for i in range(len(near)) if one.area[i] == 0 and i not in kept]
    while free:
        i = free.pop()
        if len(near[i]) > 2:
            continue
        around = list(near[i].items())
        for j, _ in around:
            del near[j][i]
        if len(around) == 2:
            (a, ga), (b, gb) = around
            near[a][b] = near[b][a] = ga * gb / (ga + gb)
        near[i] = {}
        free += [j for j, _ in around if one.area[j] == 0 and j not in kept]
    order, above = [one.soma], {one.soma: -1}
    for i in order:
        for j in near[i]:
            if j not in above:
                above[j] = i
                order.append(j)
    holds = {one.soma}
    for i in reversed(order):
        if i in varying or i in holds:
            holds.add(i)
            if above[i] >= 0:
                holds.add(above[i])
    order = [i for i in order if i in holds] + [i for i in order if i not in holds]
    place = np.full(len(near), -1, np.int64)
    place[order] = np.arange(len(order))
    parent = np.array([max(0, place[above[i]]) for i in order], np.int32)
    return Reduced(
        place,
        parent,
        one.area[order] * 0.01,
        len(holds),
        _coefficients(trees, order, near, above, parent, len(holds), dt),
    )


def _coefficients(trees, order, near, above, parent, varying: int, dt: float) -> np.ndarray:
    n, count = len(order), len(trees)
    found = np.zeros((count, 6, n))
    for i, raw in enumerate(order):
        if i:
            found[:, 0, i] = near[raw][above[raw]]
        for g in near[raw].values():
            found[:, 1, i] += g
    for number, tree in enumerate(trees):
        area = tree.area[order]
        found[number, 2] = tree.capacitance[order] * area * 1e-5 / dt
        leak = tree.leak[order] * area * 1e-2
        found[number, 3] = leak * tree.leak_reversal[order]
        found[number, 1] += found[number, 2] + leak
    for i in range(n - 1, varying - 1, -1):
        found[:, 5, i] = 1 / found[:, 1, i]
        found[:, 4, i] = found[:, 0, i] * found[:, 5, i]
        found[:, 1, parent[i]] -= found[:, 4, i] * found[:, 0, i]
    if not np.isfinite(found).all() or (found[:, 1] <= 0).any():
        raise InputError("a cell's tree cannot be solved: a resistance, an area or a capacitance is no positive number")
    return found
