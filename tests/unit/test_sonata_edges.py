"""Edge files of others: layouts and spellings that are in use are read alike."""

import h5py
import numpy as np
import pytest

from colonnade.errors import InputError
from colonnade.sonata.edge_index import rows_into
from colonnade.sonata.edge_writer import edge_writer
from colonnade.sonata.edges import read_edges
from colonnade.sonata.types import write_types

SOURCES, TARGETS = [4, 1, 0, 1], [0, 0, 2, 3]


@pytest.fixture
def plain(tmp_path):
    """Four edges in a file with no more than SONATA demands, and a types file."""
    with h5py.File(tmp_path / "edges.h5", "w") as file:
        group = file.create_group("edges/a_to_b")
        group["source_node_id"], group["target_node_id"] = SOURCES, TARGETS
        group["edge_type_id"] = [100, 101, 100, 101]
        group["0/syn_weight"] = [1.0, 2.0, 3.0, 4.0]
    write_types(tmp_path / "types.csv", "edge_type_id", [{"edge_type_id": 100, "delay": 2.0}, {"edge_type_id": 101}])
    return tmp_path


def test_names_of_populations_come_from_the_attribute_or_the_name(plain):
    edges = read_edges(plain / "edges.h5")[0]
    assert (edges.source_population, edges.target_population) == ("a", "b")
    with h5py.File(plain / "edges.h5", "a") as file:
        file["edges/a_to_b/source_node_id"].attrs["node_population"] = np.bytes_("lgn")
        file["edges/a_to_b/target_node_id"].attrs["network"] = "v1"
    edges = read_edges(plain / "edges.h5")[0]
    assert (edges.source_population, edges.target_population) == ("lgn", "v1")


def test_a_name_that_says_nothing_is_refused(plain):
    with h5py.File(plain / "edges.h5", "a") as file:
        file.move("edges/a_to_b", "edges/recurrent")
    with pytest.raises(InputError, match="node_population"):
        read_edges(plain / "edges.h5")


def test_attributes_without_index_and_group_ids(plain):
    edges = read_edges(plain / "edges.h5", plain / "types.csv")[0]
    assert edges.values("syn_weight").tolist() == [1.0, 2.0, 3.0, 4.0]
    np.testing.assert_array_equal(edges.values("delay"), [2.0, np.nan, 2.0, np.nan])
    assert edges.columns == ["syn_weight", "delay"]
    assert edges.frame().shape == (4, 5)


@pytest.mark.parametrize("rows", [slice(1, 3), np.array([1, 2])])
def test_some_rows(plain, rows):
    edges = read_edges(plain / "edges.h5", plain / "types.csv", rows=rows)[0]
    assert edges.source_ids.tolist() == [1, 0]
    assert edges.values("syn_weight").tolist() == [2.0, 3.0]
    np.testing.assert_array_equal(edges.values("delay"), [np.nan, 2.0])


@pytest.mark.parametrize("spelling", [None, "node_id_to_range", "node_id_to_ranges"])
def test_rows_into_targets_with_any_index(plain, spelling):
    if spelling:
        with h5py.File(plain / "edges.h5", "a") as file:
            index = file.create_group("edges/a_to_b/indices/target_to_source")
            index[spelling] = np.array([[0, 1], [0, 0], [1, 2], [2, 3]])
            index["range_to_edge_id"] = np.array([[0, 2], [2, 3], [3, 4]])
    assert rows_into(plain / "edges.h5", "a_to_b", [3, 0]).tolist() == [0, 1, 3]
    assert rows_into(plain / "edges.h5", "a_to_b", [1, 77]).tolist() == []


def test_two_groups_with_parameters_of_their_own(plain):
    with h5py.File(plain / "edges.h5", "a") as file:
        group = file["edges/a_to_b"]
        group["edge_group_id"], group["edge_group_index"] = [0, 1, 1, 0], [1, 0, 1, 0]
        group["1/nsyns"] = [5, 6]
        group["1/dynamics_params/tau"] = [0.5, 0.6]
    edges = read_edges(plain / "edges.h5")[0]
    np.testing.assert_array_equal(edges.values("syn_weight"), [2.0, np.nan, np.nan, 1.0])
    np.testing.assert_array_equal(edges.values("nsyns"), [np.nan, 5, 6, np.nan])
    np.testing.assert_array_equal(edges.attributes.dynamics_values("tau"), [np.nan, 0.5, 0.6, np.nan])


def test_two_groups_need_their_index(plain):
    with h5py.File(plain / "edges.h5", "a") as file:
        file["edges/a_to_b/1/nsyns"] = [5, 6]
    with pytest.raises(InputError, match="edge_group_id"):
        read_edges(plain / "edges.h5")


def test_a_group_that_is_too_short_is_named(plain):
    with h5py.File(plain / "edges.h5", "a") as file:
        del file["edges/a_to_b/0/syn_weight"]
        file["edges/a_to_b/0/syn_weight"] = [1.0]
    with pytest.raises(InputError, match="syn_weight: has 1 rows"):
        read_edges(plain / "edges.h5")[0].values("syn_weight")


def test_a_missing_dataset_is_named(plain):
    with h5py.File(plain / "edges.h5", "a") as file:
        del file["edges/a_to_b/target_node_id"]
    with pytest.raises(InputError, match="target_node_id: is missing"):
        read_edges(plain / "edges.h5")


class TestWriter:
    def write(self, path, blocks, **options):
        with edge_writer(path, "a_to_b", "a", "b", n_sources=9, n_targets=9, **options) as writer:
            for sources, targets in blocks:
                types, groups = np.full(len(sources), 100), np.zeros(len(sources), dtype=int)
                writer.append(sources, targets, types, groups, {0: {"nsyns": np.ones(len(sources), dtype=np.uint32)}})

    def test_blocks_are_one_file(self, tmp_path):
        rng = np.random.default_rng(1)
        targets = np.sort(rng.integers(0, 9, 500)).astype(np.uint64)
        sources = rng.integers(0, 3, 500).astype(np.uint64)
        self.write(tmp_path / "one.h5", [(sources, targets)])
        for cut in (1, 77, 499):
            self.write(tmp_path / "two.h5", [(sources[:cut], targets[:cut]), (sources[cut:], targets[cut:])])
            first, second = (read_edges(tmp_path / name)[0] for name in ("one.h5", "two.h5"))
            assert first.frame().equals(second.frame())
            with h5py.File(tmp_path / "one.h5") as one, h5py.File(tmp_path / "two.h5") as two:
                for name in ("node_id_to_range", "range_to_edge_id"):
                    for index in ("source_to_target", "target_to_source"):
                        path = f"edges/a_to_b/indices/{index}/{name}"
                        np.testing.assert_array_equal(one[path], two[path])

    def test_compression_keeps_the_edges(self, tmp_path):
        ids = np.arange(9, dtype=np.uint64)
        self.write(tmp_path / "gzip.h5", [(ids, ids)], compression="gzip")
        assert read_edges(tmp_path / "gzip.h5")[0].source_ids.tolist() == list(range(9))

    def test_a_failure_leaves_no_file(self, tmp_path):
        ids = np.array([3, 2], dtype=np.uint64)
        with pytest.raises(ValueError, match="sorted"):
            self.write(tmp_path / "edges.h5", [(ids, ids)])
        assert list(tmp_path.iterdir()) == []
