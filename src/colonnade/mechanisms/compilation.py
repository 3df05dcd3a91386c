"""Compile a folder of NMODL files for NEURON and CoreNEURON, once for each content, NEURON, compiler and flags."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from colonnade.cache import cache_folder, made_once
from colonnade.errors import InputError, MissingFile, UnsupportedError
from colonnade.files import canonical_json, whole, write_json
from colonnade.mechanisms import toolchain
from colonnade.mechanisms.modfile import ModFile, read_mod_file

MANIFEST = "mechanisms.json"
# fmt: off
BUILT_IN = frozenset((
    "capacitance", "pas", "hh", "extracellular", "fastpas", "morphology", "na_ion", "k_ion", "ca_ion", "IClamp",
    "AlphaSynapse", "ExpSyn", "Exp2Syn", "SEClamp", "VClamp", "OClamp", "APCount", "NetStim", "IntFire1", "IntFire2",
    "IntFire4", "PointProcessMark", "PatternStim",
))
# fmt: on
_BESIDE = (".inc", ".h", ".hpp")


@dataclass(frozen=True)
class CompiledMechanisms:
    """A folder with ``modfiles/``, the compiled libraries and ``mechanisms.json``.

    ``coreneuron_library`` is None where it was not asked for or, then with the reason in ``refusal``, where CoreNEURON
    cannot take one of the mechanisms. ``mechanisms`` maps names to their entries in the manifest (``ModFile.entry``).
    """

    directory: Path
    key: str
    library: Path
    coreneuron_library: Path | None
    refusal: str | None
    mechanisms: dict[str, dict]
    manifest: dict


def compile_mechanisms(
    mod_files: str | os.PathLike | Sequence[str | os.PathLike],
    output_dir: str | os.PathLike,
    *,
    coreneuron: bool | Literal["try"] = True,
    flags: str | None = None,
) -> CompiledMechanisms:
    """Compile .mod files and put the libraries, the .mod files and a manifest into ``output_dir``.

    ``mod_files`` is a folder (.mod files in it or in its ``modfiles/``) or a list of files. ``flags`` go to the C++
    compiler (None: ``DEFAULT_FLAGS``). The libraries are made once and kept in the cache. BMTK can use ``output_dir``
    as its mechanisms_dir.

    Raises ``InputError`` for an empty folder, a file that NEURON cannot translate (with its lines), two files with the
    same mechanism, a mechanism that NEURON has built in, or a missing compiler; ``UnsupportedError`` for mechanisms
    that CoreNEURON cannot take, unless ``coreneuron`` is "try" (then the reason is in the manifest) or False.
    """
    flags = toolchain.DEFAULT_FLAGS if flags is None else flags
    found = find_mod_files(mod_files)
    output = Path(output_dir)
    beside = _beside(found)
    library = _neuron_library(found, beside, flags)
    core_library, refusal = None, None
    if coreneuron:
        try:
            core_library = _coreneuron_library(found, beside, flags)
        except UnsupportedError as error:
            if coreneuron != "try":
                raise
            refusal = error.message
    folder = library.parent.name
    earlier = _earlier_mod_files(output)
    for file in [*(mod.path for mod in found), *beside]:
        _copy(file, output / "modfiles" / file.name)
        earlier.discard(file.name)
    for name in earlier:
        (output / "modfiles" / name).unlink(missing_ok=True)
    _copy(library, output / folder / library.name)
    if core_library:
        _copy(core_library, output / folder / core_library.name)
    else:
        for path in (output / folder).glob("libcorenrnmech.*"):
            path.unlink()
    manifest = {
        "key": _key(found, beside, flags),
        **toolchain.versions(),
        "flags": flags,
        "library": f"{folder}/{library.name}",
        "coreneuron_library": f"{folder}/{core_library.name}" if core_library else None,
        "coreneuron_refusal": refusal,
        "mechanisms": {mod.name: mod.entry() for mod in found},
    }
    write_json(output / MANIFEST, manifest)
    return read_compiled(output)


def compiled_in_cache(
    directory: str | os.PathLike, *, coreneuron: bool | Literal["try"] = "try", flags: str | None = None
) -> Path:
    """Compile a folder of somebody's .mod files into the cache; return the folder there. The first is not touched."""
    flags = toolchain.DEFAULT_FLAGS if flags is None else flags
    found = find_mod_files(directory)
    key = hashlib.sha256(f"{_key(found, _beside(found), flags)} {coreneuron}".encode()).hexdigest()[:32]
    return made_once(
        cache_folder("mechanisms", f"folder-{key}"),
        lambda new: compile_mechanisms([mod.path for mod in found], new, coreneuron=coreneuron, flags=flags),
    )


