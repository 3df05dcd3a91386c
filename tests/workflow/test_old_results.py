"""An old result never stands in for a mistake: beside a finished run, a file that is not there ends the next one."""

import pytest
from workflow_runs import snakemake

# What is put where into the config, and what has to be said of it.
MISTAKES = {
    "networks.cells.edges.0.dynamics_params": ("excitatori.json", "excitatory.json"),
    "networks.cells.nodes.0.dynamics_params": ("ball.json", "ball.json"),
    "networks.cells.nodes.0.morphology": ("ball_and_stik.swc", "ball_and_stick.swc"),
    "components.directory": ("model", "components.directory"),
    "mechanisms": ({"directory": "mods"}, "mechanisms.directory"),
    "inputs.sources": ({"type": "spikes", "file": "none.h5"}, "inputs.sources.file"),
    "networks.cells.edges.0.connection_rule": ("own.py:rule", "own.py:rule"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
def test_a_missing_file_beside_a_finished_run_is_named_and_nothing_is_touched(
    mistake, arguments, finished, edit_config
):
    value, said = MISTAKES[mistake]
    before = {path: path.stat().st_mtime_ns for path in (finished / "results").rglob("*") if path.is_file()}

    def edit(config):
        *parents, last = mistake.split(".")
        place = config
        for part in parents:
            place = place[int(part)] if isinstance(place, list) else place[part]
        place[last] = value
        config["networks"]["sources"]["edges"][0]["syn_weight"] = 2.0e-3

    edit_config(finished, edit)
    answer = snakemake(finished, *arguments, check=False)
    assert answer.returncode != 0
    assert said in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr
    assert {path: path.stat().st_mtime_ns for path in (finished / "results").rglob("*") if path.is_file()} == before


def test_a_key_that_stands_twice_is_named(finished):
    path = finished / "experiment.yaml"
    path.write_text(path.read_text() + "\nseed: 8\n")
    answer = snakemake(finished, "--dry-run", check=False)
    assert answer.returncode != 0
    assert "seed: this key stands twice" in answer.stdout + answer.stderr
