"""Stimuli: spike trains, currents, conductances and clamps, one module a kind in ``kinds/``."""
