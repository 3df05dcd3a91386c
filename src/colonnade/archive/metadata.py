"""What repositories, reviewers and readers want to know of a result, and how to run it again."""

import platform
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from colonnade import __version__
from colonnade.crate_steps import address_of

CODECHECK = "https://codecheck.org.uk/spec/config/1.0/"

README = """# {title}
Everything of the experiment `{name}`: its config, the files that it names, all results, and what made them
(`{folder}/ro-crate-metadata.json`, a Provenance Run Crate). Begin with `{folder}/report.html`.

    sh reproduce.sh      # makes an environment, runs it all again in a scratch folder, compares file by file

{offline} It takes {python}, g++ and make. The results were made with Colonnade {version}.

| | |
| --- | --- |
| `{config}` | the experiment; `colonnade check {config}` explains what is wrong after an edit |
| `{folder}/figures/` | figures; `colonnade whence FIGURE` says what made one |
| `{folder}/statistics/` | tables |
| `codecheck.yml` | the figures and tables that a codechecker reproduces |
{cited}

Licence of the results: {licence}. Models of others carry their own: `{folder}/components/records/`.
"""

SCRIPT = """#!/bin/sh
# Make an environment from what is here, run the experiment again in a scratch folder, and compare file by file.
set -e
cd "$(dirname "$0")"
{check}case "$PWD" in
  *[[:space:]]*) venv="$(mktemp -d)/venv" ;; # NEURON compiles nothing in an environment with a blank in its path
  *) venv=.venv ;;
esac
[ -x "$venv/bin/python" ] || "${{PYTHON:-python3}}" -m venv "$venv"
if [ -n "$(ls wheels/*.whl 2>/dev/null | grep -v /colonnade-)" ]; then from="--no-index --find-links wheels"; fi
"$venv/bin/python" -m pip install --quiet $from -r requirements.txt
"$venv/bin/python" -m pip install --quiet --no-deps --no-index wheels/colonnade-*.whl
if [ -d cache ]; then COLONNADE_CACHE="$PWD/cache"; export COLONNADE_CACHE; fi
exec "$venv/bin/python" -m colonnade verify --config {config} "$@"
"""


CITED = "| `CITATION.cff`, `.zenodo.json` | how to cite it; what Zenodo asks for |"
NOT_CITED = "| `.zenodo.json` | what Zenodo asks for, but for its creators: the config names no authors |"
CHECK = """"${{PYTHON:-python3}}" -c 'import sys; sys.exit(sys.version_info[:2] != ({major}, {minor}))' || {{
  echo "error: the packages inside are for {python}: PYTHON=python{major}.{minor} sh reproduce.sh" >&2; exit 2; }}
"""


def readme(config: Mapping, config_file: str, folder: str, *, models: bool, wheels: bool) -> str:
    """Return the README of an archive; ``models`` and ``wheels`` say whether these are inside."""
    inside = [word for word, there in (("all models", models), ("all packages", wheels)) if there]
    missing = [word for word, there in (("the models", models), ("the packages", wheels)) if not there]
    offline = f"Inside are {' and '.join(inside)}." if inside else ""
    offline += f" The network is needed for {' and '.join(missing)}." if missing else " It needs no network."
    return README.format(
        title=config["title"] or config["experiment"], name=config["experiment"], folder=folder, config=config_file,
        version=__version__, licence=config.get("licence") or "not stated", offline=offline.strip(),
        python=_this_python() if wheels else "Python 3.11 or newer", cited=CITED if config["authors"] else NOT_CITED,
    )  # fmt: skip


def zenodo(config: Mapping) -> dict:
    """Return the metadata that Zenodo reads, .zenodo.json."""
    title, asked = config["title"] or config["experiment"], ("orcid", "affiliation")
    found = {
        "title": title,
        "upload_type": "dataset",
        "description": f"Results of the simulation experiment {config['experiment']}: {title}. Config, network, "
        f"spikes, statistics, figures and provenance, made with Colonnade {__version__}.",
        "creators": [
            {"name": family_first(author["name"])} | {key: author[key] for key in asked if key in author}
            for author in config["authors"]
        ],
        "keywords": ["computational neuroscience", "simulation", "SONATA", "reproducibility"],
        "related_identifiers": [
            {"identifier": work["identifier"].removeprefix("doi:"), "relation": work["relation"]}
            for work in config.get("related", [])
        ],
        "notes": "; ".join(
            " ".join(filter(None, (grant["funder"], grant.get("award")))) for grant in config.get("funding", [])
        ),
    }  # fmt: skip
    if config.get("licence"):
        found["license"] = config["licence"].lower()
    return {key: value for key, value in found.items() if value}


def codecheck(config: Mapping, files: Sequence[str]) -> dict:
    """Return what CODECHECK asks for (Nüst & Eglen 2021, doi:10.12688/f1000research.51738.2): ``files`` to check."""
    kinds = {"figures": "figure", "statistics": "table", "manuscript": "paper"}
    manifest = [
        {
            "file": file,
            "comment": f"{kinds[next(part for part in Path(file).parts if part in kinds)]} {Path(file).stem}",
        }
        for file in files
    ]
    people = [
        {"name": author["name"]} | ({"ORCID": author["orcid"]} if "orcid" in author else {})
        for author in config["authors"]
    ]
    reference = next((address_of(work["identifier"]) for work in config.get("related", [])), None)
    paper = {"title": config["title"] or config["experiment"], "authors": people, "reference": reference}
    return {
        "version": CODECHECK,
        "paper": {key: value for key, value in paper.items() if value},
        "manifest": manifest,
        "summary": "`sh reproduce.sh` runs the experiment again and says of each file whether it is the same.",
    }


def citation(config: Mapping, finished: str) -> dict:
    """Return the CITATION.cff of the results, which have authors and were finished at ``finished`` (ISO 8601)."""
    authors = []
    for author in config["authors"]:
        family, _, given = family_first(author["name"]).partition(", ")
        person = {"family-names": family, "given-names": given} if given else {"name": author["name"]}
        person |= {"orcid": f"https://orcid.org/{author['orcid']}"} if "orcid" in author else {}
        authors.append(person | ({"affiliation": author["affiliation"]} if given and "affiliation" in author else {}))
    found = {
        "cff-version": "1.2.0",
        "message": "If you use these results, please cite them as below.",
        "type": "dataset",
        "title": config["title"] or config["experiment"],
        "authors": authors,
        "date-released": finished[:10],
        "references": [
            {
                "type": "generic",
                "title": work["identifier"],
                "authors": [{"name": "see there"}],
                "url": address_of(work["identifier"]),
            }
            for work in config.get("related", [])
        ],
    }
    if config.get("licence"):
        found["license"] = config["licence"]
    return {key: value for key, value in found.items() if value}


def script(config_file: str, *, wheels: bool) -> str:
    """Return the script that runs an archive again; packages inside, if there are ``wheels``, are for this Python."""
    major, minor = sys.version_info[:2]
    check = CHECK.format(python=_this_python(), major=major, minor=minor) if wheels else ""
    return SCRIPT.format(config=shlex.quote(config_file), check=check)


def _this_python() -> str:
    return f"Python {sys.version_info[0]}.{sys.version_info[1]} on {platform.system()} ({platform.machine()})"


def family_first(name: str) -> str:
    """Return 'Family, Given' of a name in either order."""
    given, _, family = name.rpartition(" ")
    return name if "," in name or not given else f"{family}, {given}"
