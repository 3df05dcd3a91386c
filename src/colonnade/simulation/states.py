"""States of runs on the disk: where they are, whether they are whole, and which run they suit."""

import logging
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from colonnade.errors import InputError
from colonnade.files import canonical_json, sha256, text_sha256, write_json
from colonnade.json_file import read_json
from colonnade.simulation.journal import check_journal

log = logging.getLogger(__name__)
FOLDER = ".state"  # in the folder of the results, which the workflow leaves alone
FORMAT = 1
STATES = "[0-9]*.json"
KEPT = 2  # states of a run


@dataclass(frozen=True)
class SavedState:
    """A state in ``folder``. ``said`` is what its own file says of it: ``step``, ``made_from``, ``journals``, sums."""

    folder: Path
    said: dict

    @classmethod
    def read(cls, path: Path) -> "SavedState":
        """Read the file of a state; ``InputError`` where that is damaged or of another version."""
        said = read_json(path)
        if said.get("format") != FORMAT:
            raise InputError("is of another version of Colonnade", file=path, key="format", value=said.get("format"))
        if said.pop("sum", None) != text_sha256(canonical_json(said)):
            raise InputError("is damaged", file=path)
        return cls(path.parent, said)

    @property
    def step(self) -> int:
        return self.said["step"]

    @property
    def path(self) -> Path:
        return state_path(self.folder, self.step)

    def engine_path(self, rank: int) -> Path:
        return engine_path(self.folder, self.step, rank)

    def check(self, made_from: dict[str, str]) -> None:
        """Raise ``InputError`` with the reason if it is of another run, or if a file of it is not whole."""
        for part, found in made_from.items():
            if self.said["made_from"].get(part) != found:
                told = {"found": found, "saved": self.said["made_from"].get(part)} if len(found) < 64 else {}
                raise InputError(f"is the state of a run that differs in {part}", file=self.path, value=told or None)
        for name, digest in self.said["engine_files"].items():
            path = self.folder / name
            if not path.is_file() or sha256(path) != digest:
                raise InputError("is damaged or missing", file=path)
        for journal in self.said["journals"]:
            check_journal(self.folder, journal)


def state_path(folder: Path, step: int) -> Path:
    """Return where a state says what it is."""
    return folder / f"{step}.json"


def engine_path(folder: Path, step: int, rank: int) -> Path:
    """Return where the engine of ``rank`` has its part of a state."""
    return folder / f"{step}.{rank}.engine"


def write_state(folder: Path, said: dict) -> None:
    """Write a state's own file, after all that belongs to it: from then on the state is there."""
    said = {"format": FORMAT, **said}
    write_json(state_path(folder, said["step"]), {**said, "sum": text_sha256(canonical_json(said))})


def states_in(folder: Path) -> list[SavedState]:
    """Return the states in a folder, the latest first; damaged ones are told and left out."""
    found = []
    for path in folder.glob(STATES):
        try:
            found.append(SavedState.read(path))
        except (InputError, LookupError, TypeError) as error:
            log.warning("a state is not used: %s", error)
    return sorted(found, key=lambda state: -state.step)


class RunFolders:
    """The folders of runs that have not come to their end, or whose states are kept, in ``.state`` of the results."""

    def __init__(self, output_dir: Path):
        self.folder = output_dir / FOLDER

    def all(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("run-*") if path.is_dir())

    def clear(self, but: Path | None = None) -> None:
        """Delete the folders of all runs, but one; without that, all of it."""
        for folder in self.all():
            if folder != but:
                shutil.rmtree(folder, ignore_errors=True)
        if but is None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def clear_stateless(self) -> None:
        """Delete what killed runs have left that had not saved a state."""
        for folder in self.all():
            if not any(folder.glob(STATES)):
                shutil.rmtree(folder, ignore_errors=True)
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()

    def new(self) -> Path:
        """Make the folder of a new run."""
        folder = self.folder / f"run-{secrets.token_hex(4)}"
        folder.mkdir(parents=True)
        return folder

    def states(self, beside: Path | None = None) -> list[SavedState]:
        """Return all states, and those in the folder ``beside``, the latest first."""
        folders = [*self.all(), *([beside] if beside else [])]
        return sorted((state for folder in folders for state in states_in(folder)), key=lambda state: -state.step)


def keep_latest(folder: Path, steps: list[int]) -> None:
    """Delete what states of a run's folder have left, but for those at the latest ``KEPT`` of ``steps``."""
    kept = set(sorted(steps)[-KEPT:])
    for path in [*folder.glob(STATES), *folder.glob("*.engine")]:  # a state's own file goes first
        if (found := re.match(r"(\d+)\.", path.name)) and int(found[1]) not in kept:
            path.unlink(missing_ok=True)
