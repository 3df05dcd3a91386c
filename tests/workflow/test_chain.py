"""A result's files fit together: damage is found and named, and a step that fails costs nothing of the last result."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import pytest
from workflow_runs import ROOT, rules_to_run, snakemake, wait_for_simulation

from colonnade.experiment import Experiment, Plan, load_config
from colonnade.experiment.chain import changed_files, misfits
from colonnade.provenance import toolchain_versions

RESULT = Path("results", "small")
DAMAGED = [  # a file of each step that others read, and the step that is said to have made it
    ("network/cells_nodes.h5", "build_nodes"),
    ("network/cells_cells_edges.h5", "build_edges"),
    ("network/cells_cells_edge_types.csv", "build_edges"),
    ("inputs/sources_spikes.h5", "generate_spikes"),
    ("simulation/output/spikes.h5", "simulate"),
    ("simulation/simulation_config.json", "write_simulation_config"),
    ("components/morphologies/ball_and_stick.swc", "fetch_component"),
    ("mechanisms/modfiles/NaTs.mod", "compile_mechanisms"),
    ("statistics/populations.csv", "compute_statistics"),
    ("figures/raster.png", "plot"),
]


def sums(folder: Path, *parts: str) -> dict[str, str]:
    """Return the checksums of the files of a result's stages."""
    stages = parts or ("components", "mechanisms", "network", "inputs", "simulation", "statistics", "figures")
    paths = [path for stage in stages for path in (folder / RESULT / stage).rglob("*") if path.is_file()]
    but = {"timing.json", "log.txt", ".snakemake_timestamp"}
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.name not in but}


def named(name: str) -> Path:
    """Return what an error calls a damaged file: of compiled mechanisms, their folder."""
    return RESULT / ("mechanisms/modfiles" if name.startswith("mechanisms") else name)


def damage(path: Path, keep_time: bool) -> None:
    """Change the last byte of a file."""
    stat = path.stat()
    content = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    if keep_time:
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize("found_by", [changed_files, misfits])
def test_each_file_changed_after_its_step_is_found_alone(found_by, finished, monkeypatch):
    monkeypatch.chdir(finished)
    plan = Plan(Experiment(load_config("experiment.yaml")), ROOT, toolchain_versions())
    assert list(found_by(plan)) == []
    for name, step in DAMAGED:
        path = RESULT / name
        before, stat = path.read_bytes(), path.stat()
        damage(path, keep_time=found_by is misfits)
        said = "\n".join(map(str, found_by(plan)))
        assert f"{named(name)}: it was changed or damaged after {step} had made it" in said
        path.write_bytes(before)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert list(found_by(plan)) == []


def test_files_changed_after_their_steps_are_named_together_before_the_next_run(finished):
    for name, _ in DAMAGED:
        damage(finished / RESULT / name, keep_time=False)
    before = sums(finished)
    for arguments in ((), ("--dry-run",), ("--forcerun", "plot_raster")):
        answer = snakemake(finished, *arguments, check=False)
        said = answer.stdout + answer.stderr
        assert answer.returncode != 0
        for name, step in DAMAGED:
            assert f"{named(name)}: it was changed or damaged after {step} had made it" in said
            assert f"rm -r '{named(name)}'" in said
        assert "Traceback" not in said
    assert sums(finished) == before


def test_damage_that_leaves_the_time_is_found_by_the_report(finished):
    for name, _ in DAMAGED:
        damage(finished / RESULT / name, keep_time=True)
    answer = snakemake(finished, "--report", "report.html", check=False)
    assert answer.returncode != 0
    for name, step in DAMAGED:
        assert f"{named(name)}: it was changed or damaged after {step} had made it" in answer.stdout + answer.stderr
    assert not (finished / "report.html").exists()


def test_damage_that_leaves_the_time_is_found_by_the_next_step(finished, edit_config):
    damage(finished / RESULT / "network/cells_cells_edges.h5", keep_time=True)
    edit_config(finished, lambda config: config["simulation"].update(v_init=-66.0))
    before = sums(finished, "network", "inputs")
    answer = snakemake(finished, check=False)
    assert answer.returncode != 0
    assert "cells_cells_edges.h5: it was changed or damaged after build_edges" in answer.stdout + answer.stderr
    assert sums(finished, "network", "inputs") == before


