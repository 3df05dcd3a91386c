"""Snakemake's command line, as a user types it, on the experiment of a folder."""

import re
import subprocess
from pathlib import Path

from snakemake_starter import Starter

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


def rules_to_run(folder: Path, *arguments: str) -> dict[str, int]:
    """Return the rules that a run would execute now, with the number of their jobs; targets left out."""
    answer = snakemake(folder, "--dry-run", *arguments)
    jobs = re.findall(r"^(\w+) +(\d+)$", answer.stdout + answer.stderr, flags=re.MULTILINE)
    return {rule: int(number) for rule, number in jobs if rule not in ("all", "total")}
