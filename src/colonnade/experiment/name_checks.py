"""Names in a config that the .mod files and models explain: variables of reports, synapses, cells, channels."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from colonnade.components import BMTK, cached_wheel_folder
from colonnade.errors import InputError
from colonnade.experiment.plan import Plan
from colonnade.json_file import read_json
from colonnade.mechanisms.modfile import ModFile, read_mod_file
from colonnade.places import project_file
from colonnade.simulation.engines.registry import engine_kind
from colonnade.simulation.network.synapse_models import RENAMED, TEMPLATES

BUILT_IN = ("pas", "hh", "fastpas", "extracellular")  # density mechanisms of NEURON
BUILT_IN_SYNAPSES = ("ExpSyn", "Exp2Syn", "AlphaSynapse")
ANYWHERE = ("v", "vext", "e_extracellular", "i_membrane", "i_membrane_", "i_cap", "cm")
OF_IONS = ("{}i", "{}o", "e{}", "i{}")
SCHEMES = ("ctdb", "nrn", "hoc", "nml")
INT_FIRE = ("IntFire1", "IntFire2", "IntFire4")


def unknown_names(plan: Plan) -> Iterator[InputError]:
    """Yield an error, with the nearest right name, for each name that no mechanism or model explains."""
    config, error = plan.experiment.config, partial(InputError, file=plan.experiment.file)
    try:
        mechanisms = _mod_files(config["mechanisms"].get("directory"))
    except InputError as problem:  # a .mod file without a name
        yield problem
        return
    yield from _reports(config, mechanisms, error)
    yield from _synapses(config, mechanisms, error)
    yield from _cells(config, error)
    yield from _fits(plan, mechanisms)


def _mod_files(directory: str | None) -> list[ModFile]:
    folders = [project_file("mechanisms"), *([Path(directory), Path(directory, "modfiles")] if directory else [])]
    return [read_mod_file(path) for folder in folders for path in sorted(folder.glob("*.mod"))]


def _reports(config: dict, mechanisms: list[ModFile], error) -> Iterator[InputError]:
    ions = {"na", "k", "ca", *(ion for mod in mechanisms for ion in mod.ions)}
    known = [*ANYWHERE, *(form.format(ion) for ion in sorted(ions) for form in OF_IONS)]
    for mod in mechanisms:
        if mod.kind == "density":
            known += [f"{name}_{mod.name}" for name in (*mod.range_variables, *mod.states)]
    synapses = {mod.name: [*mod.range_variables, *mod.states] for mod in mechanisms if mod.kind == "point"}
    for name, report in config["simulation"]["reports"].items():
        variable = str(report["variable"]).partition("[")[0]
        if "synapse" in report:
            mechanism, place = report["synapse"], f"simulation.reports.{name}"
            if mechanism not in synapses and mechanism not in BUILT_IN_SYNAPSES:
                yield error("no synapse has this name", key=f"{place}.synapse", value=mechanism,
                            options=[*synapses, *BUILT_IN_SYNAPSES])  # fmt: skip
            elif variable not in synapses.get(mechanism, [variable]):
                yield error(f"{mechanism} has no such variable", key=f"{place}.variable", value=variable,
                            options=synapses[mechanism])  # fmt: skip
            continue
        if variable not in known and not variable.endswith(tuple(f"_{each}" for each in BUILT_IN)):
            yield error("no mechanism has such a variable", key=f"simulation.reports.{name}.variable", value=variable,
                        options=known)  # fmt: skip


def _synapses(config: dict, mechanisms: list[ModFile], error) -> Iterator[InputError]:
    points = [mod.name for mod in mechanisms if mod.kind == "point"]
    parameters = {mod.name: mod.range_variables for mod in mechanisms if mod.kind == "point"}
    known = {*TEMPLATES, *(name.lower() for name in TEMPLATES), *BUILT_IN_SYNAPSES, *points}
    for name, network in config["networks"].items():
        for number, edges in enumerate(network["edges"]):
            template = edges.get("model_template")
            if template and template.removeprefix("nrn:") not in known and template.lower() not in known:
                yield error("no synapse has this name", key=f"networks.{name}.edges.{number}.model_template",
                            value=template, options=known)  # fmt: skip
            given, of_mechanism = edges.get("dynamics_params"), parameters.get((template or "").removeprefix("nrn:"))
            for parameter in given if isinstance(given, dict) and of_mechanism else ():
                if RENAMED.get(parameter, parameter) not in of_mechanism:
                    place = f"networks.{name}.edges.{number}.dynamics_params.{parameter}"
                    yield error(f"{template} has no such parameter", key=place, value=parameter, options=of_mechanism)


def _cells(config: dict, error) -> Iterator[InputError]:
    engine = engine_kind(config["simulation"]["engine"])
    for name, network in config["networks"].items():
        for number, group in enumerate(network["nodes"]):
            scheme, _, template = group.get("model_template", "").partition(":")
            key = f"networks.{name}.nodes.{number}.model_template"
            if scheme and group["model_type"] != "virtual" and scheme not in SCHEMES:
                yield error("no such kind of cell models", key=key, value=group["model_template"],
                            options=[f"{each}:{template}" for each in SCHEMES])  # fmt: skip
            if template in INT_FIRE and not engine.has_int_fire:
                yield error(f"{engine.title} cannot simulate {template}", key="simulation.engine", value=engine.name,
                            expected="engine neuron")  # fmt: skip


def _fits(plan: Plan, mechanisms: list[ModFile]) -> Iterator[InputError]:
    """Yield an error for each channel of a fit file that no .mod file describes; files not yet there are left out."""
    settings = plan.experiment.config["components"]
    folder = Path(settings["directory"]) if settings["source"] == "directory" else cached_wheel_folder(BMTK)
    known = [*BUILT_IN, *(mod.name for mod in mechanisms if mod.kind == "density")]
    for name in plan.names("components") if folder else ():
        path = folder / name
        if path.parent.name != "biophysical_neuron_models" or path.suffix != ".json" or not path.is_file():
            continue
        try:
            genome = read_json(path, "fit").get("genome", [])
        except InputError as problem:
            yield problem
            continue
        channels = [entry.get("mechanism") for entry in genome if isinstance(entry, dict)]
        for channel in dict.fromkeys(filter(None, channels)):
            if channel not in known:
                yield InputError("no .mod file has this mechanism", file=path, key="genome", value=channel,
                                 options=known)  # fmt: skip
