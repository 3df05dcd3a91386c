"""What the rules share: the plan of the experiment, which knows every file, and how a step's program is called."""

import os
import shutil
import signal
import sys
from pathlib import Path

VERSION = "0.1.0"
ROOT = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).resolve().parents[1]
if not (ROOT / "scripts").is_dir():  # this file comes from a URL; its programs are those of the installed package
    try:
        from colonnade import __version__ as installed
        from colonnade.places import project_folder
    except ImportError:
        installed = "none"
    if installed != VERSION:
        raise WorkflowError(
            f"This workflow comes from a URL and runs the programs of the installed Colonnade {VERSION}, but installed is "
            f"{installed}: pip install colonnade=={VERSION}, or name the path of a clone as the module's snakefile"
        )
    ROOT = project_folder()
if (ROOT / "src").is_dir():  # in a clone its own library counts, whatever is installed
    sys.path.insert(0, str(ROOT / "src"))
# Jobs run the Python of this Snakemake, unless an environment of their own comes first. Where the programs are is no
# part of a rule: what counts of a program is its content, so that a clone with its results can move.
os.environ.update(
    PATH=os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()]),
    COLONNADE_PROGRAMS=str(ROOT / "scripts"),
)

# Slurm sends this signal to all processes of a step before its time limit; a simulation saves its state then.
signal.signal(signal.SIGUSR1, signal.SIG_IGN)

from colonnade.errors import ColonnadeError, raise_all
from colonnade.experiment import Experiment, Plan
from colonnade.experiment.chain import changed_files, estimate, fits, misfits
from colonnade.experiment.cluster import impossible, slurm_nodes, unshared
from colonnade.experiment.groups import Groups
from colonnade.experiment.needs import Needs
from colonnade.experiment.previous import Previous
from colonnade.experiment.sweep import point_label
from colonnade.experiment.user_file_checks import missing_files
from colonnade.experiment.yaml_file import YamlFile, read_yaml
from colonnade.figures.registry import figure_kind
from colonnade.provenance import toolchain_versions
from colonnade.report import RunReport

DEFAULT_CONFIG = "config/config.yaml"
TELLING = "experiment", "networks"  # keys of a config that is a whole one, even if one of them is misspelt
DEFAULT_RATE = 100, 1  # jobs, s: of Snakemake, where --max-jobs-per-timespan does not tell another one
SPARE = 1_000_000  # bytes; a disk with less is full
ENVIRONMENT = "../../envs/environment.yaml"

try:
    paths = [Path(path) for path in workflow.configfiles]
    if not any(key in config for key in TELLING) and Path(DEFAULT_CONFIG).exists():
        paths.append(Path(DEFAULT_CONFIG))
    if workflow.is_main_process:
        for path in paths:
            read_yaml(path)  # finds what Snakemake does not, or not in words: keys that stand twice, text in Latin-1
except ColonnadeError as error:
    raise WorkflowError(str(error)) from None

if not any(key in config for key in TELLING):

    configfile: DEFAULT_CONFIG


# In errors, the config is called by its file, or by the name under which another workflow uses this one as a module.
module_name = workflow.modifier.namespace
config_name = f"config of module {module_name}" if module_name else "config"
if workflow.configfiles and not module_name:
    config_name = YamlFile(workflow.configfiles[-1])
try:
    values = {key: value for key, value in config.items() if key != "report_texts"}
    experiment = Experiment(values, file=config_name)
    in_conda = any(method.name == "CONDA" for method in workflow.deployment_settings.deployment_method)
    compiled_by = toolchain_versions(ROOT / "envs" / "environment.yaml" if in_conda else None)
    plan = Plan(experiment, ROOT, compiled_by)
    if workflow.is_main_process:
        raise_all(unshared({usage.item_to_choice() for usage in workflow.storage_settings.shared_fs_usage}))
        raise_all(missing_files(plan))
        raise_all(misfits(plan) if "--report" in sys.argv else changed_files(plan))
        if said := estimate(plan):
            logger.info(said)
    # What the templates in workflow/report/ show of a finished run; no job needs it.
    finished = workflow.is_main_process and Path(plan.folder, "statistics").is_dir()
    config["report_texts"] = RunReport(plan, ROOT).texts() if finished else {}
except ColonnadeError as error:
    raise WorkflowError(str(error)) from None

if workflow.modifier.path_modifier.replace_prefix(plan.folder) != plan.folder:
    raise WorkflowError(f"{config_name}: set 'results' in the config instead of a prefix for the module's paths")


wildcard_constraints:
    **plan.wildcard_constraints(),
    point=r"(/[A-Za-z0-9_.+~-]+)?",


def given(pattern):
    """Return a function that gives a rule's input by label: its files, and the receipts of the steps that made them.

    Of files Snakemake compares the bytes, of a folder the time, which a copy has anew: its receipt counts in its place.
    """
    files, receipts = plan.inputs(pattern), plan.receipts_before(pattern)

    def inputs(wildcards):
        found = {
            label: [ancient(path) if path in plan.folders else path for path in paths]
            for label, paths in files(wildcards).items()
        }
        counting = plan.folders.values()
        return {
            **found,
            "receipts": [path if path in counting else ancient(path) for path in receipts(wildcards)],
        }

    return inputs


