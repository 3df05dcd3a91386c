"""How large an experiment is before anything of it is made: cells, synapses, spikes, memory, disk, time.

The figures of a cell, a synapse and a step are medians of docs/benchmark.md and of runs of 100 to 3,000 cells of the
tutorial's third chapter (264 segments each) on two cores; other cells and machines differ by some times. They serve to
find a zero too many, and to know whether to wait or to go for lunch.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from colonnade.errors import InputError

PROGRAM = 0.2e9  # bytes of memory of a simulation without cells
CELL, POINT_CELL, SYNAPSE = 1.1e6, 2e4, 200.0  # bytes of memory each
ROWS = 0.3e9  # bytes of recorded rows that wait to be written
LOAD = 14e-3  # s a biophysical cell
STEP = {"neuron": 8e-6}  # s a biophysical cell and step on one thread
FAST_STEP = 4e-6  # of the other engines
POINT_STEP = 1e-7
SEGMENTS = 264  # of a biophysical cell: those of Scnn1a at dL 20
EDGE_BYTES, SPIKE_BYTES, NODE_BYTES = 45.0, 16.0, 60.0  # on disk
RATE = 20.0  # Hz, of cells in a simulation
FALL = 1 / 3  # mean of a probability that falls linearly to 0 with the distance in a plane


@dataclass(frozen=True)
class Size:
    """What one point of an experiment comes to. Memory and disk in bytes, time in s."""

    cells: int
    simulated: int
    compartments: int
    synapses: float
    input_spikes: float
    steps: float
    recorded: float  # bytes of all reports
    memory: float
    disk: float
    seconds: float


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
    step = STEP.get(simulation["engine"], FAST_STEP) * (simulated - points) + POINT_STEP * points
    return Size(
        cells=cells,
        simulated=simulated,
        compartments=SEGMENTS * (simulated - points) + points,
        synapses=synapses,
        input_spikes=spikes,
        steps=steps,
        recorded=recorded,
        memory=PROGRAM + CELL * (simulated - points) + POINT_CELL * points + SYNAPSE * synapses
        + min(ROWS, recorded) + SPIKE_BYTES * spikes,
        disk=NODE_BYTES * cells + EDGE_BYTES * synapses + recorded
        + SPIKE_BYTES * (spikes + simulated * RATE * simulation["tstop"] / 1000),
        seconds=LOAD * (simulated - points) + step * steps / simulation["threads"],
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


def in_words(sizes: Iterable[Size], free: float) -> str:
    """Return what simulations of ``sizes`` ask for, with ``free`` bytes on the disk."""
    sizes = list(sizes)
    memory = max(size.memory for size in sizes)
    disk, seconds = sum(size.disk for size in sizes), sum(size.seconds for size in sizes)
    runs = f"{len(sizes)} simulations" if len(sizes) > 1 else "1 simulation"
    each = " each" if len(sizes) > 1 else ""
    return (
        f"Estimate: {runs} of up to {max(size.cells for size in sizes)} cells and "
        f"{max(size.synapses for size in sizes):.2g} synapses; {_bytes(memory)} of memory{each}, "
        f"{_bytes(disk)} on disk ({_bytes(free)} free), {_duration(seconds)} of simulation"
    )


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


def _bytes(value: float) -> str:
    return f"{value / 1e9:.2g} GB" if value >= 1e9 else f"{max(1.0, value / 1e6):.0f} MB"


def _duration(seconds: float) -> str:
    for unit, length in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * length:
            return f"about {seconds / length:.0f} {unit}"
    return f"about {max(1.0, seconds):.0f} s"
