"""Gap junctions: two passive cells against their equations, sites, files, and what is refused."""

import json
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from ball_cells import CAPACITANCE, DT, LEAK, TSTOP, E, balls, voltages
from small_simulation import simulate

from colonnade.builder import NetworkBuilder, gap_connector, positions_columinar
from colonnade.errors import InputError

pytestmark = pytest.mark.slow

COUPLING = 4e-4  # uS
CLAMP = {"input_type": "current_clamp", "module": "IClamp", "node_set": {"node_id": [0]}, "amp": 0.01, "delay": 5.0,
         "duration": 1000.0}  # fmt: skip


def coupled(network):
    network.add_gap_junctions(source={"node_id": [0]}, target={"node_id": [1]}, conductance=COUPLING)


def equations(links, n_cells, steps):
    """Return the voltages (T, n_cells) by implicit Euler, with the other cell's potential of the step before."""
    v, rows = np.full(n_cells, E), []
    for step in range(steps):
        total, drive = np.full(n_cells, LEAK + CAPACITANCE / DT), CAPACITANCE / DT * v + LEAK * E
        for one, other, g in links:
            for here, there in ((one, other), (other, one)):
                total[here] += g
                drive[here] += g * v[there]
        drive[0] += 0.01 if (step + 0.5) * DT >= 5.0 else 0.0
        v = drive / total
        rows.append(v)
    return np.array(rows)


@pytest.mark.parametrize("options", [["neuron"], ["neuron", "--threads", "2"], ["coreneuron"],
                                     ["coreneuron", "--threads", "2"]])  # fmt: skip
def test_two_passive_cells_follow_their_equations_and_the_coupling_coefficient(tmp_path, options):
    config = balls(tmp_path, 2, coupled, inputs={"i": CLAMP}, run={"tstop": 300.0, "dt": DT, "dL": 20.0})
    simulate(config, "--engine", *options)
    found = voltages(tmp_path / "output")
    np.testing.assert_allclose(found, equations([(0, 1, COUPLING)], 2, len(found)), atol=1e-9)
    first, second = found[-1] - E
    assert second / first == pytest.approx(COUPLING / (COUPLING + LEAK), rel=1e-6)  # coupling coefficient at rest
    parallel = COUPLING * LEAK / (COUPLING + LEAK)
    assert first == pytest.approx(0.01 / (LEAK + parallel), rel=1e-6)  # input resistance


@pytest.mark.parametrize("options", [["neuron"], ["neuron", "--threads", "2"]])
def test_a_longer_run_goes_on_from_the_kept_state_of_a_shorter_one(tmp_path, options):
    for tstop, output in ((100.0, "output"), (200.0, "output"), (200.0, "whole")):
        config = balls(tmp_path, 2, coupled, inputs={"i": CLAMP}, run={"tstop": tstop, "dt": DT, "dL": 20.0})
        said = simulate(config, "--engine", *options, "--output", tmp_path / output, "--keep-state").stderr
        assert ("going on at 100 ms" in said) == (tstop == 200.0 and output == "output")
    np.testing.assert_array_equal(voltages(tmp_path / "output"), voltages(tmp_path / "whole"))


def test_a_chain_and_several_junctions_of_one_cell(tmp_path):
    links = [(0, 1, 4e-4), (1, 2, 2e-4), (0, 2, 1e-4), (1, 3, 3e-4)]

    def edges(network):
        for source, target, g in links:
            network.add_gap_junctions(source={"node_id": [source]}, target={"node_id": [target]}, resistance=1 / g)

    config = balls(tmp_path, 4, edges, inputs={"i": CLAMP})
    for options in (["neuron", "--threads", "3"], ["coreneuron", "--threads", "2"]):
        simulate(config, "--engine", *options)
        found = voltages(tmp_path / "output")
        np.testing.assert_allclose(found, equations(links, 4, round(TSTOP / DT)), atol=1e-9)


