"""YAML files: read with every key once, and with the line of each value, which errors name."""

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import yaml

from colonnade.errors import InputError, MissingFile, raise_all

MOST_VALUES = 1_000_000


class YamlFile(os.PathLike):
    """A YAML file by its path. As the ``file`` of an ``InputError`` it gives the line of the key, too."""

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)

    def __fspath__(self) -> str:
        return str(self.path)

    def __str__(self) -> str:
        return str(self.path)

    def at(self, key: str | None) -> str:
        """Return the file with the line of ``key``, or of the nearest above it that is there."""
        parts = str(key).split(".") if key else []
        for length in range(len(parts), 0, -1):
            if line := self._lines.get(".".join(parts[:length])):
                return f"{self.path}:{line}"
        return str(self.path)

    @cached_property
    def _lines(self) -> dict[str, int]:
        try:
            return {".".join(path): line for path, line, _ in _places(self.path.read_text(encoding="utf-8"))}
        except (OSError, ValueError, yaml.YAMLError):
            return {}


def read_yaml(path: str | os.PathLike) -> dict:
    """Return what a YAML file holds; raises InputError where it is no YAML, or has a key twice in one mapping."""
    path = Path(path)
    text = _text(path)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is not None:
            _expanded(root, path, {})
        raise_all(duplicate_keys(text, path))
        return yaml.safe_load(text)
    except RecursionError:
        raise InputError("lists and mappings lie too deep in each other", file=path) from None
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"not valid YAML: {' '.join(str(error).split())}", file=path) from error


def _text(path: Path) -> str:
    """Return the text of a config file; ``InputError`` where it is none, in UTF-8."""
    if path.is_dir():
        raise InputError("is a folder", file=path, expected="a config file, such as those in config/experiments")
    if path.is_symlink() and not path.exists():
        raise MissingFile("the link leads nowhere", file=path, value=str(path.readlink()))
    if not path.is_file():
        beside = [each.name for each in path.parent.glob("*.y*ml")]
        expected = None if beside else "a YAML file; `colonnade init NAME` makes a folder with one"
        raise MissingFile("no such config file", file=path, value=path.name, expected=expected, options=beside)
    content = path.read_bytes()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError("is no text in UTF-8", file=f"{path}:{line}", value=content[error.start : error.end],
                         expected="a YAML file that an editor has saved as UTF-8") from None  # fmt: skip


def _expanded(node: yaml.Node, file, known: dict[int, int | None]) -> int:
    """Return how many values a node has with its aliases; ``InputError`` where it holds itself, or is far too large."""
    number = id(node)
    line = f"{file}:{node.start_mark.line + 1}"
    if number not in known:
        known[number], size = None, 1
        for part in node.value if isinstance(node, yaml.SequenceNode | yaml.MappingNode) else ():
            for each in part if isinstance(part, tuple) else (part,):
                size += _expanded(each, file, known)
        if isinstance(node, yaml.MappingNode) and not all(isinstance(key, yaml.ScalarNode) for key, _ in node.value):
            raise InputError("a list or a mapping cannot be a key", file=line)
        if size > MOST_VALUES:
            raise InputError(f"has more than {MOST_VALUES} values, with all its aliases", file=line)
        known[number] = size
    if known[number] is None:
        raise InputError("an alias holds itself", file=line)
    return known[number]


def duplicate_keys(text: str, file) -> Iterator[InputError]:
    """Yield an error for each key that stands twice in one mapping of a YAML text: the first would be forgotten."""
    for path, line, first in _places(text):
        if first:
            yield InputError(f"this key stands twice, in lines {first} and {line}", file=file, key=".".join(path))


def _places(text: str) -> Iterator[tuple[tuple[str, ...], int, int | None]]:
    """Yield (path, line, line of the same key before) of each key and item."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    waiting = [(root, ())] if root else []
    while waiting:
        node, path = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            seen: dict[str, int] = {}
            for key, value in node.value:
                place, line = (*path, str(key.value)), key.start_mark.line + 1
                yield place, line, seen.get(key.value)
                seen[key.value] = line
                waiting.append((value, place))
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                yield (*path, str(number)), value.start_mark.line + 1, None
                waiting.append((value, (*path, str(number))))
