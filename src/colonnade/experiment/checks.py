"""What a schema cannot check of a config: numbers, names that refer to something, times, cells. All at once."""

import itertools
import math
from collections.abc import Iterable, Iterator
from functools import partial

from jsonschema import Draft202012Validator

from colonnade.errors import ColonnadeError, InputError
from colonnade.experiment.estimate import too_large
from colonnade.experiment.publication_checks import of_publication
from colonnade.experiment.stages import components
from colonnade.figures.registry import figure_settings
from colonnade.geometry.segments import SECTION_LABELS
from colonnade.simulation.config_files import current_file
from colonnade.simulation.electrodes import electrode_positions
from colonnade.sonata.config import BOILING, POTENTIALS
from colonnade.sonata.types import ABSENT, plain_column
from colonnade.stimuli.registry import stimulus_kind, stimulus_kinds

ABSOLUTE_ZERO = -273.15  # degrees Celsius
SHORTEST_SEGMENT = 0.1  # um
LARGEST_VOLTAGE = 500.0  # mV, of a clamp
LARGEST_WEIGHT = 100.0  # uS; whole cells have input conductances of 0.01 uS
LARGEST_GAP = 1.0  # uS; gap junctions of cells in the brain have some 1e-4 to 1e-2 uS
OUTPUT_NAMES = ("spikes", "log", "timing")  # of files beside the reports


def impossible_values(value, file, path: tuple[str, ...] = ()) -> Iterator[InputError]:
    """Yield an error for each NaN, infinity or text with control characters anywhere in a config."""
    if isinstance(value, float) and not math.isfinite(value):
        yield InputError("not a number that can be used", file=file, key=".".join(path), value=value,
                         expected="a finite number")  # fmt: skip
    if isinstance(value, str) and any(ord(sign) < ord(" ") and sign not in "\n\t" for sign in value):
        yield InputError("a control character", file=file, key=".".join(path), value=value, expected="plain text")
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from impossible_values(part, file, (*path, str(key)))


def of_meaning(config: dict, file) -> Iterator[InputError]:
    """Yield all that is wrong in a config whose form is right, with the nearest right names."""
    found = False
    for check in (
        _file_names,
        _nodes,
        _edges,
        _inputs,
        _components,
        _simulation,
        _reports,
        _electrodes,
        _clamp_currents,
        _figures,
        _statistics,
        of_publication,
    ):
        for error in check(config, partial(InputError, file=file)):
            found = True
            yield error
    if not found:  # a size is known of what has a meaning
        yield from too_large(config, partial(InputError, file=file))


def _file_names(config, error) -> Iterator[InputError]:
    """The files of edges, SOURCE_TARGET_edges.h5, have names that can be told apart."""
    pairs: dict[str, tuple[str, str]] = {}
    for source, target in itertools.product(config["networks"], repeat=2):
        other = pairs.setdefault(f"{source}_{target}", (source, target))
        if other != (source, target):
            yield error(
                f"edges from {source} to {target} would be in the file of those from {other[0]} to {other[1]}",
                key="networks", value=f"{source}_{target}_edges.h5", expected="other names of networks",
            )  # fmt: skip


def _nodes(config, error) -> Iterator[InputError]:
    for name, network in config["networks"].items():
        for number, group in enumerate(network["nodes"]):
            place = f"networks.{name}.nodes.{number}"
            for key, value in group.items():
                yield from _text(value, f"{place}.{key}", error)
                if key.startswith("rotation_angle") and not _is_numeric(value):
                    yield error("no angle", key=f"{place}.{key}", value=value, expected="rad, or a list of them")


