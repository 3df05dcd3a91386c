"""A user's own functions, named in a config as ``path/file.py:function``."""

import importlib.util
import re
import traceback
from collections.abc import Callable
from pathlib import Path

from colonnade.errors import InputError, MissingFile
from colonnade.files import sha256

REFERENCE = re.compile(r"(?P<file>.+\.py):(?P<name>[A-Za-z_]\w*)")


def is_reference(value) -> bool:
    """Return whether a value has the form ``file.py:function``."""
    return isinstance(value, str) and REFERENCE.fullmatch(value) is not None


def load_function(reference: str, key: str) -> Callable:
    """Return the function that ``file.py:function`` names; the file is run as Python code.

    The path is relative to the working directory. ``key`` is the reference's place in the config, for errors.
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
        spec.loader.exec_module(module)
    except Exception as error:
        line = getattr(error, "lineno", None)
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
        found = [checksums(value) for value in settings.values()]
    elif isinstance(settings, list):
        found = [checksums(value) for value in settings]
    elif is_reference(settings):
        file = REFERENCE.fullmatch(settings)["file"]
        found = [{settings: sha256(file)}] if Path(file).is_file() else []
    else:
        found = []
    return {key: value for each in found for key, value in each.items()}


def described_error(error: Exception) -> str:
    """Return what went wrong in a user's function and where: ``KeyError: 'depth' (own.py, line 12)``."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"
