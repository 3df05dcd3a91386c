"""Draw the connection probability against distance, with the rule's curve."""

from functools import partial

from _plot import plot
from _program import run

from colonnade.figures import connection_probability

if __name__ == "__main__":
    run(partial(plot, connection_probability, __doc__))
