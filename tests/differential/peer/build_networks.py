"""Build the same networks with either library: `python build_networks.py bmtk|colonnade FOLDER`.

Nothing here is random, so the files have to hold the same. Only the import differs, as in a script that moves.
"""

import importlib
import sys
from pathlib import Path

import numpy as np

LIBRARY = {"bmtk": "bmtk.builder", "colonnade": "colonnade.builder"}


def nearest(sources, target, count):
    """all_to_one: two synapses from each of the sources that are nearest in ``x``."""
    order = sorted(range(len(sources)), key=lambda i: (abs(sources[i]["x"] - target["x"]), i))[:count]
    return [2 if i in order else 0 for i in range(len(sources))]


def every_third(source, targets):
    """one_to_all: three synapses onto every third target, none where the source is the target."""
    return [3 if i % 3 == 0 and target.node_id != source.node_id else None for i, target in enumerate(targets)]


def near(source, target, reach, most):
    """one_to_one: fewer synapses with distance."""
    distance = abs(source["x"] - target["x"])
    return None if distance > reach else int(most - most * distance / reach)


def cortex(builder):
    net = builder.NetworkBuilder("cortex")
    net.add_nodes(
        N=6,
        pop_name="exc",
        ei="e",
        model_type="biophysical",
        x=np.linspace(0.0, 50.0, 6),
        tuning_angle=[float(angle) for angle in range(0, 180, 30)],
        positions=[(1.0 * i, 2.0 * i, 3.0 * i) for i in range(6)],
        level=(1 if i % 2 else 0 for i in range(6)),
        morphology="a.swc",
    )
    net.add_nodes(N=4, pop_name="inh", ei="i", model_type="biophysical", x=[5.0, 15.0, 25.0, 35.0], morphology="b.swc")
    net.add_nodes(N=3, pop_name="lif", ei="i", model_type="point_neuron", x=range(3), dynamics_params="lif.json")
    net.add_nodes(N=2, pop_name="late", ei="e", model_type="point_neuron", node_id=[40, 41], node_type_id=200, x=[0, 1])
    net.add_edges(
        source={"ei": "e"},
        target={"pop_name": "inh"},
        connection_rule=5,
        syn_weight=1e-4,
        delay=2.0,
        target_sections=["basal", "soma"],
        distance_range=[0.0, 150.0],
    )
    net.add_edges(
        source={"pop_name": ["inh", "lif"]},
        target={"ei": "e"},
        iterator="all_to_one",
        connection_rule=nearest,
        connection_params={"count": 2},
        weight_function="wmax",
    )
    net.add_edges(source={"pop_name": "lif"}, iterator="one_to_all", connection_rule=every_third, edge_type_id=150)
    sites = net.add_edges(
        source={"pop_name": "exc"},
        target={"pop_name": "exc"},
        connection_rule=near,
        connection_params={"reach": 25.0, "most": 4},
        model_template="exp2syn",
    )
    sites.add_properties("syn_weight", rule=lambda source, target: source["x"] + target["x"] / 1000, dtypes=float)
    sites.add_properties(
        ["afferent_section_id", "afferent_section_pos"],
        rule=lambda source, target, offset: (target["level"] + offset, 0.25),
        rule_params={"offset": 3},
        dtypes=[int, float],
    )
    sites.add_properties("delay", rule=1.5, dtypes=float)
    net.add_edges(source={"pop_name": "late"}, target={"pop_name": "lif"}, nsyns=7, connection_rule=1)
    net.build()
    return net


def thalamus(builder, net):
    source = builder.NetworkBuilder("thalamus")
    source.add_nodes(N=3, pop_name="tON", model_type="virtual")
    source.add_edges(
        target=net.nodes(ei="e", model_type="biophysical"), source=source.nodes(), connection_rule=2, delay=0.5
    )
    source.add_edges(
        source={"pop_name": "tON"}, target=net.nodes(pop_name="lif"), connection_rule=[1, 0, 2, 3, 0, 1, 1, 1, 0]
    )
    source.build()
    return source


def main() -> None:
    builder = importlib.import_module(LIBRARY[sys.argv[1]])
    folder = str(Path(sys.argv[2]))
    net = cortex(builder)
    net.save(output_dir=folder)
    thalamus(builder, net).save(output_dir=folder)


if __name__ == "__main__":
    main()
