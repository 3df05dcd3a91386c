"""Kernels of .mod files as one compiled library: each mechanism is printed and compiled once, and kept in the cache."""

import ctypes
import functools
import hashlib
import json
import logging
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from colonnade.cache import cache_folder, make_cached
from colonnade.errors import InputError, MissingFile, UnsupportedError
from colonnade.files import atomic_write, canonical_json, sha256, write_json
from colonnade.mechanisms import CompiledMechanisms, toolchain
from colonnade.simulation.engines.lockstep import equations, kernels, linear, nmodl, statements, variables
from colonnade.simulation.engines.lockstep.files import FOLDER, LIBRARY, MANIFEST
from colonnade.simulation.engines.lockstep.nmodl import read_mechanism

log = logging.getLogger(__name__)
HERE = Path(__file__).parent
RUNTIME = HERE / "runtime"
BUILT_IN = ("expsyn.mod", "exp2syn.mod", "hh.mod")  # NEURON's own, of which the wheel has the files
UNUSED = ("VecStim", "Exp2SynFixed", "FieldSum")  # it has spikes that come in, a fast Exp2Syn, sums of fields itself
# No licence to reorder and no fused operations: a lane's bytes are those of any other instruction set.
FLAGS = ("-std=c++20", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fPIC", "-pthread", "-w")
MACHINE_FLAGS = re.compile(r"-m(arch|cpu|tune)=\S+")


@dataclass(frozen=True)
class KernelEntry:
    """What has to be known of a kernel to feed it; see ``variables.Variables``."""

    name: str
    kind: str
    slots: list[str]
    uniform: list[str]
    table_size: int
    outputs: list[str]
    parameters: dict[str, float]
    ions: list[str]
    ion_fields: dict[str, list[str]]
    writes: list[str]
    arguments: int
    has_current: bool


@dataclass(frozen=True)
class KernelLibrary:
    """A compiled library, its kernels by name, and why some mechanisms have none: {name: text of the error}."""

    path: Path
    key: str
    kernels: dict[str, KernelEntry]
    refusals: dict[str, str]

    @functools.cached_property
    def calls(self) -> ctypes.CDLL:
        """The library, loaded."""
        return ctypes.CDLL(str(self.path), use_errno=True)


def mod_files_of(mechanisms: list[CompiledMechanisms]) -> list[Path]:
    """Return the .mod files of compiled mechanisms, without those that lockstep has no use for."""
    found = [
        library.directory / "modfiles" / entry["file"]
        for library in mechanisms
        for name, entry in library.mechanisms.items()
        if name not in UNUSED and entry["kind"] != "functions"
    ]
    missing = [path for path in found if not path.is_file()]
    if missing:
        raise MissingFile("a .mod file of the compiled mechanisms is missing; compile them again", file=missing[0])
    return found


def kernel_library(mechanisms: list[CompiledMechanisms]) -> KernelLibrary:
    """Return the library for ``mechanisms``: the one in the folder beside theirs where it fits, else the cache's."""
    made = mechanisms[0].directory.parent / FOLDER if mechanisms else None
    flags = machine_flags(mechanisms[0].manifest["flags"] if mechanisms else None)
    files = mod_files_of(mechanisms)
    if made is not None and (made / MANIFEST).is_file():
        library = read_library(made)
        if library.key == library_key(files, flags):
            return library
        log.info("the kernels in %s are of other mechanisms or another machine; they are compiled for this run", made)
    return read_library(_cached_library(files, flags))


def compile_kernels(mechanisms: list[CompiledMechanisms], output: Path) -> KernelLibrary:
    """Put the library of kernels and its manifest into the folder ``output``."""
    source = kernel_library(mechanisms)
    for file in (source.path, source.path.parent / MANIFEST):
        with atomic_write(output / file.name) as temporary:
            shutil.copyfile(file, temporary)
    return read_library(output)


def read_library(folder: Path) -> KernelLibrary:
    """Read the manifest of a folder of kernels."""
    file = folder / MANIFEST
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        entries = {name: KernelEntry(name, **entry) for name, entry in values["kernels"].items()}
        return KernelLibrary(folder / values["library"], values["key"], entries, values["refusals"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"this is no manifest of kernels ({error}); compile them again", file=file) from error


def machine_flags(flags: str | None) -> list[str]:
    """Return which processor the compiler's ``flags`` (None: the default ones) choose."""
    flags = toolchain.DEFAULT_FLAGS if flags is None else flags
    return [found.group() for found in MACHINE_FLAGS.finditer(flags)]


def library_key(files: list[Path], flags: list[str]) -> str:
    """Return what stands for the library of the .mod files ``files`` (32 hex digits)."""
    return _key([[path.name, sha256(path)] for path in sorted({*files, *_own_files()})], flags)


def _key(contents: list, flags: list[str]) -> str:
    identity = {"contents": contents, "code": _code_key(), **toolchain.identity(" ".join((*FLAGS, *flags)))}
    return hashlib.sha256(canonical_json(identity).encode()).hexdigest()[:32]


@functools.cache
def _code_key() -> list[str]:
    modules = [Path(module.__file__) for module in (equations, kernels, linear, nmodl, statements, variables)]
    return [sha256(path) for path in sorted([*RUNTIME.iterdir(), *modules])]


def _own_files() -> list[Path]:
    folder = toolchain.neuron_folder() / "share" / "modfile"
    return [*(folder / name for name in BUILT_IN), *sorted(RUNTIME.glob("*.mod"))]


def _cached_library(files: list[Path], flags: list[str]) -> Path:
    files = sorted({*files, *_own_files()})
    key = library_key(files, flags)

    def make(new: Path) -> None:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            parts = list(pool.map(lambda file: _cached_kernel(file, flags), files))
            core = pool.submit(_cached_object, RUNTIME / "calls.cpp", flags).result()
        entries, refusals, objects = {}, {}, [core / "object.o"]
        for folder in parts:
            part = json.loads((folder / "kernel.json").read_text(encoding="utf-8"))
            name = part.pop("name")
            if "refusal" in part:
                refusals[name] = part["refusal"]
            else:
                entries[name] = part
                objects.append(folder / "object.o")
        table = new / "table.cpp"
        table.write_text(_table(entries))
        _compiler_run([*FLAGS, *flags, f"-I{RUNTIME}", "-shared", table, *objects, "-o", new / LIBRARY])
        table.unlink()
        write_json(new / MANIFEST, {"key": key, "library": LIBRARY, "kernels": entries, "refusals": refusals})

    return make_cached(cache_folder("lockstep", f"library-{key}"), make)


def _table(entries: dict) -> str:
    names = sorted(entries)
    return (
        '#include "kernel.hpp"\n'
        + "".join(f"extern const Kernel kernel_{name};\n" for name in names)
        + "extern const Kernel* const KERNELS[];\nextern const int N_KERNELS;\n"
        + f"const Kernel* const KERNELS[] = {{{', '.join(f'&kernel_{name}' for name in names)}}};\n"
        + f"const int N_KERNELS = {len(names)};\n"
    )


def _cached_kernel(file: Path, flags: list[str]) -> Path:
    """Return the cached folder of one mechanism's object and entry; where it cannot be taken, of the reason."""

    def make(new: Path) -> None:
        try:
            kernel = kernels.kernel(read_mechanism(file, toolchain.neuron_folder() / "bin" / "nmodl"))
        except UnsupportedError as error:
            name = error.value or file.stem
            write_json(new / "kernel.json", {"name": name, "refusal": f"{file.name}: {error.message}"})
            return
        source = new / f"{file.stem}.cpp"
        source.write_text(kernel.source, encoding="utf-8")
        _compiler_run([*FLAGS, *flags, f"-I{RUNTIME}", "-c", source, "-o", new / "object.o"])
        write_json(new / "kernel.json", {"name": kernel.mechanism.name, **_entry(kernel)})

    return make_cached(cache_folder("lockstep", f"{file.stem}-{_key([file.name, sha256(file)], flags)}"), make)


def _entry(kernel: kernels.Kernel) -> dict:
    mechanism, found = kernel.mechanism, kernel.variables
    return {
        "kind": mechanism.kind,
        "slots": found.slots,
        "uniform": found.uniform,
        "table_size": kernel.table_size,
        "outputs": found.outputs,
        "parameters": {name: float(value) for name, value in mechanism.parameters.items()},
        "ions": list(mechanism.ions),
        "ion_fields": {name: list(place) for name, place in found.ion_fields.items()},
        "writes": [name for _, written in mechanism.ions.values() for name in written],
        "arguments": len(kernel.arguments),
        "has_current": bool(mechanism.breakpoint),
    }


def _cached_object(source: Path, flags: list[str]) -> Path:
    def make(new: Path) -> None:
        _compiler_run([*FLAGS, *flags, "-c", source, "-o", new / "object.o"])

    return make_cached(cache_folder("lockstep", f"{source.stem}-{_key([source.name], flags)}"), make)


def _compiler_run(words: list) -> None:
    answer = subprocess.run([toolchain.compiler(), *map(str, words)], capture_output=True, text=True)
    if answer.returncode:
        lines = [line for line in answer.stderr.splitlines() if "error" in line] or answer.stderr.splitlines()
        raise InputError(
            "the compiler cannot make a kernel of lockstep:\n  " + "\n  ".join(lines[:10]),
            expected="g++ 10 or clang++ 14, or newer",
        )