def _text(value, key: str, error) -> Iterator[InputError]:
    """Yield an error for a word that SONATA's tables of types would give back as something else."""
    if not isinstance(value, str):
        return
    if value in ABSENT:
        yield error("stands for nothing in SONATA's tables", key=key, value=value, expected="another word")
    elif not isinstance(plain_column([value])[0], str):
        yield error("would be read from SONATA's tables as a number or truth value", key=key, value=value,
                    expected="another word, or the value without quotes")  # fmt: skip
    elif "\n" in value or "\t" in value:
        yield error("does not fit into a line of a table", key=key, value=value, expected="one line without tabs")


def _is_numeric(value) -> bool:
    values = value if isinstance(value, list) else [value]
    return isinstance(value, dict) or all(isinstance(each, int | float) for each in values)


def _edges(config, error) -> Iterator[InputError]:
    networks, dt = config["networks"], config["simulation"]["dt"]
    for name, network in networks.items():
        for number, edges in enumerate(network["edges"]):
            place = f"networks.{name}.edges.{number}"
            target = edges.get("target_network", name)
            if target not in networks:
                yield error("no such network", key=f"{place}.target_network", value=target, options=networks)
                continue
            kinds = {group["model_type"] for group in networks[target]["nodes"]}
            if kinds == {"virtual"}:
                yield error("virtual cells cannot be targets", key=f"{place}.target_network", value=target)
            for end, cells in (("source", name), ("target", target)):
                yield from _filter(edges[end], networks[cells]["nodes"], f"{place}.{end}", error)
            if edges.get("delay", dt) < dt:
                yield error("shorter than simulation.dt", key=f"{place}.delay", value=edges["delay"], expected="ms")
            elif edges.get("delay", 0.0) >= config["simulation"]["tstop"]:
                yield error("no spike would arrive within the run", key=f"{place}.delay", value=edges["delay"],
                            expected=f"less than simulation.tstop, {config['simulation']['tstop']:g} ms")  # fmt: skip
            for key, value in edges.items():
                yield from _text(value, f"{place}.{key}", error)
            if edges.get("is_gap_junction") and target != name:
                yield error("gap junctions join cells of one network", key=f"{place}.target_network", value=target,
                            expected=name)  # fmt: skip
            if edges.get("is_gap_junction") and not kinds <= {"biophysical"}:
                yield error("gap junctions join biophysical cells", key=f"{place}.is_gap_junction", value=sorted(kinds))
            type_id = edges.get("edge_type_id", 0)
            if isinstance(type_id, bool) or not isinstance(type_id, int) or type_id < 0:
                yield error("no type id", key=f"{place}.edge_type_id", value=type_id, expected="a whole number >= 0")
            weight, gap = edges.get("syn_weight", 0.0), edges.get("is_gap_junction")
            largest = LARGEST_GAP if gap else LARGEST_WEIGHT
            if kinds == {"biophysical"} and not 0 <= weight <= largest:
                yield error(f"no conductance of a {'gap junction' if gap else 'synapse'}", key=f"{place}.syn_weight",
                            value=weight, expected=f"0 to {largest:g} uS")  # fmt: skip


def _filter(chosen: dict, groups: list[dict], place: str, error) -> Iterator[InputError]:
    """Yield an error where no group of cells can have the values that a filter asks for."""
    for key, wanted in chosen.items():
        accepted = wanted if isinstance(wanted, list) else [wanted]
        if key == "node_id":
            continue
        given = [group[key] for group in groups if key in group]
        if not given:
            yield error("the cells have no such property", key=f"{place}.{key}", value=key,
                        options={name for group in groups for name in group})  # fmt: skip
        elif all(isinstance(value, str | int | float) for value in given):
            for stranger in (each for each in accepted if each not in given):
                yield error("no cell has this value", key=f"{place}.{key}", value=stranger, options=given)
            if not accepted:
                yield error("chooses no cell", key=f"{place}.{key}", value=wanted, options=given)


