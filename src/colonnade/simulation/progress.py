"""Progress of a run: a bar with the remaining time on a terminal, lines of text anywhere else."""

import logging
import sys
import time

from tqdm import tqdm

log = logging.getLogger(__name__)
LINES = 20  # in a run that takes longer than that many times SHORTEST
SHORTEST = 5.0  # s between two lines


class Progress:
    """Says how far a run of ``tstop`` ms has come. ``quiet`` says nothing, as all ranks but the first have to."""

    def __init__(self, tstop: float, quiet: bool = False):
        self._tstop, self._quiet = tstop, quiet
        self._started = self._spoken = time.monotonic()
        self._bar = None
        if not quiet and sys.stderr.isatty():
            form = "{l_bar}{bar}| {n:.0f}/{total:.0f} ms [{elapsed} < {remaining}, {rate_fmt}]"
            self._bar = tqdm(total=tstop, bar_format=form, unit="ms", leave=True)

    def reach(self, t: float) -> None:
        """Note that ``t`` ms of biological time are done."""
        if self._quiet:
            return
        if self._bar is not None:
            self._bar.update(t - self._bar.n)
            return
        now = time.monotonic()
        elapsed = now - self._started
        expected = elapsed * self._tstop / t if t > 0 else float("inf")
        if now - self._spoken < max(SHORTEST, expected / LINES) and t < self._tstop:
            return
        self._spoken = now
        speed = t / elapsed if elapsed > 0 else float("inf")
        remaining = (self._tstop - t) / speed if speed else float("inf")
        log.info("%8.1f of %g ms  %7.1f ms/s  %s remaining", t, self._tstop, speed, duration(remaining))

    def close(self) -> None:
        """Leave the line of the bar."""
        if self._bar is not None:
            self._bar.close()


def duration(seconds: float) -> str:
    """Return seconds as h:mm:ss."""
    if seconds == float("inf"):
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
