"""The workflow as a module of another project's Snakefile, with that project's config and results folder."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from workflow_runs import ROOT

MODULE = f"""
configfile: "study.yaml"

module column:
    snakefile: "{ROOT / "Snakefile"}"
    config: config["column"]

use rule * from column as column_*

rule mean_rate:
    default_target: True
    input:
        spikes="output/small/simulation/output/spikes.h5",
        everything=rules.column_all.input,
    output:
        "output/mean_rate.txt",
    shell:
        "cp output/small/statistics/populations.csv {{output}}"
"""


def snakemake(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run Snakemake in ``folder`` as a user of another project does."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture
def study(small_experiment, edit_config) -> Path:
    """Another project: a Snakefile that uses ours as a module, its own config, and its models."""
    edit_config(small_experiment, lambda config: config.update(results="output"))
    lines = (small_experiment / "experiment.yaml").read_text().splitlines()
    (small_experiment / "study.yaml").write_text("\n".join(["column:", *(f"  {line}" for line in lines)]) + "\n")
    (small_experiment / "experiment.yaml").unlink()
    (small_experiment / "Snakefile").write_text(MODULE)
    return small_experiment


def test_another_project_runs_the_workflow_with_its_own_config_into_its_own_folder(study):
    answer = snakemake(study)
    assert answer.returncode == 0, answer.stdout
    rows = list(csv.DictReader((study / "output" / "mean_rate.txt").open()))
    assert "cells" in {row["population"] for row in rows}
    result = study / "output" / "small"
    for file in ("simulation/config.json", "figures/raster.pdf", "figures/traces.svg", "statistics/cells.csv"):
        assert (result / file).is_file()
    assert not (study / "results").exists()

    again = snakemake(study, "--dry-run")
    assert "Nothing to be done" in again.stdout

    report = snakemake(study, "--report", "report.html")
    assert report.returncode == 0, report.stdout
    assert "raster" in (study / "report.html").read_text()


def test_a_mistake_in_the_modules_config_names_the_module(study):
    path = study / "study.yaml"
    path.write_text(path.read_text().replace("tstop:", "tsop:"))
    answer = snakemake(study, "--dry-run")
    assert answer.returncode != 0
    assert "config of module column" in answer.stdout
    assert "Did you mean 'tstop'?" in answer.stdout


def test_a_prefix_is_refused_with_the_key_that_does_the_same(study):
    path = study / "Snakefile"
    path.write_text(
        path.read_text().replace('    config: config["column"]', '    config: config["column"]\n    prefix: "sub"')
    )
    answer = snakemake(study, "--dry-run")
    assert answer.returncode != 0
    assert "set 'results' in the config" in answer.stdout


def test_the_workflow_catalogs_snakefile_is_the_same_workflow(small_experiment):
    arguments = ["--snakefile", ROOT / "workflow" / "Snakefile", "--configfile", "experiment.yaml", "--dry-run"]
    answer = snakemake(small_experiment, *map(str, arguments))
    assert answer.returncode == 0, answer.stdout
    assert "compute_statistics" in answer.stdout
