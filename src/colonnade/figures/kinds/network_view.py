"""The network in 3-D with some of its morphologies and connections, and a page on which it can be turned."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from colonnade.figures.kind import GROUP_BY, POPULATIONS, FigureKind, integer, number
from colonnade.figures.network_page import network_page
from colonnade.figures.projection import draw_box, draw_directions, draw_scale_bar, view
from colonnade.figures.style import GREY, colours_of, legend_of_figure, say, short
from colonnade.streams import stream

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result

_STEP = 8.0  # um between the points of a morphology that are kept
_AROUND_ONE = 10.0  # um, half the box around a single place


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the network of ``result`` with the settings of the config."""
    draw_network(figure, network_of(result, settings))


def page(result: Result, settings: Mapping) -> str:
    """Return the body of the page with the network of ``result``."""
    return network_page(network_of(result, settings), "The network")


def network_of(result: Result, settings: Mapping) -> dict:
    """Return what is seen of a network, as JSON can hold it.

    ``groups``, each with ``name``, ``colour`` and number of ``cells``; of each placed cell ``x``, ``y``, ``z`` (um),
    ``group`` (its number) and ``id`` (node id); ``shapes``: of each morphology the ends of its pieces, x, y, z, x, y, z
    and so on in um from the soma; ``trees``: cells with their shape and the nine numbers of the matrix that turns it;
    ``connections``: pairs of cells, a random sample where there are more than the settings ask for.
    """
    group_by = settings.get("group_by", "pop_name")
    colours = colours_of(result.group_names(group_by), settings.get("colours"))
    rng = stream(settings.get("seed", 0), "network view")
    found = {"x": [], "y": [], "z": [], "group": [], "id": [], "shapes": [], "trees": []}
    numbers: dict[str, int] = {}
    first: dict[str, tuple[int, np.ndarray]] = {}
    candidates = []
    for population in result.populations(settings.get("population")):
        places, groups = result.positions(population), result.groups(population, group_by)
        if places is None:
            continue
        placed = np.isfinite(places).all(axis=1)
        first[population] = len(found["x"]), np.where(placed, np.cumsum(placed) - 1, -1)
        files, turns = result.morphologies(population), result.turns(population)
        for row in np.flatnonzero(placed).tolist():
            if files[row] is not None:
                candidates.append((len(found["x"]), files[row], turns[row]))
            for axis, value in zip("xyz", places[row].tolist(), strict=True):
                found[axis].append(round(value, 1))
            found["group"].append(numbers.setdefault(str(groups[row]), len(numbers)))
            found["id"].append(int(result.nodes[population].node_ids[row]))
    found["groups"] = [
        {"name": name, "colour": colours.get(name, GREY), "cells": found["group"].count(number)}
        for name, number in numbers.items()
    ]
    _add_trees(found, candidates, settings.get("most_morphologies", 30), rng)
    pairs = _connections(result, first, settings)
    most = settings.get("most_connections", 2000)
    found["all_connections"] = len(pairs) <= most
    kept = pairs if len(pairs) <= most else pairs[np.sort(rng.choice(len(pairs), most, replace=False))]
    found["connections"] = kept.tolist()
    return found | {key: settings.get(key, KIND.properties[key]["default"]) for key in ("elevation", "azimuth")}


