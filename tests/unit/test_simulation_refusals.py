"""What a config may ask for and is not there is refused by name; two reports of one file are both kept."""

import json
import logging

import pytest

from colonnade.errors import UnsupportedError
from colonnade.simulation.loading import check_config
from colonnade.simulation.recorders.membrane import membrane_reports
from colonnade.sonata.config import read_config


def config(folder, **sections):
    values = {
        "run": {"tstop": 10.0, "dt": 0.1},
        "networks": {"nodes": [{"nodes_file": "n.h5", "node_types_file": "n.csv"}]},
        "output": {"output_dir": "output", "spikes_file": "spikes.h5"},
        **sections,
    }
    for name in ("n.h5", "n.csv"):
        (folder / name).touch()
    (folder / "config.json").write_text(json.dumps(values))
    return read_config(folder / "config.json")


@pytest.mark.parametrize("module", ["ecephys_probe", "iclampp"])
def test_inputs_that_are_not_supported_are_named(module, tmp_path):
    inputs = {"mine": {"input_type": "something", "module": module, "node_set": "all"}}
    with pytest.raises(UnsupportedError, match=rf"inputs\.mine\.module.*{module}"):
        check_config(config(tmp_path, inputs=inputs))


@pytest.mark.parametrize("module", ["weight_recorder", "save_synapse"])
def test_reports_that_are_not_supported_are_named(module, tmp_path):
    with pytest.raises(UnsupportedError, match=rf"reports\.mine\.module.*{module}"):
        check_config(config(tmp_path, reports={"mine": {"module": module, "variable_name": "v"}}))


def test_two_reports_of_one_file_get_a_file_each(tmp_path, caplog):
    report = {"module": "membrane_report", "cells": "all", "sections": "soma", "file_name": "cell_vars.h5"}
    reports = {name: {**report, "variable_name": name} for name in ("cai", "v")}
    with caplog.at_level(logging.WARNING):
        found = membrane_reports(config(tmp_path, reports=reports))
    assert [entry.path.name for entry in found] == ["cell_vars.h5", "cell_vars_v.h5"]
    assert "v goes to cell_vars_v.h5" in caplog.text
