"""An old result never stands in for a mistake: beside a finished run, a file that is not there ends the next one."""

import pytest
from workflow_runs import snakemake

# What is put where into the config, and what has to be said of it: together, but for a folder that hides its files.
MISTAKES = {
    "networks.cells.edges.0.dynamics_params": ("excitatori.json", "excitatory.json"),
    "networks.cells.nodes.0.dynamics_params": ("ball.json", "ball.json"),
    "networks.cells.nodes.0.morphology": ("ball_and_stik.swc", "ball_and_stick.swc"),
    "mechanisms": ({"directory": "mods"}, "mechanisms.directory"),
    "inputs.sources": ({"type": "spikes", "file": "none.h5"}, "inputs.sources.file"),
    "networks.cells.edges.0.connection_rule": ("own.py:rule", "own.py:rule"),
}
FOLDER = {"components.directory": ("model", "components.directory")}


@pytest.mark.parametrize("mistakes", [MISTAKES, FOLDER], ids=["files", "folder"])
def test_missing_files_beside_a_finished_run_are_named_and_nothing_is_touched(mistakes, finished, edit_config):
    def edit(config):
        for mistake, (value, _) in mistakes.items():
            *parents, last = mistake.split(".")
            place = config
            for part in parents:
                place = place[int(part)] if isinstance(place, list) else place[part]
            place[last] = value
        config["networks"]["sources"]["edges"][0]["syn_weight"] = 2.0e-3

    before = {path: path.stat().st_mtime_ns for path in (finished / "results").rglob("*") if path.is_file()}
    edit_config(finished, edit)
    for arguments in ((), ("--dry-run",)):
        answer = snakemake(finished, *arguments, check=False)
        assert answer.returncode != 0
        for mistake, (_, said) in mistakes.items():
            assert said in answer.stdout + answer.stderr, mistake
        assert "Traceback" not in answer.stdout + answer.stderr
    assert {path: path.stat().st_mtime_ns for path in (finished / "results").rglob("*") if path.is_file()} == before


def test_a_key_that_stands_twice_is_named(finished):
    path = finished / "experiment.yaml"
    path.write_text(path.read_text() + "\nseed: 8\n")
    answer = snakemake(finished, "--dry-run", check=False)
    assert answer.returncode != 0
    assert "seed: this key stands twice" in answer.stdout + answer.stderr
