"""The RO-Crate of a result: one JSON-LD file which says what each file is and what made it.

It follows the Provenance Run Crate profile of Workflow Run RO-Crate, version 0.5 (Leo et al. 2024,
doi:10.1371/journal.pone.0309210).
"""

import json
import mimetypes
import shutil
from datetime import UTC, datetime
from pathlib import Path

import yaml
from rocrate.model import ContextEntity
from rocrate.rocrate import ROCrate

from colonnade.crate_steps import add_people, add_steps, alone, seconds_of
from colonnade.errors import MissingFile
from colonnade.files import atomic_write, sha256
from colonnade.provenance import compiler_version, git_state, versions
from colonnade.receipts import FOLDER as RECEIPTS
from colonnade.receipts import end_of

METADATA = "ro-crate-metadata.json"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
VERSION = "1.1"  # of RO-Crate, on which these profiles are built
CONTEXT = "https://w3id.org/ro/terms/workflow-run/context"
CODE_LICENCE = "https://spdx.org/licenses/BSD-3-Clause"
RESULT_LICENCE = "Not stated: the results belong to who ran the experiment; models carry their own licences."
KINDS = {".h5": "application/x-hdf5", ".swc": "text/plain", ".mod": "text/plain", ".tsv": "text/tab-separated-values"}
KINDS |= {".yaml": "application/yaml", ".log": "text/plain", ".lock": "text/plain"}
SNAKEFILE = "provenance/Snakefile"


def write_crate(folder: Path, config: dict, root: Path, user_files: list[str]) -> Path:
    """Describe the finished experiment in ``folder`` in its ro-crate-metadata.json; returns that file's path.

    ``config`` is the resolved config, ``root`` the project's folder, ``user_files`` the files with the user's own
    functions. Copies of the Snakefile, the lock and these files, and the config, are put into ``provenance/``.
    MissingFile where there are no results, or none of their steps was timed.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise MissingFile("there are no results to describe", file=folder, expected="a finished experiment")
    begin, end, seconds = _span(folder)
    given = _collect(folder / "provenance", config, root, user_files)
    crate = ROCrate(version=VERSION)
    crate.metadata.extra_contexts.append(CONTEXT)
    crate.name = f"Colonnade experiment {config['experiment']}"
    crate.description = config["title"] or f"Results of the experiment {config['experiment']}"
    people = add_people(crate, config)
    crate.license = _licence(crate, config["licence"]) if config.get("licence") else RESULT_LICENCE
    crate.root_dataset["datePublished"] = end
    crate.root_dataset["conformsTo"] = [_profile(crate, identifier) for identifier in PROFILES]

    workflow = _workflow(crate, folder, root)
    origins = _origins(folder)
    files = {
        name: crate.add_file(folder / name, name, properties=_properties(folder / name) | origins.get(name, {}))
        for name in _names(folder)
    }
    for name, path in given.items():
        files[name]["description"] = f"copy of {path}"
    values = {"seed": config["seed"], **{f"seeds.{section}": seed for section, seed in config["seeds"].items()}}
    values |= {"engine": config["simulation"]["engine"], **_compilation(folder)}
    action = crate.add_action(
        workflow,
        identifier="#run",
        object=[*(files[name] for name in given), *(_value(crate, name, value) for name, value in values.items())],
        result=[entity for name, entity in files.items() if name not in given],
        properties={
            "name": f"Run of {config['experiment']}",
            "description": f"all steps of the experiment {config['experiment']}, from its config to its figures",
            "startTime": begin,
            "endTime": end,
            "actionStatus": "http://schema.org/CompletedActionStatus",
        },
    )
    action["additionalProperty"] = _value(crate, "time of all steps together (s)", seconds)
    if people:
        action["agent"] = alone(people)
    steps = add_steps(crate, folder, workflow, action)
    crate.root_dataset["mentions"] = alone([action, *steps])
    with atomic_write(folder / METADATA) as temporary:
        temporary.write_text(json.dumps(crate.metadata.generate(), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return folder / METADATA


def _workflow(crate: ROCrate, folder: Path, root: Path):
    """Add the Snakefile with the versions of everything that ran it, and the state of its checkout."""
    software = {**versions(), "compiler": compiler_version()}
    workflow = crate.add_workflow(
        folder / SNAKEFILE, SNAKEFILE, main=True, lang="snakemake", lang_version=software.get("snakemake"),
        properties=_properties(folder / SNAKEFILE),
    )  # fmt: skip
    workflow["name"] = "Colonnade"
    workflow["license"] = CODE_LICENCE
    workflow["version"] = software.get("colonnade")
    workflow["softwareRequirements"] = [_software(crate, name, version) for name, version in software.items()]
    git = git_state(root)
    workflow["identifier"] = [
        _value(crate, "git commit", git["commit"] or "not a git checkout"),
        _value(crate, "git tree was dirty", "unknown" if git["dirty"] is None else str(git["dirty"]).lower()),
    ]
    return workflow


def _names(folder: Path) -> list[str]:
    """Return the names of all files to list, sorted: no hidden ones, nor the Snakefile, which is the workflow."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    names = [path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts)]
    return sorted(name for name in names if name not in (METADATA, SNAKEFILE))


