"""Snakemake's command line, as a user types it, on the experiment of a folder."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("Snakefile", "config", "envs", "mechanisms", "profiles", "scripts", "src", "workflow")


def snakemake(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
    """Run Snakemake on ``folder``/experiment.yaml with ``folder`` as its working directory."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", folder]
    command += ["--configfile", folder / "experiment.yaml", "--cores", "2", *arguments]
    answer = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True)
    if check:
        assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer


def rules_to_run(folder: Path, *arguments: str) -> dict[str, int]:
    """Return the rules that a run would execute now, with the number of their jobs; targets left out."""
    answer = snakemake(folder, "--dry-run", *arguments)
    jobs = re.findall(r"^(\w+) +(\d+)$", answer.stdout + answer.stderr, flags=re.MULTILINE)
    return {rule: int(number) for rule, number in jobs if rule not in ("all", "total")}