def test_one_spike_time_moved_is_found_and_made_anew_as_told(finished):
    path = finished / RESULT / "simulation" / "output" / "spikes.h5"
    before = sums(finished)
    with h5py.File(path, "r+") as file:
        file["spikes/cells/timestamps"][0] += 0.1
    answer = snakemake(finished, check=False)
    assert answer.returncode != 0
    command = (answer.stdout + answer.stderr).partition("Make it anew: ")[2].partition(",")[0]
    subprocess.run(command, shell=True, check=True, cwd=finished)
    snakemake(finished)
    assert sums(finished) == before


def test_crate_and_verify_refuse_what_does_not_fit(finished):
    damage(finished / RESULT / "inputs/sources_spikes.h5", keep_time=True)
    for program in ("write_crate", "verify"):
        command = [sys.executable, ROOT / "scripts" / f"{program}.py", "--config", "experiment.yaml"]
        answer = subprocess.run(command, cwd=finished, capture_output=True, text=True)
        assert answer.returncode == 2
        assert "sources_spikes.h5: it was changed or damaged after generate_spikes" in answer.stderr


def test_a_report_of_other_settings_is_refused(finished, edit_config):
    edit_config(finished, lambda config: config["networks"]["sources"]["edges"][0].update(syn_weight=2e-3))
    answer = snakemake(finished, "--report", "report.html", check=False)
    assert answer.returncode != 0
    assert "it was made with other settings" in answer.stdout + answer.stderr


def test_a_step_that_fails_costs_nothing_and_runs_again(finished, edit_config):
    before = sums(finished, "simulation", "statistics", "figures")
    kept = {path: sum for path, sum in before.items() if "config" not in path}

    def edit(current):
        clamp = {"type": "current_clamp", "population": "cells", "amp": current, "delay": 1.0, "duration": 20.0}
        return lambda config: config.update(inputs={**config["inputs"], "clamp": clamp}, limits={"current": 1e5})

    edit_config(finished, edit(1e5))
    answer = snakemake(finished, check=False)
    assert answer.returncode != 0
    assert "the solution has broken down" in answer.stdout + answer.stderr
    after = sums(finished, "simulation", "statistics", "figures")
    assert {path: after.get(path) for path in kept} == kept
    report = snakemake(finished, "--report", "report.html", check=False)
    assert "no step has said that it made this file" in report.stdout + report.stderr
    assert snakemake(finished, check=False).returncode != 0  # and again
    after = sums(finished, "simulation", "statistics", "figures")
    assert {path: after.get(path) for path in kept} == kept
    edit_config(finished, edit(0.01))
    assert rules_to_run(finished)["simulate"] == 1
    snakemake(finished)
    assert not (finished / RESULT / ".previous").exists()
    assert sums(finished, "simulation") != {path: sum for path, sum in before.items() if "/simulation/" in path}
    edit_config(finished, lambda config: config["inputs"].pop("clamp"))
    snakemake(finished)
    assert sums(finished, "simulation", "statistics", "figures") == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_killed_costs_nothing(number, finished, edit_config):
    before = sums(finished)
    edit_config(finished, lambda config: config["simulation"].update(tstop=200_000.0))
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", finished]
    command += ["--configfile", finished / "experiment.yaml", "--cores", "2"]
    log = finished / RESULT / "simulation" / "output" / "log.txt"
    log.unlink(missing_ok=True)
    with subprocess.Popen(list(map(str, command)), cwd=finished, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, start_new_session=True) as run:  # fmt: skip
        while not (log.exists() and "running" in log.read_text()):
            assert run.poll() is None
            time.sleep(0.05)
        os.killpg(run.pid, number)
        run.wait()
    wait_for_simulation(log.parent)
    spikes = str(finished / RESULT / "simulation" / "output" / "spikes.h5")
    kept = Path(spikes) if number != signal.SIGKILL else finished / RESULT / ".previous/simulation/output/spikes.h5"
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == before[spikes]
    edit_config(finished, lambda config: config["simulation"].update(tstop=200.0))
    if number == signal.SIGKILL:
        snakemake(finished, "--unlock")
    snakemake(finished)
    assert sums(finished) == before
