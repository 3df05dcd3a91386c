"""Draw the power spectrum of the populations' rates."""

from functools import partial

from _plot import plot
from _program import run

from colonnade.figures import spectrum

if __name__ == "__main__":
    run(partial(plot, spectrum, __doc__))
