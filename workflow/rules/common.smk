"""What the rules share: the experiment, its stages' settings and files, and the targets."""

import os
import sys
from pathlib import Path

BASE = workflow.current_basedir.get_path_or_uri(secret_free=True)
if "://" in BASE:
    raise WorkflowError(
        f"The steps run programs of this workflow: clone it and name the clone's path, instead of {BASE}"
    )
ROOT = Path(BASE).resolve().parents[1]
SCRIPTS = ROOT / "scripts"
sys.path.insert(0, str(ROOT / "src"))
# Jobs run the Python of this Snakemake, unless an environment of their own comes first.
os.environ.update(PATH=os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()]))

from colonnade.errors import ColonnadeError
from colonnade.experiment import Experiment
from colonnade.experiment.sweep import REPLICATE
from colonnade.figures.settings import FORMATS
from colonnade.files import canonical_json
from colonnade.provenance import compiler_version, source_files, versions
from colonnade.report import RunReport
from colonnade.report.page import point_label

# In errors, the config is called by its file, or by the name under which another workflow uses this one as a module.
module_name = workflow.modifier.namespace
config_name = f"config of module {module_name}" if module_name else (workflow.configfiles or ["config"])[-1]
try:
    values = {key: value for key, value in config.items() if not isinstance(value, RunReport)}
    experiment = Experiment(values, file=config_name)
except ColonnadeError as error:
    raise WorkflowError(str(error)) from None

FOLDER = experiment.folder
LOGS = f"{FOLDER}/logs"
BENCHMARKS = f"{FOLDER}/benchmarks"
# The templates in workflow/report/ read the numbers of the run from this.
config["report"] = RunReport(experiment, ROOT)
if workflow.modifier.path_modifier.replace_prefix(FOLDER) != FOLDER:
    raise WorkflowError(f"{config_name}: set 'results' in the config instead of a prefix for the module's paths")


wildcard_constraints:
    kind="|".join(experiment.settings("components")["files"]) or "none",
    file=r"[^/]+",
    point=r"(/[A-Za-z0-9_.,~+-]+)?",
    network="|".join(experiment.populations),
    source="|".join(experiment.populations),
    target="|".join(experiment.populations),
    input="|".join(experiment.spike_inputs) or "none",


def point_of(stage, wildcards):
    """Return the sweep point for which ``stage`` has the wildcard {point}."""
    return experiment.instances(stage)[wildcards.get("point", "").lstrip("/")]


def settings_of(stage, **more):
    """Return a function that gives the canonical JSON of the settings of ``stage``, whose name may hold wildcards."""

    def settings(wildcards):
        name = stage.format(**wildcards)
        return canonical_json(experiment.settings(name, point_of(name, wildcards)) | more)

    return settings


def file_of(other, file, stage):
    """Return a function that gives the path of ``file`` of the stage ``other`` which ``stage`` reads."""

    def path(wildcards):
        point = point_of(stage.format(**wildcards), wildcards)
        return f"{experiment.stage_folder(other.format(**wildcards), point)}/{file.format(**wildcards)}"

    return path


def files_at(stage, point):
    """Return the paths of all files of a stage at one point."""
    return [f"{experiment.stage_folder(stage, point)}/{file}" for file in STAGE_FILES[stage]]


def all_files_of(stage, *files):
    """Return the paths of ``files`` of a stage at all its points."""
    folders = [experiment.stage_folder(stage, point) for point in experiment.instances(stage).values()]
    return [f"{folder}/{file}" for folder in folders for file in files]


def component_settings(wildcards):
    """Return the canonical JSON that says where one model file comes from."""
    source = experiment.settings("components")
    return canonical_json(source | {"files": {wildcards.kind: [wildcards.file]}})


def mechanism_files(wildcards):
    """Return the .mod files to compile."""
    settings = experiment.settings("mechanisms", point_of("mechanisms", wildcards))
    folder = Path(settings.get("directory", ROOT / "mechanisms"))
    files = sorted(str(path) for path in folder.glob("*.mod"))
    if not files:
        raise WorkflowError(f"{experiment.file}: mechanisms.directory: no .mod files in {folder}")
    return files


def population_of_input(name):
    return experiment.config["inputs"][name].get("population", name)


def nodes_of_input(wildcards):
    """Return the nodes file of the population that an input makes spike."""
    population = population_of_input(wildcards.input)
    return file_of(f"nodes/{population}", f"{population}_nodes.h5", "inputs/{input}")(wildcards)


def spike_file_of_input(wildcards):
    """Return the user's own spike file of an input; [] where the spikes are generated."""
    stage = f"inputs/{wildcards.input}"
    settings = experiment.settings(stage, point_of(stage, wildcards))
    return settings.get("file", [])


def program(script):
    """Return the path of a script, by which a step's shell line calls it."""
    return str(SCRIPTS / script)


def code_of(script, *stages):
    """Return a script, the library files that it uses, and the files of the user's functions in ``stages``."""
    user_files = [path for stage in stages for path in experiment.user_files(stage)]
    return [*source_files(SCRIPTS / script), *user_files]


def network_of(stage):
    """Return a function that gives all files of the network that ``stage`` reads."""

    def paths(wildcards):
        point = point_of(stage.format(**wildcards), wildcards)
        return [path for other in NODES + EDGES for path in files_at(other, point)]

    return paths


def morphologies_folder(wildcards):
    """Return the folder in which the morphologies are collected."""
    return f"{FOLDER}/components/morphologies"


