"""Spikes and traces of a result as Neurodata Without Borders (NWB), for the tools of physiologists.

Needs pynwb, which is in the extra ``nwb``.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from colonnade.analysis.result import Result
from colonnade.errors import InputError
from colonnade.files import atomic_write, text_sha256
from colonnade.sonata.reports import read_report

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # simulated time has no date; the same one each time gives the same file
SCALES = {"mV": (1e-3, "volts"), "mM": (1.0, "millimolar"), "nA": (1e-9, "amperes")}
RATE_UNIT = 1000.0  # ms in a second


def write_nwb(result: Result, path: str | os.PathLike, about: Mapping) -> None:
    """Write spikes (as units) and reports (as time series) of the simulated populations of ``result`` to ``path``.

    ``about`` has ``experiment``, ``title`` and ``authors`` of the config, and the time step ``dt`` in ms. Times are in
    s, potentials in V.
    """
    try:
        from pynwb import NWBHDF5IO, NWBFile
        from pynwb.file import Subject
    except ImportError as error:
        raise InputError("NWB needs the package pynwb", expected="pip install 'colonnade[nwb]'") from error

    people = [author["name"] for author in about.get("authors", [])]
    file = NWBFile(
        session_description=about.get("title") or f"simulation {about['experiment']}",
        identifier=text_sha256(str(sorted(map(str, about.items())))),
        session_start_time=EPOCH,
        file_create_date=[EPOCH],
        experimenter=[_family_first(name) for name in people] or None,
        institution=next(
            (author["affiliation"] for author in about.get("authors", []) if "affiliation" in author), None
        ),
        experiment_description="A simulation: there was no animal, and its time began at 0.",
        keywords=["simulation", "SONATA"],
        subject=Subject(
            subject_id="simulation",
            description="A model: no animal, hence no age, for which P0D stands.",
            sex="U",
            age="P0D",
        ),
    )
    _add_spikes(file, result)
    if file.units is not None and "dt" in about:
        file.units.resolution = about["dt"] / RATE_UNIT
    _add_reports(file, result)
    with atomic_write(path) as temporary, NWBHDF5IO(str(temporary), "w") as io:
        io.write(file)


def _add_spikes(file, result: Result) -> None:
    for name, about in (
        ("population", "network of the cell"),
        ("group", "its group, the node attribute pop_name"),
        ("node_id", "its node id in the network"),
    ):
        file.add_unit_column(name, about)
    for population in result.simulated:
        activity = result.activity(population)
        for node_id, group, train in zip(activity.node_ids.tolist(), activity.groups, activity.trains(), strict=True):
            file.add_unit(
                spike_times=train / RATE_UNIT,
                obs_intervals=[[activity.window[0] / RATE_UNIT, activity.window[1] / RATE_UNIT]],
                population=population,
                group=str(group),
                node_id=node_id,
            )


def _add_reports(file, result: Result) -> None:
    from pynwb import TimeSeries

    for name, path in result.report_files.items():
        reports = read_report(path) if Path(path).is_file() else {}
        for population, report in reports.items():
            times = report.times()
            if len(times) < 2:
                continue
            factor, unit = SCALES.get(report.units, (1.0, report.units or "unknown"))
            what = f"{report.variable} of {population}"
            series = TimeSeries(
                name=name if len(reports) == 1 else f"{name}_{population}",
                description=f"{what}; the columns are recorded elements of the nodes {_listed(report.node_ids)}",
                data=report.values().astype(np.float32),
                unit=unit,
                conversion=factor,
                starting_time=float(times[0]) / RATE_UNIT,
                rate=RATE_UNIT / float(times[1] - times[0]),
            )
            file.add_acquisition(series)


def _listed(node_ids: np.ndarray) -> str:
    """Return ids as text, a run of consecutive ones by its ends."""
    ids = node_ids.astype(int)
    if len(ids) > 2 and np.array_equal(ids, np.arange(ids[0], ids[-1] + 1)):
        return f"{ids[0]} to {ids[-1]}"
    return ", ".join(map(str, ids.tolist()))


def _family_first(name: str) -> str:
    """Return 'Family, Given', as NWB wants an experimenter's name."""
    given, _, family = name.rpartition(" ")
    return name if "," in name or not given else f"{family}, {given}"
