"""hoc templates: load the files of a templates folder once, make cells of them."""

import os
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from colonnade.cells.interpreter import h
from colonnade.cells.morphology import cell_template
from colonnade.errors import InputError, MissingFile

_BEGIN = re.compile(r"^\s*begintemplate\s+(\w+)", re.MULTILINE)
_NEW = re.compile(r"\bnew\s+(\w+)")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_IMPORT = """reader = new Import3d_SWC_read()
    reader.quiet = 1
    reader.input($s1)
    importer = new Import3d_GUI(reader, 0)
    importer.instantiate(this)"""
_loaded: dict[str, tuple[Path, str]] = {}  # of each template that NEURON has, the file and its text
_run: set[Path] = set()  # files without a template that were read


def template(name: str, places: str | os.PathLike | Sequence[str | os.PathLike] | None):
    """Return the hoc template ``name``, after the files that define it were loaded, once a process.

    ``places`` is a folder with .hoc files, a .hoc file, or a list of these (``templates_dir``). Run are the files with
    the template and with those it makes objects of, after all files without a template, which may hold procedures that
    it calls. Raises ``InputError`` if there is no such template, if NEURON cannot read it, or if another file of the
    same process has defined another template of this name. A file without a template that fails is a warning.
    """
    files = list(_files(places))
    defined = {found: path for path in files for found in _BEGIN.findall(_text(path))}
    if name not in defined:
        raise InputError("no such hoc template", file=_written(places), key="model_template", value=f"hoc:{name}",
                         options=[f"hoc:{found}" for found in defined])  # fmt: skip
    for path in files:
        if path not in defined.values() and path not in _run:
            _run.add(path)
            try:
                _read(path)
            except InputError as error:
                warnings.warn(str(error), stacklevel=2)
    _load(name, defined, [])
    return getattr(h, name)


def load_templates(places: str | os.PathLike | Sequence[str | os.PathLike] | None) -> None:
    """Load all hoc templates in ``places``, for functions of a user's that make cells of them by ``h.NAME(...)``."""
    defined = {found: path for path in _files(places) for found in _BEGIN.findall(_text(path))}
    for name in defined:
        template(name, places)
    if not hasattr(h, "Biophys1"):
        h(cell_template("Biophys1", _IMPORT))  # by the name that BMTK's own template has for scripts


def _load(name: str, defined: dict[str, Path], waiting: list[str]) -> None:
    """Load the file that defines ``name``, after those with the templates it uses."""
    path = defined[name]
    text = _text(path)
    if name in _loaded:
        earlier, earlier_text = _loaded[name]
        if text != earlier_text:
            raise InputError(f"NEURON has already read another hoc template {name}, from {earlier}", file=path)
        return
    if name in waiting:
        return
    for used in dict.fromkeys(_NEW.findall(text)):
        if used in defined and defined[used] != path:
            _load(used, defined, [*waiting, name])
    if not hasattr(h, name):  # another file may have loaded it by itself
        _read(path)
    if not hasattr(h, name):
        raise InputError(f"NEURON read this hoc file but found no template {name}", file=path)
    for found in _BEGIN.findall(text):
        _loaded[found] = path, text


def _read(path: Path) -> None:
    """Let NEURON read a hoc file, in its folder, since it may load others by a relative name."""
    before = os.getcwd()
    os.chdir(path.parent)
    try:
        read = h.load_file(1, path.name)  # its bare name is how other files of the folder know that it was read
    except RuntimeError as error:
        raise InputError(f"NEURON cannot read this hoc file: {error}", file=path) from None
    finally:
        os.chdir(before)
    if not read:
        raise InputError("NEURON cannot read this hoc file", file=path)


def instantiate(constructor, arguments: Iterable, name: str):
    """Return a new object of a hoc template, or name the template and the arguments that it refused."""
    arguments = list(arguments)
    try:
        instance = constructor(*arguments)
    except (RuntimeError, TypeError) as error:
        message = f"NEURON could not make a cell of this template with the arguments {arguments}: {error}"
        raise InputError(message, key=f"hoc:{name}") from None
    for part in ("soma", "all"):
        if not hasattr(instance, part):
            raise InputError(f"the template has no public {part!r}", key=f"hoc:{name}",
                             expected="a SectionList 'all' and a section or sections 'soma'")  # fmt: skip
    return instance


def soma_of(instance):
    """Return the soma of a hoc object, the first section if ``soma`` is an array of them."""
    return instance.soma if hasattr(instance.soma, "nseg") else instance.soma[0]


def _files(places) -> Iterator[Path]:
    """Yield the .hoc files in ``places``, those of a folder by name."""
    for place in _listed(places):
        path = Path(place).resolve()
        if not path.exists():
            raise MissingFile("no such templates_dir", file=place)
        yield from sorted(path.glob("*.hoc")) if path.is_dir() else [path]


def _listed(places) -> list:
    if places is None:
        return []
    return [places] if isinstance(places, str | os.PathLike) else list(places)


def _written(places) -> str:
    return ", ".join(map(str, _listed(places))) or "templates_dir (not given)"


def _text(path: Path) -> str:
    """Return the text of a hoc file without its comments."""
    return _COMMENT.sub("", path.read_text(encoding="utf-8", errors="replace"))
