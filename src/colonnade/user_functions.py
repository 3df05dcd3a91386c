"""A user's own functions, named in a config as ``path/file.py:function``."""

import contextlib
import importlib.util
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from colonnade.errors import ColonnadeError, InputError, MissingFile, Signalled
from colonnade.files import sha256

LISTED = "model_processing"  # holds several words, separated by commas
REFERENCE = re.compile(r"(?P<file>.+\.py):(?P<name>[A-Za-z_]\w*)")
_folders: set[str] = set()  # of files whose functions were loaded


def is_reference(value) -> bool:
    """Return whether a value has the form ``file.py:function``."""
    return isinstance(value, str) and REFERENCE.fullmatch(value) is not None


def words_of(key, value) -> list:
    """Return the words of a value in which several may stand, else the value alone, of the place ``key``."""
    if key == LISTED and isinstance(value, str):
        return [word.strip() for word in value.split(",")]
    return [value]


def check_function(function, key: str) -> None:
    """Raise ``InputError`` if what a user registers by the name ``key`` of a function of ours cannot be called."""
    if not callable(function):
        raise InputError("is no function", key=key, value=function)


def registering(add: Callable[..., Callable], function: tuple, name: str | None) -> Callable:
    """Return what a decorator gives that registers by ``add(function, name)``: ``function`` is () with brackets."""
    return add(function[0]) if function else lambda each: add(each, name)


def load_function(reference: str, key: str) -> Callable:
    """Return the function that ``file.py:function`` names; the file is run as Python code.

    The path is relative to the working directory. What the file imports is looked for in its own folder first. ``key``
    is the reference's place in the config, for errors.
    """
    match = REFERENCE.fullmatch(reference)
    if match is None:
        raise InputError("is no function of a file", key=key, value=reference, expected="path/file.py:function")
    path, name = Path(match["file"]), match["name"]
    if not path.is_file():
        raise MissingFile("there is no such file", file=path, key=key, expected=f"a Python file with {name}")
    spec = importlib.util.spec_from_file_location(f"colonnade_user_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    try:
        with staying_here(), importing_from(os.path.abspath(path.parent)):
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        if isinstance(error, Signalled):
            raise
        own = getattr(error, "filename", spec.origin) == spec.origin  # a SyntaxError may be in a file that it imports
        line = (own and getattr(error, "lineno", None)) or _line_in(error, spec.origin)
        place = f" in line {line}" if line else ""
        raise InputError(f"cannot be run ({type(error).__name__}{place}: {error})", file=path, key=key) from error
    function = getattr(module, name, None)
    if not callable(function):
        known = [each for each, value in vars(module).items() if callable(value) and not each.startswith("_")]
        raise InputError("has no such function", file=path, key=key, value=name, options=known)
    return function


def checksums(settings) -> dict[str, str]:
    """Return the SHA-256 of the file behind each ``file.py:function`` anywhere in ``settings``."""
    if isinstance(settings, dict):
        found = [checksums(word) for key, value in settings.items() for word in words_of(key, value)]
    elif isinstance(settings, list):
        found = [checksums(value) for value in settings]
    elif is_reference(settings):
        file = REFERENCE.fullmatch(settings)["file"]
        found = [{settings: sha256(file)}] if Path(file).is_file() else []
    else:
        found = []
    return {key: value for each in found for key, value in each.items()}


@contextlib.contextmanager
def importing_from(folder: str) -> Iterator[None]:
    """Let the block import modules of ``folder`` before all others; functions that it defines find them later, too.

    A module of the same name that an earlier file of the user's has imported from its own folder is another one.
    """
    others = _folders - {folder}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if any(file in (f"{each}/{name}.py", f"{each}/{name}/__init__.py") for each in others):
            for inside in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
                del sys.modules[inside]
    _folders.add(folder)
    sys.path.insert(0, folder)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # whose times are too coarse for a quick edit
    try:
        yield
    finally:
        sys.dont_write_bytecode = written
        sys.path.remove(folder)
        if folder not in sys.path:
            sys.path.append(folder)


@contextlib.contextmanager
def users_code(title: str, function: Callable, key: str) -> Iterator[None]:
    """Let what ``function`` raises in the block, ``sys.exit`` included, become an ``InputError`` that says where.

    ``title`` is what the function is called in the error, ``key`` its place in the config.
    """
    try:
        with staying_here():
            yield
    except (ColonnadeError, Signalled, KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        raise InputError(f"{title} failed: {described_error(error, function)}", key=key) from error


@contextlib.contextmanager
def staying_here() -> Iterator[None]:
    """Come back, after the block, to the working directory, from which all paths start."""
    here = os.getcwd()
    try:
        yield
    finally:
        os.chdir(here)


def described_error(error: BaseException, function: Callable | None = None) -> str:
    """Return what went wrong in a user's function and where: ``KeyError: 'depth' (own.py, line 12)``.

    The line is the last one in the file of ``function``, or where the function begins if the error is not from within.
    """
    code = getattr(function, "__code__", None)
    line = _line_in(error, code.co_filename) if code else None
    frames = traceback.extract_tb(error.__traceback__)
    if line:
        place = f" ({Path(code.co_filename).name}, line {line})"
    elif code:
        place = where_defined(function)
    else:
        place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"


def where_defined(function: Callable) -> str:
    """Return `` (own.py, line 3)`` for a user's function; '' for one of ours, or of no file."""
    code = getattr(function, "__code__", None)
    if code is None or Path(code.co_filename).is_relative_to(Path(__file__).parent):
        return ""
    return f" ({Path(code.co_filename).name}, line {code.co_firstlineno})"


def _line_in(error: BaseException, file: str) -> int | None:
    """Return the line of ``file`` that was run last before the error; None where it was not in it."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return lines[-1] if lines else None
