"""Draw the matrix of synapses between all pairs of cells."""

from functools import partial

from _plot import plot
from _program import run

from colonnade.figures import connectivity_matrix

if __name__ == "__main__":
    run(partial(plot, connectivity_matrix, __doc__))
