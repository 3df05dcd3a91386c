"""The folder for what is costly to make and the same for all experiments: downloaded models, compiled mechanisms."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from colonnade.errors import InputError


def cache_folder(*parts: str) -> Path:
    """Return a path in ``$COLONNADE_CACHE``, or in ``~/.cache/colonnade`` where that is not set. Nothing is made."""
    root = os.environ.get("COLONNADE_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "colonnade"
    return Path(root).expanduser().absolute().joinpath(*parts)


def make_cached(folder: Path, make: Callable[[Path], None]) -> Path:
    """Return ``folder``, after ``make(new_folder)`` has filled it if it was not there.

    Of several processes one makes the folder while the others wait. It gets its name when it is complete, so a folder
    that is there is whole; a failed or killed ``make`` leaves none. Raises ``InputError`` where the cache cannot be
    written.
    """
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder.parent / f".{folder.name}.lock", os.O_WRONLY | os.O_CREAT, 0o666)
        fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError as error:
        raise InputError(
            f"the cache cannot be written: {error.strerror}",
            file=folder.parent,
            expected="a folder that you can write to and lock; set COLONNADE_CACHE to one",
        ) from error
    try:
        if not folder.is_dir():
            for left in folder.parent.glob(f".{folder.name}-*"):  # of a process that was killed: we hold the lock
                shutil.rmtree(left, ignore_errors=True)
            temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
            try:
                make(temporary)
                temporary.chmod(0o755)
                temporary.rename(folder)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
    finally:
        os.close(lock)
    return folder
