"""What a crate says of people, and of each step of a run: its inputs, outputs, program, settings and times."""

import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rocrate.model import ContextEntity
from rocrate.model.person import Person
from rocrate.rocrate import ROCrate

from colonnade.files import canonical_json
from colonnade.receipts import FOLDER as RECEIPTS
from colonnade.receipts import end_of

_ENGINE = {"@type": "SoftwareApplication", "name": "snakemake", "url": "https://snakemake.github.io"}
COMPLETED = "http://schema.org/CompletedActionStatus"


def add_people(crate: ROCrate, config: dict) -> list[Person]:
    """Add the authors, grants and related works of ``config`` to ``crate``; return the authors."""
    people = []
    for number, author in enumerate(config.get("authors", []), start=1):
        identifier = f"https://orcid.org/{author['orcid']}" if "orcid" in author else f"#author-{number}"
        properties = {"name": author["name"]}
        if "affiliation" in author:
            place = {"@type": "Organization", "name": author["affiliation"]}
            identifier_of_place = "#" + "-".join(author["affiliation"].split())
            properties["affiliation"] = crate.add(ContextEntity(crate, identifier_of_place, properties=place))
        people.append(crate.add(Person(crate, identifier, properties=properties)))
    if people:
        crate.root_dataset["author"] = alone(people)
        crate.root_dataset["creator"] = alone(people)
    grants = []
    for number, grant in enumerate(config.get("funding", []), start=1):
        funder = {"@type": "Organization", "name": grant["funder"]}
        payer = crate.add(ContextEntity(crate, f"#funder-{number}", properties=funder))
        said = {
            "@type": "Grant",
            "name": " ".join(filter(None, (grant["funder"], grant.get("award")))),
            "funder": payer,
        }
        said |= {"identifier": grant["award"]} if "award" in grant else {}
        grants.append(crate.add(ContextEntity(crate, f"#grant-{number}", properties=said)))
    if grants:
        crate.root_dataset["funding"] = alone(grants)
    works = []
    for work in config.get("related", []):
        properties = {"@type": "CreativeWork", "name": work["identifier"]}
        works.append(crate.add(ContextEntity(crate, address_of(work["identifier"]), properties=properties)))
    if works:
        crate.root_dataset["citation"] = alone(works)
    return people


def alone(entities: list):
    """Return the only one of ``entities``, or all: RO-Crate wants no list of one."""
    return entities[0] if len(entities) == 1 else entities


def address_of(identifier: str) -> str:
    """Return the address behind a DOI, or an address as it is."""
    return identifier if identifier.startswith("http") else f"https://doi.org/{identifier.removeprefix('doi:')}"


def add_steps(crate: ROCrate, folder: Path, workflow, run) -> list:
    """Add an action for each receipt in ``folder``, and what ties them to ``workflow`` and its ``run``; return them."""
    programs: dict[str, ContextEntity] = {}
    steps: dict[str, ContextEntity] = {}
    actions, controls = [], []
    for path in sorted((folder / RECEIPTS).rglob("*.json")):
        receipt = json.loads(path.read_text(encoding="utf-8"))
        name = path.relative_to(folder / RECEIPTS).with_suffix("").as_posix()
        program = name.partition("/")[0]
        if program not in programs:
            programs[program] = _program(crate, program, receipt)
            said = {"@type": "HowToStep", "name": program.replace("_", " "), "position": str(len(steps) + 1)}
            steps[program] = crate.add(ContextEntity(crate, f"{workflow.id}#step-{program}", properties=said))
            steps[program]["workExample"] = programs[program]
        action = _action(crate, folder, name, receipt, programs[program], path)
        if "agent" in run:
            action["agent"] = run["agent"]
        actions.append(action)
        said = {"@type": "ControlAction", "name": f"control of {name}"}
        control = crate.add(ContextEntity(crate, f"#control-{_plain(name)}", properties=said))
        control["instrument"], control["object"] = steps[program], action
        controls.append(control)
    if not actions:
        return []
    workflow.properties()["@type"] = [*workflow["@type"], "HowTo"]
    workflow["hasPart"], workflow["step"] = alone(list(programs.values())), alone(list(steps.values()))
    engine = crate.add(
        ContextEntity(
            crate, "#software-snakemake-engine",
            properties=_ENGINE | {"version": version("snakemake")},
        )
    )  # fmt: skip
    organised = crate.add(
        ContextEntity(
            crate, "#organisation",
            properties={"@type": "OrganizeAction", "name": "run of Snakemake", "startTime": run["startTime"],
                        "endTime": run["endTime"], "actionStatus": COMPLETED},
        )
    )  # fmt: skip
    organised["instrument"], organised["object"], organised["result"] = engine, alone(controls), run
    return actions


def _program(crate: ROCrate, program: str, receipt: dict) -> ContextEntity:
    """Add the program of a step; its identifier is the checksum of its code."""
    said = {"@type": "SoftwareApplication", "name": f"{program}.py", "softwareVersion": receipt["version"]}
    said |= {"identifier": f"sha256:{receipt['code_sha256']}"}
    return crate.add(ContextEntity(crate, f"#program-{program}", properties=said))


def _action(crate: ROCrate, folder: Path, name: str, receipt: dict, program, path: Path) -> ContextEntity:
    end = end_of(path)
    settings = {"@type": "PropertyValue", "name": f"settings of {name}", "value": canonical_json(receipt["settings"])}
    given = crate.add(ContextEntity(crate, f"#settings-{_plain(name)}", properties=settings))
    properties = {
        "@type": "CreateAction",
        "name": name,
        "description": f"python {program['name']} --settings (see {given.id})",
        "startTime": _time(end - seconds_of(folder / "benchmarks" / f"{name}.tsv")),
        "endTime": _time(end),
        "actionStatus": COMPLETED,
    }
    action = crate.add(ContextEntity(crate, f"#step-{_plain(name)}", properties=properties))
    action["instrument"] = program
    action["object"] = alone([given, *_entities(crate, folder, receipt["inputs"])])
    action["result"] = alone(_entities(crate, folder, receipt["outputs"]))
    return action


def _entities(crate: ROCrate, folder: Path, names) -> list:
    """Return the crate's entities of files by the names in a receipt; of a folder, those in it."""
    known = {entity.id.replace("%2C", ","): entity for entity in crate.data_entities}
    found = []
    for name in names:
        for inside in (_inside(folder, name), f"provenance/functions/{name}"):
            below = [entity for key, entity in known.items() if key == inside or key.startswith(f"{inside}/")]
            found += [entity for entity in below if entity not in found]
    return found


def _inside(folder: Path, name: str) -> str:
    """Return a path of a receipt relative to the experiment's folder, whose own name it holds."""
    _, mark, after = f"/{name}".rpartition(f"/{folder.name}/")
    return after if mark else name


def seconds_of(benchmark: Path) -> float:
    """Return how long a step took, from the table that Snakemake wrote of it; 0 where there is none."""
    if not benchmark.is_file():
        return 0.0
    names, *rows = [line.split("\t") for line in benchmark.read_text().splitlines()]
    return float(dict(zip(names, rows[-1], strict=True))["s"])


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _plain(name: str) -> str:
    return "-".join("".join(sign if sign.isalnum() else " " for sign in name).split())
