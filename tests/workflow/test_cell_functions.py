"""Cells and synapses by functions of a user's own, named in the config, which run again after an edit of their code."""

import h5py
from workflow_runs import rules_to_run, snakemake

OWN = """\
from neuron import h

def imported(cell, template_name, dynamics_params):
    return h.Biophys1(cell.morphology_file)

def without_calcium(hobj, cell, dynamics_params):
    for section in hobj.soma:
        section.gbar_Ca_HVA = 0.0
    return hobj

def slower(parameters, x, section):
    made = h.Exp2Syn(x, sec=section)
    made.e, made.tau1, made.tau2 = parameters["erev"], 2 * parameters["tau1"], 2 * parameters["tau2"]
    return made
"""


def potentials(folder):
    with h5py.File(folder / "results" / "small" / "simulation" / "output" / "v_report.h5") as file:
        return file["report/cells/data"][()]


def test_functions_of_ones_own_make_and_process_cells_and_count_by_their_code(finished, edit_config):
    before, own = potentials(finished), finished / "own.py"
    own.write_text(OWN)

    def take(config):
        config["networks"]["cells"]["nodes"][0] |= {
            "model_template": "own.py:imported",
            "model_processing": "aibs_perisomatic,own.py:without_calcium",
        }
        config["networks"]["sources"]["edges"][0]["model_template"] = "own.py:slower"

    edit_config(finished, take)
    snakemake(finished)
    after = potentials(finished)
    assert abs(after - before).max() > 1e-3
    with h5py.File(finished / "results" / "small" / "network" / "cells_cells_edges.h5") as file:
        columns = set(file["edges/cells_to_cells/0"])
    assert not any(name.startswith("afferent") for name in columns), "the sites belong to cells that are not there yet"
    own.write_text("# A comment.\n" + OWN.replace("hobj.soma:", "hobj.soma:  # one section"))
    assert rules_to_run(finished) == {}
    own.write_text(OWN.replace("made.e,", "made.e ,"))
    assert rules_to_run(finished) == {}
    own.write_text(OWN.replace("2 * parameters", "3 * parameters"))
    expected = {"simulate", "compute_statistics", "plot_raster", "plot_traces"}
    assert set(rules_to_run(finished)) == expected
    own.write_text(OWN.replace("gbar_Ca_HVA", "gbar_Ca_HVB"))
    answer = snakemake(finished, check=False)
    said = answer.stdout + answer.stderr
    assert answer.returncode
    assert "the function without_calcium failed" in said
    assert "(own.py, line 8)" in said
    assert (potentials(finished) == after).all(), "the earlier result stays"
    changed = {"model_template": "own.py:importd", "model_processing": "aibs_perisomatic, own.py:without_calcum"}
    edit_config(finished, lambda config: config["networks"]["cells"]["nodes"][0].update(changed))
    answer = snakemake(finished, "--dry-run", check=False)
    said = answer.stdout + answer.stderr
    assert answer.returncode
    for near in ("imported", "without_calcium"):
        assert f"Did you mean '{near}'" in said
    key = "networks.cells.nodes.0.model_processing"
    values = {"plain": "aibs_perisomatic", "bare": "aibs_perisomatic, own.py:without_calcium"}
    changed = {"model_template": "own.py:imported", "model_processing": "aibs_perisomatic"}
    edit_config(finished, lambda config: config["networks"]["cells"]["nodes"][0].update(changed))
    edit_config(finished, lambda config: config.update(sweep={"values": {key: values}}))
    own.write_text(OWN)
    assert rules_to_run(finished)["simulate"] == 2