def draw_network(figure: Figure | SubFigure, network: Mapping) -> list[Axes]:
    """Draw somata and morphologies of a ``network`` of ``network_of`` in a parallel view. Returns the axes."""
    from matplotlib.collections import LineCollection

    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_aspect("equal", adjustable="box")
    places = np.array([network[axis] for axis in "xyz"]).T
    if not len(places):
        say(axes, "no cell has a position")
        return [axes]
    right, up, towards = view(network["elevation"], network["azimuth"])
    low, high = places.min(axis=0), places.max(axis=0)
    if np.array_equal(low, high):
        low, high = low - _AROUND_ONE, high + _AROUND_ONE
    on_paper = np.stack([right, up], axis=1)
    seen = [places @ on_paper]
    shades = [group["colour"] for group in network["groups"]]
    for tree in sorted(network["trees"], key=lambda tree: places[tree["cell"]] @ towards):
        turn = np.array(tree["turn"]).reshape(3, 3)
        pieces = np.array(network["shapes"][tree["shape"]]).reshape(-1, 2, 3) @ turn.T + places[tree["cell"]]
        colour = shades[network["group"][tree["cell"]]]
        seen.append((pieces @ on_paper).reshape(-1, 2))
        axes.add_collection(LineCollection(pieces @ on_paper, colors=colour, linewidths=0.35, alpha=0.5))
    if network["trees"]:  # they reach far out of a box around the somata
        draw_scale_bar(axes, np.concatenate(seen))
        draw_directions(axes, np.concatenate(seen), right, up)
    else:
        draw_box(axes, low, high, right, up)
    order = np.argsort(places @ towards, kind="stable")
    dots = places[order] @ on_paper
    colours = [shades[network["group"][row]] for row in order]
    size = float(np.clip(900 / len(places), 1.5, 9.0))
    axes.scatter(
        *dots.T, s=size, color=colours, edgecolor="white", linewidth=0.2, zorder=3, rasterized=len(dots) > 20_000
    )
    axes.autoscale_view()
    if len(shades) > 1:
        names = [group["name"] for group in network["groups"]]
        named = [(group["colour"], short(group["name"], names)) for group in network["groups"]]
        legend_of_figure(figure, [axes.plot([], [], "o", color=colour, label=name)[0] for colour, name in named])
    return [axes]


def _add_trees(found: dict, candidates: list, most: int, rng: np.random.Generator) -> None:
    """Add the morphologies of ``most`` of the cells, as many of each group as its share, and the shapes they have."""
    if len(candidates) > most:
        candidates = [candidates[place] for place in np.sort(rng.choice(len(candidates), most, replace=False))]
    shapes: dict[tuple[Path, str | None], int] = {}
    for cell, file, turn in candidates:
        if file not in shapes:
            shapes[file] = len(found["shapes"])
            found["shapes"].append(_pieces(*file))
        found["trees"].append({"cell": cell, "shape": shapes[file], "turn": np.round(turn, 4).ravel().tolist()})


def _pieces(path: Path, axon: str | None) -> list[float]:
    """Return the ends of the pieces of a morphology, from its soma, with points some ``_STEP`` um apart."""
    from colonnade.geometry.morphology import swc_lines, swc_sections

    sections = swc_sections(path, axon)
    raw, types = swc_lines(path)
    soma = raw[0, 0, :3]
    if sections is None:
        pieces = raw[types != 2 if axon else slice(None), :, :3]
    else:
        pieces = []
        for section in sections:
            if section.points is not None and section.kind != "soma":
                at = np.linspace(0, 1, max(2, round(section.length / _STEP) + 1))
                course = np.array([section.place(x) for x in at])
                pieces += list(np.stack([course[:-1], course[1:]], axis=1))
        pieces = np.array(pieces).reshape(-1, 2, 3)
    return np.round(pieces - soma, 1).ravel().tolist()


def _connections(result: Result, first: Mapping, settings: Mapping) -> np.ndarray:
    """Return the connected pairs (K, 2) of shown cells, by their places among these."""
    pairs = [np.empty((0, 2), dtype=int)]
    for edges in result.edge_populations():
        if edges.source_population in first and edges.target_population in first:
            wired = result.wiring(edges)
            kept = wired.synapses > 0
            ends = []
            for population, rows in ((edges.source_population, wired.source), (edges.target_population, wired.target)):
                begin, places = first[population]
                ends.append(np.where(places[rows] >= 0, places[rows] + begin, -1))
            found = np.stack(ends, axis=1)[kept]
            pairs.append(found[(found >= 0).all(axis=1)])
    return np.concatenate(pairs)


KIND = FigureKind(
    "network_view",
    shows="The network in 3-D with morphologies and connections; in the report it can be turned.",
    use="to look around in a network, and to show in print where its cells and their dendrites are",
    draw=from_result,
    page=page,
    reads=("nodes", "edges", "morphologies"),
    height=90.0,
    properties={
        "population": POPULATIONS,
        "group_by": GROUP_BY,
        "elevation": number("Height of the viewer, degrees.", 20.0, above=-90.001, most=90),
        "azimuth": number("Direction of the viewer, degrees.", -50.0),
        "most_morphologies": integer("Number of morphologies; of more cells, a random sample.", 30, least=0),
        "most_connections": integer("Number of connections on the page; of more, a random sample.", 2000, least=0),
    },
)
