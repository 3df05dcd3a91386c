"""What the rules share: the experiment, its stages' settings and files, and the targets."""

import os
import sys
from pathlib import Path

ROOT = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).resolve().parents[1]
SCRIPTS = ROOT / "scripts"
sys.path.insert(0, str(ROOT / "src"))
# Jobs run the Python of this Snakemake, unless an environment of their own comes first.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

from colonnade.errors import ColonnadeError
from colonnade.experiment import Experiment
from colonnade.files import canonical_json
from colonnade.provenance import compiler_version, source_files, versions

try:
    experiment = Experiment(dict(config), file=(workflow.configfiles or ["config"])[-1])
except ColonnadeError as error:
    raise WorkflowError(str(error)) from None

FOLDER = experiment.folder
LOGS = f"{FOLDER}/logs"
BENCHMARKS = f"{FOLDER}/benchmarks"


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


def code_of(script, *stages):
    """Return a script, the library files that it uses, and the files of the user's functions in ``stages``."""
    user_files = [path for stage in stages for path in experiment.user_files(stage)]
    return [*source_files(SCRIPTS / script), *user_files]


NODES = [f"nodes/{network}" for network in experiment.populations]
EDGES = [f"edges/{source}_{target}" for source, target in experiment.edge_pairs]
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
SPIKES = all_files_of("simulation", "output/spikes.h5")
REPORTS = all_files_of("simulation", *(f"output/{name}.h5" for name in experiment.reports))
