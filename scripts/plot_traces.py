"""Draw a recorded variable over time: mean over cells, and single cells with their spikes."""

from functools import partial

from _plot import plot
from _program import run

from colonnade.figures import traces

if __name__ == "__main__":
    run(partial(plot, traces, __doc__))
