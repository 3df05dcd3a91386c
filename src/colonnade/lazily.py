"""Public names of a package whose modules are imported when a name is first asked for: one name loads one module."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def public_names(package: str, modules: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list], list]:
    """Return ``__getattr__``, ``__dir__`` and ``__all__`` for a package.

    ``modules`` maps each name to its module, ``.module`` in the package. The code of a step is found by reading this
    table, so it has to be a literal in the call.
    """
    names = sorted(modules)

    def __getattr__(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(modules[name], package), name)

    return __getattr__, lambda: names, names
