"""Figures of networks and their activity, fit for a paper: ``plot_raster``, ``plot_traces``, and one module a kind."""

from importlib import import_module

_HOME = {
    "plot_raster": "raster",
    "plot_traces": "traces",
    "plot_rates": "rates",
    "plot_rates_boxplot": "rates",
    "save_figure": "saving",
    "paper_style": "style",
}

__all__ = sorted(_HOME)


def __getattr__(name: str):
    """Import a public function from its module when it is first asked for, so that one figure loads only its own."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
