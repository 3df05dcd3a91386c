"""Receipts: what a step was given and what it made, as checksums. A step writes its receipt last.

A file whose receipt is missing, or says something else, is not the one that the step has made: it was edited or
damaged, or the step did not come to its end. So no later step reads it, and no report shows it.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import colonnade
from colonnade.errors import InputError, raise_all
from colonnade.files import canonical_json, remove_leftovers, sha256, text_sha256, write_json

RANKS = ("PMI_RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK")
FOLDER = "provenance/receipts"  # in an experiment's folder
STEP = "--step"  # on a program's command line, before what follows of its step


@dataclass(frozen=True)
class Step:
    """What the workflow tells a program of its step: ``--step CODE --made FILES --from FILES``, at the end.

    CODE is the checksum of its code; among the files are the receipts. The canonical JSON of the settings follows CODE
    where the program has no ``--settings``.
    """

    name: str
    code: str
    settings: str
    made: list[str]
    given: list[str]

    @classmethod
    def cut_from(cls, words: list[str]) -> "Step | None":
        """Cut what the workflow tells from a command line's words; None where it tells nothing."""
        if STEP not in words:
            return None
        begin = words.index(STEP)
        said = words[begin + 1 :]
        del words[begin:]
        middle, end = said.index("--made"), said.index("--from")
        settings = said[1] if middle == 2 else words[words.index("--settings") + 1]
        return cls(Path(words[0]).stem, said[0], settings, said[middle + 1 : end], said[end + 1 :])

    @contextlib.contextmanager
    def receipt(self) -> Iterator[list]:
        """Check what the step is given, and write its receipt at the end of the block, on the first MPI rank.

        What a killed run of the step has left of the files that it makes goes first; a simulation does that itself,
        when it holds the lock of its folder. The list takes further files that the step reads. Raises ``InputError``
        where a file is not the one that an earlier step has made.
        """
        read: list = []
        if any(os.environ.get(name, "0") != "0" for name in RANKS):
            yield read
            return
        given = {path: checksum(path) for path in self.given if not is_receipt(path)}
        raise_all(self._unlike_receipts(given))
        if self.name != "simulate":
            remove_leftovers(self.made)
        yield read
        given |= {str(path): checksum(path) for path in read}
        made = {path: checksum(path) for path in self.made if not is_receipt(path)}
        write_json(
            next(filter(is_receipt, self.made)),
            {
                "step": self.name,
                "version": colonnade.__version__,
                "code_sha256": self.code,
                "settings": json.loads(self.settings),
                "settings_sha256": text_sha256(self.settings),
                "ended": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "inputs": given,
                "outputs": made,
            },
        )

    def _unlike_receipts(self, given: dict[str, str | None]) -> Iterator[InputError]:
        """Yield an error for each file given whose checksum is not that of its receipt; files of the user have none."""
        for place in filter(is_receipt, self.given):
            said = read_receipt(place)
            for path, made in said["outputs"].items() if said else ():
                if given.get(path, made) != made:
                    yield not_as_made(path, said["step"])


def is_receipt(path: str) -> bool:
    """Return whether ``path`` is where receipts are."""
    return f"/{FOLDER}/" in path


def read_receipt(path: str | os.PathLike) -> dict | None:
    """Return the receipt at ``path``; None where there is none that can be read."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        return found if isinstance(found["inputs"], dict) and isinstance(found["outputs"], dict) else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def end_of(path: Path) -> float:
    """Return when the step of the receipt ``path`` ended, s since 1970: as it says, as a copy has a time of its own."""
    said = read_receipt(path) or {}
    return datetime.fromisoformat(said["ended"]).timestamp() if "ended" in said else path.stat().st_mtime


def checksum(path: str | os.PathLike) -> str | None:
    """Return the SHA-256 of a file, or of all but the hidden files of a folder; None for neither."""
    path = Path(path)
    if not path.is_dir():
        return sha256(path) if path.is_file() else None
    found = (each for each in sorted(path.rglob("*")) if each.is_file() and not each.name.startswith("."))
    return text_sha256(canonical_json({each.relative_to(path).as_posix(): sha256(each) for each in found}))


def not_as_made(path: str, step: str | None = None) -> InputError:
    """Return the error for a file that is not what its step has made."""
    made = f"it was changed or damaged after {step} had made it" if step else "no step has said that it made this file"
    return InputError(
        made, file=path, expected=f"the file as it was made. Make it anew: rm -r '{path}', then run again"
    )
