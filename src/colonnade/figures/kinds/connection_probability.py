"""Connection probability against the distance between somata, with the curve of the rule that made it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from colonnade.analysis.connectivity import DistanceProfile, connection_probability, rule_probability
from colonnade.errors import InputError
from colonnade.figures.kind import GROUP_BY, FigureKind, names, number
from colonnade.figures.style import (
    CURVE,
    FONT_SIZE,
    GREY,
    SMALL,
    colours_of,
    in_lines,
    legend_of_figure,
    panels,
    say,
    short,
    ticks,
    width_of,
)
from colonnade.streams import stream

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result
    from colonnade.sonata.edges import EdgePopulation
    from colonnade.sonata.nodes import NodePopulation

_LEAST_WIDTH = 100.0  # pt, of a panel


@dataclass(frozen=True)
class ConnectionProfile:
    """Measured connection probability of one pair of groups, and the rule that made the connections, if known."""

    label: str
    group: str
    measured: DistanceProfile
    rule: str | int | None = None
    parameters: Mapping | None = None


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the connection probabilities of the network of ``result`` with the settings of the config."""
    colours = colours_of(result.group_names(settings.get("group_by", "pop_name")), settings.get("colours"))
    chosen = result.edge_populations(settings.get("edges"))
    profiles = [profile for edges in chosen for profile in _profiles(result, edges, settings)]
    draw_connection_probability(figure, profiles, colours)


def draw_connection_probability(
    figure: Figure | SubFigure, profiles: Sequence[ConnectionProfile], colours: Mapping[str, str]
) -> list[Axes]:
    """Draw each measured probability with its 95 % Wilson interval, and the rule's own curve, one panel a profile.

    The panels have the same scales. Returns the axes.
    """
    shown = [profile for profile in profiles if (profile.measured.n_pairs > 0).any()]
    if not shown:
        axes = figure.subplots()
        say(axes, "no pair of cells with positions")
        axes.set_axis_off()
        return [axes]
    columns = min(len(shown), max(1, int(width_of(figure) / _LEAST_WIDTH)))
    all_axes = panels(figure, len(shown), columns)
    farthest, highest, handles = 0.0, 0.0, {}
    for axes, profile in zip(all_axes, shown, strict=True):
        measured = profile.measured
        kept = measured.n_pairs > 0
        fraction = measured.probability[kept]
        errors = np.abs([fraction - measured.low[kept], measured.high[kept] - fraction])
        bars = axes.errorbar(
            measured.distance[kept], fraction, yerr=errors, fmt="o", color=colours.get(profile.group, GREY),
            markersize=2.5, elinewidth=0.6, label="measured",
        )  # fmt: skip
        handles.setdefault("measured", bars)
        farthest = max(farthest, measured.edges[-1])
        # A bin with few pairs has a wide interval; it shall not squeeze the others.
        many = measured.n_pairs > 0.05 * measured.n_pairs.max()
        highest = max(highest, fraction.max(), measured.high[many].max())
        distance = np.linspace(0, measured.edges[-1], 400)
        curve = rule_probability(profile.rule, profile.parameters or {}, distance) if profile.rule is not None else None
        if curve is not None:
            (line,) = axes.plot(distance, curve, color=CURVE, linewidth=0.8, label="rule", zorder=3)
            handles.setdefault("rule", line)
            highest = max(highest, curve.max())
        axes.set_title(in_lines(profile.label, 0.75 * width_of(figure) / columns), fontsize=SMALL, pad=3)
    top = min(1.0, highest * 1.15 or 1.0)
    all_axes[0].set(xlim=(0, farthest), ylim=(-0.025 * top, top * 1.025))
    all_axes[0].xaxis.set_major_locator(ticks(5 if columns == 1 else 3))
    all_axes[0].yaxis.set_major_locator(ticks(5 if len(shown) <= columns else 3))
    legend_of_figure(figure, list(handles.values()))
    _name_axes(figure, all_axes, "distance between somata (µm)", "connection probability")
    return all_axes


