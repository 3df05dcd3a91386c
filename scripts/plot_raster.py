"""Draw the spikes of a result as a raster, with the population's rate."""

from functools import partial

from _plot import plot
from _program import run

from colonnade.figures import raster

if __name__ == "__main__":
    run(partial(plot, raster, __doc__))
