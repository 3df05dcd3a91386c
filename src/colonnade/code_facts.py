"""What counts of a Python file: its code without comments and layout, and what it imports; known by its bytes.

To parse all modules takes more than a second at each start, so that what was found is kept in the cache.
"""

import ast
import functools
import hashlib
import json
import sys
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
    code = path.read_bytes()
    key = hashlib.sha256(code).hexdigest()
    if key not in _known():
        _known()[key] = _new[key] = _found(ast.parse(code))
    return _known()[key]


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