def _inputs(config, error) -> Iterator[InputError]:
    networks = config["networks"]
    for name, settings in config["inputs"].items():
        population, place = settings.get("population", name), f"inputs.{name}"
        if stimulus_kind(settings["type"]).makes == "events":
            yield from _events(config, name, settings, error)
            continue
        key = f"{place}.population" if "population" in settings else place
        if population not in networks:
            yield error("no such network", key=key, value=population, options=networks)
            continue
        kinds = {group["model_type"] for group in networks[population]["nodes"]}
        kind = stimulus_kind(settings["type"])
        if kind.makes == "spikes" and kinds != {"virtual"}:
            yield error("spikes can only be given to virtual cells", key=key, value=population)
        needs_sections = kind.makes in ("current", "conductance", "voltage", "field")
        chosen = _kinds_chosen(settings, networks[population]["nodes"])
        if needs_sections and not (chosen <= {"biophysical"} or (kind.makes == "field" and "biophysical" in chosen)):
            yield error(f"an input of the type {kind.name} needs cells with sections, which are biophysical", key=key,
                        value=population)  # fmt: skip
        if wrong := kind.check(settings):
            yield error(wrong, key=place)
        if kind.makes == "field":
            yield from _waveform(settings, config["simulation"]["dt"], place, error)
        else:
            yield from _resolved(settings, config["simulation"]["dt"], place, error)
        yield from _strength(kind, settings, config["limits"]["current"], place, error)
        times, rate = settings.get("times"), settings.get("firing_rate")
        if times is not None and times != sorted(set(times)):
            yield error("times must increase", key=f"{place}.times", value=times, expected="s")
        tstop = config["simulation"]["tstop"]
        if times is not None and 1000 * times[0] >= tstop:
            yield error("no spike would come within the run", key=f"{place}.times", value=times,
                        expected=f"s, the first below simulation.tstop, {tstop:g} ms")  # fmt: skip
        if settings.get("delay", 0.0) >= tstop:
            yield error("the current would begin after the run", key=f"{place}.delay", value=settings["delay"],
                        expected=f"less than simulation.tstop, {tstop:g} ms")  # fmt: skip
        if isinstance(rate, list) and len(rate) != len(times):
            yield error(f"{len(rate)} rates for {len(times)} times", key=f"{place}.firing_rate", expected="Hz")
        yield from _node_ids(settings.get("node_ids", ()), networks[population], f"{place}.node_ids", error)


def _resolved(settings: dict, dt: float, place: str, error) -> Iterator[InputError]:
    """Yield an error for a current that changes faster than the time step ``dt`` (ms) shows."""
    for name in ("frequency", "frequency_start", "frequency_end"):
        if settings.get(name, 0.0) > 500.0 / dt:
            yield error("faster than simulation.dt shows", key=f"{place}.{name}", value=settings[name],
                        expected=f"at most {500.0 / dt:g} Hz, half of 1/dt")  # fmt: skip
    if settings.get("width", dt) < dt:
        yield error("shorter than simulation.dt", key=f"{place}.width", value=settings["width"], expected="ms")


def _waveform(settings: dict, dt: float, place: str, error) -> Iterator[InputError]:
    """The course of a potential in time is a kind of current, with all that this needs."""
    waveform = settings["waveform"]
    kinds = {name: kind for name, kind in stimulus_kinds().items() if kind.makes == "current" and kind.waveform}
    kind = kinds.get(waveform["type"])
    if kind is None:
        yield error("no such waveform", key=f"{place}.waveform.type", value=waveform["type"], options=kinds)
        return
    for key in waveform:
        if key != "type" and key not in kind.properties:
            yield error("no setting of this waveform", key=f"{place}.waveform.{key}", value=key,
                        options=kind.properties)  # fmt: skip
    for key in kind.required:
        if key not in waveform:
            yield error("is missing", key=f"{place}.waveform.{key}", expected=kind.properties[key]["description"])
    wrong = [
        key
        for key, part in kind.properties.items()
        if key in waveform and not Draft202012Validator(part).is_valid(waveform[key])
    ]
    for key in wrong:
        yield error("wrong value", key=f"{place}.waveform.{key}", value=waveform[key],
                    expected=kind.properties[key]["description"])  # fmt: skip
    if not wrong and all(key in waveform for key in kind.required):
        if problem := kind.check(waveform):
            yield error(problem, key=f"{place}.waveform")
        yield from _resolved(waveform, dt, f"{place}.waveform", error)


