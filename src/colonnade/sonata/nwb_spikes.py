"""Spike trains in Neurodata Without Borders (NWB): the units of NWB 2, the trials of NWB 1.0. Needs h5py alone."""

import os

import h5py
import numpy as np

from colonnade.errors import InputError
from colonnade.sonata.hdf5 import UNREADABLE, dataset, open_hdf5, text, whole_ids
from colonnade.sonata.spike_trains import SpikeTrains

MS_PER_SECOND = 1000.0
PARTS = ("units", "processing")  # where spikes are; other parts may be links to files that nobody has


def is_nwb(path: str | os.PathLike) -> bool:
    """Return whether an HDF5 file says of itself that it is NWB; a damaged one does not."""
    try:
        with h5py.File(path, "r") as file:
            return "nwb_version" in file.attrs or "nwb_version" in file
    except UNREADABLE:
        return False


def read_nwb_spikes(
    path: str | os.PathLike, population: str | None = None, trial: str | None = None
) -> dict[str, SpikeTrains]:
    """Read the spikes of an NWB file, by population; all times in ms.

    Of NWB 2 these are the units, which may have columns ``population`` and ``node_id``; without them, their ids count
    as node ids, and the spikes stand under ``population``, or under "" where none is asked for. So do those of the one
    ``trial`` of NWB 1.0.
    """
    with open_hdf5(path, PARTS) as file:
        if isinstance(file.get("units"), h5py.Group):
            return _of_units(file, population)
        if isinstance(file.get("processing"), h5py.Group):
            return {population or "": _of_trial(file, population or "", trial)}
        raise InputError("is no NWB file of spikes", file=path, options=file,
                         expected="units (NWB 2), or processing/TRIAL/spike_train (NWB 1.0)")  # fmt: skip


def _of_units(file: h5py.File, population: str | None) -> dict[str, SpikeTrains]:
    units = file["units"]
    ids = whole_ids(units, "node_id" if "node_id" in units else "id")
    times, ends = dataset(units, "spike_times")[()].astype(float), whole_ids(units, "spike_times_index")
    counts = np.diff(ends.astype(np.int64), prepend=0)
    if len(ends) != len(ids) or (counts < 0).any() or (ends > len(times)).any():
        raise InputError("does not share the spikes out to the units", file=file.filename, key=f"{units.name}/"
                         "spike_times_index", expected=f"{len(ids)} numbers that go up to {len(times)}")  # fmt: skip
    times = times[: counts.sum()] * _ms(file)
    if not np.isfinite(times).all():
        raise InputError("has a spike time that is not a number", file=file.filename, key=f"{units.name}/spike_times")
    of_spikes = np.repeat(ids, counts)
    if "population" not in units:
        return {population or "": SpikeTrains(population or "", of_spikes, times)}
    names = np.array([text(name) for name in dataset(units, "population")[()]], object)
    known = list(dict.fromkeys(names.tolist()))
    if population is not None and population not in known:
        raise InputError("has no spikes of that population", file=file.filename, value=population, options=known)
    of_population = np.repeat(names, counts)
    return {
        name: SpikeTrains(name, of_spikes[of_population == name], times[of_population == name])
        for name in (known if population is None else [population])
    }


def _ms(file: h5py.File) -> float:
    """Return the ms in a unit of time: NWB has seconds, and BMTK writes ms in their place."""
    about = text(file["session_description"][()]) if "session_description" in file else ""
    return 1.0 if about.startswith("BMTK ") and about.endswith("generated NWB spikes file") else MS_PER_SECOND


def _of_trial(file: h5py.File, population: str, trial: str | None) -> SpikeTrains:
    trials = list(file["processing"])
    if trial is None and len(trials) == 1:
        trial = trials[0]
    if trial not in trials:
        raise InputError("the file has no such trial", file=file.filename, key="trial", value=trial, options=trials)
    trains = file.get(f"processing/{trial}/spike_train")
    if trains is None:
        raise InputError("the trial has no spikes", file=file.filename, key=f"processing/{trial}/spike_train",
                         options=file[f"processing/{trial}"])  # fmt: skip
    times = {int(node): np.atleast_1d(group["data"][()]) for node, group in trains.items()}
    ids = np.repeat(np.array(list(times), np.uint64), [len(each) for each in times.values()])
    return SpikeTrains(population, ids, np.concatenate([*times.values(), np.zeros(0)]))
