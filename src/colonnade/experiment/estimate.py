"""How large an experiment is before anything of it is made: cells, compartments, synapses, spikes, steps, disk.

It serves to find a zero too many, and ``needs`` makes memory and time of it.
"""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from colonnade.errors import InputError
from colonnade.experiment.cell_size import CellSize, cell_size

EDGE_BYTES, SPIKE_BYTES, NODE_BYTES = 45.0, 16.0, 60.0  # on disk
STATE_BYTES = {"compartment": 100.0, "synapse": 25.0}  # of a state that NEURON saves; of lockstep a quarter
STATES = 3  # two are kept while the next is written
VALUE_BYTES = 4.0  # in a report
RATE = 20.0  # Hz, of cells in a simulation
FALL = 1 / 3  # mean of a probability that falls linearly to 0 with the distance in a plane


@dataclass(frozen=True)
class Size:
    """What one point of an experiment comes to.

    ``compartments`` and ``channels`` of all simulated cells; ``synapses`` of all edges, ``gap_junctions`` among them;
    ``columns`` of reports that the engine records at each step; ``transfer`` are the resistances between electrodes and
    compartments. ``recorded``, all reports, and ``disk`` in bytes.
    """

    cells: int
    simulated: int
    compartments: float
    channels: float
    synapses: float
    gap_junctions: float
    input_spikes: float
    steps: float
    columns: float
    transfer: float
    recorded: float
    disk: float


def size_of(config: dict) -> Size:
    """Return the size of a resolved config without a sweep."""
    networks, simulation = config["networks"], config["simulation"]
    cells = [cell for name in networks for cell in _cells(config, name)]
    simulated = [(count, size) for count, kind, size in cells if kind != "virtual"]
    n_cells, n_simulated = sum(count for count, _, _ in cells), sum(count for count, _ in simulated)
    compartments = sum(count * size.compartments for count, size in simulated)
    synapses, gap_junctions = _all_synapses(networks)
    spikes = sum(_input_spikes(config, name, settings) for name, settings in config["inputs"].items())
    steps = simulation["tstop"] / simulation["dt"]
    reports = [(_columns(config, report), _rows(simulation, report)) for report in simulation["reports"].values()]
    electrodes = sum(_channels(electrode) for electrode in simulation.get("electrodes", {}).values())
    recorded = sum(VALUE_BYTES * columns * rows for columns, rows in reports)
    recorded += 8.0 * electrodes * (1 + len(networks)) * steps
    disk = NODE_BYTES * n_cells + EDGE_BYTES * synapses + recorded
    disk += SPIKE_BYTES * (spikes + n_simulated * RATE * simulation["tstop"] / 1000)
    if any(simulation.get(key) for key in ("checkpoint_every", "keep_state", "settle")):
        disk += STATES * (STATE_BYTES["compartment"] * compartments + STATE_BYTES["synapse"] * synapses)
    return Size(
        cells=n_cells,
        simulated=n_simulated,
        compartments=compartments,
        channels=sum(count * size.channels for count, size in simulated),
        synapses=synapses,
        gap_junctions=gap_junctions,
        input_spikes=spikes,
        steps=steps,
        columns=sum(columns for columns, _ in reports),
        transfer=electrodes * compartments,
        recorded=recorded,
        disk=disk,
    )


def _cells(config: dict, network: str) -> list[tuple[int, str, CellSize]]:
    """Return number, model type and size of the cells of each group of nodes."""
    return [
        (group["N"], group["model_type"], cell_size(group, config["components"], config["simulation"]["dL"]))
        for group in config["networks"][network]["nodes"]
    ]


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


def _all_synapses(networks: dict, onto: Collection[str] | None = None) -> tuple[float, float]:
    """Return the number of synapses of all edges, or of those onto some networks, and how many are gap junctions."""
    found = [
        (_synapses(networks, name, edges), bool(edges.get("is_gap_junction")))
        for name, network in networks.items()
        for edges in network["edges"]
        if onto is None or edges.get("target_network", name) in onto
    ]
    return sum(count for count, _ in found), sum(count for count, is_gap in found if is_gap)