def _name_axes(figure: Figure | SubFigure, all_axes: Sequence[Axes], x: str, y: str) -> None:
    if len(all_axes) == 1:
        all_axes[0].set(xlabel=x, ylabel=y)
    else:
        figure.supxlabel(x, fontsize=FONT_SIZE)
        figure.supylabel(y, fontsize=FONT_SIZE)


def _profiles(result: Result, edges: EdgePopulation, settings: Mapping) -> Iterator[ConnectionProfile]:
    """Yield a profile for each edge group of the config, or one for all cells where the groups are not known."""
    places = [result.positions(population) for population in (edges.source_population, edges.target_population)]
    if places[0] is None or places[1] is None:
        if settings.get("edges") is not None:
            raise InputError("the cells of these edges have no positions", key="edges", value=edges.name)
        return
    wired = result.wiring(edges)
    group_by = settings.get("group_by", "pop_name")
    names = [result.groups(population, group_by) for population in (edges.source_population, edges.target_population)]
    for group in settings.get("edge_groups", {}).get(edges.name, [{}]):
        sources = _chosen(result.nodes[edges.source_population], group.get("source", {}), places[0])
        targets = _chosen(result.nodes[edges.target_population], group.get("target", {}), places[1])
        measured = connection_probability(
            wired.between(sources, targets),
            places[0][sources],
            places[1][targets],
            settings.get("bin", 10.0),
            rng=stream(settings.get("seed", 0), "connection_probability", edges.name),
        )
        ends = [
            _end(population, of_end[rows], of_end)
            for population, of_end, rows in zip(
                (edges.source_population, edges.target_population), names, (sources, targets), strict=True
            )
        ]
        of_sources = set(names[0][sources].tolist())
        first = of_sources.pop() if len(of_sources) == 1 else ""
        rule, parameters = group.get("connection_rule"), group.get("connection_params")
        rule = rule if isinstance(rule, str | int) else None
        yield ConnectionProfile(" → ".join(ends), first, measured, rule, parameters)


def _end(population: str, chosen: np.ndarray, all_groups: np.ndarray) -> str:
    """Return the name of one end of the connections: the population's if all its groups take part, else the groups'."""
    groups = list(dict.fromkeys(chosen.tolist()))
    everything = len(groups) > 1 and set(groups) == set(all_groups.tolist())
    return population if everything else ", ".join(short(name, groups) for name in groups) or population


def _chosen(nodes: NodePopulation, wanted: Mapping, places: np.ndarray) -> np.ndarray:
    """Return which nodes have a place and all ``wanted`` attributes, each a value or a list of values, (N,)."""
    chosen = np.isfinite(places).all(axis=1)
    for column, value in wanted.items():
        values = nodes.node_ids if column == "node_id" else nodes.values(column)
        accepted = value if isinstance(value, list) else [value]
        chosen &= np.array([each in accepted for each in values.tolist()], dtype=bool)
    return chosen


def _edge_groups(settings: dict, figures: Mapping, networks: Mapping) -> dict:
    """Return, by edge population under ``edge_groups``, what decides which cells of each edge group are connected."""
    found: dict[str, list[dict]] = {}
    for source, network in networks.items():
        for edges in network.get("edges", []):
            population = f"{source}_to_{edges.get('target_network', source)}"
            kept = {
                key: edges[key] for key in ("source", "target", "connection_rule", "connection_params") if key in edges
            }
            found.setdefault(population, []).append(kept)
    return {"edge_groups": found}


KIND = FigureKind(
    "connection_probability",
    shows="Fraction of connected pairs against the distance between somata, with the rule's curve.",
    use="to check that a rule made the connections that it was meant to make",
    draw=from_result,
    reads=("nodes", "edges"),
    height=55.0,
    more=_edge_groups,
    properties={
        "group_by": GROUP_BY,
        "edges": names(
            "Name of the edge population (SOURCE_to_TARGET), or a list of names. Default: all between placed cells."
        ),
        "bin": number("Bin of the distance, um.", 10.0, above=0),
    },
)
