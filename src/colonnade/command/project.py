"""A folder for an experiment of one's own."""

import contextlib
import json
import re
from pathlib import Path

from colonnade.errors import InputError, MissingFile
from colonnade.experiment import Experiment, Plan, load_config
from colonnade.experiment.schema import config_schema
from colonnade.experiment.user_file_checks import files_of_user
from colonnade.files import atomic_write
from colonnade.places import project_file, project_folder

SCHEMA = "config.schema.json"
PROFILE = "profiles/default/config.yaml"
SCHEMA_LINE = f"# yaml-language-server: $schema={SCHEMA}\n"
NAME = re.compile("[A-Za-z][A-Za-z0-9_-]{0,63}")
GITIGNORE = "results/\n.snakemake/\n__pycache__/\n"

SNAKEFILE = '''"""The experiment in config.yaml, and rules of your own: `snakemake --cores all`."""

from colonnade.places import project_file, project_folder


configfile: "config.yaml"


module colonnade:
    snakefile:
        str(project_file("Snakefile"))
    config:
        config


use rule * from colonnade


# A rule of your own reads files of the experiment by their paths, for instance:
#
# rule my_table:
#     input:
#         "results/NAME/statistics/populations.csv",
#     output:
#         "my_table.csv",
#     script:
#         "my_table.py"
'''

README = """# {title}
An experiment of Colonnade {version}.

    colonnade check      # all that is wrong in config.yaml, and what the run takes
    colonnade run        # from the config to figures and report, in {results}/{name}
    colonnade verify     # again, and file by file the same?
    colonnade archive    # one zip for reviewers and repositories

- `config.yaml`: the experiment. Editors complete its keys by `{schema}` (`colonnade schema` writes it anew).
- `own_functions.py`: positions, connection rules, rates and panels of your own, named `own_functions.py:FUNCTION`.
- `manuscript.tex`: a paper whose numbers and figures are those of the results; the line
  `manuscript: {{file: manuscript.tex}}` in the config makes it with each run.
- `Snakefile`: for rules of your own, with plain `snakemake --cores all`, which takes its options from `profiles/`.
"""
OWN = r"\bconfig/experiments/(\w+\.py)\b"  # a file of functions, as the experiments that come along name it


def experiments() -> dict[str, Path]:
    """Return the experiments that come with Colonnade, by name."""
    found = [project_file("config", "config.yaml"), *sorted(project_file("config", "experiments").glob("*.yaml"))]
    return {"chapter3" if path.name == "config.yaml" else path.stem: path for path in found}


def new_project(folder: Path, origin: str) -> list[Path]:
    """Make ``folder`` into a project that begins with the experiment ``origin``; return the files made.

    ``origin`` is the name of one that comes with Colonnade, or a YAML file, whose own functions, models and tables come
    along, under their paths, where they lie in its folder or else in the working directory. The experiment is called
    after the folder, where that can be a name. InputError where a file is there already: nothing is written over.
    """
    known = experiments()
    source = known.get(origin, Path(origin))
    if not source.is_file():
        raise MissingFile("no such experiment", key="--from", value=origin, options=known)
    config = load_config(source)
    name = folder.resolve().name if NAME.fullmatch(folder.resolve().name) else config["experiment"]
    text = _renamed(source.read_text(encoding="utf-8"), config["experiment"], name)
    texts = {
        "config.yaml": SCHEMA_LINE + re.sub(OWN, r"\1", text),
        SCHEMA: json.dumps(config_schema(), indent=1) + "\n",
        "README.md": _readme(config, name),
        "Snakefile": SNAKEFILE,
        ".gitignore": GITIGNORE,
    }
    copies = {
        "own_functions.py": project_file("config", "experiments", "own_functions.py"),
        "manuscript.tex": project_file("config", "manuscript.tex"),
        PROFILE: project_file(PROFILE),
        **_files_of(source, config),
    }
    copies = {path: copied for path, copied in copies.items() if path not in texts}
    for path in (*texts, *copies):
        if (folder / path).exists():
            raise InputError("is there already", file=folder / path, expected="a new folder: colonnade init NAME")
    contents = {path: text.encode() for path, text in texts.items()}
    contents |= {path: copied.read_bytes() for path, copied in copies.items()}
    for path, content in contents.items():
        with atomic_write(folder / path) as temporary:
            temporary.write_bytes(content)
    return [folder / path for path in contents]


def _renamed(text: str, old: str, new: str) -> str:
    """Return the text of a config with another name of the experiment, and without a line on its schema."""
    text = re.sub(r"^# yaml-language-server:.*\n", "", text, flags=re.MULTILINE)
    return re.sub(rf"^(experiment:\s*)([\"']?){re.escape(old)}\2(?=\s|$)", rf"\g<1>{new}", text, flags=re.MULTILINE)


def _files_of(source: Path, config: dict) -> dict[str, Path]:
    """Return the files that an experiment reads by their paths in a new project; not those outside of its folder."""
    folders = [project_folder()] if source in experiments().values() else [source.parent.resolve(), Path.cwd()]
    found: dict[str, Path] = {}
    for folder in folders:
        with contextlib.chdir(folder):
            paths = [path for path in files_of_user(Plan(Experiment(config), project_folder())) if path.is_file()]
        inside = [path for path in paths if not path.is_absolute() and ".." not in path.parts]
        found = {re.sub(OWN, r"\1", path.as_posix()): folder / path for path in inside} | found
    return found


def _readme(config: dict, name: str) -> str:
    from colonnade import __version__

    title, results = config.get("title") or name, config.get("results", "results")
    return README.format(title=title, name=name, results=results, version=__version__, schema=SCHEMA)