RECEIPT = "--step {params.code} --made {output:q} --from {input:q}"


def step(program, arguments, receipt=RECEIPT):
    """Return the shell line of a step: its program, its settings, what its receipt tells, and the log of all it says."""
    call = f'python "$COLONNADE_PROGRAMS/{program}.py" --settings {{params.settings:q}}'
    return f"{call} {arguments} {receipt} > {{log:q}} 2>&1"


# More than one MPI rank where a launcher is set: --set-resources simulate:tasks=2 simulate:mpi=mpiexec. The program takes
# the place of the shell, so that signals reach it. States change no result, so that their settings rerun nothing.
SIMULATE = (
    "exec {resources.launcher}"
    ' python "$COLONNADE_PROGRAMS/simulate.py" --config {input.config[0]:q} --threads {threads}'
    " --checkpoint-every {resources.checkpoint_every} --keep-state {resources.keep_state} {params.states:q}"
    " --step {params.code} {params.settings:q} --made {output:q} --from {input:q} > {log:q} 2>&1"
)


def ranks_of(*rules):
    """Return the resources for MPI ranks of a rule: mpi and tasks, as --set-resources gives them to the first of
    ``rules`` that has them, and the launcher, the words that start a program on these ranks.

    By default there is neither mpi nor tasks: with mpi, Slurm's plugin starts a job without srun, and no signal of
    Slurm comes through; and tasks of the jobs in a group add up.
    """
    for each in rules:
        given = {
            name: value.raw for name, value in workflow.resource_settings.overwrite_resources.get(each, {}).items()
        }
        if given.get("mpi"):
            tasks = int(given.get("tasks", 1))
            return {"mpi": given["mpi"], "tasks": tasks, "launcher": f"{given['mpi']} -n {tasks}"}
    return {"launcher": ""}


def begin_from(pattern):
    """Return a function that gives the words for a settled state to begin from, if there is one."""
    files = plan.inputs(pattern)
    return lambda wildcards: [word for path in files(wildcards).get("settled", []) for word in ("--start-from", path)]


def category_of(name):
    """Return a function that gives a result's category in the report: ``name``, or the page of its sweep point."""

    def category(wildcards):
        return "Simulations" if wildcards.get("point") else name

    return category


def page_of(wildcards):
    """Return the sweep point in words, the name of its page in the report; None where it has none."""
    return point_label(wildcards.get("point", "")) or None


def page_to_turn(kind):
    """Return the page on which a figure can be turned, with its place in the report; {} for a kind without one."""
    if figure_kind(kind).page is None:
        return {}
    page = report(
        plan.output("figures", "html"),
        category=category_of("Figures"),
        subcategory=page_of,
        caption=f"../report/{kind}.rst",
        labels={"result": "{figure}: to turn"},
    )
    return {"html": page}


def table_of(name, caption, label):
    """Return a table of the statistics with its place in the report."""
    return report(
        plan.output("statistics", name),
        category=category_of("Tables"),
        subcategory=page_of,
        caption=f"../report/{caption}.rst",
        labels={"result": label},
    )


needs = Needs(plan, ranks_of("simulate").get("tasks", 1))
if workflow.is_main_process and {"-n", "--dry-run", "--dryrun"} & set(sys.argv):
    logger.info(needs.in_words())
groups = Groups(plan, needs, on_ranks="mpi" in ranks_of("settle", "simulate"))
workflow.parent_groupids.update(groups.parents())

previous = Previous(plan)


onstart:
    if workflow.executor_plugin.name == "slurm":
        try:
            due = [
                (job.rule.name, job.threads, job.resources)
                for job in workflow.dag.needrun_jobs()
                if not job.is_local
            ]
            nodes = slurm_nodes(next((each[2].get("slurm_partition") for each in due), None))
            raise_all(impossible(due, nodes))
        except ColonnadeError as error:
            raise WorkflowError(str(error)) from None
    previous.keep()
    # A second after each look at all open jobs Snakemake looks at them again, and each job that ends begins another such
    # row of looks: with many jobs it does little else. It needs them for its limit of jobs a second alone.
    if (limiter := workflow.scheduler.job_rate_limiter) and (limiter.max_jobs, limiter.timespan) == DEFAULT_RATE:
        workflow.scheduler.job_rate_limiter = None


onsuccess:
    previous.forget()


onerror:
    if experiment.has_sweep:  # a table of the points that are done, and of those that are not
        settings = plan.settings_of("points")({})
        keys, table = plan.keys("statistics"), plan.output("points", "points")
        failed = [point.name() for point in experiment.points if not fits(plan, "statistics", point)]
        shell(
            'python "$COLONNADE_PROGRAMS/gather_points.py" --settings {settings:q}'
            " --keys {keys:q} --failed {failed:q} --output {table:q}"
        )
    if (free := shutil.disk_usage(plan.folder).free) < SPARE:
        logger.error(f"{plan.folder}: the disk is full, {free} bytes are free")
    for path in previous.restore():
        logger.info(f"kept: {path}, of an earlier run; it is made anew in the next one")