def _collect(target: Path, config: dict, root: Path, user_files: list[str]) -> dict[str, str]:
    """Fill ``target`` with what the run was given; return what each is a copy of, by its name in the crate."""
    shutil.rmtree(target / "functions", ignore_errors=True)
    target.mkdir(exist_ok=True)
    given = {}
    for path, name in [
        (root / "Snakefile", "Snakefile"),
        (root / "envs" / "requirements.lock", "requirements.lock"),
        *((Path(path), f"functions/{_inside(path)}") for path in user_files),
    ]:
        with atomic_write(target / name) as temporary:
            shutil.copyfile(path, temporary)
        inside = path.relative_to(root) if path.is_relative_to(root) else path
        given[f"{target.name}/{name}"] = inside.as_posix()
    with atomic_write(target / "experiment.yaml") as temporary:
        temporary.write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")
    given.pop(SNAKEFILE)
    return given | {f"{target.name}/experiment.yaml": "the config with all defaults"}


def _inside(path: str) -> str:
    """Return a path that stays inside a folder."""
    return "/".join(part for part in Path(path).parts if part not in ("/", ".", ".."))


def _span(folder: Path) -> tuple[str, str, float]:
    """Return when the first step began and the last one ended (ISO 8601), and the seconds of all steps together."""
    benchmarks, begins, ends, seconds = folder / "benchmarks", [], [], 0.0
    for path in benchmarks.rglob("*.tsv"):
        step = seconds_of(path)
        receipt = (folder / RECEIPTS / path.relative_to(benchmarks)).with_suffix(".json")
        end = end_of(receipt) if receipt.is_file() else path.stat().st_mtime
        begins.append(end - step)
        ends.append(end)
        seconds += step
    if not ends:
        raise MissingFile("no step of this experiment has been run", file=benchmarks)
    first, last = (datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds") for time in (min(begins), max(ends)))
    return first, last, round(seconds, 2)


def _origins(folder: Path) -> dict[str, dict]:
    """Return for each model file of others where it is from and its licence, by its name in the crate."""
    origins = {}
    for path in sorted((folder / "components" / "records").rglob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        name = f"components/{record['kind']}/{record['file']}"
        if (folder / name).is_file():
            said = {"license": record["licence"], "version": record["version"], "isBasedOn": record["url"]}
            origins[name] = {key: value for key, value in said.items() if value}
            origins[name]["description"] = f"from {record['source']}" + (
                f", sha256 of the archive {record['source_sha256']}" if record["source_sha256"] else ""
            )
    return origins


def _compilation(folder: Path) -> dict[str, str]:
    """Return what compiled the mechanisms."""
    found = {}
    for path in sorted((folder / "mechanisms").rglob("mechanisms.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        found |= {f"mechanisms {key}": record[key] for key in ("neuron", "compiler", "flags") if record.get(key)}
    return found


def _properties(path: Path) -> dict:
    kind = KINDS.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return {"sha256": sha256(path), "contentSize": str(path.stat().st_size), "encodingFormat": kind}


def _licence(crate: ROCrate, name: str) -> ContextEntity:
    said = {"@type": "CreativeWork", "name": name, "url": f"https://spdx.org/licenses/{name}"}
    return crate.add(ContextEntity(crate, said["url"], properties=said))


def _profile(crate: ROCrate, identifier: str) -> ContextEntity:
    name, version = PROFILES[identifier]
    properties = {"@type": "CreativeWork", "name": name, "version": version}
    return crate.add(ContextEntity(crate, identifier, properties=properties))


def _software(crate: ROCrate, name: str, version: str) -> ContextEntity:
    properties = {"@type": "SoftwareApplication", "name": name, "version": version}
    return crate.add(ContextEntity(crate, f"#software-{name}", properties=properties))


def _value(crate: ROCrate, name: str, value) -> ContextEntity:
    identifier = "#" + "-".join("".join(sign if sign.isalnum() else " " for sign in name).split())
    properties = {"@type": "PropertyValue", "name": name, "value": value}
    return crate.add(ContextEntity(crate, identifier, properties=properties))
