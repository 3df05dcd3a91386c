"""What counts of a Python file: its code without comments and layout, and what it imports; known by its bytes.

To parse all modules takes more than a second at each start, so that what was found is kept in the cache.
"""

import ast
import functools
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from colonnade.cache import cache_folder
from colonnade.files import atomic_write, canonical_json

MOST_KEPT = 5000  # files


@dataclass(frozen=True)
class Facts:
    """``content`` is the SHA-256 of the syntax tree, ``imports`` are (level, module, names), ``lazy`` the table of
    ``colonnade.lazily.public_names``: the module of each name."""

    content: str
    imports: list
    lazy: dict[str, str]


_new: dict[str, Facts] = {}


@functools.cache
def facts_of(path: Path) -> Facts:
    """Return what counts of the Python file ``path``."""
    return _facts_in(path.read_bytes())


def _facts_in(code: bytes) -> Facts:
    key = hashlib.sha256(code).hexdigest()
    if key not in _known():
        _known()[key] = _new[key] = _found(ast.parse(code))
    return _known()[key]


def imported(facts: Facts, package: Sequence[str]) -> list[str]:
    """Return the absolute names of all modules, and of names taken from them, that a file of ``package`` imports."""
    modules = []
    for level, module, names in facts.imports:
        above = package[: len(package) - level + 1] if level else ()
        full = ".".join([*above, *([module] if module else [])])
        modules += [full, *(f"{full}.{name}" for name in names)]
    return modules


def with_local_modules(path: str) -> list[str]:
    """Return a user's Python file and, in order, the files that it imports from its own folder, directly or not."""
    if not os.path.isfile(path):
        return [path]
    folder, name = os.path.split(path)
    found = _local_modules(Path(os.path.abspath(folder)), name, os.stat(path).st_mtime_ns)
    return [path, *(os.path.join(folder, each) for each in found if each != name)]


@functools.cache
def _local_modules(folder: Path, name: str, _time: int) -> list[str]:
    """Return the files below ``folder`` that its file ``name`` imports; a sweep asks for the same very often."""
    found, waiting = set(), {folder / name}
    while waiting:
        path = waiting.pop()
        found.add(path)
        with suppress(SyntaxError, ValueError):
            package = path.parent.relative_to(folder).parts
            for module in imported(_facts_in(path.read_bytes()), package):
                parts = [part for part in module.split(".") if part]
                packages = (folder.joinpath(*parts[:n], "__init__.py") for n in range(1, len(parts) + 1))
                files = [*packages, folder.joinpath(*parts).with_suffix(".py")] if parts else []
                waiting |= {file for file in files if file.is_file()} - found
    return sorted(path.relative_to(folder).as_posix() for path in found)


def own_code(path: str | Path) -> str:
    """Return the SHA-256 of a user's Python file without comments and layout; of all its bytes if it cannot be read."""
    code = Path(path).read_bytes()
    with suppress(SyntaxError, ValueError):
        code = ast.dump(ast.parse(code)).encode()
    return hashlib.sha256(code).hexdigest()


def _found(tree: ast.Module) -> Facts:
    imports, lazy = [], {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += [(0, alias.name, []) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imports.append((node.level, node.module or "", [alias.name for alias in node.names]))
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "public_names":
            lazy = ast.literal_eval(node.args[1])
    return Facts(hashlib.sha256(ast.dump(tree).encode()).hexdigest(), imports, lazy)


def _file() -> Path:
    return cache_folder(
        "code", f"python{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}.json"
    )


@functools.cache
def _known() -> dict[str, Facts]:
    """Return what earlier runs have found; nothing where the file is not there or not whole."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        checksum, _, text = _file().read_text(encoding="utf-8").partition("\n")
        if hashlib.sha256(text.encode()).hexdigest() == checksum:
            return {key: Facts(**value) for key, value in json.loads(text).items()}
    return {}


def remember_facts() -> None:
    """Keep what was found since for later runs, where the cache can be written."""
    if not _new:
        return
    kept = dict(list(_known().items())[-MOST_KEPT:])
    text = canonical_json({key: asdict(value) for key, value in kept.items()})
    with suppress(OSError):
        _file().parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(_file()) as temporary:
            temporary.write_text(f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}", encoding="utf-8")
    _new.clear()
