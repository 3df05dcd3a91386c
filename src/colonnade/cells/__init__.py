"""Cells: everything that turns a SONATA node type into NEURON sections."""
