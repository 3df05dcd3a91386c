"""Simulate each Allen model of the BMTK wheel alone under a current step: model_cells.py COMPILED MODELS OUTPUT."""

import sys
from pathlib import Path

import numpy as np

from colonnade.cells import CellFactory
from colonnade.cells.interpreter import h
from colonnade.mechanisms import load_mechanisms

PERISOMATIC, ALL_ACTIVE = "aibs_perisomatic", "aibs_allactive"
MODELS = {
    "472363762": ("Scnn1a_473845048_m", PERISOMATIC),
    "473863035": ("Nr5a1_471087815_m", PERISOMATIC),
    "473863510": ("Rorb_325404214_m", PERISOMATIC),
    "472912177": ("Pvalb_470522102_m", PERISOMATIC),
    "473862421": ("Pvalb_469628681_m", PERISOMATIC),
    "485184849": ("Pvalb_469628681_m", PERISOMATIC),
    "318331342": ("Rorb_325404214_m", ALL_ACTIVE),
}
CURRENT = {"485184849": 0.5, "318331342": 1.0}  # nA; 0.3 for the others
DT, TSTOP = 0.1, 120.0


def main() -> None:
    compiled, models, output = map(Path, sys.argv[1:])
    load_mechanisms(compiled)
    names = ("morphologies", "biophysical_neuron_models")
    factory = CellFactory({f"{name}_dir": models / name for name in names}, dL=20.0)
    cells, clamps, traces = [], [], {}
    for gid, (fit, (swc, processing)) in enumerate(MODELS.items()):
        values = {
            "model_type": "biophysical",
            "model_template": "ctdb:Biophys1.hoc",
            "model_processing": processing,
            "morphology": swc,
            "dynamics_params": f"{fit}_fit.json",
        }
        cells.append(factory.prototype(values).instantiate(gid))
        soma = cells[-1].soma(0.5)
        clamps.append(h.IClamp(soma))
        clamps[-1].delay, clamps[-1].dur, clamps[-1].amp = 20, 80, CURRENT.get(fit, 0.3)
        for name in ("v", "cai"):
            traces[f"{fit}/{name}"] = h.Vector().record(getattr(soma, f"_ref_{name}"))
    h.celsius, h.dt = 34, DT
    h.finitialize(-80)
    for _ in range(round(TSTOP / DT)):
        h.fadvance()
    np.savez(output, **{name: np.array(trace) for name, trace in traces.items()})


if __name__ == "__main__":
    main()
