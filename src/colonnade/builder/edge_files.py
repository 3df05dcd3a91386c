"""Edges on their way to a file: blocks evaluated by one process or several, merged in the order of the targets."""

import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import numpy as np

from colonnade.builder.connections import EdgeRows
from colonnade.builder.rules import Edges, RuleRun
from colonnade.errors import ColonnadeError, InputError
from colonnade.sonata.edge_writer import EdgeWriter

_run: RuleRun | None = None  # what the processes of a pool work on; they inherit it when they are forked


def evaluated(run: RuleRun, workers: int = 1) -> Iterator[Edges]:
    """Yield the blocks of a rule in order; with ``workers`` above 1 from as many processes, with the same result."""
    if workers <= 1 or run.n_blocks < 2:
        yield from (run.block(number) for number in range(run.n_blocks))
        return
    global _run
    _run = run
    try:
        fork = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(min(workers, run.n_blocks), mp_context=fork) as pool:
            waiting = deque()  # no more than two blocks a process, so that memory does not grow with the network
            for number in range(run.n_blocks):
                waiting.append(pool.submit(_block, number))
                if len(waiting) >= 2 * workers:
                    yield _result(waiting.popleft().result())
            while waiting:
                yield _result(waiting.popleft().result())
    except BrokenProcessPool:
        raise InputError("a process that connected cells has died: killed, out of memory, or by the rule itself",
                         key="connection_rule") from None  # fmt: skip
    finally:
        _run = None


def _block(number: int) -> Edges | str:
    try:
        return _run.block(number)
    except ColonnadeError as error:
        return str(error)
    except KeyboardInterrupt:
        return "interrupted"


def _result(block: Edges | str) -> Edges:
    if isinstance(block, str):
        raise InputError(block)
    return block


def write_rows(writer: EdgeWriter, streams: Sequence[Iterator[tuple[list[EdgeRows], float]]]) -> int:
    """Merge the rows of several sets of edges by target, source and type, and write them; return how many.

    Each stream yields rows and a target id which none of its later rows is below.
    """
    streams = list(streams)
    bounds = np.full(len(streams), -np.inf)
    pending: list[EdgeRows] = []
    groups: dict[tuple, int] = {}
    written = 0
    while len(bounds) and bounds.min() < np.inf:
        number = int(bounds.argmin())
        rows, bounds[number] = next(streams[number], ([], np.inf))
        pending += [each for each in rows if len(each.source_ids)]
        ready, pending = _split(pending, bounds.min())
        if ready:
            written += _append(writer, ready, groups)
    if not groups:
        writer.add_group(0, {"nsyns": np.dtype(np.uint32)})
    return written


def _split(pending: list[EdgeRows], bound: float) -> tuple[list[EdgeRows], list[EdgeRows]]:
    """Part rows into those with targets below ``bound`` and the others."""
    if bound == np.inf:
        return pending, []
    ready, later = [], []
    for rows in pending:
        at = int(np.searchsorted(rows.target_ids, bound))
        if at:
            ready.append(_slice(rows, slice(None, at)))
        if at < len(rows.target_ids):
            later.append(_slice(rows, slice(at, None)))
    return ready, later


def _slice(rows: EdgeRows, part: slice) -> EdgeRows:
    columns = {name: values[part] for name, values in rows.columns.items()}
    return EdgeRows(rows.source_ids[part], rows.target_ids[part], rows.type_id, columns)


def _append(writer: EdgeWriter, parts: list[EdgeRows], groups: dict[tuple, int]) -> int:
    """Write some rows, sorted by target, source and type; rows with the same attributes share a group."""
    keys = [tuple(sorted((name, values.dtype.str) for name, values in part.columns.items())) for part in parts]
    numbers = [groups.setdefault(key, len(groups)) for key in keys]
    sizes = [len(part.source_ids) for part in parts]
    sources = np.concatenate([part.source_ids for part in parts])
    targets = np.concatenate([part.target_ids for part in parts])
    type_ids = np.repeat([part.type_id for part in parts], sizes)
    group_ids = np.repeat(numbers, sizes)
    order = slice(None) if len(parts) == 1 else np.lexsort((type_ids, sources, targets))
    attributes = {}
    for number in sorted(set(numbers)):
        members = [part for part, of in zip(parts, numbers, strict=True) if of == number]
        columns = {n: np.concatenate([part.columns[n] for part in members]) for n in sorted(members[0].columns)}
        if len(parts) > 1:
            in_order = order[group_ids[order] == number]
            place = np.cumsum(group_ids == number) - 1
            columns = {name: values[place[in_order]] for name, values in columns.items()}
        attributes[number] = columns
    writer.append(sources[order], targets[order], type_ids[order], group_ids[order], attributes)
    return len(sources)
