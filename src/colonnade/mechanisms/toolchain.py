"""The programs that turn NMODL files into libraries: NEURON's translators, a C++ compiler, make."""

import functools
import importlib.util
import logging
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

from colonnade.errors import InputError

INSTALL = "sudo apt-get install -y g++ make"
log = logging.getLogger(__name__)
# Without the licence to reorder (-ffast-math), a cell has the same numbers on any number of threads and ranks.
DEFAULT_FLAGS = "-O3 -march=native -fno-math-errno -fno-trapping-math -ffp-contract=off"


def compiler() -> str:
    """Return the path of the C++ compiler: ``$CXX``, else g++, c++ or clang++.

    Raises ``InputError`` with the command that installs what is missing.
    """
    chosen = os.environ.get("CXX", "").split()
    for name in chosen[:1] or ("g++", "c++", "clang++"):
        path = shutil.which(name)
        if path:
            break
    else:
        missing = f"the C++ compiler {chosen[0]!r} of $CXX" if chosen else "a C++ compiler (g++)"
        raise InputError(f"{missing} is not on this machine; install it with: {INSTALL}")
    if not shutil.which("make"):
        raise InputError(f"make is not on this machine; install it with: {INSTALL}")
    return path


def versions() -> dict[str, str]:
    """Return the versions of NEURON and of the C++ compiler."""
    return {"neuron": neuron_version(), "compiler": compiler_version()}


def compiler_version() -> str:
    """Return the first line that the C++ compiler says of its version."""
    return _first_line_of_version(compiler())


@functools.cache
def _first_line_of_version(program: str) -> str:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    return said.splitlines()[0] if said else program


def library_name() -> str:
    """Return where nrnivmodl puts NEURON's library on this machine, and NEURON and BMTK look for it."""
    return f"{platform.machine()}/libnrnmech.{'dylib' if sys.platform == 'darwin' else 'so'}"


def checked_flags(flags: str | None) -> str:
    """Return the flags of the compiler, ``DEFAULT_FLAGS`` for None; NEURON's makefiles hand them to a shell.

    Raises ``InputError`` for what a shell could take for more than flags.
    """
    flags = DEFAULT_FLAGS if flags is None else flags
    if not _FLAGS.fullmatch(flags):
        raise InputError("these are no flags of a compiler", key="mechanisms.flags", value=flags,
                         expected="words such as -O3 or -march=native, of letters, digits and =.,_+/-")  # fmt: skip
    return flags


_FLAGS = re.compile(r"(-[A-Za-z0-9=.,_+/-]+( +-[A-Za-z0-9=.,_+/-]+)*)?")


def identity(flags: str) -> dict[str, str]:
    """Return all that decides, beside the .mod files, what a library holds: with ``native``, also the processor."""
    native = {"processor": _processor()} if "native" in flags else {}
    return {**versions(), "flags": flags, "machine": platform.machine(), **native}


