"""The last good files of a result, kept as second names (hard links) while a run makes them anew.

Snakemake deletes what a step has made before it starts the step, and what a failed one leaves. So all files get a
second name before the run; what is missing after a failure gets its first name back, without the step's receipt: the
next run makes it again, and no report shows it. After SIGKILL of Snakemake itself, they are still in ``.previous``.
"""

import os
import shutil
from pathlib import Path

from colonnade.errors import InputError
from colonnade.experiment.chain import jobs_of
from colonnade.experiment.plan import Plan


class Previous:
    """The last good files of the experiment of ``plan``, in ``.previous`` of its folder."""

    def __init__(self, plan: Plan):
        self._plan = plan
        self.folder = Path(plan.folder, ".previous")

    def keep(self) -> None:
        """Give every file whose step has a receipt a second name; what an earlier run has kept stays for the others."""
        for job, point in jobs_of(self._plan):
            if not Path(self._plan.receipt(job, point)).is_file():
                continue
            for path in self._plan.files_made(job, point):
                if Path(path).exists():
                    self._link(Path(path), self._second(path))

    def restore(self) -> list[str]:
        """Give the files that are missing their first names back; return their paths."""
        found = []
        for job, point in jobs_of(self._plan):
            for path in self._plan.files_made(job, point):
                if not Path(path).exists() and self._second(path).exists():
                    self._link(self._second(path), Path(path))
                    found.append(path)
        return found

    def forget(self) -> None:
        """Give up the second names."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _second(self, path: str) -> Path:
        return self.folder / Path(path).relative_to(self._plan.folder)

    def _link(self, path: Path, name: Path) -> None:
        """Make ``name`` another name of a file or of all files in a folder; a copy where there are no hard links."""
        try:
            if path.is_dir():
                shutil.rmtree(name, ignore_errors=True)
                shutil.copytree(path, name, copy_function=_link_or_copy)
            else:
                name.parent.mkdir(parents=True, exist_ok=True)
                name.unlink(missing_ok=True)
                _link_or_copy(path, name)
        except OSError as error:
            raise InputError(
                f"the last good result cannot be kept: {error.strerror}",
                file=self.folder,
                expected="a folder with room",
            ) from error


def _link_or_copy(path, name) -> None:
    try:
        os.link(path, name)
    except OSError:
        shutil.copy2(path, name)
