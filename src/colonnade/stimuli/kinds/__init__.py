"""The kinds of stimuli, one module each, which ends in its ``KIND``."""
