"""Files that appear whole or not at all, locks, canonical JSON, checksums."""

import contextlib
import fcntl
import glob
import hashlib
import json
import logging
import os
import socket
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

log = logging.getLogger(__name__)


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike) -> Iterator[Path]:
    """Give a temporary name in the folder of ``path``; rename it to ``path`` on success, delete it on failure.

    The folder is made where it is missing. The temporary name keeps the suffix of ``path``, since writers choose a
    format by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(paths: Iterable[str | os.PathLike]) -> None:
    """Delete what an ``atomic_write`` of ``paths`` has left whose process was killed; none may be under way."""
    for path in map(Path, paths):
        for leftover in path.parent.glob(f".{glob.escape(path.stem)}-????????{path.suffix}"):
            log.warning("deleting %s, left by a run that was killed", leftover.name)
            leftover.unlink(missing_ok=True)


@contextlib.contextmanager
def file_lock(path: str | os.PathLike, wait: bool = True) -> Iterator[bool]:
    """Hold the lock file ``path``, which is deleted at the end; the lock dies with the process, however that ends.

    Gives False, with a warning, where the file system has no locks. Raises ``BlockingIOError``, whose text names the
    holder, if another process holds the lock and ``wait`` is False.
    """
    path = Path(path)
    while True:
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+", errors="replace") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                raise BlockingIOError(file.read(200).strip() or "unknown") from None
            except OSError as error:
                log.warning("%s: this file system has no locks (%s); do not start two runs into it", path.parent, error)
                yield False
                return
            if not _is_open(path, file):  # whoever held the lock has deleted its file: what we hold keeps nobody out
                continue
            file.truncate()
            file.write(f"process {os.getpid()} on {socket.gethostname()}")
            file.flush()
            try:
                yield True
            finally:
                path.unlink(missing_ok=True)
            return


def _is_open(path: Path, file) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def canonical_json(value) -> str:
    """Return ``value`` as the one JSON text which stands for it: sorted keys, no blanks, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def write_json(path: str | os.PathLike, value) -> None:
    """Write ``value`` as indented JSON with sorted keys, whole or not at all."""
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def sha256(path: str | os.PathLike) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def text_sha256(text: str) -> str:
    """Return the SHA-256 of a text as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
