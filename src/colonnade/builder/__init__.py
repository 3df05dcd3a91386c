"""Build networks: nodes with attributes and positions, edges by rules, SONATA files out."""

from colonnade.builder.connections import ConnectionMap
from colonnade.builder.connectors import connect_random, distance_connector, gap_connector
from colonnade.builder.draws import set_seed
from colonnade.builder.network import NetworkBuilder
from colonnade.builder.nodes import Node, NodePool, NodeTable
from colonnade.builder.positions import (
    positions_columinar,
    positions_columnar,
    positions_cuboid,
    positions_density_matrix,
    positions_ellipsoid,
    positions_list,
    positions_rect_prism,
    xiter_random,
)
from colonnade.builder.rules import vectorised

__all__ = [
    "ConnectionMap",
    "NetworkBuilder",
    "Node",
    "NodePool",
    "NodeTable",
    "connect_random",
    "distance_connector",
    "gap_connector",
    "positions_columinar",
    "positions_columnar",
    "positions_cuboid",
    "positions_density_matrix",
    "positions_ellipsoid",
    "positions_list",
    "positions_rect_prism",
    "set_seed",
    "vectorised",
    "xiter_random",
]
