"""Names in a config that the .mod files and models explain: variables of reports, synapses, cells, channels."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from colonnade.cells.cell_type import EXTRACELLULAR
from colonnade.components import model_path
from colonnade.errors import InputError
from colonnade.experiment.plan import Plan
from colonnade.json_file import read_json
from colonnade.mechanisms.modfile import ModFile, read_mod_file
from colonnade.places import project_file
from colonnade.simulation.engines.registry import GAP_JUNCTIONS, INT_FIRE, LAYER, LAYER_VARIABLES, engine_kind
from colonnade.simulation.network.synapse_models import NOT_PARAMETERS, RENAMED, TEMPLATES
from colonnade.stimuli.registry import stimulus_kind
from colonnade.user_functions import LISTED, is_reference, words_of

BUILT_IN = {  # density mechanisms of NEURON, and their variables
    "pas": "g e i",
    "fastpas": "g e i",
    "hh": "gnabar gkbar gl el gna gk il minf hinf ninf mtau htau ntau m h n",
    "extracellular": "xraxial xg xc",
}
BUILT_IN_SYNAPSES = ("ExpSyn", "Exp2Syn", "AlphaSynapse")
ANYWHERE = ("v", "vext", "e_extracellular", "i_membrane", "i_membrane_", "i_cap", "cm")
OF_IONS = ("{}i", "{}o", "e{}", "i{}")


def unknown_names(plan: Plan) -> Iterator[InputError]:
    """Yield an error, with the nearest right name, for each name that no mechanism or model explains."""
    error = partial(InputError, file=plan.experiment.file)
    read: dict[str | None, list[ModFile]] = {}
    seen: set[str] = set()
    for point in plan.experiment.points:
        config = plan.experiment.config_at(point)
        directory = config["mechanisms"].get("directory")
        if directory not in read:
            try:
                read[directory] = _mod_files(directory)
            except InputError as problem:  # a .mod file without a name, or with one that another has
                read[directory] = []
                yield problem
            else:
                yield from _fits(plan, read[directory])
        for check in (_reports, _synapses, _cells) if read[directory] else ():
            for problem in check(config, read[directory], error):
                if str(problem) not in seen:
                    seen.add(str(problem))
                    yield problem


def _mod_files(directory: str | None) -> list[ModFile]:
    """Return the project's .mod files, and those of a user's folder, which have different names."""
    found = [read_mod_file(path) for path in sorted(project_file("mechanisms").glob("*.mod"))]
    own: dict[str, ModFile] = {}
    for folder in (Path(directory), Path(directory, "modfiles")) if directory else ():
        for mod in (read_mod_file(path) for path in sorted(folder.glob("*.mod"))):
            if own.setdefault(mod.name, mod) is not mod:
                raise InputError(f"has the mechanism of {own[mod.name].path.name}, too", file=mod.path, value=mod.name,
                                 expected="one file a mechanism")  # fmt: skip
    return [*found, *own.values()]


def _reports(config: dict, mechanisms: list[ModFile], error) -> Iterator[InputError]:
    ions = {"na", "k", "ca", *(ion for mod in mechanisms for ion in mod.ions)}
    known = [*ANYWHERE, *(form.format(ion) for ion in sorted(ions) for form in OF_IONS)]
    for mod in mechanisms:
        if mod.kind == "density":
            known += [f"{name}_{mod.name}" for name in (*mod.range_variables, *mod.states)]
    known += [f"{name}_{mechanism}" for mechanism, names in BUILT_IN.items() for name in names.split()]
    synapses = {mod.name: [*mod.range_variables, *mod.states] for mod in mechanisms if mod.kind == "point"}
    for name, report in config["simulation"]["reports"].items():
        variable, bracket, index = str(report["variable"]).partition("[")
        if "synapse" in report:
            mechanism, place = report["synapse"], f"simulation.reports.{name}"
            if mechanism not in synapses and mechanism not in BUILT_IN_SYNAPSES:
                yield error("no synapse has this name", key=f"{place}.synapse", value=mechanism,
                            options=[*synapses, *BUILT_IN_SYNAPSES])  # fmt: skip
            elif variable not in synapses.get(mechanism, [variable]):
                yield error(f"{mechanism} has no such variable", key=f"{place}.variable", value=variable,
                            options=synapses[mechanism])  # fmt: skip
        elif bracket and (not re.fullmatch(r"\d+\]", index) or (variable in ANYWHERE and variable != "vext")):
            yield error("no element of a variable", key=f"simulation.reports.{name}.variable", value=report["variable"],
                        expected="such as vext[0]")  # fmt: skip
        elif variable not in known:
            yield error("no mechanism has such a variable", key=f"simulation.reports.{name}.variable", value=variable,
                        options=known)  # fmt: skip


def _synapses(config: dict, mechanisms: list[ModFile], error) -> Iterator[InputError]:
    points = [mod.name for mod in mechanisms if mod.kind == "point"]
    parameters = {mod.name: mod.range_variables for mod in mechanisms if mod.kind == "point"}
    known = {*TEMPLATES, *(name.lower() for name in TEMPLATES), *BUILT_IN_SYNAPSES, *points}
    for name, network in config["networks"].items():
        for number, edges in enumerate(network["edges"]):
            template = edges.get("model_template")
            if is_reference(template):
                continue
            if template and template.removeprefix("nrn:") not in known and template.lower() not in known:
                yield error("no synapse has this name", key=f"networks.{name}.edges.{number}.model_template",
                            value=template, options=known)  # fmt: skip
            given, of_mechanism = edges.get("dynamics_params"), parameters.get((template or "").removeprefix("nrn:"))
            place, file = f"networks.{name}.edges.{number}.dynamics_params.", None
            if isinstance(given, str) and of_mechanism:
                file = model_path(config["components"], f"synaptic_models/{given}")
                given = _numbers_in(file)
            for parameter in given if isinstance(given, dict | list) and of_mechanism else ():
                if RENAMED.get(parameter, parameter) not in of_mechanism:
                    at = {"file": file, "key": parameter} if file else {"key": f"{place}{parameter}"}
                    yield error(f"{template} has no such parameter", value=parameter, options=of_mechanism, **at)


def _numbers_in(file: Path | None) -> list[str]:
    """Return the names of the numbers in a synapse's JSON file; of one that cannot be read it is said elsewhere."""
    try:
        values = read_json(file, "synapse model") if file is not None and file.is_file() else {}
    except InputError:
        return []
    return [key for key, value in values.items() if isinstance(value, int | float) and key not in NOT_PARAMETERS]


