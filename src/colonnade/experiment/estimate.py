"""How large an experiment is before anything of it is made: cells, compartments, synapses, spikes, steps, disk.

It serves to find a zero too many, and ``needs`` makes memory and time of it. A cell is taken for one of the tutorial's
third chapter.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from colonnade.errors import InputError

SEGMENTS = 264  # of a biophysical cell: those of Scnn1a at dL 20
EDGE_BYTES, SPIKE_BYTES, NODE_BYTES = 45.0, 16.0, 60.0  # on disk
RATE = 20.0  # Hz, of cells in a simulation
FALL = 1 / 3  # mean of a probability that falls linearly to 0 with the distance in a plane


@dataclass(frozen=True)
class Size:
    """What one point of an experiment comes to. ``disk`` in bytes."""

    cells: int
    simulated: int
    compartments: int
    synapses: float
    input_spikes: float
    steps: float
    recorded: float  # bytes of all reports
    disk: float


def size_of(config: dict) -> Size:
    """Return the size of a resolved config without a sweep."""
    networks, simulation = config["networks"], config["simulation"]
    counts = {"biophysical": 0, "virtual": 0, "point_neuron": 0}
    for network in networks.values():
        for group in network["nodes"]:
            counts[group["model_type"]] = counts.get(group["model_type"], 0) + group["N"]
    cells, points = sum(counts.values()), counts["point_neuron"]
    synapses = sum(_synapses(networks, name, edges) for name, network in networks.items() for edges in network["edges"])
    spikes = sum(_input_spikes(config, name, settings) for name, settings in config["inputs"].items())
    steps = simulation["tstop"] / simulation["dt"]
    simulated = cells - counts["virtual"]
    recorded = sum(_recorded(config, report) for report in simulation["reports"].values())
    channels = sum(_channels(electrode) for electrode in simulation.get("electrodes", {}).values())
    recorded += 8.0 * channels * (1 + len(networks)) * simulation["tstop"] / simulation["dt"]
    return Size(
        cells=cells,
        simulated=simulated,
        compartments=SEGMENTS * (simulated - points) + points,
        synapses=synapses,
        input_spikes=spikes,
        steps=steps,
        recorded=recorded,
        disk=NODE_BYTES * cells + EDGE_BYTES * synapses + recorded
        + SPIKE_BYTES * (spikes + simulated * RATE * simulation["tstop"] / 1000),
    )  # fmt: skip


def too_large(config: dict, error) -> Iterator[InputError]:
    """Yield an error for all of a config that is larger than its ``limits``."""
    size, limits = size_of(config), config["limits"]
    for name, value, unit in (
        ("cells", size.cells, ""),
        ("synapses", size.synapses, ""),
        ("input_spikes", size.input_spikes, ""),
        ("steps", size.steps, ""),
        ("disk_gb", size.disk / 1e9, " GB"),
    ):
        if value > limits[name]:
            yield error(
                f"there would be about {value:.3g}{unit or ' ' + name.replace('_', ' ')}", key=f"limits.{name}",
                value=limits[name], expected="fewer, or a higher limit, if that is meant",
            )  # fmt: skip


def _synapses(networks: dict, name: str, edges: dict) -> float:
    source, target = networks[name]["nodes"], networks[edges.get("target_network", name)]["nodes"]
    pairs = float(_chosen(source, edges["source"])) * _chosen(target, edges["target"])
    rule, given = edges.get("connection_rule", 1), edges.get("connection_params", {})
    if isinstance(rule, int | float):
        return pairs * rule
    mean = (_number(given, "nsyn_min", 1.0) + _number(given, "nsyn_max", 1.0)) / 2
    if rule != "distance_connector":
        return pairs * mean
    reach, radius = _number(given, "d_max", math.inf), _radius(target)
    near = min(1.0, (reach / radius) ** 2) if radius else 1.0
    return pairs * near * mean * (_number(given, "d_weight_min", 0.0) + FALL * _number(given, "d_weight_max", 1.0))


def _number(given: dict, key: str, default: float) -> float:
    """Return a parameter of a rule, which the rule itself will check; ``default`` where it is no number."""
    value = given.get(key)
    return float(value) if isinstance(value, int | float) else default


def _chosen(groups: list[dict], wanted: dict) -> int:
    """Return how many cells a filter takes, as far as the groups' own values tell."""
    return sum(
        group["N"]
        for group in groups
        if all(key not in group or isinstance(group[key], dict | list)
               or group[key] in (value if isinstance(value, list) else [value]) for key, value in wanted.items())
    )  # fmt: skip


def _radius(groups: list[dict]) -> float:
    radii = [group["positions"].get("max_radius", 0.0) for group in groups if isinstance(group.get("positions"), dict)]
    return max((float(radius) for radius in radii if isinstance(radius, int | float)), default=0.0)


def _input_spikes(config: dict, name: str, settings: dict) -> float:
    rate, times = settings.get("firing_rate"), settings.get("times")
    if not times or not isinstance(rate, int | float | list):
        return 0.0
    cells = sum(group["N"] for group in config["networks"][settings.get("population", name)]["nodes"])
    return cells * (max(rate) if isinstance(rate, list) else rate) * (times[-1] - times[0])


def _recorded(config: dict, report: dict) -> float:
    """Return the bytes of a report of the somata, or of some segments of each cell."""
    simulation, cells = config["simulation"], report["cells"]
    population = cells.get("population") if isinstance(cells, dict) else cells
    ids = cells.get("node_id", cells.get("node_ids")) if isinstance(cells, dict) else None
    chosen = [population] if isinstance(population, str) and population in config["networks"] else config["networks"]
    groups = [group for name in chosen for group in config["networks"][name]["nodes"]]
    count = len(ids) if isinstance(ids, list) else sum(g["N"] for g in groups if g["model_type"] != "virtual")
    segments = 1 if report.get("sections", "soma") == "soma" else SEGMENTS
    begin, end = report.get("start_time", 0.0), report.get("end_time", simulation["tstop"])
    return 4.0 * count * segments * (end - begin) / report.get("dt", simulation["dt"])


def _channels(electrode: dict) -> int:
    if "positions" in electrode:
        return len(electrode["positions"])
    return math.prod(electrode["grid"]["counts"]) if "grid" in electrode else electrode["probe"]["channels"]
