"""What docs/extending.md says is all that it takes: its own examples are put into a copy of the project and run."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = re.findall(r"```\w+\n(.*?)```", (ROOT / "docs" / "extending.md").read_text(), flags=re.DOTALL)
PROGRAM = '''"""Write a word on the run."""

import argparse
import json
from pathlib import Path

from _program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", type=json.loads, required=True)
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.output.write_text(arguments.settings["title"] + arguments.table.read_text().splitlines()[1] + "\\n")


run(main)
'''


def run(project: Path, folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "snakemake", "--snakefile", project / "Snakefile", "--directory", folder]
    command += ["--configfile", folder / "experiment.yaml", "--cores", "2", *arguments]
    answer = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_a_kind_of_figure_takes_a_module_and_a_caption(project, small_experiment, edit_config):
    kind, caption = EXAMPLES[:2]
    (project / "src" / "colonnade" / "figures" / "kinds" / "spike_counts.py").write_text(kind)
    (project / "workflow" / "report" / "spike_counts.rst").write_text(caption)
    counts = {"kind": "spike_counts", "logarithmic": True}
    panel = {"kind": "panel", "rows": [["counts", "raster"]]}
    raster = {"kind": "raster", "population": "cells"}
    figures = {"counts": counts, "both": panel, "raster": raster}
    edit_config(small_experiment, lambda config: config.update(figures=figures))
    run(project, small_experiment)
    run(project, small_experiment, "--report", "report.html")
    for name in ("counts", "both"):
        assert (small_experiment / "results" / "small" / "figures" / f"{name}.pdf").is_file()
    assert "Spikes of each group." in (small_experiment / "report.html").read_text()


def test_a_kind_of_stimulus_takes_a_module(project, small_experiment, edit_config):
    (project / "src" / "colonnade" / "stimuli" / "kinds" / "decay.py").write_text(EXAMPLES[2])
    decay = {"type": "decay", "population": "cells", "amp": 0.2, "tau": 20.0, "delay": 10.0}
    edit_config(small_experiment, lambda config: config["inputs"].update(decay=decay))
    run(project, small_experiment, "results/small/simulation/output/spikes.h5")
    config = (small_experiment / "results" / "small" / "simulation" / "config.json").read_text()
    assert '"module": "decay"' in config


def test_a_stage_takes_a_module_a_rule_a_program_and_a_caption(project, small_experiment, edit_config):
    stage, rule = EXAMPLES[3:5]
    (project / "src" / "colonnade" / "experiment" / "stages" / "notes.py").write_text(stage)
    rules = project / "workflow" / "rules" / "analyse.smk"
    rules.write_text(rules.read_text() + "\n\n" + rule)
    (project / "scripts" / "write_notes.py").write_text(PROGRAM)
    (project / "workflow" / "report" / "notes.rst").write_text("A word.")
    edit_config(small_experiment, lambda config: config.update(title="Of this run: "))
    run(project, small_experiment)
    notes = small_experiment / "results" / "small" / "notes" / "notes.txt"
    assert notes.read_text().startswith("Of this run: cells,stick,3,")
    assert "Nothing to be done" in run(project, small_experiment, "--dry-run")
    run(project, small_experiment, "--report", "report.html")


def test_a_synapse_of_ones_own_takes_one_mod_file(small_experiment, edit_config):
    own = small_experiment / "mods" / "MySynapse.mod"
    own.parent.mkdir()
    own.write_text((ROOT / "mechanisms" / "Exp2SynFixed.mod").read_text().replace("Exp2SynFixed", "MySynapse"))

    def change(config):
        config["mechanisms"] = {"directory": "mods"}
        config["networks"]["sources"]["edges"][0]["model_template"] = "MySynapse"

    run(ROOT, small_experiment, "results/small/simulation/output/spikes.h5")
    before = (small_experiment / "results" / "small" / "simulation" / "output" / "spikes.h5").read_bytes()
    edit_config(small_experiment, change)
    run(ROOT, small_experiment, "results/small/simulation/output/spikes.h5")
    assert (small_experiment / "results" / "small" / "simulation" / "output" / "spikes.h5").read_bytes() == before
    made = {path.name for path in (small_experiment / "results" / "small" / "mechanisms" / "modfiles").iterdir()}
    assert {"MySynapse.mod", "Exp2SynFixed.mod"} <= made
    own.write_text(own.read_text().replace("e = 0", "e = -80"))
    assert "compile_mechanisms" in run(ROOT, small_experiment, "--dry-run")
