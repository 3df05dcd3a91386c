"""Draw where the cells are, in 3-D."""

from functools import partial

from _plot import plot
from _program import run

from colonnade.figures import placement

if __name__ == "__main__":
    run(partial(plot, placement, __doc__))