def read_compiled(directory: str | os.PathLike) -> CompiledMechanisms:
    """Read the manifest of a folder that ``compile_mechanisms`` made."""
    directory = Path(directory).absolute()
    file = directory / MANIFEST
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingFile(
            "no compiled mechanisms here", file=file, expected="a folder of compile_mechanisms"
        ) from error
    except ValueError as error:
        raise InputError(f"this is not the manifest of compiled mechanisms: {error}", file=file) from error
    core = manifest["coreneuron_library"]
    compiled = CompiledMechanisms(
        directory=directory,
        key=manifest["key"],
        library=directory / manifest["library"],
        coreneuron_library=directory / core if core else None,
        refusal=manifest["coreneuron_refusal"],
        mechanisms=manifest["mechanisms"],
        manifest=manifest,
    )
    for library in (compiled.library, compiled.coreneuron_library):
        if library and not library.is_file():
            raise MissingFile("a compiled library is missing; compile the mechanisms again", file=library)
    return compiled


def find_mod_files(source: str | os.PathLike | Iterable[str | os.PathLike]) -> list[ModFile]:
    """Return the NMODL files of a folder (or of its ``modfiles/``) or of a list, checked, sorted by mechanism."""
    paths = _paths_in(Path(source)) if isinstance(source, str | os.PathLike) else [Path(path) for path in source]
    if not paths:
        raise InputError("no .mod files to compile", expected="at least one file NAME.mod")
    found = sorted((read_mod_file(path) for path in paths), key=lambda mod: mod.name)
    names: dict[str, Path] = {}
    files: dict[str, Path] = {}
    for mod in found:
        if mod.name in BUILT_IN:
            raise InputError("NEURON has a mechanism of this name built in", file=mod.path, value=mod.name,
                             expected="another name, or no such file if it is the built-in one")  # fmt: skip
        if mod.path.name in files or (mod.kind != "functions" and mod.name in names):
            other = files.get(mod.path.name) or names[mod.name]
            raise InputError(f"the mechanism is also in {other}", file=mod.path, value=mod.name, expected="one file")
        names[mod.name] = files[mod.path.name] = mod.path
    return found


def _paths_in(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise MissingFile("no such folder of mechanisms", file=folder)
    for place in (folder, folder / "modfiles"):
        paths = sorted(place.glob("*.mod"))
        if paths:
            return paths
    library = next(folder.glob("*/libnrnmech.*"), None)
    alone = f"; {library.relative_to(folder)} alone is not enough, as it fits one NEURON only" if library else ""
    raise InputError(f"no .mod files in this folder or in its modfiles/{alone}", file=folder, expected="NAME.mod files")


def _beside(found: list[ModFile]) -> list[Path]:
    """Return the files which the .mod files may include."""
    folders = sorted({mod.path.parent for mod in found})
    return sorted(path for folder in folders for path in folder.iterdir() if path.suffix in _BESIDE)


def _earlier_mod_files(output: Path) -> set[str]:
    """Return the names of the .mod files that an earlier call has put into ``output``."""
    try:
        return {entry["file"] for entry in read_compiled(output).mechanisms.values()}
    except InputError:
        return set()


def _key(found: list[ModFile], beside: list[Path], flags: str) -> str:
    contents = [[mod.path.name, mod.sha256] for mod in found]
    contents += [[path.name, hashlib.sha256(path.read_bytes()).hexdigest()] for path in beside]
    identity = {"files": sorted(contents), **toolchain.identity(flags)}
    return hashlib.sha256(canonical_json(identity).encode()).hexdigest()[:32]


def _neuron_library(found: list[ModFile], beside: list[Path], flags: str) -> Path:
    def make(new: Path) -> None:
        for mod in found:
            toolchain.translate(mod.path, new)
        staged = _staged(found, beside, new)
        library = toolchain.build_neuron_library(staged, new, flags)
        _keep_only(library, new)

    folder = made_once(cache_folder("mechanisms", f"neuron-{_key(found, beside, flags)}"), make)
    return next(folder.glob("*/libnrnmech.*"))


def _coreneuron_library(found: list[ModFile], beside: list[Path], flags: str) -> Path:
    def make(new: Path) -> None:
        try:
            library = toolchain.build_coreneuron_library(_staged(found, beside, new), new, flags)
        except UnsupportedError as error:
            _clear(new)
            (new / "refusal.txt").write_text(error.message, encoding="utf-8")
        else:
            _keep_only(library, new)

    folder = made_once(cache_folder("mechanisms", f"coreneuron-{_key(found, beside, flags)}"), make)
    library = next(folder.glob("*/libcorenrnmech.*"), None)
    if library is None:
        message = (folder / "refusal.txt").read_text(encoding="utf-8")
        raise UnsupportedError(message, file=found[0].path.parent)
    return library


def _staged(found: list[ModFile], beside: list[Path], new: Path) -> Path:
    """Copy the sources into a folder whose name has no blanks, which NEURON's makefiles could not take."""
    staged = new / "mod"
    staged.mkdir()
    for path in [*(mod.path for mod in found), *beside]:
        shutil.copyfile(path, staged / path.name)
    return staged


def _keep_only(library: Path, new: Path) -> None:
    kept = library.parent.name
    library.rename(new / library.name)
    _clear(new, library.name)
    (new / kept).mkdir()
    (new / library.name).rename(new / kept / library.name)


def _clear(folder: Path, but: str = "") -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != but:
            path.unlink()


def _copy(source: Path, target: Path) -> None:
    if source.resolve() == target.resolve():
        return
    with whole(target) as temporary:
        shutil.copyfile(source, temporary)
