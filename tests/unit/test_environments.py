"""The environments agree: lock, pyproject, conda, container and README; every rule names its own and writes a log."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]
PYTHON = "3.11"
LOCKS = ("requirements.lock", "bench.lock")
# Parts of our dependencies under the names of conda's packages, and tools that pip's lock does not hold.
CONDA_NAMES = {"matplotlib-base": "matplotlib", "snakemake-minimal": "snakemake"}
NOT_OF_PYTHON = {"python", "pip", "make", "cxx-compiler"}
# Pygments is what snakemake's extra "reports" asks for; conda's snakemake-minimal has no extras.
OF_EXTRAS = {"pygments"}
# The peer lives in an environment of its own, with its own lock.
LOCK_OF_EXTRA = {"bench": "bench.lock"}


def named(requirement: str) -> str:
    """Return the package name of a requirement, in the spelling that all spellings stand for."""
    return re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", requirement).group()).lower()


def locked(name: str) -> dict[str, str]:
    """Return package -> version of a lock for the Python of the other environments."""
    text = (ROOT / "envs" / name).read_text()
    entries = re.findall(r"^([\w.-]+)==([^\s;\\]+)(?: ; ([^\\]+))?", text, re.MULTILINE)
    this_python = {"python_version": PYTHON, "python_full_version": f"{PYTHON}.0"}
    return {
        named(package): version
        for package, version, marker in entries
        if not marker or Marker(marker).evaluate(this_python)
    }


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def conda() -> dict[str, str | None]:
    """Return package -> version of the conda environment, its pip part included."""
    entries = yaml.safe_load((ROOT / "envs" / "environment.yaml").read_text())["dependencies"]
    entries = [each for entry in entries for each in (entry["pip"] if isinstance(entry, dict) else [entry])]
    found = dict(re.fullmatch(r"([\w.-]+)(?: ?==? ?(\S+))?", entry).groups() for entry in entries)
    return {CONDA_NAMES.get(name, named(name)): version for name, version in found.items()}


def rules() -> dict[str, str]:
    """Return the text of each rule that runs something, by file and name."""
    found = {}
    for path in [ROOT / "Snakefile", *sorted((ROOT / "workflow").rglob("*.smk"))]:
        parts = re.split(r"^ *(?:rule|checkpoint)\b *(\w*):\n", path.read_text(), flags=re.MULTILINE)
        for number, (name, body) in enumerate(zip(parts[1::2], parts[2::2], strict=True)):
            if re.search(r"^ +(shell|script|run|notebook|wrapper):", body, re.MULTILINE):
                found[f"{path.name}:{name or number}"] = body
    return found


def test_every_dependency_is_locked():
    lock = locked("requirements.lock")
    assert {named(each) for each in project()["dependencies"]} <= lock.keys()
    for extra, requirements in project()["optional-dependencies"].items():
        assert {named(each) for each in requirements} <= locked(LOCK_OF_EXTRA.get(extra, "requirements.lock")).keys()


def test_versions_that_pyproject_demands_are_those_of_the_lock():
    for extra, requirements in {None: project()["dependencies"], **project()["optional-dependencies"]}.items():
        lock = locked(LOCK_OF_EXTRA.get(extra, "requirements.lock"))
        for requirement in requirements:
            for version in re.findall(r"==([\w.]+)", requirement):
                assert lock[named(requirement)] == version, requirement
            for major in re.findall(r"<(\d+)$", requirement):
                assert int(lock[named(requirement)].split(".")[0]) < int(major), requirement


def test_the_conda_environment_has_the_versions_of_the_lock():
    lock = locked("requirements.lock")
    for package, version in conda().items():
        if package not in NOT_OF_PYTHON:
            assert version == lock[package], package


def test_the_conda_environment_has_every_dependency_and_nothing_else():
    needed = {named(each) for each in project()["dependencies"]} | OF_EXTRAS
    assert conda().keys() - NOT_OF_PYTHON == needed


def test_the_container_is_made_of_the_lock_on_the_same_python():
    recipe = (ROOT / "envs" / "Dockerfile").read_text()
    assert conda()["python"] == PYTHON
    assert re.search(r"^FROM python:(\d+\.\d+)", recipe, re.MULTILINE).group(1) == PYTHON
    assert "--require-hashes -r envs/requirements.lock" in recipe
    assert "--no-deps" in recipe
    assert {"g++", "make"} <= set(recipe.split())
    assert SpecifierSet(project()["requires-python"]).contains(PYTHON)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_hashes_and_no_address_of_an_index(name):
    text = (ROOT / "envs" / name).read_text()
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host| @ ", text)
    for entry in re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_the_readme_gives_a_reason_for_every_dependency():
    section = (ROOT / "README.md").read_text().partition("## Dependencies")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", section, re.MULTILINE)[1:]
    listed = {named(package.strip()) for row in rows for package in row.split(",") if re.match(r"\w", package.strip())}
    assert listed == {named(each) for each in project()["dependencies"]}
    for requirements in project()["optional-dependencies"].values():
        for package in map(named, requirements):
            assert package.split("-")[0] in section, package


def test_every_rule_that_runs_something_names_its_environment_and_a_log():
    """The log's name is quoted, since the results folder is in it and a shell reads it."""
    common = (ROOT / "workflow" / "rules" / "common.smk").read_text()
    environment = re.search(r'^ENVIRONMENT = "([^"]+)"', common, re.MULTILINE).group(1)
    assert (ROOT / "workflow" / "rules" / environment).resolve().is_file()
    assert "> {{log:q}} 2>&1" in common.partition("def step(")[2].partition("\n\n\n")[0]
    assert len(rules()) >= 9
    for name, body in rules().items():
        assert re.search(r"^ +conda:\n +ENVIRONMENT$", body, re.MULTILINE), f"{name} has no conda:"
        assert re.search(r"^ +log:", body, re.MULTILINE), f"{name} has no log:"
        shared = re.search(r"^ +shell:\n +([A-Z]+)$", body, re.MULTILINE)  # a shell line that rules share
        line = body if shared is None else common.partition(f"\n{shared[1]} = ")[2].partition("\n\n")[0]
        assert "step(" in line or "> {log:q} 2>&1" in line, f"{name} does not write its log"
        assert "{log}" not in body, f"{name} does not quote its log"


@pytest.mark.slow
@pytest.mark.parametrize("config", ["config.yaml", "experiments/rate_sweep.yaml", "experiments/current_steps.yaml"])
def test_snakemakes_linter_has_nothing_to_say(config, tmp_path):
    command = [sys.executable, "-m", "snakemake", "--lint", "--snakefile", str(ROOT / "Snakefile")]
    command += ["--configfile", str(ROOT / "config" / config)]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "Lints for" not in answer.stdout + answer.stderr


def test_the_workflow_catalog_finds_what_it_asks_for():
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage["software-stack-deployment"]["conda"] is True
    assert usage["report"] is True
    for file in ("workflow/Snakefile", "config/README.md", "README.md", "LICENSE"):
        assert (ROOT / file).is_file()
    readme = (ROOT / "README.md").read_text().lower()
    assert "snakemake" in readme
    assert "workflow" in readme
