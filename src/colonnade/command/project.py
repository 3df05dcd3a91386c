"""A folder for an experiment of one's own."""

import json
import re
from pathlib import Path

from colonnade.errors import InputError, MissingFile
from colonnade.experiment.schema import config_schema
from colonnade.experiment.yaml_file import read_yaml
from colonnade.files import atomic_write
from colonnade.places import project_file

SCHEMA = "config.schema.json"
SCHEMA_LINE = f"# yaml-language-server: $schema={SCHEMA}\n"
NAME = re.compile("[A-Za-z][A-Za-z0-9_-]{0,63}")
GITIGNORE = "results/\n.snakemake/\n__pycache__/\n"

SNAKEFILE = '''"""The experiment in config.yaml, and rules of your own: `snakemake --cores all`."""

from colonnade.places import project_file


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
- `Snakefile`: for rules of your own, with plain `snakemake --cores all`.
"""
OWN = r"config/experiments/(\w+\.py)(?=:)"  # a file of functions, as the experiments that come along name it


def experiments() -> dict[str, Path]:
    """Return the experiments that come with Colonnade, by name."""
    found = [project_file("config", "config.yaml"), *sorted(project_file("config", "experiments").glob("*.yaml"))]
    return {"chapter3" if path.name == "config.yaml" else path.stem: path for path in found}


def new_project(folder: Path, origin: str) -> list[Path]:
    """Make ``folder`` into a project that begins with the experiment ``origin``; return the files made.

    ``origin`` is the name of one that comes with Colonnade, or a YAML file. The experiment is called after the folder,
    where that can be a name. InputError where a file is there already: nothing is written over.
    """
    known = experiments()
    source = known.get(origin, Path(origin))
    if not source.is_file():
        raise MissingFile("no such experiment", key="--from", value=origin, options=known)
    text = source.read_text(encoding="utf-8")
    old_name = read_yaml(source)["experiment"]
    name = folder.resolve().name if NAME.fullmatch(folder.resolve().name) else old_name
    functions = {name: _functions(source, name) for name in ("own_functions.py", *re.findall(OWN, text))}
    text = re.sub(OWN, r"\1", text)
    text = re.sub(r"^# yaml-language-server:.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(rf"^experiment:\s*{re.escape(old_name)}\b", f"experiment: {name}", text, flags=re.MULTILINE)
    config = read_yaml(source)
    files = {
        "config.yaml": SCHEMA_LINE + text,
        SCHEMA: json.dumps(config_schema(), indent=1) + "\n",
        **{name: path.read_text(encoding="utf-8") for name, path in functions.items()},
        "README.md": _readme(config, name),
        "Snakefile": SNAKEFILE,
        "manuscript.tex": project_file("config", "manuscript.tex").read_text(encoding="utf-8"),
        ".gitignore": GITIGNORE,
    }
    for path in files:
        if (folder / path).exists():
            raise InputError("is there already", file=folder / path, expected="a new folder: colonnade init NAME")
    for path, content in files.items():
        with atomic_write(folder / path) as temporary:
            temporary.write_text(content, encoding="utf-8")
    return [folder / path for path in files]


def _functions(source: Path, name: str) -> Path:
    """Return the file of functions that an experiment names: beside it, else the one that comes with Colonnade."""
    beside = source.parent / name
    return beside if beside.is_file() else project_file("config", "experiments", name)


def _readme(config: dict, name: str) -> str:
    from colonnade import __version__

    title, results = config.get("title") or name, config.get("results", "results")
    return README.format(title=title, name=name, results=results, version=__version__, schema=SCHEMA)
