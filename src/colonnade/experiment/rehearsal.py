"""A rehearsal of an experiment before any job: what the builder would refuse of cells, connections and models.

All cells are described, connections are drawn among three of them, morphologies and fits are read without NEURON. A
user's own functions are not called: what is wrong in these is known when their step runs.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from colonnade.builder.connections import SITE_NAMES, ConnectionMap
from colonnade.builder.connectors import CONNECTORS
from colonnade.builder.network import FIRST_TYPE_ID, NetworkBuilder
from colonnade.builder.networks_from_config import check_edge_keys, check_node_keys, chosen_nodes, values_of
from colonnade.builder.nodes import NodePool
from colonnade.builder.positions import positions_density_matrix
from colonnade.builder.sites import Placement, Sites
from colonnade.cells.cell_type import CellType
from colonnade.cells.fits import FITS, Assign
from colonnade.cells.gradients import Gradient, values_in
from colonnade.components import model_path
from colonnade.errors import ColonnadeError, InputError, MissingFile, raise_all
from colonnade.experiment.plan import Plan
from colonnade.files import canonical_json
from colonnade.geometry.morphology import swc_segments
from colonnade.geometry.segments import SECTION_LABELS
from colonnade.json_file import read_json
from colonnade.simulation.network.synapse_models import synapse_model, unused_parameters
from colonnade.simulation.network.weights import NAMED
from colonnade.sonata.node_sets import NodeSets
from colonnade.sonata.spikes import read_spikes
from colonnade.stimuli.field_files import NEAREST, read_field
from colonnade.stimuli.kinds import array
from colonnade.stimuli.registry import stimulus_kind
from colonnade.streams import stream
from colonnade.user_functions import is_reference

FEW = 3  # cells that a rule of connection is tried on
READ_BEFOREHAND = 20_000_000  # bytes; spikes in a longer file are left to the step that reads them
OF_ADD_PROPERTIES = ("names", "rule", "rule_params", "values", "dtypes")
NAME = re.compile(r"[^\s/.]+")
OF_CELLS = ("model_type", "model_template", "model_processing", "morphology", "dynamics_params")
OF_SYNAPSES = ("syn_weight", "delay")  # which each synapse on a biophysical cell needs


def _read_table(settings: dict, simulation: dict) -> None:
    settings = stimulus_kind(settings["type"]).from_sonata(settings)
    array.table(settings, simulation["tstop"] - settings["delay"], simulation["dt"])


READ = {"array": _read_table, "extracellular": lambda settings, simulation: read_field(settings["file"])}


def refused(plan: Plan) -> Iterator[InputError]:
    """Yield what the builder would refuse at any point of the sweep, each with its place in the config."""
    seen: set[str] = set()
    known: dict[str, object] = {}
    for point in plan.experiment.points:
        for error in _Rehearsal(plan.experiment.config_at(point), plan.experiment.file, known).errors():
            if str(error) not in seen:
                seen.add(str(error))
                yield error


class _Rehearsal:
    """The rehearsal of one resolved config; ``known`` keeps what was found of parts that other points share."""

    def __init__(self, config: dict, file, known: dict[str, object]):
        self.config, self.file, self._known = config, file, known
        self.dL, self._models = config["simulation"]["dL"], config["components"]

    def errors(self) -> Iterator[InputError]:
        """Yield all that is refused: of the cells first, as the rest needs them."""
        built, networks = {}, self.config["networks"]
        for name, network in networks.items():
            found = self._once(self._nodes, name, network["nodes"])
            built[name], errors = found
            yield from errors
        if None in built.values():
            return
        for name, network in networks.items():
            for number, edges in enumerate(network["edges"]):
                target = edges.get("target_network", name)
                ends = [networks[each]["nodes"] for each in (name, target)]
                part = partial(self._edges, source=built[name], target=built[target])
                yield from self._once(part, f"networks.{name}.edges.{number}", edges, *ends)
        yield from self._reports(built)
        yield from self._inputs(built)

    def _once(self, part: Callable, place: str, settings, *more):
        """Return what ``part`` finds of the settings at ``place``; ``more`` is what it depends on, too."""
        key = canonical_json([place, settings, *more, self.dL])
        if key not in self._known:
            self._known[key] = part(place, settings)
        return self._known[key]

    # ---- cells ----

    def _nodes(self, name: str, groups: list[dict]) -> tuple[NetworkBuilder | None, list[InputError]]:
        network, errors = NetworkBuilder(name, seed=0), []
        for number, group in enumerate(groups):
            place = f"networks.{name}.nodes.{number}"
            values, before = {}, len(errors)
            with self._into(errors, place):
                check_node_keys(group, place)
            misspelt = len(errors) > before
            for attribute, value in group.items():
                if attribute == "N":
                    continue
                with self._into(errors, f"{place}.{attribute}"):
                    values[attribute] = _placeholder(attribute, value, group["N"], f"{place}.{attribute}")
                    if attribute == "positions":
                        _check_positions(values[attribute], group["N"])
            with self._into(errors, place):
                network.add_nodes(N=group["N"], **values)
            if group["model_type"] != "virtual" and not misspelt:
                with self._into(errors, place):
                    self._cell(group, place)
        return (None if errors else network), errors

    def _cell(self, group: dict, place: str) -> None:
        """Look at the cell model of a group of nodes, as far as its attributes are those of all its nodes."""
        if any(isinstance(group.get(key), list | dict) for key in OF_CELLS):
            return
        kind = CellType.of(group)
        if kind.is_point or kind.own_model or kind.template.startswith("hoc:"):
            return
        if kind.morphology is None:
            raise InputError("a morphology is missing", key="morphology", expected="the name of an SWC file")
        path = model_path(self._models, f"morphologies/{kind.morphology}")
        if path is None or not path.is_file():
            return  # said elsewhere
        table = swc_segments(path, kind.stub, self.dL)
        fit = model_path(self._models, f"biophysical_neuron_models/{kind.dynamics}")
        if table is not None and kind.fitted and fit is not None and fit.is_file():
            types = list(dict.fromkeys(table.section_type.tolist()))
            steps = FITS[kind.axon.removesuffix("_directed")](read_json(fit, "fit"), types, fit)
            for of, entries in steps.items():
                for step in entries:
                    if isinstance(step, Assign) and isinstance(step.value, Gradient):
                        values_in(of, step.value, table)

    # ---- connections ----

    def _edges(self, place: str, edges: dict, source: NetworkBuilder, target: NetworkBuilder) -> list[InputError]:
        errors: list[InputError] = []
        with self._into(errors, place):
            check_edge_keys(edges, place)
        pools = []
        for end, network in (("source", source), ("target", target)):
            with self._into(errors, f"{place}.{end}"):
                pools.append(chosen_nodes(network, edges[end], f"{place}.{end}"))
        if errors:
            return errors
        with self._into(errors, place):
            self._connect(edges, *pools)
        return errors

    def _connect(self, edges: dict, sources: NodePool, targets: NodePool) -> None:
        rule = edges["connection_rule"]
        if isinstance(rule, str) and not is_reference(rule) and rule not in CONNECTORS:
            raise InputError("is no connection rule", key="connection_rule", value=rule, options=CONNECTORS,
                             expected="a number, a connector or file.py:function")  # fmt: skip
        rule = 1 if is_reference(rule) else CONNECTORS.get(rule, rule) if isinstance(rule, str) else rule
        rule = edges.get("nsyns", rule)
        properties = {"edge_type_id": FIRST_TYPE_ID} | edges
        added = ConnectionMap(sources, targets, rule, edges["connection_params"] if callable(rule) else {},
                              edges["iterator"], properties)  # fmt: skip
        added.name, added.place = ("rehearsal",), ""
        names = set()
        for number, each in enumerate(edges.get("add_properties", ())):
            names |= _names_added(each, self.config["simulation"]["dt"], f"add_properties.{number}")
        run = added.run(0)
        if callable(rule):
            few = run.sources.take(slice(FEW)), run.targets.take(slice(FEW))
            rule.vectorised(*few, stream(0, "rehearsal"), **edges["connection_params"])
        elif isinstance(rule, list):
            run.block(0)
        else:
            run = ConnectionMap(_First(sources), _First(targets), rule, {}, edges["iterator"], properties).run(0)
            run.block(0)
        biophysical = [each == "biophysical" for each in targets.table.get_any("model_type")]
        if any(biophysical):
            self._synapses(edges, names, run, targets)

    def _synapses(self, edges: dict, added: set[str], run, targets: NodePool) -> None:
        """Look at what synapses on biophysical cells need: weight, delay, a place, and kinetics."""
        own = edges.get("weight_function")
        if own is not None and not is_reference(own) and own not in NAMED:
            raise InputError("unknown weight function", key="weight_function", value=own, options=NAMED,
                             expected="one of these, or file.py:function")  # fmt: skip
        if own == "gaussianLL":
            has = {"tuning_angle": set(run.sources.names) & set(run.targets.names), "weight_sigma": added | set(edges)}
            for column in (name for name, there in has.items() if name not in there):
                raise InputError("is needed by gaussianLL", key=column, expected="degrees")
        gap = edges.get("is_gap_junction")
        for name in OF_SYNAPSES:
            if gap and name == "delay":
                continue
            if name not in edges and name not in added and not (name == "syn_weight" and is_reference(own)):
                raise InputError("is needed for synapses on biophysical cells", key=name,
                                 expected={"syn_weight": "uS", "delay": "ms"}[name])  # fmt: skip
        if drawn := SITE_NAMES & set(edges):
            raise InputError("has no effect: the sites of synapses are drawn", key=min(drawn), value=edges[min(drawn)],
                             expected="a place for each synapse in add_properties")  # fmt: skip
        names = {str(name) for name in targets.table.get_any("morphology") if name is not None}
        folders = {
            path and path.parent for path in (model_path(self._models, f"morphologies/{name}") for name in names)
        }
        folder = folders.pop() if len(folders) == 1 else None  # else known when all are in one folder
        if folder is not None and folder.is_dir() and not SITE_NAMES & added:
            Sites(targets.table, Placement(folder, self.dL), edges)
        given, file = edges.get("dynamics_params", {}), None
        if gap:
            return
        if isinstance(given, str):
            file = model_path(self._models, f"synaptic_models/{given}")
            if file is None or not file.is_file():
                return
            given = read_json(file, "synapse model")
        template = edges.get("model_template")
        if is_reference(template):
            return
        synapse_model(template, given, file)
        raise_all(
            InputError("is no parameter of this synapse, and has no effect", file=file, key=name, value=name,
                       options=options)
            for name, options in unused_parameters(template, given).items()
        )  # fmt: skip

    # ---- reports and inputs ----

    def _reports(self, built: dict[str, NetworkBuilder]) -> Iterator[InputError]:
        sets = None
        for name, report in self.config["simulation"]["reports"].items():
            if isinstance(report["cells"], str):
                chosen = built if report["cells"] == "all" else {report["cells"]: built.get(report["cells"])}
                kinds = {group["model_type"] for each in chosen for group in self.config["networks"][each]["nodes"]}
                if kinds <= {"virtual"}:
                    yield InputError("virtual cells have nothing to record", file=self.file,
                                     key=f"simulation.reports.{name}.cells", value=report["cells"])  # fmt: skip
                continue
            errors: list[InputError] = []
            with self._into(errors, f"simulation.reports.{name}.cells"):
                sets = sets or NodeSets({}, [_Cells(network) for network in built.values()])
                chosen = sets.select(report["cells"], "")
                kinds = {kind for each, mask in chosen.items()
                         for kind in built[each].nodes().table.get_any("model_type")[mask]}  # fmt: skip
                if kinds <= {"virtual"}:
                    raise InputError("chooses no cell that has something to record", value=report["cells"])
            yield from errors

    def _inputs(self, built: dict[str, NetworkBuilder]) -> Iterator[InputError]:
        """Look at what a user's file holds, spikes, currents and fields, and at the places of clamps."""
        tstop = self.config["simulation"]["tstop"]
        for name, settings in self.config["inputs"].items():
            file, population = settings.get("file"), settings.get("population", name)
            own = settings["type"] == "spikes"
            if "section" in settings or "section_index" in settings:
                yield from self._places(f"inputs.{name}", settings, self.config["networks"][population]["nodes"])
            if settings["type"] == "extracellular" and "positions" in settings:
                yield from self._electrodes(f"inputs.{name}", settings, self.config["networks"][population]["nodes"])
            if not file or not Path(file).is_file() or Path(file).stat().st_size > READ_BEFOREHAND:
                continue
            if settings["type"] in READ:
                read_errors: list[InputError] = []
                with self._into(read_errors, f"inputs.{name}.file"):
                    READ[settings["type"]](settings, self.config["simulation"])
                yield from read_errors
            if not (own or settings["type"] == "replay"):
                continue
            population = population if own else settings["source"]
            errors: list[InputError] = []
            with self._into(errors, f"inputs.{name}.file"):
                trains = self._once(read_spikes, file, population)
                if population not in trains:
                    raise InputError("has no spikes of that population", file=file, value=population, options=trains)
                train = trains[population]
                known = built[population].node_store().node_ids if own else train.node_ids
                strangers = np.setdiff1d(train.node_ids.astype(np.int64), known)
                if len(strangers):
                    raise InputError(f"has spikes of nodes that {population} does not have", file=file,
                                     value=strangers[:5].tolist())  # fmt: skip
                if len(train) and train.timestamps.min() < 0:
                    raise InputError("has a negative spike time", file=file, value=float(train.timestamps.min()))
                if own and len(train) and train.timestamps.min() > tstop:
                    raise InputError("has no spike within the run", file=file, value=float(train.timestamps.min()),
                                     expected=f"times in ms, below simulation.tstop, {tstop:g} ms")  # fmt: skip
                begin, end = settings.get("window", (0.0, np.inf))
                if len(train) and not ((train.timestamps >= begin) & (train.timestamps <= end)).any():
                    raise InputError("has no spike within the window", file=file, value=[begin, end])
            yield from errors

    def _places(self, place: str, settings: dict, groups: list[dict]) -> Iterator[InputError]:
        """Look whether the cells have the section that an input names, as far as their morphologies are there."""
        label, index = settings.get("section", "soma"), settings.get("section_index", 0)
        last = 0
        for group in groups:
            first, last = last, last + group["N"]
            chosen = any(first <= number < last for number in settings.get("node_ids", [first]))
            kind = None if any(isinstance(group.get(key), list | dict) for key in OF_CELLS) else CellType.of(group)
            if not chosen or kind is None or kind.own_model or kind.morphology is None:
                continue
            path = model_path(self._models, f"morphologies/{kind.morphology}")
            table = swc_segments(path, kind.stub, self.dL) if path is not None and path.is_file() else None
            if table is None:
                continue
            count = len(np.unique(table.section_id[table.section_type == SECTION_LABELS[label]]))
            if (index == "all" and not count) or (index != "all" and index >= count):
                yield InputError(f"{group['pop_name']} has no such {label} section", file=self.file,
                                 key=f"{place}.{'section_index' if count else 'section'}",
                                 value=index if count else label,
                                 expected=f"0 to {count - 1}" if count else None)  # fmt: skip

    def _electrodes(self, place: str, settings: dict, groups: list[dict]) -> Iterator[InputError]:
        """Look whether an electrode is in a soma whose place is written out; other segments are known when cells are
        made."""
        last = 0
        for group in groups:
            first, last = last, last + group["N"]
            ids = [number for number in settings.get("node_ids", range(first, last)) if first <= number < last]
            if group["model_type"] != "biophysical" or isinstance(group.get("positions"), Mapping) or not ids:
                continue
            somata = np.array(group.get("positions", np.zeros((group["N"], 3))), float)[np.array(ids) - first]
            apart = np.linalg.norm(somata[None] - np.array(settings["positions"], float)[:, None], axis=2)
            electrode, soma = np.unravel_index(np.argmin(apart), apart.shape)
            if apart.min() < NEAREST:
                yield InputError(f"is too close to the soma of node {ids[soma]}", file=self.file,
                                 key=f"{place}.positions.{electrode}", value=settings["positions"][electrode],
                                 expected=f"{NEAREST:g} um or more from it")  # fmt: skip

    def _into(self, errors: list[InputError], place: str) -> "_Into":
        return _Into(errors, self.file, place)


