"""Geometry of cells, without a simulator: morphology files, segments, distances, where synapses may sit."""
