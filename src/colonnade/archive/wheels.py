"""Wheels for an archive: Colonnade's own, and those of the packages that it runs on."""

import base64
import calendar
import hashlib
import os
import re
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from colonnade.errors import InputError
from colonnade.files import sha256
from colonnade.places import PACKAGE, project_file, project_folder

DATE = (1980, 1, 1, 0, 0, 0)


def own_wheel(folder: Path) -> Path:
    """Put the wheel of this Colonnade into ``folder``, built of the clone or of what is installed; return its path."""
    if project_folder() != PACKAGE / "bundled":
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
        answer = subprocess.run(
            [*command, "--wheel-dir", str(folder), str(project_folder())], capture_output=True, text=True
        )
        if answer.returncode:
            raise InputError(
                f"the wheel of this clone cannot be built: {answer.stderr.strip()[-500:]}", file=project_folder()
            )
        return next(folder.glob("colonnade-*.whl"))
    return _of_installed(folder)


def _of_installed(folder: Path) -> Path:
    """Pack the installed files as a wheel again: the same files, with a RECORD of their checksums."""
    installed = metadata.distribution("colonnade")
    name = f"colonnade-{installed.version}"
    path = folder / f"{name}-py3-none-any.whl"
    record = f"{name}.dist-info/RECORD"
    kept = {
        str(file): Path(file.locate()).read_bytes()
        for file in installed.files or ()
        if not str(file).startswith("..") and "__pycache__" not in file.parts
        and file.name not in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
    }  # fmt: skip
    lines = []
    for file, content in sorted(kept.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{file},sha256={digest},{len(content)}")
    kept[record] = "\n".join([*lines, f"{record},,", ""]).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(kept):
            archive.writestr(zipfile.ZipInfo(file, DATE), kept[file])
    return path


def requirements() -> str:
    """Return the packages that the installed Colonnade runs on, with their versions.

    With checksums where those of all are in the lock: pip takes them for all packages or for none.
    """
    versions: dict[str, str] = {}
    waiting = [Requirement(each) for each in metadata.requires("colonnade") or ()]
    while waiting:
        wanted = waiting.pop()
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        if wanted.marker is not None and not any(
            wanted.marker.evaluate({"extra": extra}) for extra in wanted.extras or ("",)
        ):
            continue
        known = versions.get(name)
        try:
            found = metadata.distribution(wanted.name)
        except metadata.PackageNotFoundError:
            continue
        versions[name] = found.version
        for each in found.requires or () if known is None or wanted.extras else ():
            inner = Requirement(each)
            if inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in ("", *wanted.extras)):
                inner.marker = None
                waiting.append(inner)
    locked = _locked_hashes()
    all_known = versions.items() <= locked.keys()
    lines = []
    for name, version in sorted(versions.items()):
        digests = locked[name, version] if all_known else ()
        lines.append(" \\\n    ".join([f"{name}=={version}", *(f"--hash=sha256:{digest}" for digest in digests)]))
    return "\n".join(lines) + "\n"


def _locked_hashes() -> dict[tuple[str, str], list[str]]:
    """Return the checksums of each package and version in the lock."""
    text = project_file("envs", "requirements.lock").read_text(encoding="utf-8")
    found = {}
    for entry in re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]:
        name, version = re.match(r"([\w.-]+)==([^\s;\\]+)", entry).groups()
        found[re.sub(r"[-_.]+", "-", name).lower(), version] = re.findall(r"sha256:([0-9a-f]{64})", entry)
    return found


def collect(listed: Path, folder: Path) -> str:
    """Let pip put a wheel of each package of the file of requirements ``listed`` into ``folder``.

    Packages without a wheel are built. Returns the requirements with the checksums of these wheels.
    """
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(folder),
        "-r",
        str(listed),
    ]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(calendar.timegm(DATE))}
    answer = subprocess.run(command, env=environment, capture_output=True, text=True)
    if answer.returncode:
        said = [line for line in answer.stderr.splitlines() if line.startswith("ERROR")] or [
            answer.stderr.strip()[-500:]
        ]
        raise InputError(f"the packages cannot be collected: {said[-1]}", key="--wheels",
                         expected="a network, or no --wheels")  # fmt: skip
    lines = []
    for path in sorted(folder.glob("*.whl")):
        name, version = path.name.split("-")[:2]
        lines.append(f"{re.sub(r'[-_.]+', '-', name).lower()}=={version} --hash=sha256:{sha256(path)}")
    return "\n".join(lines) + "\n"
