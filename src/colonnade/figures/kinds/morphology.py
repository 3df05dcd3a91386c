"""One cell: its morphology with the synapses on it, coloured by their sources, and the places that are recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from colonnade.errors import InputError
from colonnade.figures.kind import GROUP_BY, FigureKind, flag, integer, names, text
from colonnade.figures.projection import draw_scale_bar
from colonnade.figures.style import GREY, PALE, SMALL, colours_of, legend_of_figure, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result

PLANES = {"xy": (0, 1), "zy": (2, 1), "xz": (0, 2)}
_SHADES = {1: "black", 2: PALE, 3: "#8c8c8c", 4: "#4d4d4d"}  # soma, axon, basal and apical dendrite, by SWC's numbers
_POINTS_A_UM = 0.6  # line width of a dendrite of 1 um
_MOST_SOURCES = 12


@dataclass(frozen=True)
class CellPicture:
    """One cell in its own axes: ``pieces`` (n, 2, 4), x, y, z and diameter in um at both ends, ``types`` (n,) of SWC.

    ``synapses`` are places (K, 3) by group of sources, ``recorded`` places (R, 3) or None. ``note`` says what is
    missing.
    """

    pieces: np.ndarray
    types: np.ndarray
    synapses: Mapping[str, np.ndarray] = field(default_factory=dict)
    recorded: np.ndarray | None = None
    note: str = ""


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw a cell of ``result`` with the settings of the config."""
    group_by = settings.get("group_by", "pop_name")
    colours = colours_of(result.group_names(group_by), settings.get("colours"))
    population = _population(result, settings.get("population"))
    node_id = settings.get("node_id", 0)
    row = _row(result, population, node_id)
    found = result.morphologies(population)[row]
    if found is None:
        raise InputError("this cell has no morphology in a file", key="node_id", value=node_id, expected="an SWC file")
    picture = cell_picture(result, population, row, found, settings)
    name = f"{short(result.groups(population, group_by)[row])}: node {node_id}"
    draw_cell(figure, picture, colours, name=name, plane=settings.get("plane", "xy"), report=settings.get("report"))


def cell_picture(result: Result, population: str, row: int, found: tuple[Path, str | None], settings) -> CellPicture:
    """Return the cell at ``row`` of ``population``, whose SWC file and treatment of the axon are ``found``."""
    from colonnade.geometry.morphology import swc_lines, swc_sections

    pieces, types = swc_lines(found[0])
    if found[1]:  # the model has a stub in place of the axon
        pieces, types = pieces[types != 2], types[types != 2]
    sections = swc_sections(*found)
    if sections is None:
        return CellPicture(pieces, types, note="sites: only NEURON knows the sections of this form of SWC")
    node_id = int(result.nodes[population].node_ids[row])
    places, note = {}, ""
    if settings.get("synapses", True):
        places, note = _synapses(result, population, node_id, sections, settings)
    recorded = None
    if settings.get("report"):
        report = result.report(settings["report"], population)
        columns = report.columns(node_id)
        at = report.element_pos[columns] if report.element_pos is not None else np.full(len(report.element_ids), 0.5)
        recorded = _places(sections, report.element_ids[columns], at)
    return CellPicture(pieces, types, places, recorded, note)


