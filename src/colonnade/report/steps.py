"""Time and memory of each step, from the files that Snakemake's ``benchmark:`` writes."""

from dataclasses import dataclass
from pathlib import Path

from colonnade.report.tables import read_table


@dataclass(frozen=True)
class Step:
    """One job: its name, seconds on the clock and of the processors, its largest memory in MB (None: too short)."""

    name: str
    seconds: float
    cpu_seconds: float | None
    peak_mb: float | None

    @property
    def kind(self) -> str:
        return self.name.partition("/")[0]


def steps(folder: Path) -> list[Step]:
    """Return the steps whose benchmark files are in ``folder``, in the order in which they ended."""
    files = sorted((path for path in folder.rglob("*.tsv")), key=lambda path: (path.stat().st_mtime_ns, str(path)))
    found = []
    for path in files:
        name = path.relative_to(folder).with_suffix("").as_posix()
        rows = read_table(path, "\t")
        if rows:
            cpu, memory = (_value(rows[-1].get(column)) for column in ("cpu_time", "max_rss"))
            found.append(Step(name, float(rows[-1]["s"]), cpu, memory))
    return found


def summary(jobs: list[Step]) -> list[tuple[str, int, float, float, float | None]]:
    """Return for each kind of step (name, jobs, seconds in all, seconds of the longest, largest memory in MB)."""
    rows = []
    for kind in dict.fromkeys(job.kind for job in jobs):
        chosen = [job for job in jobs if job.kind == kind]
        seconds = [job.seconds for job in chosen]
        peak = max((job.peak_mb for job in chosen if job.peak_mb is not None), default=None)
        rows.append((kind, len(chosen), sum(seconds), max(seconds), peak))
    return rows


def _value(text: str | None) -> float | None:
    return None if text in (None, "", "NA", "-") else float(text)
