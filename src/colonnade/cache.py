"""The folder for what is costly to make and the same for all experiments: downloaded models, compiled mechanisms."""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from colonnade.errors import InputError
from colonnade.files import file_lock, sha256, write_json

CHECKSUMS = "checksums.json"


def cache_folder(*parts: str) -> Path:
    """Return a path in ``$COLONNADE_CACHE``, or in ``~/.cache/colonnade`` where that is not set. Nothing is made."""
    root = os.environ.get("COLONNADE_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "colonnade"
    return Path(root).expanduser().absolute().joinpath(*parts)


def make_cached(folder: Path, make: Callable[[Path], None]) -> Path:
    """Return ``folder``, after ``make(new_folder)`` has filled it if it was not there or was damaged.

    Of several processes one makes the folder while the others wait. It gets its name when it is complete, with the
    checksums of its files; a failed or killed ``make`` leaves none. Raises ``InputError`` where the cache cannot be
    written.
    """
    if _is_intact(folder):
        return folder
    with contextlib.ExitStack() as held:
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            alone = held.enter_context(file_lock(folder.parent / f".{folder.name}.lock"))
        except OSError as error:
            raise InputError(
                f"the cache cannot be written: {error.strerror}",
                file=folder.parent,
                expected="a folder that you can write to; set COLONNADE_CACHE to one",
            ) from error
        if not _is_intact(folder):
            if alone:
                for left in folder.parent.glob(f".{folder.name}-*"):  # of a process that was killed
                    shutil.rmtree(left, ignore_errors=True)
            _make(folder, make)
    return folder


def _make(folder: Path, make: Callable[[Path], None]) -> None:
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        new = temporary / "new"
        new.mkdir()
        make(new)
        write_json(new / CHECKSUMS, _checksums(new))
        if folder.exists():
            folder.rename(temporary / "damaged")
        new.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _is_intact(folder: Path) -> bool:
    """Return whether all files of ``folder`` are there as they were made."""
    try:
        return json.loads((folder / CHECKSUMS).read_text(encoding="utf-8")) == _checksums(folder)
    except (OSError, ValueError):
        return False


def _checksums(folder: Path) -> dict[str, str]:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / CHECKSUMS)
    return {path.relative_to(folder).as_posix(): sha256(path) for path in paths}
