"""The RO-Crate of a result: one JSON-LD file which says what each file is and what made it.

It follows the Workflow Run RO-Crate profile, version 0.5 (Leo et al. 2024, doi:10.1371/journal.pone.0309210).
"""

import json
import mimetypes
import shutil
from datetime import UTC, datetime
from pathlib import Path

import yaml
from rocrate.model import ContextEntity
from rocrate.rocrate import ROCrate

from colonnade.errors import MissingFile
from colonnade.files import sha256, whole
from colonnade.provenance import compiler_version, git_state, versions

METADATA = "ro-crate-metadata.json"
PROFILES = ("process", "workflow")
KINDS = {".h5": "application/x-hdf5", ".swc": "text/plain", ".mod": "text/plain", ".tsv": "text/tab-separated-values"}
KINDS |= {".yaml": "application/yaml", ".log": "text/plain", ".rst": "text/x-rst", ".lock": "text/plain"}


def write_crate(folder: Path, config: dict, root: Path, user_files: list[str]) -> Path:
    """Describe the finished experiment in ``folder`` in its ro-crate-metadata.json; returns that file's path.

    ``config`` is the resolved config, ``root`` the project's folder, ``user_files`` the files with the user's own
    functions. Copies of the Snakefile, the lock and these files, and the config, are put into ``provenance/``.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise MissingFile("there are no results to describe", file=folder, expected="a finished experiment")
    _collect(folder / "provenance", config, root, user_files)
    crate = ROCrate()
    crate.metadata.extra_contexts.append("https://w3id.org/ro/terms/workflow-run/context")
    crate.name = f"Colonnade experiment {config['experiment']}"
    crate.description = config["title"] or f"Results of the experiment {config['experiment']}"
    crate.license = "https://spdx.org/licenses/BSD-3-Clause"
    files = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != METADATA):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        files[path.relative_to(folder).as_posix()] = path
    begin, end = _span(folder)
    crate.root_dataset["datePublished"] = end
    profiles = [_profile(crate, name) for name in PROFILES]
    crate.root_dataset["conformsTo"] = profiles
    workflow = crate.add_workflow(
        files["provenance/Snakefile"], "provenance/Snakefile", main=True, lang="snakemake",
        lang_version=versions().get("snakemake"), properties=_properties(files["provenance/Snakefile"]),
    )  # fmt: skip
    workflow["name"] = "Colonnade"
    git = git_state(root)
    workflow["version"] = versions().get("colonnade")
    software = {**versions(), "g++": compiler_version()}
    workflow["softwareRequirements"] = [_software(crate, name, version) for name, version in software.items()]
    workflow["identifier"] = [
        _value(crate, "git commit", git["commit"] or "not a git checkout"),
        _value(crate, "git tree was dirty", str(git["dirty"]).lower()),
    ]
    entities = {
        name: crate.add_file(path, name, properties=_properties(path))
        for name, path in files.items()
        if name != "provenance/Snakefile"
    }
    given = [entity for name, entity in entities.items() if name.startswith("provenance/") and ".lock" not in name]
    seeds = {"seed": config["seed"], **{f"seeds.{name}": seed for name, seed in config["seeds"].items()}}
    given += [_value(crate, name, seed) for name, seed in seeds.items()]
    crate.add_action(
        workflow,
        identifier="#run",
        object=given,
        result=[entity for name, entity in entities.items() if not name.startswith("provenance/")],
        properties={
            "name": f"Run of {config['experiment']}",
            "startTime": begin,
            "endTime": end,
            "actionStatus": "http://schema.org/CompletedActionStatus",
        },
    )
    with whole(folder / METADATA) as temporary:
        temporary.write_text(json.dumps(crate.metadata.generate(), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return folder / METADATA


def _collect(target: Path, config: dict, root: Path, user_files: list[str]) -> None:
    target.mkdir(exist_ok=True)
    for path in (root / "Snakefile", root / "envs" / "requirements.lock", *map(Path, user_files)):
        with whole(target / path.name) as temporary:
            shutil.copyfile(path, temporary)
    with whole(target / "experiment.yaml") as temporary:
        temporary.write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _span(folder: Path) -> tuple[str, str]:
    """Return when the first step began and the last one ended, as ISO 8601, from the steps' benchmark files."""
    begins, ends = [], []
    for path in (folder / "benchmarks").rglob("*.tsv"):
        names, *rows = [line.split("\t") for line in path.read_text().splitlines()]
        end = path.stat().st_mtime
        begins.append(end - float(dict(zip(names, rows[0], strict=True))["s"]))
        ends.append(end)
    if not ends:
        raise MissingFile("no step of this experiment has been run", file=folder / "benchmarks")
    return tuple(datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds") for time in (min(begins), max(ends)))


def _properties(path: Path) -> dict:
    kind = KINDS.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return {"sha256": sha256(path), "contentSize": str(path.stat().st_size), "encodingFormat": kind}


def _profile(crate: ROCrate, name: str) -> ContextEntity:
    identifier = f"https://w3id.org/ro/wfrun/{name}/0.5"
    properties = {"@type": "CreativeWork", "name": f"{name.capitalize()} Run Crate", "version": "0.5"}
    return crate.add(ContextEntity(crate, identifier, properties=properties))


def _software(crate: ROCrate, name: str, version: str) -> ContextEntity:
    properties = {"@type": "SoftwareApplication", "name": name, "version": version}
    return crate.add(ContextEntity(crate, f"#software-{name}", properties=properties))


def _value(crate: ROCrate, name: str, value) -> ContextEntity:
    identifier = "#" + name.replace(" ", "-").replace(".", "-")
    properties = {"@type": "PropertyValue", "name": name, "value": value}
    return crate.add(ContextEntity(crate, identifier, properties=properties))
