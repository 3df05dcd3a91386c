"""A script of BMTK's tutorials runs with its import lines changed."""

import json
import subprocess
import sys

import h5py
import pytest
from small_simulation import N_CELLS, build_network

from colonnade.errors import InputError, UnsupportedError
from colonnade.simulation import ArgumentParser, Config, build_env_bionet

SCRIPT = """
from colonnade import simulation as bionet
from colonnade.simulation import build_env_bionet

build_env_bionet(
    base_dir="sim",
    config_file="config.json",
    network_dir="network",
    components_dir="components",
    tstop=30.0,
    dt=0.05,
    dL=40.0,
    celsius=12.0,
    v_init=-68.0,
    report_vars=["v"],
    spikes_inputs=[("sources", "inputs/sources_spikes.h5")],
    current_clamp={"amp": 0.1, "delay": 5.0, "duration": 10.0, "node_set": {"population": "cells", "node_id": [0]}},
    include_examples=False,
    compile_mechanisms=False,
)
for _ in range(2):
    conf = bionet.Config.from_json("sim/config.json")
    conf.build_env()
    net = bionet.BioNetwork.from_config(conf)
    sim = bionet.BioSimulator.from_config(conf, network=net)
    sim.run()
bionet.nrn.quit_execution()
"""


@pytest.fixture
def folder(tmp_path):
    return build_network(tmp_path)


def test_a_tutorial_script_runs_twice_in_one_process(folder):
    (folder / "run_bionet.py").write_text(SCRIPT)
    answer = subprocess.run([sys.executable, "run_bionet.py"], cwd=folder, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr.count("5 cells and") == 2
    with h5py.File(folder / "sim" / "output" / "spikes.h5") as spikes:
        assert len(spikes["spikes/cells/timestamps"]) > 0
    with h5py.File(folder / "sim" / "output" / "v_report.h5") as report:
        assert report["report/cells/data"].shape == (600, N_CELLS)


def test_a_config_is_a_dict_whose_changes_count(folder, monkeypatch):
    monkeypatch.chdir(folder)
    conf = Config.from_json("config.json")
    conf["run"]["tstop"] = 7.0
    assert conf.parsed().n_steps == 140
    assert conf.output_dir == str(folder / "output")
    values = json.loads((folder / "config.json").read_text())
    for config in (Config.from_dict(values), Config.load(values), Config.load(str(folder / "config.json"))):
        assert config.parsed().tstop == 100.0


def test_an_edited_config_is_not_overwritten(folder):
    path = build_env_bionet(base_dir=folder, network_dir="network", tstop=5.0, config_name="iclamp")
    assert path == folder / "config.iclamp.json"
    build_env_bionet(base_dir=folder, network_dir="network", tstop=5.0, config_name="iclamp")
    with pytest.raises(InputError, match="exists and says something else"):
        build_env_bionet(base_dir=folder, network_dir="network", tstop=6.0, config_name="iclamp")
    build_env_bionet(base_dir=folder, network_dir="network", tstop=6.0, config_name="iclamp", overwrite=True)
    assert json.loads(path.read_text())["run"]["tstop"] == 6.0


def test_an_argument_that_is_not_supported_is_refused_by_name(folder):
    with pytest.raises(UnsupportedError, match=r"build_env_bionet\(se_voltage_clamp=\)"):
        build_env_bionet(base_dir=folder, network_dir="network", se_voltage_clamp={"amps": [[0, 0, 0]]})


@pytest.mark.parametrize("before", [["run_bionet.py"], ["/usr/bin/nrniv", "-mpi", "-python", "run_bionet.py"]])
def test_the_command_line_of_nrniv_is_passed_over(monkeypatch, before):
    monkeypatch.setattr(sys, "argv", [*before, "config.short.json"])
    parser = ArgumentParser(description="Run a network.")
    parser.add_argument("config_path", nargs="?", default="config.json")
    known, rest = parser.parse_known_args()
    assert (known.config_path, rest) == ("config.short.json", [])
