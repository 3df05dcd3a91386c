"""Positions of cells: x, y and z in the file, as SONATA has them, `positions` in scripts, as in BMTK."""

import h5py
import numpy as np

from colonnade.builder import NetworkBuilder
from colonnade.sonata.nodes import read_nodes

PLACES = [(1.0, 2.0, 3.0), (4.0, 5.0, 6.0)]


def saved(folder, **properties):
    network = NetworkBuilder("cells")
    network.add_nodes(N=2, model_type="virtual", **properties)
    network.build()
    network.save_nodes(output_dir=folder)
    return folder / "cells_nodes.h5", folder / "cells_node_types.csv"


def columns(path):
    with h5py.File(path) as file:
        return {name: data[()].tolist() for name, data in file["nodes/cells/0"].items()}


def test_positions_are_stored_as_three_columns_and_read_as_one(tmp_path):
    files = saved(tmp_path, positions=PLACES)
    assert columns(files[0]) == {"x": [1.0, 4.0], "y": [2.0, 5.0], "z": [3.0, 6.0]}
    (nodes,) = read_nodes(*files)
    assert nodes.has("positions")
    np.testing.assert_array_equal(nodes.values("positions"), PLACES)


def test_a_builder_that_takes_over_saved_nodes_gives_positions_back(tmp_path):
    network = NetworkBuilder("cells")
    network.import_nodes(*saved(tmp_path, positions=PLACES))
    assert [tuple(node["positions"]) for node in network.nodes()] == PLACES
    assert [node["x"] for node in network.nodes()] == [1.0, 4.0]
    network.save_nodes(output_dir=tmp_path / "again")
    assert set(columns(tmp_path / "again" / "cells_nodes.h5")) == {"x", "y", "z"}


def test_coordinates_that_say_something_else_are_kept_beside_positions(tmp_path):
    files = saved(tmp_path, positions=PLACES, x=[7.0, 8.0])
    assert columns(files[0]) == {"positions": [list(place) for place in PLACES], "x": [7.0, 8.0]}
