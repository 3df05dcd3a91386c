"""Node files: what is written is read back, and attributes follow SONATA's order of precedence."""

import h5py
import numpy as np
import pytest

from colonnade.errors import InputError, MissingFile
from colonnade.sonata.nodes import read_node_ids, read_nodes, write_nodes
from colonnade.sonata.types import literal, read_types, write_types


@pytest.fixture
def two_groups(tmp_path):
    """Four nodes in two groups of different columns; ``z`` is in one group and in the types file."""
    write_types(
        tmp_path / "types.csv",
        "node_type_id",
        [{"node_type_id": 100, "pop_name": "a b", "z": 1.5, "tuning": [0.0, 1.0]}, {"node_type_id": 101, "ei": "i"}],
    )
    write_nodes(
        tmp_path / "nodes.h5",
        "cortex",
        [5, 3, 8, 9],
        [100, 101, 100, 101],
        [{"positions": np.arange(6.0).reshape(2, 3), "label": ["x", "y"]}, {"z": [7.0, 8.0]}],
        group_ids=[0, 1, 0, 1],
        group_index=[1, 0, 0, 1],
        seed=4,
    )
    return tmp_path


def population(folder):
    return read_nodes(folder / "nodes.h5", folder / "types.csv")[0]


def test_hdf5_attributes_win_over_the_types_file(two_groups):
    assert population(two_groups).values("z").tolist() == [1.5, 7.0, 1.5, 8.0]


def test_attributes_of_one_group_are_absent_for_the_other(two_groups):
    nodes = population(two_groups)
    assert nodes.values("label").tolist() == ["y", None, "x", None]
    np.testing.assert_array_equal(nodes.values("positions")[[0, 2]], [[3, 4, 5], [0, 1, 2]])
    assert np.isnan(nodes.values("positions")[[1, 3]]).all()
    assert nodes.values("pop_name").tolist() == ["a b", None, "a b", None]


def test_columns_keep_the_order_of_the_files(two_groups):
    assert population(two_groups).columns == ["label", "positions", "z", "pop_name", "tuning", "ei"]
    assert read_types(two_groups / "types.csv", "node_type_id").columns == ["pop_name", "z", "tuning", "ei"]


def test_the_frame_has_a_column_for_each_coordinate(two_groups):
    frame = population(two_groups).frame()
    assert frame.loc[0, ["node_id", "positions.2"]].tolist() == [5, 5.0]
    assert len(frame) == 4


def test_the_seed_is_in_the_file(two_groups):
    with h5py.File(two_groups / "nodes.h5") as file:
        assert file.attrs["seed"] == 4
        assert file.attrs["magic"] == 0x0A7A


def test_groups_and_ids_may_be_left_out(tmp_path):
    with h5py.File(tmp_path / "nodes.h5", "w") as file:
        file["nodes/v/node_type_id"] = [100, 100]
        file["nodes/v/0/x"] = [1.0, 2.0]
        file["nodes/v/0/dynamics_params/tau"] = [3.0, 4.0]
    nodes = read_nodes(tmp_path / "nodes.h5")[0]
    assert nodes.node_ids.tolist() == [0, 1]
    assert nodes.values("x").tolist() == [1.0, 2.0]
    assert nodes.attributes.dynamics_values("tau").tolist() == [3.0, 4.0]
    assert read_node_ids(tmp_path / "nodes.h5", "v").tolist() == [0, 1]


def test_an_enumeration_is_read_as_its_words(tmp_path):
    with h5py.File(tmp_path / "nodes.h5", "w") as file:
        file["nodes/v/node_type_id"] = [100, 100, 100]
        file["nodes/v/0/layer"] = [1, 0, 1]
        file["nodes/v/0/@library/layer"] = ["L4", "L5"]
    assert read_nodes(tmp_path / "nodes.h5")[0].values("layer").tolist() == ["L5", "L4", "L5"]


def test_a_type_id_without_a_row_is_named(two_groups):
    write_types(two_groups / "types.csv", "node_type_id", [{"node_type_id": 100}])
    with pytest.raises(InputError, match=r"types\.csv.*101"):
        population(two_groups)


def test_unknown_names_are_refused_with_the_nearest(two_groups):
    with pytest.raises(InputError, match="Did you mean 'positions'"):
        population(two_groups).values("position")
    with pytest.raises(InputError, match="Did you mean 'cortex'"):
        read_nodes(two_groups / "nodes.h5", population="cortx")


def test_files_that_are_missing_or_broken_are_named(tmp_path):
    with pytest.raises(MissingFile, match=r"nowhere\.h5"):
        read_nodes(tmp_path / "nowhere.h5")
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(InputError, match=r"text\.h5"):
        read_nodes(tmp_path / "text.h5")


def test_cells_of_a_types_file_are_literals_only():
    assert literal("['basal', 'apical']") == ["basal", "apical"]
    assert literal("[0.0, 150.0]") == [0.0, 150.0]
    assert literal("[__import__('os')]") == "[__import__('os')]"
    assert literal("basal") == "basal"