def _synapses(networks: dict, name: str, edges: dict) -> float:
    """Return the number of synapses of one set of edges; onto cells without sections, that of connected pairs."""
    source, target = networks[name]["nodes"], networks[edges.get("target_network", name)]["nodes"]
    onto = [0, 0]  # cells with sections, and those without
    for group in target:
        onto[group["model_type"] != "biophysical"] += _count(group, edges["target"])
    pairs = float(sum(_count(group, edges["source"]) for group in source))
    rule, given = edges.get("nsyns", edges.get("connection_rule", 1)), edges.get("connection_params", {})
    if isinstance(rule, int | float):
        return pairs * (onto[0] * rule + onto[1] * min(rule, 1))
    mean = (_number(given, "nsyn_min", 1.0) + _number(given, "nsyn_max", 1.0)) / 2
    mean -= 0.5 if rule == "connect_random" else 0.0  # the upper end is excluded
    reach, radius = _number(given, "d_max", math.inf), _radius(target)
    near = min(1.0, (reach / radius) ** 2) if radius else 1.0
    if rule == "gap_connector":
        return pairs * onto[0] / 2 * near * _number(given, "probability", 1.0)
    pairs *= onto[0] * mean + onto[1] * min(mean, 1.0)
    if rule != "distance_connector":
        return pairs
    nearest, farthest = _number(given, "d_weight_max", 1.0), _number(given, "d_weight_min", 0.0)
    return pairs * near * (farthest + FALL * (nearest - farthest))


def _number(given: dict, key: str, default: float) -> float:
    """Return a parameter of a rule, which the rule itself will check; ``default`` where it is no number."""
    value = given.get(key)
    return float(value) if isinstance(value, int | float) else default


def _count(group: dict, wanted: dict) -> int:
    """Return how many cells of a group a filter takes, as far as the group's own values tell."""
    fits = all(
        key not in group
        or isinstance(group[key], dict | list)
        or group[key] in (value if isinstance(value, list) else [value])
        for key, value in wanted.items()
    )
    return group["N"] if fits else 0


def _radius(groups: list[dict]) -> float:
    radii = [group["positions"].get("max_radius", 0.0) for group in groups if isinstance(group.get("positions"), dict)]
    return max((float(radius) for radius in radii if isinstance(radius, int | float)), default=0.0)


def _input_spikes(config: dict, name: str, settings: dict) -> float:
    rate, times = settings.get("firing_rate"), settings.get("times")
    if not times or not isinstance(rate, int | float | list):
        return 0.0
    cells = sum(group["N"] for group in config["networks"][settings.get("population", name)]["nodes"])
    return cells * (max(rate) if isinstance(rate, list) else rate) * (times[-1] - times[0])


def _columns(config: dict, report: dict) -> float:
    """Return the number of columns of a report: somata, all segments, or all synapses of the chosen cells."""
    networks, wanted = config["networks"], report["cells"]
    wanted = wanted if isinstance(wanted, dict) else {"population": wanted}
    population, ids = wanted.get("population"), wanted.get("node_id", wanted.get("node_ids"))
    chosen = [population] if isinstance(population, str) and population in networks else list(networks)
    cells = [(count, size) for name in chosen for count, kind, size in _cells(config, name) if kind == "biophysical"]
    count = sum(count for count, _ in cells)
    share = min(1.0, len(ids) / max(count, 1)) if isinstance(ids, list) else 1.0
    if "synapse" in report:
        return share * _all_synapses(networks, chosen)[0]
    if report.get("sections", "soma") == "soma":
        return share * count
    return share * sum(count * size.compartments for count, size in cells)


def _rows(simulation: dict, report: dict) -> float:
    begin, end = report.get("start_time", 0.0), report.get("end_time", simulation["tstop"])
    return (end - begin) / report.get("dt", simulation["dt"])


def _channels(electrode: dict) -> int:
    if "positions" in electrode:
        return len(electrode["positions"])
    return math.prod(electrode["grid"]["counts"]) if "grid" in electrode else electrode["probe"]["channels"]
