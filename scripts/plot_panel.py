"""Draw several figures as one, each with a letter."""

from functools import partial

from _plot import plot
from _program import run

from colonnade.figures import panel

if __name__ == "__main__":
    run(partial(plot, panel, __doc__))
