"""What all programs of this folder share: find the library, say an error in one line, and leave with its code."""

import errno
import gc
import os
import re
import resource
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path

# In a clone the library beside the programs counts, whatever is installed; a wheel has no such folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from colonnade.errors import ColonnadeError
from colonnade.receipts import Step

BEGUN = time.monotonic()
gc.set_threshold(100_000)  # looking for garbage among what imports make takes a tenth of a short program


def run(main: Callable[[], list | None]) -> None:
    """Call ``main``, which may return files that it has read beside those given; in a workflow, write the receipt.

    An error that the user can mend becomes one line on stderr and exit code 2.
    """
    step = Step.cut_from(sys.argv)
    try:
        with step.receipt() if step else nullcontext([]) as read:
            read += main() or []
        if step:
            wall, cpu = time.monotonic() - BEGUN, sum(os.times()[:4])
            memory = f"{peak_memory() / 1e6:.0f} MB of memory"
            print(f"{wall:.2f} s ({cpu:.2f} s of processors), {memory}", file=sys.stderr)
    except ColonnadeError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        sys.exit(130)
    except MemoryError as error:
        print(f"error: not enough memory: {error or 'nothing more is free'}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        os._exit(0)
    except (OSError, RuntimeError) as error:  # the latter is HDF5's, whose text names the reason
        if not any(os.strerror(number) in str(error) for number in (errno.ENOSPC, errno.EDQUOT)):
            if getattr(error, "filename", None) is None:
                raise
            print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
            sys.exit(2)
        with suppress(OSError):  # the log may be on that disk
            print("error: the disk is full", file=sys.stderr, flush=True)
        os._exit(2)  # HDF5 would crash at exit after a full disk


def peak_memory() -> int:
    """Return the most bytes that this program, or one that it has started, has had in memory.

    The kernel's ru_maxrss of a program begins with the size of the one that has started it, so it serves only where
    there is no /proc.
    """
    units = 1 if sys.platform == "darwin" else 1024
    started = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * units
    try:
        most = re.search(r"^VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text(), flags=re.MULTILINE)
    except OSError:
        most = None
    own = int(most[1]) * 1024 if most else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * units
    return max(own, started)
