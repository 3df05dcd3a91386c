"""What a run shows: a line for each kind of step, the bar of the running simulation, and of a failure what matters."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TextIO

from colonnade.errors import InputError

STEPS = re.compile(r"(\d+) of (\d+) steps \(\d+%\) done")
FINISHED = re.compile(r"Finished jobid: (\d+) \(Rule: (\w+)\)")
STARTED = re.compile(r"(?:local)?(?:rule|checkpoint) (\w+):|Job (\d+): (.*)")
IN_TABLE = re.compile(r"^(\w+) +(\d+)$")
SIMULATED = re.compile(r"([\d.]+) of ([\d.e+]+) ms .*?(\S+) remaining")
SAID = ("Estimate:", "warning:", "kept:", "Nothing to be done")
FAILED_RULE = re.compile(r"^Error in rule (\w+):")
ITS_LOG = re.compile(r"^\s+log: (\S+)")
FAILED = re.compile(r"^(\w*Error\b|\w*Exception\b|error:|.*: the disk is full)")
PLACE = re.compile(r'^\s*File "|^\w+ in file |^\w*(Error|Exception):$')  # in Snakemake's own files
MOST_OF_LOG = 12  # lines of a failed step's
MOST_OF_ERROR = 40
BAR = 24
MANY = 20  # steps of a kind, of which each quarter is told
PAUSE = 0.5  # s between two looks at the log of the simulation
COARSE = 1.0  # s by which the time of a file may lie behind the clock


class Display:
    """Reads Snakemake's lines and shows what a user wants to know; all of them go into the ``log``.

    ``logs`` is the folder of the steps' logs, in which the simulation tells how far it is.
    """

    def __init__(self, logs: Path, stream: TextIO = sys.stdout):
        self._logs, self._stream = logs, stream
        self._live = stream.isatty()
        self._wanted: Counter[str] = Counter()
        self._done: Counter[str] = Counter()
        self._running: dict[str, str] = {}
        self._in_table = False
        self._error: list[str] = []  # of the workflow itself
        self._failed: dict[str, str] = {}  # log of each failed step: its rule
        self._failing = ""
        self._started = self._looked = time.time()
        self._quarter = 0
        self._steps = (0, 0)

    def take(self, line: str) -> None:
        """Note a line of Snakemake's output."""
        line = line.rstrip("\n")
        if line.startswith(SAID):
            self._say(line)
        elif rule := FAILED_RULE.match(line):
            self._failing = rule[1]
        elif self._failing and (log := ITS_LOG.match(line)):
            self._failed[log[1]], self._failing = self._failing, ""
        elif self._error or FAILED.match(line):
            self._error.append(line)
        elif line.startswith("Job stats:"):
            self._in_table = True
        elif self._in_table and (row := IN_TABLE.match(line)):
            if row[1] == "total":
                self._in_table = False
            elif row[1] not in ("all", "default"):
                self._wanted[row[1]] = int(row[2])
        elif job := STARTED.search(line):
            if job[2]:
                self._running[job[2]] = job[3]
        elif found := STEPS.search(line):
            self._steps = int(found[1]), int(found[2])
        if finished := FINISHED.search(line):
            self._finish(finished[1], finished[2])
        self.look()

    def look(self) -> None:
        """Show how far things are: on a terminal in its last line, else a line a quarter of a simulation."""
        now = time.time()
        if now - self._looked < PAUSE:
            return
        self._looked = now
        part, rest = self._simulated()
        if self._live:
            doing = ", ".join(dict.fromkeys(self._running.values())) or "..."
            filled = round(BAR * part)
            bar = f" [{'#' * filled}{'.' * (BAR - filled)}] {100 * part:.0f} %, {rest} left" if rest else ""
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(f"\r\033[K{f'{self._steps[0]}/{self._steps[1]} {doing}{bar}'[:width]}")
            self._stream.flush()
        elif part < 1 and int(4 * part) > self._quarter and self._wanted["simulate"] == 1:
            self._quarter = int(4 * part)
            self._say(f"{now - self._started:6.0f} s  simulate: {100 * part:.0f} %, {rest} left")

    def failure(self) -> list[str]:
        """Return what was said of a failure: the end of each failed step's log, or else the workflow's error."""
        lines = []
        for path, rule in self._failed.items():
            said = Path(path).read_text(encoding="utf-8", errors="replace").splitlines() if Path(path).is_file() else []
            lines += [f"{rule} failed; the end of {path}:", *(f"    {line}" for line in said[-MOST_OF_LOG:])]
        kept = [line for line in self._error if line.strip() and not PLACE.match(line)]
        return lines or list(dict.fromkeys(kept))[:MOST_OF_ERROR]

    def close(self) -> None:
        """Clear the last line."""
        if self._live:
            self._stream.write("\r\033[K")
            self._stream.flush()

    def _finish(self, number: str, rule: str) -> None:
        self._running.pop(number, None)
        self._done[rule] += 1
        if rule == "simulate":
            self._quarter = 0
        done, wanted = self._done[rule], self._wanted[rule]
        if wanted >= MANY and done < wanted and 4 * done // wanted > 4 * (done - 1) // wanted:
            self._say(f"{time.time() - self._started:6.0f} s  {rule.replace('_', ' ')}: {done} of {wanted}")
        if rule in self._wanted and self._done[rule] == self._wanted[rule]:
            count = f", {self._done[rule]} times" if self._done[rule] > 1 else ""
            self._say(f"{time.time() - self._started:6.0f} s  {rule.replace('_', ' ')}{count}")

    def _say(self, text: str) -> None:
        self.close()
        print(text, file=self._stream, flush=True)

    def _simulated(self) -> tuple[float, str]:
        """Return how much of the running simulation is done, 0 to 1, and the time that it still takes; (0, '')."""
        logs = [*self._logs.glob("simulate.log"), *self._logs.glob("simulate/**/*.log")]
        if not logs or self._done["simulate"] >= self._wanted["simulate"]:
            return 0.0, ""
        newest = max(logs, key=lambda path: path.stat().st_mtime)
        if newest.stat().st_mtime < self._started - COARSE:
            return 0.0, ""
        found = SIMULATED.findall(newest.read_text(encoding="utf-8", errors="replace"))
        return (float(found[-1][0]) / float(found[-1][1]), found[-1][2]) if found else (0.0, "")