def neuron_version() -> str:
    """Return the version of the NEURON that this Python imports."""
    _neuron_package()
    for name in ("neuron", "neuron-nightly", "neuron-gpu"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return "unknown"


def neuron_folder() -> Path:
    """Return the folder of NEURON's programs (``bin``) and files (``share``)."""
    return _neuron_package() / ".data"


def translate(mod_file: Path, output: Path) -> None:
    """Let NEURON's nocmodl read one file. Raises ``InputError`` with its lines where it finds a fault."""
    folder = neuron_folder()
    program = folder / "bin" / "nocmodl"
    units = folder / "share" / "nrn" / "lib" / "nrnunits.lib"
    if not program.is_file():  # a NEURON which is not from a wheel: nrnivmodl will find the fault
        return
    environment = {**os.environ, "MODLUNIT": str(units), "LC_ALL": "C"}
    answer = subprocess.run(
        [program, mod_file.name, "-o", output], cwd=mod_file.parent, env=environment, capture_output=True, text=True
    )
    if answer.returncode:
        lines = [line for line in (answer.stdout + answer.stderr).splitlines() if not line.startswith(_CHATTER)]
        raise InputError("NEURON's nocmodl cannot translate it:\n  " + "\n  ".join(lines), file=mod_file)


def build_neuron_library(mod_files: Path, work: Path, flags: str) -> Path:
    """Compile the folder ``mod_files`` with nrnivmodl in the folder ``work``; return the library for NEURON."""
    output = _run(["nrnivmodl", "-incflags", flags, mod_files.name], work)
    library = next(work.glob("*/libnrnmech.*"), None)
    if library is None:
        raise InputError("the .mod files do not compile:\n  " + _essence(output), file=mod_files)
    return library


def build_coreneuron_library(mod_files: Path, work: Path, flags: str) -> tuple[Path | None, dict[str, str]]:
    """Compile the folder ``mod_files`` with nrnivmodl-core in ``work``.

    Files that CoreNEURON cannot take are deleted from the folder and left out. Returns the library, None if no file is
    left, and the compiler's lines for each file that was left out: {stem of its name: lines}.
    """
    refused: dict[str, str] = {}
    while True:
        output = _run(["nrnivmodl-core", "-p", "2", "-i", flags, mod_files.name], work, MAKEFLAGS="-k")
        if any(work.glob("*/special-core")):
            return next(work.glob("*/libcorenrnmech.*")), refused
        failed = set(re.findall(r"(?:mod2c|build)/([^/]+)\.(?:cpp|o)\] Error", output))
        failed &= {path.stem for path in mod_files.glob("*.mod")}
        if not failed:
            raise InputError("the library for CoreNEURON cannot be made:\n  " + _essence(output), file=mod_files)
        for stem in failed:
            refused[stem] = _essence(output, stem)
            (mod_files / f"{stem}.mod").unlink()
            for path in work.glob(f"*/corenrn/*/{stem}.*"):
                path.unlink()
        if not any(mod_files.glob("*.mod")):
            return None, refused


_CHATTER = ("Translating", "Thread Safe", "Notice:", "Warning:")


def _run(command: list[str], work: Path, **more: str) -> str:
    """Run one of NEURON's compile programs in ``work``; return all that it said."""
    program = Path(sysconfig.get_path("scripts")) / command[0]
    found = str(program) if program.is_file() else shutil.which(command[0])
    if not found:
        raise InputError(f"NEURON's {command[0]} is not in the environment of {sys.executable}; install neuron there")
    if any(sign.isspace() for sign in found):
        raise InputError("NEURON compiles nothing where the path of its environment has a blank", file=found,
                         expected="an environment in another folder")  # fmt: skip
    # A make that called us must not hand its options to the make that nrnivmodl calls.
    inherited = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    environment = {**inherited, "CXX": os.environ.get("CXX") or compiler(), "LC_ALL": "C", **more}
    answer = subprocess.run(
        [found, *command[1:]], cwd=work, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return answer.stdout


def _essence(output: str, stem: str = "") -> str:
    """Return the lines of a compile log that tell what went wrong, with the file ``stem`` where lines name it."""
    lines = [re.sub(r"\x1b\[\d+m", "", line).rstrip() for line in output.splitlines()]
    telling = re.compile(r"error|fatal|what\(\)|NMODL Parser|Re-declaration|syntax|undefined reference", re.IGNORECASE)
    wrapper = re.compile(r"CalledProcessError|Traceback|NOTE: If you are encountering|^make")
    found = [line for line in lines if telling.search(line) and not wrapper.search(line)]
    found = [line for line in found if f"{stem}." in line] or found
    return "\n  ".join((found or lines[-15:])[:15])


def _neuron_package() -> Path:
    found = importlib.util.find_spec("neuron")
    if found is None or found.origin is None:
        raise InputError(f"NEURON is not in the environment of {sys.executable}; install it with: pip install neuron")
    return Path(found.origin).parent


def processor_features() -> list[str]:
    """Return the instruction sets of this processor which ``-march=native`` may use; [] where they are not known."""
    return sorted(word for word in _processor().partition(":")[2].split() if _INSTRUCTIONS.match(word))


def required_features(flags: str) -> list[str]:
    """Return the instruction sets, by the names of ``processor_features``, that the compiler uses with ``flags``.

    With ``native`` these are all of this processor, else those whose macros the compiler defines.
    """
    if "native" in flags:
        return processor_features()
    program = [compiler(), *flags.split(), "-x", "c++", "-dM", "-E", os.devnull]
    answer = subprocess.run(program, capture_output=True, text=True, check=False)
    defined = set(re.findall(r"^#define (__\w+__) 1$", answer.stdout, re.MULTILINE))
    return sorted(name for macro, name in _FEATURE_OF.items() if macro in defined)


# Names differ for three: what g++ calls SSE3, BMI and LZCNT, Linux calls pni, bmi1 and abm; the first all x86-64 have.
_SAME = ("ssse3", "sse4_1", "sse4_2", "popcnt", "avx", "avx2", "fma", "f16c", "movbe", "bmi2", "avx512f", "avx512cd",
         "avx512bw", "avx512dq", "avx512vl")  # fmt: skip
_FEATURE_OF = {f"__{name.upper()}__": name for name in _SAME} | {"__BMI__": "bmi1", "__LZCNT__": "abm"}


def processor_name() -> str:
    """Return the kind and the model of this processor, such as ``x86_64, AMD EPYC 7763``."""
    return ", ".join(filter(None, (platform.machine(), _processor().partition(":")[0])))


_INSTRUCTIONS = re.compile(
    r"(sse|ssse|avx|fma|bmi|adx|abm|f16c|movbe|popcnt|aes|vaes|pclmul|vpclmul|gfni|sha|amx|asimd|sve|crc|atomics)"
)


def _processor() -> str:
    """Return 'model: abilities' of this machine's first processor."""
    try:
        lines = dict(
            line.split(":", 1) for line in reversed(Path("/proc/cpuinfo").read_text().splitlines()) if ":" in line
        )
    except OSError:
        return platform.processor()
    found = {name.strip(): value.strip() for name, value in lines.items()}
    model = found.get("model name") or found.get("CPU part") or ""
    return f"{model}: {found.get('flags') or found.get('Features') or ''}"
