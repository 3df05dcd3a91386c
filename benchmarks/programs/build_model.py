"""Build one of the models on which engines are compared: five types in a column, all-active cells, many synapses.

Writes the networks ``mcortex`` and ``mthalamus`` and the sources' spikes to a folder.
"""

import argparse
import math
from pathlib import Path

from colonnade.builder import NetworkBuilder, connect_random, distance_connector, positions_columinar
from colonnade.spikes import PoissonSpikeGenerator

SEED = 7
E_CELLS = {
    "Scnn1a": ("Scnn1a_473845048_m.swc", "472363762_fit.json", 4),
    "Rorb": ("Rorb_325404214_m.swc", "473863510_fit.json", 2),
    "Nr5a1": ("Nr5a1_471087815_m.swc", "473863035_fit.json", 2),
}
I_CELLS = {
    "PV1": ("Pvalb_470522102_m.swc", "472912177_fit.json", 1),
    "PV2": ("Pvalb_469628681_m.swc", "473862421_fit.json", 1),
}
ACTIVE = {
    "Rorb": ("Rorb_325404214_m.swc", "318331342_fit.json", 1),
    "PV2": ("Pvalb_469628681_m.swc", "485184849_fit.json", 1),
}
# name -> (cells by type, processing, a source's synapses onto a cell at the most, their weight in uS, recurrent weight)
MODELS = {
    "five types": ([(E_CELLS, "e"), (I_CELLS, "i")], "aibs_perisomatic", 12, 5e-5, 1.5e-4),
    "all-active": ([(ACTIVE, "e")], "aibs_allactive", 12, 4e-4, 6e-4),
    "many synapses": ([({"Scnn1a": E_CELLS["Scnn1a"]}, "e")], "aibs_perisomatic", 90, 6e-6, 2e-4),
}


def build(name: str, n: int, folder: Path) -> None:
    """Write the networks of a model of ``n`` cells."""
    groups, processing, most, weight, recurrent = MODELS[name]
    shares = sum(share for types, _ in groups for *_, share in types.values())
    radius = 30.0 * math.sqrt(n / 100)
    cortex = NetworkBuilder("mcortex", seed=SEED)
    for types, ei in groups:
        for kind, (morphology, fit, share) in types.items():
            count = n * share // shares
            places = positions_columinar(N=count, center=[0, 50.0, 0], max_radius=radius, height=100.0)
            cortex.add_nodes(N=count, pop_name=kind, ei=ei, positions=places, model_type="biophysical",
                             model_template="ctdb:Biophys1.hoc", model_processing=processing, dynamics_params=fit,
                             morphology=morphology)  # fmt: skip
    kinds = [ei for _, ei in groups]
    sites = {"e": ([30.0, 150.0], ["basal", "apical"]), "i": ([0.0, 50.0], ["basal", "apical", "soma"])}
    for source in kinds:
        for target in kinds:
            reach, sections = sites[source]
            model = "AMPA_ExcToExc.json" if source == "e" else "GABA_InhToExc.json"
            cortex.add_edges(source={"ei": source}, target={"ei": target}, connection_rule=distance_connector,
                             connection_params={"d_weight_min": 0.0, "d_weight_max": 0.34, "d_max": 50.0, "nsyn_min": 0,
                                                "nsyn_max": 10},
                             syn_weight=recurrent, distance_range=reach, target_sections=sections, delay=2.0,
                             dynamics_params=model, model_template="exp2syn")  # fmt: skip
    cortex.build()
    cortex.save(output_dir=str(folder))
    thalamus = NetworkBuilder("mthalamus", seed=SEED)
    thalamus.add_nodes(N=100, pop_name="tON", model_type="virtual")
    thalamus.add_edges(source=thalamus.nodes(), target=cortex.nodes(), connection_rule=connect_random,
                       connection_params={"nsyn_min": 0, "nsyn_max": most}, syn_weight=weight,
                       distance_range=[0.0, 150.0], target_sections=["basal", "apical"], delay=2.0,
                       dynamics_params="AMPA_ExcToExc.json", model_template="exp2syn")  # fmt: skip
    thalamus.build()
    thalamus.save(output_dir=str(folder))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("n", type=int, help="number of cells")
    parser.add_argument("folder", type=Path, help="folder for the files, made if missing")
    parser.add_argument("--input", type=float, required=True, help="ms of spike trains of 15 Hz")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    build(arguments.model, arguments.n, arguments.folder)
    spikes = PoissonSpikeGenerator(population="mthalamus", seed=SEED)
    spikes.add(node_ids=range(100), firing_rate=15.0, times=(0.0, arguments.input / 1000))
    spikes.to_sonata(str(arguments.folder / "mthalamus_spikes.h5"))


if __name__ == "__main__":
    main()