def shown(folder: Path, *command, kept: bool = True) -> None:
    """Run Snakemake with its progress on one screen and all that it says in ``logs/run.log``; leave if it fails.

    ``folder`` is that of the results, and ``kept`` tells whether it is there afterwards.
    """
    log = folder / "logs" / "run.log"
    check_cache()
    check_records()
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be made ({error.strerror})", file=log.parent, key="results") from error
    display = Display(log.parent)
    finished = threading.Event()
    process = subprocess.Popen(
        [str(part) for part in command], env=environment(), text=True, errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip

    def watch() -> None:  # Snakemake is silent while a simulation runs
        while not finished.wait(PAUSE):
            display.look()

    threading.Thread(target=watch, daemon=True).start()
    try:
        with open(log, "w", encoding="utf-8") as file:
            for line in process.stdout:
                file.write(line)
                display.take(line)
        code = process.wait()
    except OSError:  # a full disk, say
        process.terminate()
        process.wait()
        raise
    except KeyboardInterrupt:  # Snakemake has got it, too, and ends its jobs
        process.wait()
        display.close()
        if kept:
            print(f"interrupted; `colonnade run` goes on where it was. All that was said is in {log}", file=sys.stderr)
        sys.exit(130)
    finally:
        finished.set()
    display.close()
    if code:
        print(*display.failure(), *([f"All that was said is in {log}"] if kept else []), sep="\n", file=sys.stderr)
        sys.exit(code)


def check_cache() -> None:
    """Raise InputError where Snakemake could not make its cache: it would end with a traceback."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "snakemake")
    there = next(folder for folder in (cache, *cache.absolute().parents) if os.path.exists(folder))
    if sys.platform.startswith("linux") and not (there.is_dir() and os.access(there, os.W_OK)):
        raise InputError("Snakemake cannot make its cache", file=cache,
                         expected="a folder that can be written, by XDG_CACHE_HOME=FOLDER")  # fmt: skip


def check_records() -> None:
    """Raise InputError where Snakemake could not write its records in this folder: it would end with a traceback."""
    records = Path(".snakemake").absolute()
    there = next(folder for folder in (records / "iocache", records, records.parent) if folder.is_dir())
    if not os.access(there, os.W_OK):
        raise InputError("Snakemake cannot write its records, which a --dry-run does, too", file=records,
                         expected="a folder that can be written; `colonnade check` only reads")  # fmt: skip


def environment() -> dict[str, str]:
    """Return the environment of a Snakemake whose jobs find this Python first."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