def draw_cell(
    figure: Figure | SubFigure,
    picture: CellPicture,
    colours: Mapping[str, str],
    *,
    name: str,
    plane: str = "xy",
    report: str | None = None,
) -> list[Axes]:
    """Draw the cell seen along the axis that is not in ``plane``, one scale in both directions. Returns the axes."""
    from matplotlib.collections import LineCollection

    axes = figure.subplots()
    axes.set_aspect("equal", adjustable="box")
    axes.set_axis_off()
    shown = list(PLANES[plane])
    order = np.argsort(picture.types == 1, kind="stable")
    lines = picture.pieces[order][:, :, shown]
    widths = np.clip(picture.pieces[order][:, :, 3].mean(axis=1) * _POINTS_A_UM, 0.35, 2.5)
    shades = [_SHADES.get(kind, GREY) for kind in picture.types[order]]
    axes.add_collection(LineCollection(lines, colors=shades, linewidths=widths, capstyle="round"))
    soma = picture.pieces[0, 0]
    axes.add_patch(_disc(soma[shown], soma[3] / 2))
    handles = []
    most = max((len(places) for places in picture.synapses.values()), default=1)
    for group, places in picture.synapses.items():
        axes.plot(
            places[:, shown[0]], places[:, shown[1]], "o", color=colours.get(group, GREY), markersize=2.2,
            markeredgewidth=0.2, markeredgecolor="white", zorder=4 - len(places) / most,
        )  # fmt: skip
        label = f"{len(places):,} {'synapse' if len(places) == 1 else 'synapses'} from {short(group, picture.synapses)}"
        handles += axes.plot([], [], "o", color=colours.get(group, GREY), label=label)
    if picture.recorded is not None and len(picture.recorded):
        handles += axes.plot(
            picture.recorded[:, shown[0]], picture.recorded[:, shown[1]], "D", color="white", markersize=3.5,
            markeredgecolor="black", markeredgewidth=0.8, zorder=5, label=f"recorded in {report}",
        )  # fmt: skip
    axes.autoscale_view()
    round_soma = soma[shown] + soma[3] / 2 * np.array([[-1, -1], [1, 1]])
    draw_scale_bar(axes, np.concatenate([picture.pieces[:, :, shown].reshape(-1, 2), round_soma]))
    said = name + (f"\n{picture.note}" if picture.note else "")
    if handles:
        legend_of_figure(figure, handles, title=said)
    else:
        axes.set_title(said, fontsize=SMALL, color=GREY)
    return [axes]


def _disc(centre: np.ndarray, radius: float):
    from matplotlib.patches import Circle

    return Circle(tuple(centre), radius, color="black", linewidth=0, zorder=2)


def _population(result: Result, chosen: str | None) -> str:
    populations = result.populations(chosen)
    if len(populations) != 1:
        raise InputError("one population has to be named", key="population", options=populations)
    return populations[0]


def _row(result: Result, population: str, node_id: int) -> int:
    rows = np.flatnonzero(result.nodes[population].node_ids == node_id)
    if not len(rows):
        raise InputError("no such cell", key="node_id", value=node_id, expected=f"a node id of {population}")
    return int(rows[0])


def _synapses(result: Result, population: str, node_id: int, sections, settings) -> tuple[dict[str, np.ndarray], str]:
    """Return the places (K, 3) of the synapses onto a cell by the group of their sources, and what is missing."""
    found: dict[str, list[np.ndarray]] = {}
    note = ""
    for edges in result.edge_populations(settings.get("edges")):
        rows = np.flatnonzero(edges.target_ids == node_id) if edges.target_population == population else []
        if not len(rows):
            continue
        if not edges.has("afferent_section_id"):
            note = "sites of synapses are not in the network's files"
            continue
        ids = edges.values("afferent_section_id")[rows].astype(int)
        places = _places(sections, ids, edges.values("afferent_section_pos")[rows].astype(float))
        groups = result.groups(edges.source_population, settings.get("group_by", "pop_name"))
        sources = np.searchsorted(result.nodes[edges.source_population].node_ids, edges.source_ids[rows])
        for group in dict.fromkeys(groups.tolist()):
            own = places[groups[sources] == group]
            if len(own):
                found.setdefault(group, []).append(own)
    if len(found) > _MOST_SOURCES:
        raise InputError(
            f"{len(found)} groups of sources cannot be told apart", key="group_by", expected=f"up to {_MOST_SOURCES}"
        )
    return {group: np.concatenate(parts) for group, parts in found.items()}, note


def _places(sections, ids, at) -> np.ndarray:
    """Return where the fractions ``at`` (K,) of the sections numbered ``ids`` (K,) are, (K, 3) in um."""
    return np.array([sections[int(number)].place(float(x)) for number, x in zip(ids, at, strict=True)]).reshape(-1, 3)


KIND = FigureKind(
    "morphology",
    shows="One cell: its morphology with its synapses, coloured by their sources, and its recorded places.",
    use="to show where on a cell each input arrives, and where it is recorded",
    draw=from_result,
    reads=("nodes", "edges", "morphologies"),
    reads_for={"report": "reports"},
    height=90.0,
    properties={
        "population": text("Name of the network of the cell. Default: the only one that is simulated."),
        "node_id": integer("The cell.", 0, least=0),
        "synapses": flag("Draw the synapses onto the cell.", True),
        "edges": names("Name of the edge population (SOURCE_to_TARGET), or a list of names. Default: all."),
        "report": text("Name of a report whose recorded places are marked."),
        "plane": {"enum": list(PLANES), "default": "xy", "description": "Plane of the paper, in the axes of the SWC."},
        "group_by": GROUP_BY,
    },
)