def test_chemical_synapses_and_gap_junctions_share_a_file(tmp_path):
    def edges(network):
        network.add_edges(source={"node_id": [0]}, target={"node_id": [1]}, connection_rule=1, syn_weight=1e-4,
                          delay=1.0, model_template="exp2syn", dynamics_params="fast.json", distance_range=[0.0, 10.0],
                          target_sections=["soma"])  # fmt: skip
        coupled(network)

    config = balls(tmp_path, 2, edges, inputs={"i": CLAMP})
    (tmp_path / "synapses" / "fast.json").write_text(json.dumps({"tau1": 0.5, "tau2": 2.0, "erev": 0.0}))
    simulate(config)
    found = voltages(tmp_path / "output")
    np.testing.assert_allclose(found, equations([(0, 1, COUPLING)], 2, len(found)), atol=1e-9)


def test_halves_on_different_ranks_find_each_other_in_a_file_with_chemical_synapses(tmp_path):
    """Each rank reads its own edges alone, and numbers the halves as a rank does that reads all."""
    mpiexec = Path(sys.executable).parent / "mpiexec"
    if not mpiexec.exists():
        pytest.skip(f"no MPI in this environment: {mpiexec} is missing (pip install 'colonnade[mpi]')")
    links = [(0, 1, 4e-4), (1, 2, 2e-4), (0, 2, 1e-4), (1, 3, 3e-4)]

    def edges(network):
        network.add_edges(connection_rule=1, syn_weight=1e-4, delay=1.0, model_template="exp2syn",
                          dynamics_params="fast.json", distance_range=[0.0, 10.0],
                          target_sections=["soma"])  # fmt: skip
        for source, target, g in links:
            network.add_gap_junctions(source={"node_id": [source]}, target={"node_id": [target]}, resistance=1 / g)

    config = balls(tmp_path, 4, edges, inputs={"i": CLAMP})
    (tmp_path / "synapses" / "fast.json").write_text(json.dumps({"tau1": 0.5, "tau2": 2.0, "erev": 0.0}))
    for ranks in ("2", "3"):
        simulate(config, launcher=(mpiexec, "-n", ranks))
        found = voltages(tmp_path / "output")
        np.testing.assert_allclose(found, equations(links, 4, round(TSTOP / DT)), atol=1e-9)


def test_the_file_for_bmtk_pairs_both_halves(tmp_path):
    balls(tmp_path, 3, lambda network: network.add_gap_junctions(
        connection_rule=lambda s, t: int(s.node_id < t.node_id)))  # fmt: skip
    with h5py.File(tmp_path / "balls_gap_juncs.h5") as file:
        columns = {name: file[name][()].tolist() for name in file}
    assert sorted(zip(columns["source_ids"], columns["target_ids"], strict=True)) == [(0, 1), (0, 2), (1, 2)]
    assert sorted(columns["src_gap_ids"] + columns["trg_gap_ids"]) == list(range(6))


def test_the_connector_looks_at_each_pair_once(tmp_path):
    network = NetworkBuilder("net", seed=1)
    network.add_nodes(N=60, positions=positions_columinar(N=60, max_radius=60.0, height=50.0, seed=2))
    network.add_gap_junctions(connection_rule=gap_connector, conductance=1e-4)
    network.edges_df()
    found = [(edge.source_node_id, edge.target_node_id) for edge in network.edges()]
    positions = np.array([node["positions"] for node in network.nodes()])
    near = np.linalg.norm(positions[:, None] - positions[None], axis=2) <= 100.0
    assert found
    assert sorted(found) == [(i, j) for i in range(60) for j in range(i + 1, 60) if near[i, j]]


@pytest.mark.parametrize(
    ("edges", "said"),
    [(lambda n: n.add_gap_junctions(source={"node_id": [0]}, target={"node_id": [0]}), "with itself"),
     (lambda n: n.add_gap_junctions(source={"node_id": [0]}, target={"node_id": [1]}, conductance=5.0), "gap junction"),
     (lambda n: n.add_gap_junctions(source={"node_id": [0]}, target={"node_id": [1]}, target_sections=["apical"]),
      "apical")],
)  # fmt: skip
def test_what_cannot_be_is_named(tmp_path, edges, said):
    answer = simulate(balls(tmp_path, 2, edges), check=False)
    assert answer.returncode
    assert said in answer.stderr


def test_no_conductance_without_resistance():
    with pytest.raises(InputError, match="resistance"):
        NetworkBuilder("x").add_gap_junctions(resistance=-1.0)