def _strength(kind, settings: dict, most: float, place: str, error) -> Iterator[InputError]:
    """Yield an error for a current (above ``most`` nA) or a potential that no cell bears."""
    for name, part in kind.properties.items():
        unit = str(part.get("description", "")).partition(",")[0]
        values = settings[name] if isinstance(settings.get(name), list) else [settings.get(name, 0.0)]
        strongest = max((abs(value) for value in values if isinstance(value, int | float)), default=0.0)
        if kind.makes == "current" and unit == "nA" and strongest > most:
            yield error("no cell bears such a current", key=f"{place}.{name}", value=settings[name],
                        expected=f"at most {most:g} nA, of either sign, or a higher limits.current")  # fmt: skip
        if kind.makes == "voltage" and unit == "mV" and strongest > LARGEST_VOLTAGE:
            yield error("no potential of a clamp", key=f"{place}.{name}", value=settings[name],
                        expected=f"at most {LARGEST_VOLTAGE:g} mV, of either sign")  # fmt: skip


def _events(config, name: str, settings: dict, error) -> Iterator[InputError]:
    """Filters of cells whose synapses act by themselves choose some."""
    if wrong := stimulus_kind(settings["type"]).check(settings):
        yield error(wrong, key=f"inputs.{name}")
    groups = [group for network in config["networks"].values() for group in network["nodes"]]
    for end in ("source", "target"):
        own = {key: value for key, value in settings[end].items() if key != "population"}
        yield from _filter(own, groups, f"inputs.{name}.{end}", error)


def _kinds_chosen(settings: dict, groups: list[dict]) -> set[str]:
    """Return the kinds of the cells that an input may choose: with ids of the user's own, all that there are."""
    ids, last, kinds = settings.get("node_ids"), 0, set()
    everything = ids is None or any("node_id" in group for group in groups)
    for group in groups:
        first, last = last, last + group["N"]
        if everything or any(first <= number < last for number in ids):
            kinds.add(group["model_type"])
    return kinds


def _node_ids(ids: Iterable, network: dict, key: str, error) -> Iterator[InputError]:
    """Yield an error for ids that no cell of a network has."""
    if any("node_id" in group for group in network["nodes"]):
        return  # the cells have ids of the user's own
    n_cells = sum(group["N"] for group in network["nodes"])
    strangers = [number for number in ids if isinstance(number, int) and not 0 <= number < n_cells]
    if strangers:
        yield error("no such cells", key=key, value=strangers[:5], expected=f"0 to {n_cells - 1}")


def _components(config, error) -> Iterator[InputError]:
    settings = config["components"]
    if settings["source"] == "directory" and "directory" not in settings:
        yield error("the key 'directory' is missing", key="components", expected="a folder of models")
    used = {name.partition("/")[2] for name in components.STAGE.names(config)}
    for name in settings["sha256"]:
        if name not in used:
            yield error("a checksum of a file that is not used", key="components.sha256", value=name, options=used)


