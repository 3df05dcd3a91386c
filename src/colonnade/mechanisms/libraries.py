"""The libraries for NEURON and CoreNEURON, made once for each content of the .mod files, NEURON, compiler and flags."""

import hashlib
import json
import shutil
from pathlib import Path

from colonnade.cache import cache_folder, make_cached
from colonnade.files import canonical_json, sha256, write_json
from colonnade.mechanisms import toolchain
from colonnade.mechanisms.modfile import ModFile

REFUSALS = "refusals.json"
LAYOUT = 3  # of the cached folders and the manifest; a change of it compiles anew


def key(mod_files: list[ModFile], beside: list[Path], flags: str) -> str:
    """Return what stands for the libraries of ``mod_files``, which may include the files ``beside`` (32 hex digits)."""
    contents = [[mod.path.name, mod.sha256] for mod in mod_files]
    contents += [[path.name, sha256(path)] for path in beside]
    identity = {"layout": LAYOUT, "files": sorted(contents), **toolchain.identity(flags)}
    return hashlib.sha256(canonical_json(identity).encode()).hexdigest()[:32]


def for_neuron(mod_files: list[ModFile], beside: list[Path], flags: str) -> Path:
    """Return the cached library for NEURON, compiled where it is not there. See ``toolchain`` for the errors."""

    def make(new: Path) -> None:
        for mod in mod_files:
            toolchain.translate(mod.path, new)
        library = toolchain.build_neuron_library(_staged(mod_files, beside, new), new, flags)
        _keep_only(library, new)

    folder = make_cached(cache_folder("mechanisms", f"neuron-{key(mod_files, beside, flags)}"), make)
    return next(folder.glob("*/libnrnmech.*"))


def for_coreneuron(mod_files: list[ModFile], beside: list[Path], flags: str) -> tuple[Path | None, dict[str, str]]:
    """Return the cached library for CoreNEURON and why it lacks some of the mechanisms: {name: reason}.

    The library is None if CoreNEURON cannot take any.
    """

    def make(new: Path) -> None:
        refusals = {mod.name: INTERPRETER_OBJECT for mod in mod_files if mod.keeps_interpreter_object}
        fit = [mod for mod in mod_files if mod.name not in refusals]
        library, failed = None, {}
        if fit:
            library, failed = toolchain.build_coreneuron_library(_staged(fit, beside, new), new, flags)
        refusals |= {mod.name: failed[mod.path.stem] for mod in fit if mod.path.stem in failed}
        if library:
            _keep_only(library, new)
        else:
            _clear(new)
        write_json(new / REFUSALS, refusals)

    folder = make_cached(cache_folder("mechanisms", f"coreneuron-{key(mod_files, beside, flags)}"), make)
    refusals = json.loads((folder / REFUSALS).read_text(encoding="utf-8"))
    return next(folder.glob("*/libcorenrnmech.*"), None), refusals


INTERPRETER_OBJECT = "its code keeps an object of NEURON's interpreter, which CoreNEURON never gets (no BBCOREPOINTER)"


def _staged(mod_files: list[ModFile], beside: list[Path], new: Path) -> Path:
    """Copy the sources into a folder whose name has no blanks, which NEURON's makefiles could not take."""
    staged = new / "mod"
    staged.mkdir()
    for path in [*(mod.path for mod in mod_files), *beside]:
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
