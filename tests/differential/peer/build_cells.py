"""Build the same cells with BMTK or with Colonnade, and write what NEURON then holds.

Arguments: MAKER (bmtk or colonnade) MODELS MECHANISMS FOLDER. It runs in BMTK's environment as well as in ours, so it
imports either only when it is the MAKER.
"""

import json
import sys
from pathlib import Path

import numpy as np
from neuron import h, load_mechanisms

MORPHOLOGIES = ["Nr5a1_471087815_m", "Pvalb_469628681_m", "Pvalb_470522102_m", "Rorb_325404214_m", "Scnn1a_473845048_m"]
EVERYWHERE = ["472363762", "473863035", "473863510"]  # these fits have all section types
WITHOUT_APICAL = ["472912177", "473862421", "485184849"]
ALL_ACTIVE = ["318331342"]
DL, DT, TSTOP = 20.0, 0.1, 60.0


def cells() -> list[dict]:
    """Return the node types: morphology, template, processing and file name of the dynamics_params."""
    found = []
    for swc in MORPHOLOGIES:
        fits = EVERYWHERE + (WITHOUT_APICAL if swc.startswith("Pvalb") else [])
        found += [
            {"swc": swc, "template": "ctdb:Biophys1.hoc", "fit": fit, "processing": "aibs_perisomatic"} for fit in fits
        ]
        fits = fits + ALL_ACTIVE
        found += [
            {"swc": swc, "template": "ctdb:Biophys1.hoc", "fit": fit, "processing": "aibs_allactive"} for fit in fits
        ]
        found.append({"swc": swc, "template": "ctdb:Biophys1.hoc", "fit": None, "processing": None})
        found.append({"swc": swc, "template": "nml:example.nml", "fit": None, "processing": "aibs_perisomatic"})
        found.append({"swc": swc, "template": "hoc:Graded", "fit": None, "processing": None})
    return found


def made_by_bmtk(models: Path, folder: Path) -> list:
    """Return for each cell its sections in the order of ``all``, its soma and BMTK's table of segments."""
    from bmtk.simulator.bionet import nrn
    from bmtk.simulator.bionet.default_setters import cell_models
    from bmtk.simulator.bionet.morphology import Morphology

    class Node(dict):
        network = type("Components", (), {"get_component": staticmethod(lambda name: str(folder))})

    nrn.load_neuron_modules(None, str(folder))
    built = []
    for cell in cells():
        node = Node(cell)
        node.morphology_file = str(models / "morphologies" / f"{cell['swc']}.swc")
        scheme, name = cell["template"].split(":")
        loader = {"ctdb": cell_models.Biophys1, "nml": cell_models.NMLLoad, "hoc": cell_models.loadHOC}[scheme]
        made = loader(node, name, None)
        if cell["fit"]:
            fit = json.loads((models / "biophysical_neuron_models" / f"{cell['fit']}_fit.json").read_text())
            getattr(cell_models, cell["processing"])(made, node, fit)
        form = Morphology(made)
        form.set_segment_dl(DL)
        table = form.seg_props
        built.append((list(made.all), made.soma[0], [table.sec_id, table.x, table.dist, table.length], made))
    return built


def made_by_colonnade(models: Path, folder: Path) -> list:
    """Return the same as ``made_by_bmtk``, of ours; of each type two are made, and the second is taken."""
    from colonnade.cells import CellFactory, define_shapes

    components = {
        "morphologies_dir": models / "morphologies",
        "biophysical_neuron_models_dir": models / "biophysical_neuron_models",
        "templates_dir": folder,
    }
    built = []
    for gid, cell in enumerate(cells()):
        if cell["template"].startswith("nml"):
            components["biophysical_neuron_models_dir"] = folder
        values = {
            "model_type": "biophysical",
            "model_template": cell["template"],
            "model_processing": cell["processing"],
            "morphology": cell["swc"],
            "dynamics_params": f"{cell['fit']}_fit.json" if cell["fit"] else None,
        }
        prototype = CellFactory(components, DL).prototype(values)
        components["biophysical_neuron_models_dir"] = models / "biophysical_neuron_models"
        prototype.instantiate(-1)
        made, table = prototype.instantiate(gid), prototype.table
        built.append((made.sections, made.soma, [table.section_id, table.x, table.distance, table.length], made))
    define_shapes()
    return built


def state(sections: list) -> dict:
    """Return names, geometry and every parameter of every mechanism of each segment, as text that is exact."""
    found = {}
    for section in sections:
        name = section.name().rpartition(".")[2]
        found[name] = [str(section.parentseg()).rpartition(".")[2], section.L, section.Ra]
        for segment in section:
            values = {variable.name(): float(variable[0]) for mechanism in segment for variable in mechanism}
            geometry = [segment.x, segment.diam, segment.area(), segment.ri(), segment.cm]
            found[name].append([geometry, values, sorted(mechanism.name() for mechanism in segment)])
    return found


def main() -> None:
    maker, models, mechanisms, folder = sys.argv[1], *map(Path, sys.argv[2:])
    h.load_file("stdrun.hoc")
    load_mechanisms(str(mechanisms))
    built = {"bmtk": made_by_bmtk, "colonnade": made_by_colonnade}[maker](models, folder)
    states = [state(sections) for sections, *_ in built]
    clamps = [h.IClamp(soma(0.5)) for _, soma, *_ in built]
    for clamp in clamps:
        clamp.delay, clamp.dur, clamp.amp = 5, 50, 0.3
    voltages = [h.Vector().record(soma(0.5)._ref_v) for _, soma, *_ in built]
    h.celsius, h.dt = 34, DT
    h.finitialize(-80)
    for _ in range(round(TSTOP / DT)):
        h.fadvance()
    tables = {f"table{index}": np.array(table) for index, (_, _, table, _) in enumerate(built)}
    np.savez(folder / f"{maker}.npz", v=np.array(voltages), **tables)
    (folder / f"{maker}.json").write_text(json.dumps(states))


if __name__ == "__main__":
    main()
