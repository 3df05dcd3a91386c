"""Every experiment of the project runs to its figures, at a small size and on its real models."""

import shutil
from pathlib import Path

import pytest
import yaml
from workflow_runs import ROOT, snakemake

EXPERIMENTS = [ROOT / "config" / "config.yaml", *sorted((ROOT / "config" / "experiments").glob("*.yaml"))]
CELLS, SOURCES, TSTOP = 2, 10, 40.0  # of each group; ms


def shrink(config: dict) -> None:
    """Make an experiment small in place: few cells, a short time, two values of a sweep."""
    for network in config["networks"].values():
        for group in network["nodes"]:
            group["N"] = min(group["N"], SOURCES if group["model_type"] == "virtual" else CELLS)
    for entry in config["inputs"].values():
        if "times" in entry:
            entry["times"] = [0.0, TSTOP / 1000]
        if entry["type"] == "current_clamp":
            entry.update(delay=5.0, duration=TSTOP - 10.0)
        entry.get("waveform", {}).update(delay=5.0)
    config["simulation"]["tstop"] = TSTOP
    for figure in config["figures"].values():
        if "node_ids" in figure:
            figure["node_ids"] = [0]
        figure.pop("window", None)
    for report in config["simulation"].get("reports", {}).values():
        for key in ("start_time", "end_time"):
            report.pop(key, None)
    if "sweep" in config:
        config["sweep"]["values"] = {path: values[:2] for path, values in config["sweep"]["values"].items()}
        config["sweep"]["replicates"] = min(config["sweep"].get("replicates", 1), 2)
        config["statistics"]["window"] = [0.0, None]


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_an_experiment_of_the_project_runs_to_its_figures(path: Path, tmp_path):
    shutil.copytree(ROOT / "config" / "experiments", tmp_path / "config" / "experiments")
    config = yaml.safe_load(path.read_text())
    shrink(config)
    (tmp_path / "experiment.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    snakemake(tmp_path)
    results = tmp_path / "results" / config["experiment"]
    for name in config["figures"]:
        drawn = list((results / "figures").rglob(f"{name}.pdf"))
        assert drawn, name
        assert all(figure.stat().st_size > 1000 for figure in drawn)
    assert list((results / "simulation").rglob("spikes.h5"))
