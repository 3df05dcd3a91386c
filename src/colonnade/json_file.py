"""JSON files of users: one object a file, each key once, or an error that names the file."""

import json
import os
from pathlib import Path

from colonnade.errors import InputError, MissingFile


def read_json(path: str | os.PathLike, what: str = "config") -> dict:
    """Return the JSON object in the file ``path``, a ``what`` in errors; ``InputError`` if it holds none.

    A key that stands twice in one object is an error: one of its values would be forgotten.
    """

    def once(pairs: list[tuple[str, object]]) -> dict:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError("this key stands twice in one object", file=path, key=twice)
        return found

    try:
        values = json.loads(Path(path).read_text(encoding="utf-8"), object_pairs_hook=once)
    except FileNotFoundError:
        raise MissingFile(f"there is no such {what}", file=path) from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"the file is not JSON: {error}", file=path) from None
    if not isinstance(values, dict):
        raise InputError("the file holds no JSON object", file=path, value=type(values).__name__, expected="{...}")
    return values
