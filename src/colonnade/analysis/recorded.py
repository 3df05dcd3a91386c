"""What reports say of groups of cells: mean and quartiles over cells at each time, read in blocks."""

from dataclasses import dataclass

import numpy as np

from colonnade.errors import InputError
from colonnade.sonata.reports import Report

_VALUES_AT_ONCE = 8_000_000


@dataclass(frozen=True)
class CourseOfGroup:
    """Mean, lower and upper quartile over ``n_cells`` cells at each time, (T,), in the report's units."""

    times: np.ndarray
    mean: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    n_cells: int


def rows_within(report: Report, window: tuple[float, float]) -> tuple[slice, np.ndarray]:
    """Return the rows of ``report`` within ``window`` (ms), both ends included, and their times in ms, (T,)."""
    times = report.times()
    half_step = report.time_range[2] / 2
    first = int(np.searchsorted(times, window[0] - half_step))
    last = int(np.searchsorted(times, window[1] + half_step))
    return slice(first, last), times[first:last]


def course_of_group(report: Report, node_ids, window: tuple[float, float]) -> CourseOfGroup:
    """Return the time course of the cells ``node_ids`` at their first recorded element (the soma, if recorded)."""
    wanted = np.asarray(node_ids, dtype=np.int64)
    recorded = wanted[np.isin(wanted, report.node_ids.astype(np.int64))]
    if not recorded.size:
        raise InputError(
            f"none of the cells of {report.population} is in the report",
            file=report.path,
            key="node_ids",
            value=wanted[:10].tolist(),
        )
    columns = np.array([report.columns(int(node_id)).start for node_id in recorded])
    rows, times = rows_within(report, window)
    mean, lower, upper = (np.empty(len(times)) for _ in range(3))
    step = max(1, _VALUES_AT_ONCE // max(report.shape[1], 1))
    for first in range(rows.start, rows.stop, step):
        last = min(first + step, rows.stop)
        block = report.values(rows=slice(first, last))[:, columns]
        place = slice(first - rows.start, last - rows.start)
        mean[place] = block.mean(axis=1)
        lower[place], upper[place] = np.quantile(block, (0.25, 0.75), axis=1)
    return CourseOfGroup(times, mean, lower, upper, len(recorded))


def course_of_cell(report: Report, node_id: int, window: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return times in ms and values (T,) of one cell at its first recorded element."""
    rows, times = rows_within(report, window)
    return times, report.values(node_id, rows)[:, 0]
