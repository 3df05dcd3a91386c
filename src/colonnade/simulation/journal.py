"""What a run has given so far: rows of reports and spikes, in a folder of the run until it is done."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py

from colonnade.simulation.spike_file import SpikeFile, check_spikes
from colonnade.sonata.row_file import RowFile, check_rows

SPIKES = "spikes.bin"


class Journal:
    """The rows and spikes of one run on one rank, in ``folder``. They get their places when the run is done.

    ``begun`` is what another journal has told of itself (``done``), to go on from, whose files are in ``origin``.
    ``same_length`` tells that its files are as long as the new ones, so that they can be gone on with where they are.
    ``spikes`` are those of all ranks, on the first one.
    """

    def __init__(self, folder: Path, begun: dict | None = None, origin: Path | None = None, same_length: bool = False):
        self.folder, self._begun, self._origin = folder, begun or {}, origin
        self._in_place = same_length and origin == folder
        self._files: dict[str, RowFile] = {}
        self._places: dict[str, Path] = {}
        self.spikes: SpikeFile | None = None

    def file(self, place: Path, report: str, fill: Callable[[h5py.File], list[h5py.Dataset]]) -> RowFile:
        """Return a file of rows of ``report`` that will be at ``place``, made by ``fill`` if it is not there yet."""
        name = f"{report.replace('/', '_')}/{place.name}"
        path, begun = self.folder / name, self._begun.get("rows", {}).get(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if begun and self._in_place and path.stat().st_nlink == 1:
            rows = RowFile.reopen(path, begun)
        elif begun:
            new = path.with_name(f"{path.name}.new")
            rows = RowFile.create(new, fill)
            rows.take(self._origin / name, begun)
            new.replace(path)
            rows.path = path
        else:
            rows = RowFile.create(path, fill)
        self._files[name], self._places[name] = rows, place
        return rows

    def open_spikes(self) -> None:
        """Begin with the spikes of the run that is gone on with; on the first rank, which keeps those of all ranks."""
        self.spikes = SpikeFile(self.folder / SPIKES)
        self.spikes.begin(self._origin and self._origin / SPIKES, self._begun.get("spikes"))

    def done(self) -> dict:
        """Return what is safely on the disk: rows of each file by dataset, and spikes, each with its SHA-256."""
        rows = {name: file.done() for name, file in self._files.items()}
        return {"rows": rows} | ({} if self.spikes is None else {"spikes": self.spikes.done()})

    def finish(self, keep: bool) -> None:
        """Put all files in their places, whole or not at all; with ``keep`` they stay in the folder, too."""
        for name, file in self._files.items():
            file.finish()
            place = self._places[name]
            place.parent.mkdir(parents=True, exist_ok=True)
            _put(self.folder / name, place, keep)
        self._files = {}


def check_journal(folder: Path, said: dict) -> None:
    """Raise ``InputError`` if the files in ``folder`` are not those of which a journal has said ``said``."""
    for name, done in said["rows"].items():
        check_rows(folder / name, done)
    check_spikes(folder / SPIKES, *said["spikes"])


def _put(path: Path, place: Path, keep: bool) -> None:
    """Give a file its place; one that is kept gets it as a second name, or as a copy where there are no hard links."""
    if keep:
        temporary = place.with_name(f".{place.stem}-{'new':_<8}{place.suffix}")
        temporary.unlink(missing_ok=True)
        try:
            os.link(path, temporary)
        except OSError:
            shutil.copyfile(path, temporary)
        temporary.replace(place)
        return
    try:
        path.replace(place)
    except OSError:  # on another disk
        _put(path, place, keep=True)
        path.unlink()