def network_arguments(wildcards):
    """Return the arguments that name the files of a simulation, in the order in which gids are given."""
    point = point_of("simulation", wildcards)
    arguments = []
    for stage in NODES + EDGES:
        arguments += [f"--{stage.partition('/')[0]}", *files_at(stage, point)]
    for name in experiment.spike_inputs:
        arguments += ["--spikes", name, *files_at(f"inputs/{name}", point)]
    mechanisms = experiment.stage_folder("mechanisms", point)
    return [*arguments, "--components", f"{FOLDER}/components", "--mechanisms", mechanisms]


def inputs_of_simulation(wildcards):
    """Return the spike files of a simulation."""
    point = point_of("simulation", wildcards)
    return [path for name in experiment.spike_inputs for path in files_at(f"inputs/{name}", point)]


def source_model(wildcards):
    """Return the user's own model file that a component is copied from; [] where it is fetched."""
    components = experiment.config["components"]
    if components["source"] != "directory":
        return []
    return f"{components['directory']}/{wildcards.kind}/{wildcards.file}"


def figures_of(kind):
    """Return the names of the figures of one kind."""
    return [name for name, figure in experiment.figures.items() if figure["kind"] == kind]


def arguments_of_figure(wildcards):
    """Return the arguments that name the files which a figure is drawn from."""
    stage = f"figures/{wildcards.figure}"
    point = point_of(stage, wildcards)
    before = experiment.before(stage)
    arguments = (
        ["--points", f"{FOLDER}/statistics/points.csv"] if "points" in experiment.figure_reads(wildcards.figure) else []
    )
    if "simulation" in before:
        return [*arguments, "--config", f"{experiment.stage_folder('simulation', point)}/config.json"]
    for other in before:
        arguments += [f"--{other.partition('/')[0]}", *files_at(other, point)]
    return arguments


def files_of_figure(wildcards):
    """Return the files which a figure is drawn from."""
    stage = f"figures/{wildcards.figure}"
    point = point_of(stage, wildcards)
    files = [f"{FOLDER}/statistics/points.csv"] if "points" in experiment.figure_reads(wildcards.figure) else []
    for other in experiment.before(stage):
        files += files_at(other, point) if other in STAGE_FILES else []
        if other == "simulation":
            files.append(f"{experiment.stage_folder(other, point)}/config.json")
    return files


def origin_of(stage):
    """Return a function that gives the canonical JSON of what made a file of ``stage``: all settings on its way."""

    def origin(wildcards):
        name = stage.format(**wildcards)
        point = point_of(name, wildcards)
        made_by = {"experiment": experiment.name, "point": experiment.point_name(name, point)}
        return canonical_json(made_by | {"made_by": experiment.origin(name, point)})

    return origin


def category_of(name):
    """Return a function that gives a result's category in the report: ``name``, or the page of its sweep point."""

    def category(wildcards):
        return "Simulations" if wildcards.get("point") else name

    return category


def page_of(wildcards):
    """Return the sweep point in words, the name of its page in the report; None where it has none."""
    return point_label(wildcards.get("point", "")) or None


def interval_settings():
    """Return the settings of the bootstrap intervals over replicates."""
    settings = experiment.settings("statistics")
    chosen = {key: settings["statistics"][key] for key in ("confidence", "resamples")}
    return {"seed": settings["seed"], **chosen}


def sweep_points():
    """Return the settings of the table of all points."""
    points = []
    for point in experiment.points:
        values = {path: value for key, choice in point.choices if key != REPLICATE for path, value in choice.values}
        replicate = next((int(choice.label) for key, choice in point.choices if key == REPLICATE), 0)
        file = f"{experiment.stage_folder('statistics', point)}/populations.csv"
        points.append({"name": point.name(), "values": values, "replicate": replicate, "file": file})
    return {"points": points}


NODES = [f"nodes/{network}" for network in experiment.populations]
EDGES = [f"edges/{source}_{target}" for source, target in experiment.edge_pairs]
REPORTED_TABLES = ["populations", "cells", "connection_probability"]
TABLES = ["intervals", "psth", "spectrum", "correlations", "degrees"]
STAGE_FILES = {
    **{f"nodes/{name}": (f"{name}_nodes.h5", f"{name}_node_types.csv") for name in experiment.populations},
    **{
        f"edges/{source}_{target}": (f"{source}_{target}_edges.h5", f"{source}_{target}_edge_types.csv")
        for source, target in experiment.edge_pairs
    },
    **{f"inputs/{name}": (f"{name}_spikes.h5",) for name in experiment.spike_inputs},
    "simulation": ("output/spikes.h5", *(f"output/{name}.h5" for name in experiment.reports)),
}
COMPONENTS = {
    kind: [f"{FOLDER}/components/{kind}/{file}" for file in files]
    for kind, files in experiment.settings("components")["files"].items()
}
MORPHOLOGIES = COMPONENTS.get("morphologies", [])
NETWORK = [path for stage in NODES + EDGES for path in all_files_of(stage, *STAGE_FILES[stage])]
INPUTS = [path for name in experiment.spike_inputs for path in all_files_of(f"inputs/{name}", f"{name}_spikes.h5")]
SPIKES = all_files_of("simulation", *STAGE_FILES["simulation"])
STATISTICS = all_files_of("statistics", "statistics.json", *(f"{table}.csv" for table in REPORTED_TABLES + TABLES))
STATISTICS += [f"{FOLDER}/statistics/{table}.csv" for table in ("points", "sweep")] if experiment.has_sweep else []
FIGURES = [
    path
    for name in experiment.figures
    for path in all_files_of(f"figures/{name}", *(f"{name}.{form}" for form in FORMATS))
]
