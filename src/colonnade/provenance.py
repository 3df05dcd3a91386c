"""What made a result: the files of code that a program uses, the versions, the state of the checkout."""

import functools
import hashlib
import re
import subprocess
from collections.abc import Iterable
from importlib import metadata
from importlib.util import resolve_name
from pathlib import Path

from colonnade.code_facts import facts_of, imported, remember_facts
from colonnade.errors import InputError
from colonnade.mechanisms import toolchain

PACKAGE = Path(__file__).resolve().parent

COMPILED = ("*.cpp", "runtime/*.?pp", "runtime/*.mod")  # sources beside the modules that compile them


def code_checksum(program, modules: Iterable[str] = (), files: Iterable[Path] = ()) -> str:
    """Return the SHA-256 of ``source_files(program, modules)`` and of further ``files``.

    Where the files are does not count, nor do comments and layout of Python code.
    """
    paths = [*map(Path, source_files(program, modules)), *files]
    contents = sorted(f"{path.name}:{_content(path)}" for path in paths)
    remember_facts()
    return hashlib.sha256(";".join(contents).encode()).hexdigest()


def _content(path: Path) -> str:
    return facts_of(path).content if path.suffix == ".py" else hashlib.sha256(path.read_bytes()).hexdigest()


def source_files(program, modules: Iterable[str] = ()) -> list[str]:
    """Return the path of ``program`` and of all library files that it or ``modules`` import, directly or not, sorted.

    They are found from the import statements, without running anything; what is compiled
    belongs to the modules beside it. Listing them as a rule's input makes an edit of the library rerun the steps which
    use it, and only those.
    """
    program = Path(program).resolve()
    found = {program, *(file for module in modules for file in _files_of(module, program.parent))}
    waiting = sorted(found)
    while waiting:
        path = waiting.pop()
        if path.suffix != ".py":
            continue
        for module in _imports(path):
            for file in _files_of(module, program.parent):
                if file not in found:
                    found.add(file)
                    waiting.append(file)
    return sorted(str(path) for path in found)


@functools.cache
def _imports(path: Path) -> list[str]:
    """Return the absolute names of all modules, and of all names taken from them, which ``path`` imports."""
    return imported(facts_of(path), path.parent.parts[len(PACKAGE.parent.parts) :])


@functools.cache
def _files_of(module: str, beside: Path) -> list[Path]:
    """Return the files which importing ``module`` runs: of the library, or a program's neighbour; [] for others."""
    parts = module.split(".")
    if parts[0] != PACKAGE.name:
        neighbour = beside / f"{parts[0]}.py"
        return [neighbour] if neighbour.is_file() else []
    packages = [PACKAGE.parent.joinpath(*parts[:n]) / "__init__.py" for n in range(1, len(parts) + 1)]
    plain = PACKAGE.parent.joinpath(*parts).with_suffix(".py")
    beside_it = [path for pattern in COMPILED for path in plain.parent.glob(pattern)]
    found = [path for path in [*packages, plain, *beside_it] if path.is_file()]
    package = packages[-2] if len(parts) > 1 else None
    lazy = facts_of(package).lazy.get(parts[-1]) if package in found else None
    return found + (_files_of(resolve_name(lazy, ".".join(parts[:-1])), beside) if lazy else [])


def versions() -> dict[str, str]:
    """Return the versions of Colonnade, of Python's packages that make results, and of the compiler."""
    names = ("colonnade", "neuron", "numpy", "scipy", "h5py", "pandas", "matplotlib", "snakemake")
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def compiler_version() -> str:
    """Return the first line that the compiler of mechanisms (``$CXX``, else g++) says of its version, else 'none'."""
    try:
        return toolchain.compiler_version()
    except InputError:
        return "none"


def toolchain_versions(environment: Path | None = None) -> dict[str, str]:
    """Return the versions of NEURON and of the compiler that compile mechanisms.

    They are those of this Python's environment, or the ones that the file of a conda environment asks for, where jobs
    run in that: this Python then needs no NEURON.
    """
    if environment is None:
        return {"neuron": toolchain.neuron_version(), "compiler": compiler_version()}
    text = Path(environment).read_text(encoding="utf-8")
    return {
        "neuron": re.search(r"- neuron *=+ *(\S+)", text).group(1),
        "compiler": re.search(r"- (cxx-compiler.*)", text).group(1).strip(),
    }


def git_state(folder=PACKAGE) -> dict[str, str | bool | None]:
    """Return {'commit': 40 digits or None, 'dirty': bool or None} of the checkout that holds ``folder``.

    An installed package is no checkout, wherever its environment lies.
    """

    def git(*arguments):
        return subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True).stdout

    if "site-packages" in Path(folder).resolve().parts:
        return {"commit": None, "dirty": None}
    try:
        return {"commit": git("rev-parse", "HEAD").strip(), "dirty": bool(git("status", "--porcelain").strip())}
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "dirty": None}
