"""Phase response: how much a spike of another cell brings forward or delays a regular cell's next spike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from colonnade.analysis.phase_response import phase_responses
from colonnade.errors import InputError
from colonnade.figures.kind import GROUP_BY, FigureKind, integer, number, text
from colonnade.figures.style import GREY, PALE, colours_of, legend_above, say, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from colonnade.analysis.result import Result


def from_result(figure: Figure | SubFigure, result: Result, settings: Mapping) -> None:
    """Draw the phase responses in ``result`` with the settings of the config."""
    group_by = settings.get("group_by", "pop_name")
    colours = colours_of(result.group_names(group_by), settings.get("colours"))
    edges = result.edge_populations(settings["edges"])[0]
    source, target = edges.source_population, edges.target_population
    if source not in result.nodes or target not in result.nodes:
        raise InputError("the cells of these edges are not known", key="edges", value=edges.name)
    spikes = result.activity(target, group_by)
    perturbing = result.activity(source, group_by)
    delays = edges.values("delay").astype(float) if edges.has("delay") else np.zeros(len(edges))
    found = phase_responses(
        spikes, perturbing, edges.source_ids, edges.target_ids, delays, least=settings.get("intervals", 3),
        tolerance=settings.get("tolerance", 0.05),
    )  # fmt: skip
    groups = {name: found.of_cells(spikes.groups == name) for name in spikes.group_names}
    draw_phase_responses(figure, groups, colours, bins=settings.get("bins", 20))


def draw_phase_responses(
    figure: Figure | SubFigure,
    responses: Mapping[str, tuple[np.ndarray, np.ndarray]],
    colours: Mapping[str, str],
    *,
    bins: int = 20,
) -> list[Axes]:
    """Draw phases (K,) and responses (K,) of each group as dots, and their mean in ``bins`` of the phase as a line.

    The causal limit is where the perturbation itself would be the spike: nothing comes before it. Returns the axes.
    """
    axes = figure.subplots()
    axes.axhline(0, color=PALE, linewidth=0.6, zorder=0)
    axes.set(xlim=(0, 1), xlabel="phase of the perturbation (periods)", ylabel="phase advance (periods)")
    edges = np.linspace(0, 1, bins + 1)
    handles = []
    for name, (phases, advances) in responses.items():
        if not len(phases):
            continue
        colour = colours.get(name, GREY)
        axes.plot(phases, advances, ".", color=colour, markersize=2.5, markeredgewidth=0, alpha=0.45)
        place = np.clip(np.digitize(phases, edges) - 1, 0, bins - 1)
        count = np.bincount(place, minlength=bins)
        kept = count > 0
        middle = np.bincount(place, phases, minlength=bins)[kept] / count[kept]
        mean = np.bincount(place, advances, minlength=bins)[kept] / count[kept]
        handles += axes.plot(middle, mean, "-", color=colour, linewidth=1.0, label=f"{name} (n = {len(phases)})")
    if handles:
        seen = axes.get_ylim()
        handles += axes.plot([0, 1], [1, 0], "--", color=GREY, linewidth=0.6, zorder=0, label="causal limit")
        axes.set_ylim(seen)
        legend_above(axes, handles)
    else:
        say(axes, "no perturbed interval after regular ones")
        axes.set_ylim(-1, 1)
    axes.xaxis.set_major_locator(ticks(5))
    axes.yaxis.set_major_locator(ticks(5))
    return [axes]


KIND = FigureKind(
    "phase_response",
    shows="Phase response: how much a spike at a phase of a regular cell's period brings its next spike forward.",
    use="for cells that fire regularly by themselves, each perturbed by single spikes of a source",
    draw=from_result,
    reads=("nodes", "edges", "spikes"),
    height=55.0,
    required=("edges",),
    properties={
        "edges": text("Name of the edge population (SOURCE_to_TARGET) whose spikes perturb."),
        "group_by": GROUP_BY,
        "bins": integer("Number of bins of the phase in which means are taken.", 20, least=1),
        "intervals": integer(
            "Undisturbed intervals right before a perturbation, whose mean is the period.", 3, least=1
        ),
        "tolerance": number("Largest spread of these intervals, as a part of their mean.", 0.05, above=0),
    },
)
