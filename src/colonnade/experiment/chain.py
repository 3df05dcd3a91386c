"""Whether the files of a result fit together: each is what its step has made, from what the steps before it have made.

The receipts tell (``colonnade.receipts``). ``changed_files`` is asked before a run, and leaves out what will be made
anew; ``misfits`` is asked before a result is shown.
"""

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from colonnade.errors import InputError
from colonnade.experiment.estimate import size_of
from colonnade.experiment.needs import in_words, need_of
from colonnade.experiment.plan import Plan
from colonnade.experiment.sweep import Point
from colonnade.receipts import checksum, not_as_made, read_receipt


def changed_files(plan: Plan) -> Iterator[InputError]:
    """Yield an error for each file that is younger than its step's receipt, and unlike it.

    A file that was only touched or copied is like its receipt.
    """
    for job, point in jobs_of(plan):
        try:
            made = Path(plan.receipt(job, point)).stat().st_mtime_ns
        except OSError:
            continue  # it will be run
        for path in map(Path, plan.files_made(job, point)):
            if _youngest(path) > made:
                said = read_receipt(plan.receipt(job, point))
                if said and said["outputs"].get(str(path)) != checksum(path):
                    yield not_as_made(str(path), said["step"])


def misfits(plan: Plan) -> Iterator[InputError]:
    """Yield an error for each file of a result that its step has not made so, from these settings and these files."""
    sums = cache(checksum)
    for job, point in jobs_of(plan):
        yield from _misfits_of(plan, job, point, sums)


def fits(plan: Plan, job: str, point: Point) -> bool:
    """Return whether ``job`` is done at ``point``, with these settings, from the files that are there."""
    done = Path(plan.receipt(job, point)).is_file()
    return done and not any(_misfits_of(plan, job, point, checksum))


def _misfits_of(plan: Plan, job: str, point: Point, sums) -> Iterator[InputError]:
    files = [path for path in plan.files_made(job, point) if Path(path).exists()]
    said = read_receipt(plan.receipt(job, point))
    if said is None:
        yield from map(not_as_made, files)
        return
    if said["settings_sha256"] != plan.settings_checksum(job, point):
        yield _again(files[0] if files else plan.receipt(job, point), "it was made with other settings")
        return
    for path, made in said["outputs"].items():
        if sums(path) != made:
            yield not_as_made(path, said["step"])
    for path, given in said["inputs"].items():
        if sums(path) != given:
            yield _again(next(iter(said["outputs"])), f"it was made from another {path} than is there now")


def due_jobs(plan: Plan) -> list[tuple[str, Point]]:
    """Return the jobs, with their points, that have no receipt or one of other settings, and all that follow them.

    A change of code is left to Snakemake.
    """

    @cache
    def is_due(job: str, name: str) -> bool:
        point = plan.instances(job)[name]
        said = read_receipt(plan.receipt(job, point))
        if said is None or said["settings_sha256"] != plan.settings_checksum(job, point):
            return True
        before = ((other, plan.point_name(other, point)) for other in plan.before(job, point))
        return any(is_due(*each) for each in before if each[1] in plan.instances(each[0]))

    return [(job, point) for job, point in jobs_of(plan) if is_due(job, plan.point_name(job, point))]


def estimate(plan: Plan) -> str | None:
    """Return in words what the simulations that are due ask for; None where none is.

    Raises ``InputError`` where the disk has no room for them.
    """
    config_at = plan.experiment.config_at
    due = [config_at(point) for job, point in due_jobs(plan) if job == "simulation"]
    if not due:
        return None
    sizes = [size_of(config) for config in due]
    place = next(path for path in (Path(plan.folder), *Path(plan.folder).absolute().parents) if path.exists())
    free, wanted = shutil.disk_usage(place).free, sum(size.disk for size in sizes)
    if wanted > free:
        raise InputError(
            f"the disk is too full: about {wanted / 1e6:.0f} MB are wanted, and {free / 1e6:.0f} MB are free",
            file=plan.folder, expected="room on this disk, or another folder as 'results'",
        )  # fmt: skip
    needs = [need_of(config, "simulation") for config in due]
    return in_words(max(size.cells for size in sizes), max(size.synapses for size in sizes), needs, free)


def jobs_of(plan: Plan) -> Iterator[tuple[str, Point]]:
    """Yield each job with each of its own points of the sweep."""
    for job in plan.jobs:
        for point in plan.instances(job).values():
            yield job, point


def _again(path: str, message: str) -> InputError:
    return InputError(message, file=path, expected="results of one run: run the experiment again")


def _youngest(path: Path) -> int:
    """Return when a file, or any file in a folder, was changed last, in ns; 0 where there is none."""
    try:
        found = path.stat().st_mtime_ns
    except OSError:
        return 0
    return max([found, *(each.stat().st_mtime_ns for each in path.rglob("*"))]) if path.is_dir() else found
