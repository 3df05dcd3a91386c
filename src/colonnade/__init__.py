"""Colonnade: biophysical network experiments that others can repeat."""

__version__ = "0.1.0"