def _simulation(config, error) -> Iterator[InputError]:
    simulation = config["simulation"]
    if simulation["dt"] > simulation["tstop"]:
        yield error("longer than tstop", key="simulation.dt", value=simulation["dt"], expected="ms")
    else:
        yield from _multiple(simulation, "tstop", simulation["dt"], "simulation", error)
        yield from _multiple(simulation, "checkpoint_every", simulation["dt"], "simulation", error)
    settle = simulation.get("settle", {})
    yield from _multiple(settle, "until", simulation["dt"], "simulation.settle", error)
    if settle and not simulation["dt"] <= settle["until"] < simulation["tstop"]:
        yield error("no time within the run", key="simulation.settle.until", value=settle["until"],
                    expected=f"ms, less than simulation.tstop, {simulation['tstop']:g} ms")  # fmt: skip
    for key in ("v_init", "spike_threshold"):
        if not POTENTIALS[0] <= simulation[key] <= POTENTIALS[1]:
            yield error("no membrane potential of a cell", key=f"simulation.{key}", value=simulation[key],
                        expected=f"{POTENTIALS[0]:g} to {POTENTIALS[1]:g} mV")  # fmt: skip
    if simulation["celsius"] <= ABSOLUTE_ZERO:
        yield error("below absolute zero", key="simulation.celsius", value=simulation["celsius"],
                    expected=f"degrees C above {ABSOLUTE_ZERO}")  # fmt: skip
    elif simulation["celsius"] >= BOILING:
        yield error("no cell lives there", key="simulation.celsius", value=simulation["celsius"],
                    expected=f"degrees C below {BOILING:g}")  # fmt: skip
    if simulation["largest_potential"] <= abs(simulation["v_init"]) <= max(map(abs, POTENTIALS)):
        yield error("the run would end as it begins, at simulation.v_init", key="simulation.largest_potential",
                    value=simulation["largest_potential"],
                    expected=f"more than {abs(simulation['v_init']):g} mV")  # fmt: skip
    if simulation["dL"] < SHORTEST_SEGMENT:
        yield error("the cells would have far too many segments", key="simulation.dL", value=simulation["dL"],
                    expected=f"{SHORTEST_SEGMENT:g} um or more")  # fmt: skip


def _multiple(settings: dict, key: str, dt: float, place: str, error) -> Iterator[InputError]:
    """Yield an error for a time (ms) that is no whole number of steps, which all that is simulated has."""
    value = settings.get(key)
    if value is not None and not math.isfinite(value / dt):
        yield error("too many steps", key=f"{place}.{key}", value=value, expected="ms")
        return
    if value is None or abs(value / dt - round(value / dt)) <= 1e-6 * max(1.0, value / dt):
        return
    near = [f"{steps * dt:.12g}" for steps in (math.floor(value / dt), math.ceil(value / dt)) if steps]
    yield error("no multiple of the time step", key=f"{place}.{key}", value=value,
                expected=f"{' or '.join(near)} ms, as simulation.dt is {dt} ms")  # fmt: skip


def _reports(config, error) -> Iterator[InputError]:
    simulation, networks = config["simulation"], config["networks"]
    for name, report in simulation["reports"].items():
        place, cells = f"simulation.reports.{name}", report["cells"]
        if name in OUTPUT_NAMES:
            yield error("another output has this name", key=place, value=name, expected="another name of the report")
        for key in ("dt", "start_time", "end_time"):
            yield from _multiple(report, key, simulation["dt"], place, error)
        begin, end = report.get("start_time", 0.0), report.get("end_time", simulation["tstop"])
        if not begin < end <= simulation["tstop"]:
            yield error("no time of the run", key=place, value=[begin, end], expected=f"within 0 to "
                        f"{simulation['tstop']:g} ms, start_time before end_time")  # fmt: skip
        elif report.get("dt", 0.0) > end - begin:
            yield error("longer than what is recorded", key=f"{place}.dt", value=report["dt"],
                        expected=f"{end - begin:g} ms or less")  # fmt: skip
        sections = report.get("sections", "soma")
        for section in (sections or [sections]) if isinstance(sections, list) else [sections]:
            if section != "all" and (not isinstance(section, str) or section not in SECTION_LABELS):
                yield error("no such section", key=f"{place}.sections", value=section,
                            options=["all", *SECTION_LABELS])  # fmt: skip
        population = cells.get("population") if isinstance(cells, dict) else cells
        if isinstance(population, str) and population != "all":
            if population not in networks:
                yield error("no such network", key=f"{place}.cells", value=population, options=["all", *networks])
            elif isinstance(cells, dict):
                ids = cells.get("node_id", cells.get("node_ids", ()))
                ids = ids if isinstance(ids, list) else [ids]
                yield from _node_ids(ids, networks[population], f"{place}.cells.node_id", error)


