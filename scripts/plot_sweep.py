"""Draw a statistic over the points of a sweep."""

from functools import partial

from _plot import plot
from _program import run

from colonnade.figures import sweep

if __name__ == "__main__":
    run(partial(plot, sweep, __doc__))