def _cells(config: dict, _, error) -> Iterator[InputError]:
    engine = engine_kind(config["simulation"]["engine"])

    def refused(what: str) -> InputError:
        return error(f"{engine.title} cannot simulate {what}", key="simulation.engine", value=engine.name,
                     expected="engine neuron")  # fmt: skip

    if LAYER in engine.lacks:
        for name, report in config["simulation"]["reports"].items():
            if str(report["variable"]).partition("[")[0] in LAYER_VARIABLES:
                yield refused(f"{LAYER}, which the report {name} ({report['variable']}) needs")
    for network in config["networks"].values():
        for group in network["nodes"]:
            if LAYER in engine.lacks and set(words_of(LISTED, group.get("model_processing"))) & set(EXTRACELLULAR):
                yield refused(f"{LAYER} (model_processing {group['model_processing']})")
            template = str(group.get("model_template", "")).partition(":")[2]
            if template in INT_FIRE and template not in engine.int_fire:
                yield refused(template)
        if GAP_JUNCTIONS in engine.lacks and any(edges.get("is_gap_junction") for edges in network["edges"]):
            yield refused(GAP_JUNCTIONS)
    for name, settings in config["inputs"].items():
        if stimulus_kind(settings["type"]).makes in engine.lacks:
            yield refused(f"the input {name} ({settings['type']})")


def _fits(plan: Plan, mechanisms: list[ModFile]) -> Iterator[InputError]:
    """Yield an error for each channel of a fit file that no .mod file describes; files not yet there are left out."""
    settings = plan.experiment.config["components"]
    known = [*BUILT_IN, *(mod.name for mod in mechanisms if mod.kind == "density")]
    for name in plan.names("components"):
        path = model_path(settings, name)
        if (
            path is None
            or path.parent.name != "biophysical_neuron_models"
            or path.suffix != ".json"
            or not path.is_file()
        ):
            continue
        try:
            genome = read_json(path, "fit").get("genome", [])
        except InputError as problem:
            yield problem
            continue
        entries = [entry for entry in genome if isinstance(entry, dict)] if isinstance(genome, list) else []
        channels = [entry.get("mechanism") for entry in entries]  # of another kind: said where the fit is read
        for channel in dict.fromkeys(channel for channel in channels if channel and isinstance(channel, str)):
            if channel not in known:
                yield InputError("no .mod file has this mechanism", file=path, key="genome", value=channel,
                                 options=known)  # fmt: skip
