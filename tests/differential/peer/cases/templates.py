"""Cells from hoc templates, one without arguments and one with parameters."""

import json
from pathlib import Path

from bmtk.builder import NetworkBuilder

from . import _parts

TEMPLATE = """
begintemplate {name}
public init, soma, dend, apic, all, somatic, basal, apical, axonal
objref all, somatic, basal, apical, axonal
create soma[1], dend[2], apic[1]
proc init() {{ local i
    all = new SectionList()  somatic = new SectionList()  basal = new SectionList()
    apical = new SectionList()  axonal = new SectionList()
    {sizes}
    connect dend[0](0), soma[0](0)
    connect dend[1](0), soma[0](1)
    connect apic[0](0), dend[1](1)
    soma[0] {{ all.append() somatic.append() insert hh }}
    for i = 0, 1 dend[i] {{ all.append() basal.append() insert pas g_pas = 0.0005 e_pas = -65 }}
    apic[0] {{ all.append() apical.append() insert pas g_pas = 0.0005 e_pas = -65 }}
    forsec all {{ Ra = 110 cm = 1 }}
}}
endtemplate {name}
"""
FIXED = """
    soma[0] { L = 18 diam = 18 }
    dend[0] { L = 90 diam = 2 }
    dend[1] { L = 130 diam = 2 }
    apic[0] { L = 70 diam = 1 }
"""
GIVEN = FIXED.replace("L = 130", "L = $1").replace("diam = 1 }", "diam = $2 }")


def build(models):
    for folder in ("templates", "cells"):
        Path(folder).mkdir(exist_ok=True)
    for name, sizes in (("StickFixed", FIXED), ("StickGiven", GIVEN)):
        Path(f"templates/{name}.hoc").write_text(TEMPLATE.format(name=name, sizes=sizes))
    Path("cells/sizes.json").write_text(json.dumps({"params": [170.0, 1.5]}))
    cells = NetworkBuilder("stick")
    cells.add_nodes(N=2, model_type="biophysical", model_template="hoc:StickFixed")
    cells.add_nodes(N=2, model_type="biophysical", model_template="hoc:StickGiven", dynamics_params="sizes.json")
    cells.build()
    cells.save_nodes(output_dir="network")
    drive = NetworkBuilder("drive")
    drive.add_nodes(N=5, model_type="virtual")
    drive.add_edges(
        target=cells.nodes(),
        connection_rule=4,
        syn_weight=0.002,
        delay=1.0,
        distance_range=[10.0, 160.0],
        target_sections=["basal", "apical"],
        dynamics_params="AMPA_ExcToExc.json",
        model_template="exp2syn",
    )
    drive.build()
    drive.save(output_dir="network")
    _parts.poisson("drive", range(5), 60.0, 0.2, 6).to_sonata("inputs/drive.h5")


def configuration(models):
    report = {"cells": {"population": "stick"}, "module": "membrane_report", "variable_name": "v", "sections": "soma"}
    return {
        "components": {"templates_dir": "templates", "biophysical_neuron_models_dir": "cells"},
        "conditions": {"celsius": 6.3, "v_init": -65.0},
        "inputs": {"drive": _parts.spike_input("inputs/drive.h5", {"population": "drive"})},
        "reports": {"v": report},
    }