def _electrodes(config, error) -> Iterator[InputError]:
    simulation, networks = config["simulation"], config["networks"]
    for name, electrode in simulation.get("electrodes", {}).items():
        place, cells = f"simulation.electrodes.{name}", electrode["cells"]
        if name in (*OUTPUT_NAMES, *simulation["reports"]):
            yield error("another output has this name", key=place, value=name, expected="another name")
        try:
            electrode_positions(electrode)
        except InputError as problem:
            yield error(problem.message, key=f"{place}.{problem.key or 'positions'}", value=problem.value)
        population = cells.get("population") if isinstance(cells, dict) else cells
        if isinstance(population, str) and population != "all" and population not in networks:
            yield error("no such network", key=f"{place}.cells", value=population, options=["all", *networks])


def _clamp_currents(config, error) -> Iterator[InputError]:
    simulation = config["simulation"]
    clamps = [
        name for name, each in config["inputs"].items() if stimulus_kind(each["type"]).makes in ("current", "voltage")
    ]
    taken = {*simulation["reports"], *simulation.get("electrodes", {})}
    for number, name in enumerate(simulation.get("clamp_currents", [])):
        place = f"simulation.clamp_currents.{number}"
        if name not in clamps:
            yield error("no input that is a clamp", key=place, value=name, options=clamps)
        elif current_file(name).removesuffix(".h5") in taken:
            yield error("another output has the name of its file", key=place, value=current_file(name),
                        expected="another name of the report")  # fmt: skip


def _figures(config, error) -> Iterator[InputError]:
    simulation, networks = config["simulation"], config["networks"]
    for name, figure in config["figures"].items():
        try:
            figure_settings(config["figures"], name)
        except ColonnadeError as problem:
            yield error(problem.message, key=problem.key, value=problem.value, expected=problem.expected)
        place, report = f"figures.{name}", figure.get("report")
        if report is not None and report not in simulation["reports"]:
            yield error("no such report", key=f"{place}.report", value=report, options=simulation["reports"])
        electrode = figure.get("electrode")
        if electrode is not None and electrode not in simulation.get("electrodes", {}):
            yield error("no such electrode", key=f"{place}.electrode", value=electrode,
                        options=simulation.get("electrodes", {}))  # fmt: skip
        population = figure.get("population")
        chosen = [population] if isinstance(population, str) else population or []
        for each in chosen:
            if each not in networks:
                yield error("no such network", key=f"{place}.population", value=each, options=networks)
        if len(chosen) == 1 and chosen[0] in networks:
            yield from _node_ids(figure.get("node_ids", ()), networks[chosen[0]], f"{place}.node_ids", error)
        yield from _window(figure, place, simulation, error)
        recorded = simulation["reports"].get(report, {}).get("cells", "all")
        for each in chosen if isinstance(recorded, str) and recorded in networks else ():
            if each in networks and each != recorded:
                yield error(f"the report {report} has no cells of this network", key=f"{place}.population", value=each,
                            expected=recorded)  # fmt: skip


def _window(settings: dict, place: str, simulation: dict, error) -> Iterator[InputError]:
    """Yield an error for a stretch of time without any time of the run in it."""
    begin, end = settings.get("window") or (None, None)
    if (begin or 0.0) >= min(simulation["tstop"], math.inf if end is None else end):
        yield error("no time of the run", key=f"{place}.window", value=[begin, end],
                    expected=f"within 0 to {simulation['tstop']:g} ms")  # fmt: skip


def _statistics(config, error) -> Iterator[InputError]:
    yield from _window(config["statistics"], "statistics", config["simulation"], error)
