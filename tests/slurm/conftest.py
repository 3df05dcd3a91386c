"""A real Slurm of one node for the tests of this folder; a visible skip with the reason where none can be started."""

import pytest
from one_node import OneNode, missing


@pytest.fixture(scope="session")
def node(tmp_path_factory):
    if reason := missing():
        pytest.skip(f"no Slurm can be started: {reason}")
    with OneNode(tmp_path_factory.mktemp("slurm")) as one:
        yield one
