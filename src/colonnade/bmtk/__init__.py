"""The calls by which users of the Brain Modeling Toolkit know a simulation."""
