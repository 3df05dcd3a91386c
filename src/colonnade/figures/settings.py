"""What a figure depends on: its settings, those of the figures in it, and the kinds of files that it is drawn from."""

from collections.abc import Mapping

from colonnade.errors import InputError

FORMATS = ("pdf", "svg", "png")

# Kind of figure -> kinds of files that it is drawn from. ``points`` is the table of all points of a sweep.
READS = {
    "raster": ("nodes", "spikes"),
    "traces": ("nodes", "spikes", "reports"),
    "distributions": ("nodes", "spikes"),
    "correlations": ("nodes", "spikes"),
    "spectrum": ("nodes", "spikes"),
    "placement": ("nodes",),
    "connection_probability": ("nodes", "edges"),
    "connectivity_matrix": ("nodes", "edges"),
    "sweep": ("nodes", "points"),
}


def settings_of(figures: Mapping[str, dict], name: str, networks: Mapping[str, dict] | None = None) -> dict:
    """Return exactly the settings that the figure ``name`` of the config section ``figures`` depends on.

    For a panel these are the settings of its figures, too, under ``figures``; for a connection probability the rules
    in ``networks`` (the config's section) by edge population, under ``edge_groups``. The caption is left out: only the
    report shows it.
    """
    if name not in figures:
        raise InputError("no such figure", key=f"figures.{name}", value=name, options=figures)
    settings = {key: value for key, value in figures[name].items() if key != "caption"}
    if settings["kind"] == "panel":
        settings["figures"] = {}
        for part in dict.fromkeys(part for row in settings["rows"] for part in row):
            key = f"figures.{name}.rows"
            if part not in figures:
                raise InputError("no such figure", key=key, value=part, options=figures)
            if figures[part]["kind"] == "panel":
                raise InputError("a panel cannot hold another panel", key=key, value=part)
            settings["figures"][part] = settings_of(figures, part, networks)
    if settings["kind"] == "connection_probability":
        settings["edge_groups"] = _edge_groups(networks or {})
    return settings


def reads(settings: Mapping) -> tuple[str, ...]:
    """Return the kinds of files that a figure with these ``settings`` (of ``settings_of``) is drawn from, sorted."""
    parts = settings["figures"].values() if settings["kind"] == "panel" else [settings]
    return tuple(sorted({kind for part in parts for kind in READS[part["kind"]]}))


def _edge_groups(networks: Mapping[str, dict]) -> dict[str, list[dict]]:
    """Return, by edge population, what decides which cells of each edge group are connected."""
    found: dict[str, list[dict]] = {}
    for source, network in networks.items():
        for edges in network.get("edges", []):
            population = f"{source}_to_{edges.get('target_network', source)}"
            kept = {
                key: edges[key] for key in ("source", "target", "connection_rule", "connection_params") if key in edges
            }
            found.setdefault(population, []).append(kept)
    return found
