"""The files that a config names: looked up, with the nearest name, before Snakemake plans.

Snakemake takes the old results of a job whose input is missing for source files: a mistyped name would go unnoticed.
"""

import ast
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from colonnade.code_facts import with_local_modules
from colonnade.components import model_names, model_path
from colonnade.errors import InputError, MissingFile
from colonnade.experiment.name_checks import unknown_names
from colonnade.experiment.plan import Plan
from colonnade.experiment.rehearsal import refused
from colonnade.figures.registry import figure_settings, figure_user_files
from colonnade.files import sha256
from colonnade.user_functions import LISTED, REFERENCE, is_reference, words_of


def missing_files(plan: Plan) -> Iterator[InputError]:
    """Yield an error for each file, function in one, or name explained by one that the experiment names in vain.

    Models of the wheel are looked up where the wheel is in the cache; else the step that fetches them does it.
    """
    config, file = plan.experiment.config, plan.experiment.file
    error = partial(MissingFile, file=file)
    yield from _results(plan, file)
    yield from _models(plan, error)
    for directory in dict.fromkeys(_directories_of_mod_files(plan)):
        if not Path(directory).is_dir():
            yield error("there is no such folder", key="mechanisms.directory", value=directory,
                        options=_beside(Path(directory)))  # fmt: skip
        elif not [*Path(directory).glob("*.mod"), *Path(directory).glob("modfiles/*.mod")]:
            yield error("no .mod files in this folder", key="mechanisms.directory", value=directory)
    for name, path in dict.fromkeys(_spike_files(plan)):
        if not Path(path).is_file():
            yield error("there is no such file", key=f"inputs.{name}.file", value=path, options=_beside(Path(path)))
    paper = config.get("manuscript", {})
    for path in [paper["file"], *paper["more"]] if paper else ():
        if not Path(path).is_file():
            yield error("there is no such file", key="manuscript", value=path, options=_beside(Path(path)))
    for name in config["figures"]:
        try:
            figure_user_files(figure_settings(config["figures"], name))
        except MissingFile as problem:
            yield error(problem.message, key=f"figures.{name}", value=str(problem.file), expected=problem.expected)
    yield from _functions(config, file)
    yield from unknown_names(plan)
    yield from refused(plan)


def files_of_user(plan: Plan) -> Iterator[Path]:
    """Yield each file of the user that a step reads, those in such a folder, and the licences of their folders."""
    for path in map(Path, plan.all_user_files()):
        yield from sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        licences = sorted(path.parent.parent.glob("LICEN[CS]E*")) if not path.is_absolute() else []
        yield from (each for each in licences if each.is_file())


def _models(plan: Plan, error) -> Iterator[InputError]:
    settings = plan.experiment.config["components"]
    own = Path(settings["directory"]) if "directory" in settings else None
    if own and not own.is_dir():
        yield error("there is no such folder", key="components.directory", value=settings["directory"],
                    options=_beside(own))  # fmt: skip
        return
    for name in plan.names("components"):
        kind, _, file = name.partition("/")
        there, path = model_names(settings, kind), model_path(settings, name)
        if file not in there:
            yield error(f"the models have no such file among the {kind}", key="components", value=file, options=there)
        elif path is not None and not path.is_file():
            yield error("is no file", key="components", value=str(path))
        elif path is not None and settings["sha256"].get(file) not in (None, sha256(path)):
            yield error("the file is not the one that the config demands", key=f"components.sha256.{file}",
                        value=sha256(path), expected=settings["sha256"][file])  # fmt: skip


def _results(plan: Plan, file) -> Iterator[InputError]:
    """Yield an error where a file is in the place of a folder that results go into."""
    for folder in (Path(plan.folder), *Path(plan.folder).parents):
        if folder.is_symlink() and not folder.exists():
            yield InputError("results cannot go there: the link leads nowhere", file=file, key="results",
                             value=str(folder))  # fmt: skip
        elif folder.exists() and not folder.is_dir():
            yield InputError("results cannot go there: it is no folder", file=file, key="results", value=str(folder))


def _spike_files(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield the name of each input at each point of the sweep, with its file."""
    for point in plan.experiment.points:
        for name, settings in plan.experiment.config_at(point)["inputs"].items():
            if settings.get("file") and not is_reference(settings["file"]):
                yield name, settings["file"]


def _directories_of_mod_files(plan: Plan) -> Iterator[str]:
    for point in plan.experiment.points:
        directory = plan.experiment.config_at(point)["mechanisms"].get("directory")
        if directory:
            yield directory


def _functions(value, file, path: tuple[str, ...] = ()) -> Iterator[InputError]:
    """Yield an error for each file.py:function in ``value`` whose file, or function in it, is not there."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        below = (*path, str(key))
        listed = any(each.rpartition(".")[2] == LISTED for each in below)  # also as a value of a sweep
        for word in words_of(LISTED if listed else key, part):
            yield from _functions(word, file, below)
    found = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return
    source, name = Path(found["file"]), found["name"]
    if not source.is_file():
        yield MissingFile("there is no such file", file=file, key=".".join(path), value=value, options=_beside(source))
        return
    trees = {}
    for part in with_local_modules(str(source)):
        try:
            trees[part] = ast.parse(Path(part).read_bytes(), part)
        except (SyntaxError, ValueError) as error:
            yield InputError(f"cannot be read as Python ({error})", file=part, key=".".join(path))
    tree = trees.get(str(source))
    if tree is None:
        return
    known = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    known |= {target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets
              if isinstance(target, ast.Name)}  # fmt: skip
    imported = any(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body)
    if name not in known and not (imported and name in source.read_text(encoding="utf-8", errors="replace")):
        yield InputError("has no such function", file=source, key=".".join(path), value=name, options=known)


def _beside(path: Path) -> list[str]:
    """Return the names that stand where ``path`` was looked for, as they would be written."""
    if not path.parent.is_dir():
        return []
    written = (str(path.parent / each.name) for each in path.parent.iterdir() if not each.name.startswith("."))
    return [each.name for each in path.parent.iterdir()] if path.parent.is_absolute() else list(written)
