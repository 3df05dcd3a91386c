"""Cells: everything that turns a SONATA node type into NEURON sections."""

from colonnade.cells.cell import Cell, Prototype
from colonnade.cells.factory import CellFactory
from colonnade.cells.morphology import define_shapes
from colonnade.cells.placement import segment_table
from colonnade.geometry.segments import SegmentTable, bmtk_stream, place

__all__ = [
    "Cell",
    "CellFactory",
    "Prototype",
    "SegmentTable",
    "bmtk_stream",
    "define_shapes",
    "place",
    "segment_table",
]
