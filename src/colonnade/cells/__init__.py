"""Cells: everything that turns a SONATA node type into NEURON sections."""

from colonnade.cells.factory import Cell, CellFactory, Prototype
from colonnade.cells.placement import SegmentTable, bmtk_stream, place, segment_table

__all__ = ["Cell", "CellFactory", "Prototype", "SegmentTable", "bmtk_stream", "place", "segment_table"]
