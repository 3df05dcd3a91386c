"""Build the chapter 3 network for N cells with BMTK or Colonnade, the same script for both, and time it.

The density of cells is that of the tutorial for every N (the radius of the column grows with the root of N), so a cell
keeps its number of neighbours. Prints one line of JSON: the seconds of each phase.
"""

import argparse
import json
import math
import random
import sys
import time
from pathlib import Path

import numpy as np

if sys.argv[1:2] == ["bmtk"]:
    from bmtk.builder import NetworkBuilder
    from bmtk.builder.auxi.edge_connectors import connect_random, distance_connector
    from bmtk.builder.auxi.node_params import positions_columinar, xiter_random
else:
    from colonnade.builder import (
        NetworkBuilder,
        connect_random,
        distance_connector,
        positions_columinar,
        xiter_random,
    )

SEED = 7
SITES = {"delay": 2.0, "dynamics_params": "AMPA_ExcToExc.json", "model_template": "exp2syn"}


def build(n: int, folder: Path, sources: int) -> dict:
    """Write the networks ``mcortex`` (``n`` cells) and ``mthalamus`` to ``folder``; return the seconds it took."""
    seconds, start = {}, time.perf_counter()
    cortex = NetworkBuilder("mcortex")
    radius = 30.0 * math.sqrt(n / 100)
    cortex.add_nodes(
        N=n,
        pop_name="Scnn1a",
        positions=positions_columinar(N=n, center=[0, 50.0, 0], max_radius=radius, height=100.0),
        rotation_angle_yaxis=xiter_random(N=n, min_x=0.0, max_x=2 * math.pi),
        rotation_angle_zaxis=3.646878266,
        potental="exc",
        model_type="biophysical",
        model_template="ctdb:Biophys1.hoc",
        model_processing="aibs_perisomatic",
        dynamics_params="472363762_fit.json",
        morphology="Scnn1a_473845048_m.swc",
    )
    cortex.add_edges(
        source={"pop_name": "Scnn1a"},
        target={"pop_name": "Scnn1a"},
        connection_rule=distance_connector,
        connection_params={"d_weight_min": 0.0, "d_weight_max": 0.34, "d_max": 50.0, "nsyn_min": 0, "nsyn_max": 10},
        syn_weight=2.0e-04,
        distance_range=[30.0, 150.0],
        target_sections=["basal", "apical", "soma"],
        **SITES,
    )
    cortex.build()
    cortex.save(output_dir=str(folder))
    seconds["recurrent"] = time.perf_counter() - start
    start = time.perf_counter()
    thalamus = NetworkBuilder("mthalamus")
    thalamus.add_nodes(N=sources, pop_name="tON", potential="exc", model_type="virtual")
    thalamus.add_edges(
        source=thalamus.nodes(),
        target=cortex.nodes(),
        connection_rule=connect_random,
        connection_params={"nsyn_min": 0, "nsyn_max": 12},
        syn_weight=5.0e-05,
        distance_range=[0.0, 150.0],
        target_sections=["basal", "apical"],
        **SITES,
    )
    thalamus.build()
    thalamus.save(output_dir=str(folder))
    seconds["external"] = time.perf_counter() - start
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", choices=("bmtk", "colonnade"))
    parser.add_argument("n", type=int, help="number of cortical cells")
    parser.add_argument("folder", type=Path, help="folder for the files, made if missing")
    parser.add_argument("--sources", type=int, default=100, help="number of thalamic cells")
    parser.add_argument("--input", type=float, help="also write spike trains of 15 Hz of so many ms")
    arguments = parser.parse_args()
    random.seed(SEED)
    np.random.seed(SEED)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    seconds = build(arguments.n, arguments.folder, arguments.sources)
    if arguments.input:
        if arguments.library == "bmtk":
            from bmtk.utils.reports.spike_trains import PoissonSpikeGenerator
        else:
            from colonnade.spikes import PoissonSpikeGenerator
        spikes = PoissonSpikeGenerator(population="mthalamus", seed=SEED)
        spikes.add(node_ids=range(arguments.sources), firing_rate=15.0, times=(0.0, arguments.input / 1000))
        spikes.to_sonata(str(arguments.folder / "mthalamus_spikes.h5"))
    json.dump(seconds, sys.stdout)


if __name__ == "__main__":
    main()
