"""Compile a folder of NMODL files for NEURON and CoreNEURON, once for each content, NEURON, compiler and flags."""

import hashlib
import json
import logging
import os
import platform
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from colonnade.cache import cache_folder, make_cached
from colonnade.errors import InputError, MissingFile, UnsupportedError
from colonnade.files import atomic_write, sha256, write_json
from colonnade.mechanisms import libraries, toolchain
from colonnade.mechanisms.modfile import ModFile, read_mod_file

log = logging.getLogger(__name__)
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

    ``mechanisms`` maps names to their entries in the manifest (``ModFile.entry``). ``coreneuron_library`` holds those
    in ``coreneuron_mechanisms``; ``refusals`` gives the reason for each that CoreNEURON cannot take. It is None where
    it was not asked for or could take none.
    """

    directory: Path
    key: str
    library: Path
    coreneuron_library: Path | None
    refusals: dict[str, str]
    mechanisms: dict[str, dict]
    manifest: dict

    @property
    def coreneuron_mechanisms(self) -> frozenset[str]:
        return frozenset(self.mechanisms) - set(self.refusals) if self.coreneuron_library else frozenset()

    @property
    def refusal(self) -> str | None:
        """All that CoreNEURON cannot take, with the reasons, as one text; None where it takes everything."""
        return "\n".join(f"{name}: {reason}" for name, reason in sorted(self.refusals.items())) or None


def compile_mechanisms(
    mod_files: str | os.PathLike | Sequence[str | os.PathLike],
    output_dir: str | os.PathLike,
    *,
    own: str | os.PathLike | None = None,
    coreneuron: bool | Literal["try"] = True,
    flags: str | None = None,
) -> CompiledMechanisms:
    """Compile .mod files and put the libraries, the .mod files and a manifest into ``output_dir``.

    ``mod_files`` is a folder (.mod files in it or in its ``modfiles/``) or a list of files. ``own`` is a folder of the
    user, whose mechanisms are added; one of the same name replaces the other, and the manifest's ``replaced`` tells so.
    ``flags`` go to the C++ compiler (None: ``DEFAULT_FLAGS``). The libraries are made once and kept in the cache. BMTK
    can use ``output_dir`` as its mechanisms_dir.

    Raises ``InputError`` for an empty folder, a file that NEURON cannot translate (with its lines), two files with the
    same mechanism, a mechanism that NEURON has built in, or a missing compiler; ``UnsupportedError`` for a mechanism
    that CoreNEURON cannot take, unless ``coreneuron`` is False, or "try", which leaves it out of CoreNEURON's library.
    """
    flags = toolchain.checked_flags(flags)
    found = find_mod_files(mod_files)
    found, replaced = _with_own(found, find_mod_files(own)) if own is not None else (found, [])
    output = Path(output_dir)
    beside = _beside(found)
    library = libraries.for_neuron(found, beside, flags)
    core_library, refusals = libraries.for_coreneuron(found, beside, flags) if coreneuron else (None, {})
    if refusals and coreneuron != "try":
        raise UnsupportedError(
            f"CoreNEURON cannot take {', '.join(sorted(refusals))}; use the engine 'neuron':\n  "
            + "\n  ".join(refusals.values()),
            file=found[0].path.parent,
        )
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
        "key": libraries.key(found, beside, flags),
        **toolchain.versions(),
        "flags": flags,
        "machine": platform.machine(),
        "processor": toolchain.processor_name(),
        "processor_features": toolchain.required_features(flags),
        "library": f"{folder}/{library.name}",
        "coreneuron_library": f"{folder}/{core_library.name}" if core_library else None,
        "coreneuron_refusals": refusals,
        "mechanisms": {mod.name: mod.entry() for mod in found},
        "replaced": replaced,
    }
    manifest["checksums"] = {name: sha256(output / name) for name in _libraries(manifest)}
    write_json(output / MANIFEST, manifest)
    return read_compiled(output)


def compiled_in_cache(
    directory: str | os.PathLike, *, coreneuron: bool | Literal["try"] = "try", flags: str | None = None
) -> Path:
    """Compile a folder of somebody's .mod files into the cache; return the folder there. The first is not touched."""
    flags = toolchain.checked_flags(flags)
    found = find_mod_files(directory)
    key = hashlib.sha256(f"{libraries.key(found, _beside(found), flags)} {coreneuron}".encode()).hexdigest()[:32]
    return make_cached(
        cache_folder("mechanisms", f"folder-{key}"),
        lambda new: compile_mechanisms([mod.path for mod in found], new, coreneuron=coreneuron, flags=flags),
    )


