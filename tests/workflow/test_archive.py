"""`colonnade archive`: one zip, the same bytes each time, which runs again elsewhere without a network."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from workflow_runs import ROOT

from colonnade.verification import IDENTICAL, compare_results

pytestmark = pytest.mark.xdist_group("archive")

DEAD = "http://127.0.0.1:9"  # nobody listens there
AUTHORS = [{"name": "Ada Lovelace", "orcid": "0000-0002-1825-0097", "affiliation": "Engines"}]


def colonnade(folder: Path, *words, **more) -> subprocess.CompletedProcess:
    environment = {**os.environ, "https_proxy": DEAD, "http_proxy": DEAD, **more}
    command = [sys.executable, "-m", "colonnade", *map(str, words)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A finished experiment with authors, a function of one's own and models in a folder."""
    folder = tmp_path_factory.mktemp("study")
    shutil.copytree(ROOT / "tests" / "workflow" / "models", folder / "models")
    config = yaml.safe_load((ROOT / "tests" / "workflow" / "experiment.yaml").read_text())
    config |= {
        "authors": AUTHORS,
        "licence": "CC-BY-4.0",
        "related": [{"identifier": "doi:10.1371/journal.pcbi.1008386"}],
    }
    panel = "def panel(result, axes):\n    axes.plot([0, LEVEL])\n    axes.set(xlabel='a', ylabel='b')\n"
    (folder / "own.py").write_text(f"from levels import LEVEL\n\n\n{panel}")
    (folder / "levels.py").write_text("LEVEL = 1\n")
    (folder / "cells.py").write_text("def unchanged(hobj, cell, dynamics_params):\n    return hobj\n")
    config["figures"]["mine"] = {"kind": "own", "function": "own.py:panel"}
    config["networks"]["cells"]["nodes"][0]["model_processing"] = "aibs_perisomatic, cells.py:unchanged"
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    answer = colonnade(folder, "run")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return folder


@pytest.fixture(scope="module")
def packed(study):
    answer = colonnade(study, "archive", "--output", "one.zip")
    assert answer.returncode == 0, answer.stderr
    return study / "one.zip"


def test_the_same_result_gives_the_same_bytes(study, packed):
    os.utime(study / "own.py")
    assert colonnade(study, "archive", "--output", "two.zip").returncode == 0
    assert packed.read_bytes() == (study / "two.zip").read_bytes()


def test_everything_is_inside_that_the_experiment_names(packed):
    with zipfile.ZipFile(packed) as archive:
        names = {name.removeprefix("small/") for name in archive.namelist()}
        assert archive.testzip() is None
        zenodo = json.loads(archive.read("small/.zenodo.json"))
        check = yaml.safe_load(archive.read("small/codecheck.yml"))
        cite = yaml.safe_load(archive.read("small/CITATION.cff"))
        listed = archive.read("small/requirements.txt").decode()
        assert archive.getinfo("small/reproduce.sh").external_attr >> 16 & 0o111
    for name in ("config.yaml", "own.py", "levels.py", "cells.py", "requirements.txt",
                 "models/morphologies/ball_and_stick.swc", "README.md", "reproduce.sh",
                 "results/small/report.html", "results/small/ro-crate-metadata.json",
                 "results/small/simulation/output/spikes.h5"):  # fmt: skip
        assert name in names, name
    assert any(name.startswith("wheels/colonnade-") for name in names)
    assert zenodo["creators"] == [{"name": "Lovelace, Ada", "orcid": AUTHORS[0]["orcid"], "affiliation": "Engines"}]
    assert (zenodo["license"], zenodo["upload_type"]) == ("cc-by-4.0", "dataset")
    assert {entry["file"] for entry in check["manifest"]} <= names
    assert "results/small/figures/mine.pdf" in {entry["file"] for entry in check["manifest"]}
    assert cite["authors"][0]["family-names"] == "Lovelace"
    assert {"numpy", "neuron", "snakemake"} <= {line.split("==")[0] for line in listed.splitlines()}
    assert not {"pytest", "ruff"} & {line.split("==")[0] for line in listed.splitlines()}


def test_elsewhere_and_without_a_network_it_runs_again_to_the_same_bytes(packed, study, tmp_path):
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path)
    again = tmp_path / "small"
    shutil.rmtree(again / "results")
    answer = colonnade(again, "run")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    verdicts = compare_results(study / "results" / "small", again / "results" / "small", 0.1)
    assert len(verdicts) > 20
    assert {verdict.word for verdict in verdicts} == {IDENTICAL}


def test_a_result_that_is_not_there_or_edited_is_no_archive(study, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(study, copy)
    with open(copy / "results" / "small" / "statistics" / "cells.csv", "a") as file:
        file.write("edited\n")
    answer = colonnade(copy, "archive")
    assert answer.returncode == 2
    assert "cells.csv" in answer.stderr
    shutil.rmtree(copy / "results")
    assert "colonnade run" in colonnade(copy, "archive").stderr
