"""Snakemake's command line, as a user types it, on the experiment of a folder."""

import re
import shutil
import subprocess
from pathlib import Path

from snakemake_starter import Starter

from colonnade.files import file_lock

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("Snakefile", "config", "envs", "mechanisms", "profiles", "scripts", "src", "workflow")
STARTER = Starter()


def snakemake(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
    """Run Snakemake on ``folder``/experiment.yaml with ``folder`` as its working directory."""
    words = ["--snakefile", ROOT / "Snakefile", "--directory", folder, "--configfile", folder / "experiment.yaml"]
    answer = STARTER.run(folder, [str(word) for word in (*words, "--cores", "2", *arguments)])
    if check:
        assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer


def copy_project(folder: Path) -> None:
    """Copy the project to ``folder``, without what Python compiles of it, which other workers write meanwhile."""
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            folder.mkdir(exist_ok=True)
            shutil.copy(ROOT / part, folder / part)


def wait_for_simulation(output: Path) -> None:
    """Wait until no simulation writes into ``output``: a Snakemake that is stopped may be gone before its job."""
    with file_lock(output / ".simulation.lock"):
        pass


def rules_to_run(folder: Path, *arguments: str) -> dict[str, int]:
    """Return the rules that a run would execute now, with the number of their jobs; targets left out."""
    answer = snakemake(folder, "--dry-run", *arguments)
    jobs = re.findall(r"^(\w+) +(\d+)$", answer.stdout + answer.stderr, flags=re.MULTILINE)
    return {rule: int(number) for rule, number in jobs if rule not in ("all", "total")}
