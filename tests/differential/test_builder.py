"""A build script that changes only its import line writes the same networks: nodes, edges, attributes, file layout."""

import sys

import h5py
import numpy as np
import pandas as pd
import pytest
from peer_programs import HERE, once, run

PROGRAM = HERE / "peer" / "build_networks.py"
NODE_FILES = ["cortex_nodes", "thalamus_nodes"]
EDGE_FILES = ["cortex_cortex_edges", "thalamus_cortex_edges"]


@pytest.fixture(scope="session")
def built(peer_python, shared):
    """Return the folders of the networks, built by BMTK and by us."""
    folders = {"bmtk": shared / "built-bmtk", "colonnade": shared / "built-colonnade"}
    programs = {"bmtk": peer_python, "colonnade": sys.executable}
    for library, folder in folders.items():
        once(folder, lambda library=library, folder=folder: run([programs[library], PROGRAM, library, folder]))
    return folders


def rows(folder, stem, kind):
    """Return each node or edge as a dict of everything that is said of it, in an order of its own."""
    types = pd.read_csv(folder / f"{stem[:-1]}_types.csv", sep=" ").set_index(f"{kind}_type_id")
    with h5py.File(folder / f"{stem}.h5") as file:
        (population,) = file[f"{kind}s"].values()
        columns = {name: data[()] for name, data in population.items() if isinstance(data, h5py.Dataset)}
        groups = {
            int(name): {key: data[()] for key, data in group.items()}
            for name, group in population.items()
            if name.isdigit()
        }
    found = []
    for i in range(len(columns[f"{kind}_type_id"])):
        group, index = groups[int(columns[f"{kind}_group_id"][i])], int(columns[f"{kind}_group_index"][i])
        type_id = int(columns[f"{kind}_type_id"][i])
        row = {key: value for key, value in types.loc[type_id].items() if not pd.isna(value) and "query" not in key}
        row |= {key: np.asarray(values[index]).tolist() for key, values in group.items()}
        row |= {key: int(columns[key][i]) for key in columns if key.endswith("_id") and "group" not in key}
        found.append(row)
    return sorted(found, key=lambda row: sorted((key, str(value)) for key, value in row.items()))


@pytest.mark.parametrize("stem", NODE_FILES)
def test_every_node_has_the_same_attributes(stem, built):
    theirs = rows(built["bmtk"], stem, "node")
    assert rows(built["colonnade"], stem, "node") == theirs
    assert theirs


@pytest.mark.parametrize("stem", EDGE_FILES)
def test_every_edge_has_the_same_attributes(stem, built):
    theirs = rows(built["bmtk"], stem, "edge")
    assert rows(built["colonnade"], stem, "edge") == theirs
    assert theirs


@pytest.mark.parametrize("stem", [*NODE_FILES, *EDGE_FILES])
def test_the_layout_of_the_files_is_the_same(stem, built):
    def layout(folder):
        found = {}
        with h5py.File(folder / f"{stem}.h5") as file:
            found["/"] = [np.asarray(file.attrs[name]).tolist() for name in ("magic", "version")]

            def note(name, item):
                if isinstance(item, h5py.Dataset):
                    parts = ["<group>" if part.isdigit() else part for part in name.split("/")]
                    kind = None if "<group>" in parts else item.dtype.kind
                    found["/".join(parts)] = (kind, item.shape[1:], item.attrs.get("node_population"))

            file.visititems(note)
        return found

    assert layout(built["colonnade"]) == layout(built["bmtk"])


@pytest.mark.parametrize("stem", EDGE_FILES)
def test_the_index_finds_the_same_edges(stem, built):
    def found(folder):
        with h5py.File(folder / f"{stem}.h5") as file:
            (population,) = file["edges"].values()
            sources, targets = population["source_node_id"][()], population["target_node_id"][()]
            pairs = set()
            for name, of_edge in (("target_to_source", targets), ("source_to_target", sources)):
                index = population["indices"][name]
                ranges, edges = index["node_id_to_range"][()], index["range_to_edge_id"][()]
                for node, (begin, end) in enumerate(ranges):
                    covered = [i for b, e in edges[begin:end] for i in range(b, e)]
                    assert (of_edge[covered] == node).all()
                    assert len(covered) == (of_edge == node).sum()
                    pairs |= {(name, node, int(sources[i]), int(targets[i])) for i in covered}
            return pairs

    assert found(built["colonnade"]) == found(built["bmtk"])
