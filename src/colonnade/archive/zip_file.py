"""The archive itself: the files in it, and the same bytes for the same files."""

import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import yaml

from colonnade.archive.metadata import citation, codecheck, readme, script, zenodo
from colonnade.archive.wheels import DATE, collect, own_wheel, requirements
from colonnade.components import BMTK, wheel_folder
from colonnade.crate import METADATA
from colonnade.errors import InputError, MissingFile, raise_all
from colonnade.experiment import Plan
from colonnade.experiment.chain import misfits
from colonnade.experiment.user_file_checks import files_of_user
from colonnade.files import atomic_write

EXECUTABLE, PLAIN = 0o100755 << 16, 0o100644 << 16
NOT_KEPT = ("state",)  # of a run that can go on


def write_archive(plan: Plan, config_file: Path, output: Path, *, models: bool, wheels: bool) -> int:
    """Write the zip ``output`` of a finished experiment, which was run in the working directory; return its files.

    In it are the config, all files that it names, the results, Colonnade's own wheel, and a script that runs them
    again; with ``models`` those that the experiment takes from a wheel, with ``wheels`` all packages, so that it runs
    without a network. InputError where a file lies outside of the working directory, or results do not fit together.
    """
    folder = Path(plan.folder)
    if not (folder / METADATA).is_file():
        raise MissingFile("there is no finished experiment", file=folder / METADATA, expected="`colonnade run` first")
    if folder.is_absolute() or ".." in folder.parts:
        raise InputError("results lie outside of what can be packed", file=config_file, key="results",
                         value=str(folder.parent), expected="a folder in the working directory")  # fmt: skip
    own = list(files_of_user(plan))
    elsewhere = partial(
        InputError, "is named by an absolute path, and would not be found again", expected="a relative one"
    )
    raise_all(elsewhere(file=path) for path in own if path.is_absolute())
    raise_all(misfits(plan))
    names = {_inside(path): path for path in [config_file, *own]}
    results = {path.as_posix(): path for path in _results(folder)}
    texts = _texts(plan, config_file, folder, results, models, wheels)
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch)
        wheel = own_wheel(made)
        files = names | results | {f"wheels/{wheel.name}": wheel}
        if wheels:
            (made / "requirements.txt").write_text(texts["requirements.txt"], encoding="utf-8")
            (made / "all").mkdir()
            texts["requirements.txt"] = collect(made / "requirements.txt", made / "all")
            files |= {f"wheels/{path.name}": path for path in (made / "all").iterdir()}
        if models and plan.experiment.config["components"]["source"] == "bmtk":
            cached = wheel_folder(BMTK)
            files |= {
                f"cache/components/{cached.name}/{path.relative_to(cached).as_posix()}": path
                for path in cached.rglob("*") if path.is_file()
            }  # fmt: skip
        with atomic_write(output) as temporary:
            _pack(temporary, plan.experiment.name, files, texts)
    return len(files) + len(texts)


def _pack(path: Path, top: str, files: dict[str, Path], texts: dict[str, str]) -> None:
    """Write a zip whose bytes depend on nothing but names and contents: sorted, without times, not compressed.

    Compression would depend on the library of the machine; figures and wheels are compressed already.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name in sorted({*files, *texts}):
            entry = zipfile.ZipInfo(f"{top}/{name}", DATE)
            entry.create_system = 3
            executable = name.endswith(".sh") or (name in files and os.access(files[name], os.X_OK))
            entry.external_attr = EXECUTABLE if executable else PLAIN
            if name in texts:
                archive.writestr(entry, texts[name])
                continue
            entry.file_size = files[name].stat().st_size
            with open(files[name], "rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                while block := source.read(1 << 20):
                    target.write(block)


def _texts(plan: Plan, config_file: Path, folder: Path, results: dict, models: bool, wheels: bool) -> dict[str, str]:
    """Return the texts that an archive has beside the experiment's own files, by name."""
    config = plan.experiment.config
    checked = [
        name for name in sorted(results)
        if Path(name).relative_to(folder).parts[0] in ("figures", "statistics", "manuscript")
        and name.endswith((".pdf", ".csv"))
    ]  # fmt: skip
    cited = {"CITATION.cff": _yaml(citation(config, _finished(folder)))} if config["authors"] else {}
    return {
        "README.md": readme(config, config_file.as_posix(), folder.as_posix(), models=models, wheels=wheels),
        "reproduce.sh": script(config_file.as_posix(), wheels=wheels),
        ".zenodo.json": json.dumps(zenodo(config), indent=2, ensure_ascii=False) + "\n",
        "codecheck.yml": _yaml(codecheck(config, checked)),
        "requirements.txt": requirements(),
    } | cited


def _finished(folder: Path) -> str:
    """Return when the run ended, as the crate says it."""
    crate = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    return next(entity["datePublished"] for entity in crate["@graph"] if entity["@id"] == "./")


def _results(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(".") for part in inside) and inside[0] not in NOT_KEPT:
            yield path


def _inside(path: Path) -> str:
    """Return the place of a file in the archive, which is its place below the working directory."""
    absolute, here = Path(os.path.abspath(path)), Path.cwd()
    if not absolute.is_relative_to(here):
        raise InputError(
            "lies outside of this folder, and would not be found again", file=path, expected=f"a file in {here}"
        )
    return absolute.relative_to(here).as_posix()


def _yaml(value: dict) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=110)
