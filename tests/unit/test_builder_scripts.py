"""Build scripts in the manner of BMTK's tutorials: only the names of the imported modules are ours."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from colonnade.sonata.edges import read_edges
from colonnade.sonata.nodes import read_nodes
from colonnade.sonata.spikes import read_spikes

# Two cell types in a column and a virtual population, connected by rules of the script's own: by distance and by the
# difference of two preferred directions, and from a random choice of sources for each target.
SCRIPT = """
    import math
    import random

    import numpy as np

    from colonnade.builder import NetworkBuilder
    from colonnade.builder import positions_columinar, xiter_random
    from colonnade.spikes import PoissonSpikeGenerator


    def ring(N, radius=100.0):
        phase = np.linspace(0.0, 2 * math.pi, N, endpoint=False)
        return np.column_stack((radius * np.cos(phase), radius * np.sin(phase)))


    def tuned(source, target, reach, most):
        if source.node_id == target.node_id:
            return None
        distance = np.linalg.norm(np.array(source['positions']) - np.array(target['positions']))
        angle = abs(source['tuning_angle'] - target['tuning_angle']) % 180.0
        if distance > reach or random.random() > 1.0 - min(angle, 180.0 - angle) / 90.0:
            return None
        return random.randint(1, most)


    def some_sources(sources, target, n):
        chosen = np.random.choice(len(sources), n, replace=False)
        return [2 if i in chosen else 0 for i in range(len(sources))]


    cortex = NetworkBuilder('cortex')
    for name, ei, N in (('Scnn1a', 'e', 40), ('PV1', 'i', 10)):
        cortex.add_nodes(
            N=N, pop_name=name, ei=ei, model_type='biophysical', model_template='ctdb:Biophys1.hoc',
            positions=positions_columinar(N=N, center=[0, 50.0, 0], max_radius=30.0, height=100.0),
            rotation_angle_yaxis=xiter_random(N=N, min_x=0.0, max_x=2 * np.pi),
            tuning_angle=np.linspace(start=0.0, stop=360.0, num=N, endpoint=False),
        )
    cortex.add_nodes(N=20, pop_name='LIF', ei='e', model_type='point_neuron', model_template='nrn:IntFire1',
                     positions=positions_columinar(N=20, max_radius=60.0), tuning_angle=[9.0 * i for i in range(20)])
    cortex.add_edges(source={'ei': 'e'}, target={'pop_name': ['Scnn1a', 'PV1']}, connection_rule=tuned,
                     connection_params={'reach': 60.0, 'most': 5}, syn_weight=6.4e-05, weight_function='gaussianLL',
                     weight_sigma=50.0, distance_range=[30.0, 150.0], target_sections=['basal', 'apical'], delay=2.0)
    cortex.add_edges(source={'ei': 'i'}, target={'ei': 'e', 'model_type': 'biophysical'}, iterator='one_to_all',
                     connection_rule=lambda source, targets: [3] * len(targets), syn_weight=0.0002, delay=2.0)
    cortex.build()
    cortex.save_nodes(output_dir='network')
    cortex.save_edges(output_dir='network')

    lgn = NetworkBuilder('lgn')
    lgn.add_nodes(N=30, pop_name='tON', potential='exc', model_type='virtual', positions=ring(30))
    lgn.add_edges(source=lgn.nodes(pop_name='tON'), target=cortex.nodes(ei='e'), iterator='all_to_one',
                  connection_rule=some_sources, connection_params={'n': 5}, syn_weight=5e-05, delay=2.0)
    lgn.build()
    lgn.save_nodes(output_dir='network')
    lgn.save_edges(output_dir='network')

    trains = PoissonSpikeGenerator(population='lgn')
    trains.add(node_ids='network/lgn_nodes.h5', firing_rate=15.0, times=(0.0, 3.0))
    trains.to_sonata('inputs/lgn_spikes.h5')
    print(trains.to_dataframe().head())
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Run the script twice, in two folders."""
    made = []
    for name in ("first", "second"):
        folder = tmp_path_factory.mktemp(name)
        (folder / "build.py").write_text(textwrap.dedent(SCRIPT))
        environment = {**os.environ, "PYTHONHASHSEED": str(len(made) + 1)}
        subprocess.run([sys.executable, "build.py"], cwd=folder, check=True, env=environment, stdout=subprocess.DEVNULL)
        made.append(folder)
    return made


def edges(folder, source):
    stem = folder / "network" / f"{source}_cortex_edge"
    return read_edges(f"{stem}s.h5", f"{stem}_types.csv")[0]


def test_the_script_gives_the_same_bytes_each_time(folders):
    first, second = folders
    files = [path.relative_to(first) for path in first.rglob("*") if path.suffix in (".h5", ".csv")]
    assert len(files) == 9
    for file in files:
        assert (first / file).read_bytes() == (second / file).read_bytes(), file


def test_the_rules_were_followed(folders):
    nodes = read_nodes(folders[0] / "network" / "cortex_nodes.h5", folders[0] / "network" / "cortex_node_types.csv")[0]
    recurrent, from_lgn = edges(folders[0], "cortex"), edges(folders[0], "lgn")
    assert len(nodes) == 70
    tuned, inhibitory = recurrent.type_ids == 100, recurrent.type_ids == 101
    positions = nodes.values("positions")
    distance = np.linalg.norm(positions[recurrent.source_ids] - positions[recurrent.target_ids], axis=1)
    assert 0 < distance[tuned].max() <= 60.0
    assert set(recurrent.values("nsyns")[tuned]) == {1, 2, 3, 4, 5}
    assert inhibitory.sum() == 10 * 40
    assert set(recurrent.values("weight_sigma")[tuned]) == {50.0}
    assert np.bincount(from_lgn.target_ids.astype(int), minlength=70).tolist() == [5] * 40 + [0] * 10 + [5] * 20
    assert len(read_spikes(folders[0] / "inputs" / "lgn_spikes.h5")["lgn"]) == pytest.approx(1350, abs=4 * 1350**0.5)


def test_each_target_draws_sources_of_its_own(folders):
    from_lgn = edges(folders[0], "lgn")
    chosen = {tuple(from_lgn.source_ids[from_lgn.target_ids == target]) for target in range(40)}
    assert len(chosen) == 40
