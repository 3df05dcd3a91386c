"""The kinds of figures, one module each, which ends in its ``KIND``."""
