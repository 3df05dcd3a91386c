"""Draw the distribution of the pairwise correlations of spike counts."""

from functools import partial

from _plot import plot
from _program import run

from colonnade.figures import correlations

if __name__ == "__main__":
    run(partial(plot, correlations, __doc__))
