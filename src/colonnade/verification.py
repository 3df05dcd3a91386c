"""Two results of one experiment, file by file: identical, equivalent, or different and where first."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from colonnade.errors import MissingFile
from colonnade.files import sha256
from colonnade.paper import TEX

STAGES = ("components", "mechanisms", "network", "inputs", "simulation", "statistics", "figures", "manuscript")
IDENTICAL, EQUIVALENT, DIFFERENT, MISSING = "identical", "equivalent", "different", "missing"
NOT_MADE = "not made"
NOT_COMPARED = {"log.txt", "timing.json"}  # when a run was and what it took, which no run repeats


@dataclass(frozen=True)
class Verdict:
    """What became of one file: its path in the result, one of the five words, and the first difference."""

    path: str
    word: str
    difference: str = ""


def compare_results(first: Path, second: Path, dt: float) -> list[Verdict]:
    """Compare all files of the stages' folders of two results; ``dt`` (ms) is the step within which spikes agree."""
    for folder in (first, second):
        if not folder.is_dir():
            raise MissingFile("no such results", file=folder, expected="the folder of a finished experiment")
    paths = [_files(folder) for folder in (first, second)]
    verdicts = []
    for path in sorted(paths[0] | paths[1]):
        if path not in paths[1] or path not in paths[0]:
            where = first if path not in paths[0] else second
            if where == second and Path(path).match("manuscript/*.pdf") and not shutil.which(TEX):
                verdicts.append(Verdict(path, NOT_MADE, f"there is no {TEX} here"))
            else:
                verdicts.append(Verdict(path, MISSING, f"not in {where}"))
        else:
            word, difference = compare_files(first / path, second / path, dt)
            if word == DIFFERENT and _same_but_compiled(path, first, second):
                word, difference = EQUIVALENT, "compiled in another environment of the same sources"
            verdicts.append(Verdict(path, word, difference))
    return verdicts


def _same_but_compiled(path: str, first: Path, second: Path) -> bool:
    """Return whether a file is machine code made of the .mod files, or differs in checksums of it only.

    Machine code names the folders of its environment; the .mod files are compared themselves.
    """
    if not path.startswith("mechanisms/"):
        return False
    if Path(path).name == "mechanisms.json":
        said = [json.loads((folder / path).read_text(encoding="utf-8")) for folder in (first, second)]
        return said[0] | {"checksums": None} == said[1] | {"checksums": None}
    return Path(path).suffix in (".so", ".dylib", ".o", ".a")


def compare_files(first: Path, second: Path, dt: float) -> tuple[str, str]:
    """Return (word, first difference) of two files."""
    if sha256(first) == sha256(second):
        return IDENTICAL, ""
    if first.suffix == ".h5":
        return _compare_hdf5(first, second, dt)
    return DIFFERENT, _first_difference(first.read_bytes(), second.read_bytes())


def _files(folder: Path) -> set[str]:
    found = (path for stage in STAGES for path in (folder / stage).rglob("*") if path.is_file())
    inside = (path.relative_to(folder) for path in found if path.name not in NOT_COMPARED)
    return {path.as_posix() for path in inside if not any(part.startswith(".") for part in path.parts)}


def _first_difference(first: bytes, second: bytes) -> str:
    for number, (line, other) in enumerate(zip(first.split(b"\n"), second.split(b"\n"), strict=False), start=1):
        if line != other:
            texts = [text[:60].decode("utf-8", "replace") for text in (line, other)]
            return f"line {number}: {texts[0]!r}, then {texts[1]!r}"
    return f"{len(first)} bytes, then {len(second)}"


def _compare_hdf5(first: Path, second: Path, dt: float) -> tuple[str, str]:
    with h5py.File(first) as a, h5py.File(second) as b:
        items = [_items(file) for file in (a, b)]
        if items[0].keys() != items[1].keys():
            return DIFFERENT, f"only one has {sorted(items[0].keys() ^ items[1].keys())[0]}"
        for name, one in items[0].items():
            other = items[1][name]
            difference = _kind_difference(one, other) or _attribute_difference(one, other)
            if not difference and isinstance(one, h5py.Dataset) and not name.startswith("spikes/"):
                difference = _value_difference(one, other)
            if difference:
                return DIFFERENT, f"{name}{difference}"
        for population in a.get("spikes", ()):
            trains = [_trains(file[f"spikes/{population}"]) for file in (a, b)]
            difference = _spike_difference(*trains, dt)
            if difference:
                return DIFFERENT, f"spikes/{population}: {difference}"
        return EQUIVALENT, "the same spikes within one step" if "spikes" in a else "the same data"


def _items(file: h5py.File) -> dict[str, h5py.Group | h5py.Dataset]:
    """Return the root, all groups and all datasets of a file by their names, sorted."""
    found = {"/": file["/"]}
    file.visititems(found.__setitem__)
    return dict(sorted(found.items()))


def _kind_difference(one, other) -> str:
    kinds = [type(item).__name__.lower() for item in (one, other)]
    if kinds[0] != kinds[1]:
        return f": a {kinds[0]}, then a {kinds[1]}"
    if isinstance(one, h5py.Dataset) and one.dtype != other.dtype:
        return f": type {one.dtype}, then {other.dtype}"
    return ""


def _attribute_difference(one, other) -> str:
    for name in sorted({*one.attrs, *other.attrs}):
        if name not in one.attrs or name not in other.attrs:
            return f"@{name}: only one has this attribute"
        values = [item.attrs[name] for item in (one, other)]
        types = [np.asarray(value).dtype for value in values]
        if types[0] != types[1] and {types[0].kind, types[1].kind} - set("OSU"):  # texts have no one type
            return f"@{name}: type {types[0]}, then {types[1]}"
        difference = _value_difference(*map(np.asarray, values))
        if difference:
            return f"@{name}{difference}"
    return ""


def _value_difference(one, other) -> str:
    """Return the first place at which two arrays differ; NaN equals NaN."""
    one, other = one[...], other[...]
    if one.shape != other.shape:
        return f": shape {one.shape}, then {other.shape}"
    equal = (one == other) | ((one != one) & (other != other))
    unequal = np.flatnonzero(~np.ravel(equal))
    if not len(unequal):
        return ""
    place = tuple(int(i) for i in np.unravel_index(unequal[0], one.shape))
    return (str(list(place)) if place else "") + f": {one[place]}, then {other[place]}"


def _trains(group: h5py.Group) -> tuple[np.ndarray, np.ndarray]:
    ids, times = group["node_ids"][...], group["timestamps"][...]
    order = np.lexsort((times, ids))
    return ids[order], times[order]


def _spike_difference(one, other, dt: float) -> str:
    ids = np.union1d(one[0], other[0])
    counts = [np.array([np.count_nonzero(ids_ == node) for node in ids]) for ids_ in (one[0], other[0])]
    unequal = np.flatnonzero(counts[0] != counts[1])
    if len(unequal):
        place = unequal[0]
        return f"cell {ids[place]} has {counts[0][place]} spikes, then {counts[1][place]}"
    late = np.flatnonzero(np.abs(one[1] - other[1]) > dt * (1 + 1e-9))
    if len(late):
        place = late[np.argmin(one[1][late])]
        return f"cell {one[0][place]} spikes at {one[1][place]:.4f} ms, then at {other[1][place]:.4f} ms"
    return ""
