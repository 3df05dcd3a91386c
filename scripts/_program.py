"""What all programs of this folder share: find the library, say an error in one line, and leave with its code."""

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path

# In a clone the library beside the programs counts, whatever is installed; a wheel has no such folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from colonnade.errors import ColonnadeError

gc.set_threshold(100_000)  # looking for garbage among what imports make takes a tenth of a short program


def run(main: Callable[[], None]) -> None:
    """Call ``main``; an error that the user can mend becomes one line on stderr and exit code 2."""
    try:
        main()
    except ColonnadeError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        os._exit(0)