def read_compiled(directory: str | os.PathLike) -> CompiledMechanisms:
    """Read the manifest of a folder that ``compile_mechanisms`` made."""
    directory = Path(directory).absolute()
    file = directory / MANIFEST
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
        core = manifest["coreneuron_library"]
        compiled = CompiledMechanisms(
            directory=directory,
            key=manifest["key"],
            library=directory / manifest["library"],
            coreneuron_library=directory / core if core else None,
            refusals=manifest["coreneuron_refusals"],
            mechanisms=manifest["mechanisms"],
            manifest=manifest,
        )
    except FileNotFoundError as error:
        raise MissingFile(
            "no compiled mechanisms here", file=file, expected="a folder of compile_mechanisms"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("this is not a manifest of this version; compile the mechanisms again", file=file) from error
    for library in (compiled.library, compiled.coreneuron_library):
        if library and not library.is_file():
            raise MissingFile("a compiled library is missing; compile the mechanisms again", file=library)
    return compiled


def check_libraries(compiled: CompiledMechanisms) -> None:
    """Raise ``InputError`` where a library is not the one that was compiled: the machine would run what it holds."""
    for name, made in compiled.manifest.get("checksums", {}).items():
        if sha256(compiled.directory / name) != made:
            raise InputError("the compiled library is damaged or another one; compile the mechanisms again",
                             file=compiled.directory / name, key="sha256", expected=made)  # fmt: skip


def misfit(compiled: CompiledMechanisms) -> str | None:
    """Return why this processor cannot run the libraries, as their manifest tells; None where it can."""
    manifest = compiled.manifest
    machine = manifest.get("machine", platform.machine())
    if machine != platform.machine():
        return f"they are for {machine}"
    lacking = sorted(set(manifest["processor_features"]) - set(toolchain.processor_features()))
    return f"they use instructions that it lacks: {', '.join(lacking)}" if lacking else None


def _libraries(manifest: dict) -> list[str]:
    return [name for name in (manifest["library"], manifest["coreneuron_library"]) if name]


def find_mod_files(source: str | os.PathLike | Iterable[str | os.PathLike]) -> list[ModFile]:
    """Return the NMODL files of a folder (or of its ``modfiles/``) or of a list, checked, sorted by mechanism."""
    paths = _paths_in(Path(source)) if isinstance(source, str | os.PathLike) else [Path(path) for path in source]
    if not paths:
        raise InputError("no .mod files to compile", expected="at least one file NAME.mod")
    return _without_clash([read_mod_file(path) for path in paths])


def _with_own(found: list[ModFile], own: list[ModFile]) -> tuple[list[ModFile], list[str]]:
    """Return all of ``own`` and those of ``found`` which it does not replace, and the names of those it does."""
    names = {mod.name for mod in own if mod.kind != "functions"}
    replaced = sorted(mod.name for mod in found if mod.name in names)
    for name in replaced:
        log.info("the mechanism %s is the one of %s, not ours", name, own[0].path.parent)
    return _without_clash([*own, *(mod for mod in found if mod.name not in names)]), replaced


def _without_clash(found: list[ModFile]) -> list[ModFile]:
    """Return the files sorted by mechanism; refuse two with one name, and names that NEURON has built in."""
    found = sorted(found, key=lambda mod: mod.name)
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


def _copy(source: Path, target: Path) -> None:
    if source.resolve() == target.resolve():
        return
    with atomic_write(target) as temporary:
        shutil.copyfile(source, temporary)
