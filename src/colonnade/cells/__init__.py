"""Cells: everything that turns a SONATA node type into NEURON sections."""

from colonnade.lazily import public_names

__getattr__, __dir__, __all__ = public_names(
    __name__,
    {
        "Cell": ".cell",
        "CellFactory": ".factory",
        "Prototype": ".cell",
        "SegmentTable": "colonnade.geometry.segments",
        "bmtk_stream": "colonnade.geometry.segments",
        "define_shapes": ".morphology",
        "place": "colonnade.geometry.segments",
        "segment_table": ".placement",
    },
)
