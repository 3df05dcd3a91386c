"""Figures of networks and their activity, fit for a paper: ``plot_raster``, ``plot_traces``, and one module a kind."""

from colonnade.lazily import public_names

__getattr__, __dir__, __all__ = public_names(
    __name__,
    {
        "plot_ecp": ".kinds.lfp",
        "plot_raster": ".kinds.raster",
        "plot_traces": ".kinds.traces",
        "plot_rates": ".rates",
        "plot_rates_boxplot": ".rates",
        "save_figure": ".saving",
        "paper_style": ".style",
    },
)
