"""Programs that the comparisons with BMTK run, each result made once for all workers."""

import fcntl
import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PROGRAM_SECONDS = 600


def run(command: list, **options) -> subprocess.CompletedProcess:
    """Run a program; its whole output is in the failure if it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PROGRAM_SECONDS, **options)
    if done.returncode:
        raise AssertionError(
            f"{' '.join(words)}\nexit code {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
        )
    return done


def once(folder: Path, work: Callable[[], object]) -> None:
    """Call ``work``, which fills ``folder``, unless it was done before; other workers wait."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder.with_name(f"{folder.name}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder.with_name(f"{folder.name}.done")
        if not done.exists():
            work()
            done.touch()
