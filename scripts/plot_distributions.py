"""Draw the distributions of rate, interspike interval and CV over cells."""

from functools import partial

from _plot import plot
from _program import run

from colonnade.figures import distributions

if __name__ == "__main__":
    run(partial(plot, distributions, __doc__))