class _Into:
    """A block whose error is put into ``errors``, with its place in the config."""

    def __init__(self, errors: list[InputError], file, place: str):
        self._errors, self._file, self._place = errors, file, place

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace) -> bool:
        if error is None or not isinstance(error, ColonnadeError | TypeError | ValueError | OverflowError):
            return False
        if not isinstance(error, InputError):
            self._errors.append(InputError(f"cannot be used ({error})", file=self._file, key=self._place))
        elif isinstance(error, MissingFile) or (error.file is not None and error.file is not self._file):
            self._errors.append(error)  # it names the file at fault
        else:
            self._errors.append(error.at(self._file, self._place))
        return True


class _First:
    """The first node of a pool."""

    def __init__(self, pool: NodePool):
        self.network_name, self.table = pool.network_name, pool.table.take(slice(1))


class _Cells:
    """The nodes of a builder as node sets want them."""

    def __init__(self, network: NetworkBuilder):
        self._table = network.nodes().table
        self.name, self.node_ids, self.columns = network.name, self._table.node_ids, self._table.names
        self.type_ids = self._table.node_type_ids

    def values(self, name: str) -> np.ndarray:
        found = self._table.get(name)
        return self._table.get_any(name) if found is None else found


def _placeholder(attribute: str, value, N: int, place: str):
    """Return a group's values, those of the builder's own functions included; zeros for a user's function."""
    if not isinstance(value, Mapping):
        return value
    if is_reference(value.get("function")) or value.get("function") == positions_density_matrix.__name__:
        return np.zeros((N, 3) if attribute == "positions" else N)
    return values_of(value, N, 0, ("rehearsal",), place)


def _check_positions(values, N: int) -> None:
    """Raise ``InputError`` for positions that are no points in space."""
    try:
        found = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        found = np.zeros(0)
    if found.shape != (N, 3) or not np.isfinite(found).all():
        raise InputError("are no positions", value=None if len(str(values)) > 80 else values,
                         expected=f"{N} times [x, y, z] in um, or a function")  # fmt: skip


def _names_added(given: dict, dt: float, place: str) -> set[str]:
    """Return the names of the properties that an entry of add_properties gives to synapses."""
    lowest = {"syn_weight": 0.0, "delay": dt}
    try:
        names = given["names"]
        names = [names] if isinstance(names, str) else list(names)
        if not all(isinstance(name, str) and name for name in names):
            raise InputError("are no names", value=names)
        for name in names:
            value = given.get("values")
            if name in OF_SYNAPSES and isinstance(value, int | float) and value < lowest[name]:
                raise InputError(f"no {name} of a synapse", value=value, expected=f"{lowest[name]:g} or more")
            if not NAME.fullmatch(name):
                raise InputError("is no name of a column", value=name, expected="a word without blanks and /")
        if (given.get("rule") is None) == (given.get("values") is None):
            raise InputError("needs either rule or values", value=given)
        for key in set(given) - set(OF_ADD_PROPERTIES):
            raise InputError("is no key", value=key, options=OF_ADD_PROPERTIES)
    except KeyError as error:
        raise InputError(f"the key {error} is missing", key=place, value=given) from None
    except InputError as error:
        raise error.at(None, place) from None
    return set(names)
