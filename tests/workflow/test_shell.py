"""Words of a config that a shell would run or split stay words."""

import shutil
from pathlib import Path

import yaml
from workflow_runs import ROOT, snakemake


def arrange(folder: Path, change) -> None:
    """Put the small experiment, with its config altered in place by ``change``, into ``folder``."""
    shutil.copytree(ROOT / "tests" / "workflow" / "models", folder / "models")
    config = yaml.safe_load((ROOT / "tests" / "workflow" / "experiment.yaml").read_text())
    change(config)
    (folder / "experiment.yaml").write_text(yaml.safe_dump(config))


def test_compiler_flags_with_a_command_are_refused_before_any_job(tmp_path):
    arrange(tmp_path, lambda config: config.update(mechanisms={"flags": "-O3; touch PWNED #"}))
    answer = snakemake(tmp_path, check=False)
    assert answer.returncode != 0
    assert "mechanisms.flags" in answer.stdout + answer.stderr
    assert not (tmp_path / "PWNED").exists()


def test_a_mechanism_in_a_folder_of_the_users_own_is_compiled_beside_ours(tmp_path):
    (tmp_path / "own").mkdir()
    ours = (ROOT / "mechanisms" / "Exp2SynFixed.mod").read_text()
    (tmp_path / "own" / "mine.mod").write_text(ours.replace("Exp2SynFixed", "MySynapse"))
    arrange(tmp_path, lambda config: config.update(mechanisms={"directory": "own", "flags": "-O0"}))
    snakemake(tmp_path, "--until", "compile_mechanisms")
    made = {path.name for path in (tmp_path / "results" / "small" / "mechanisms" / "modfiles").iterdir()}
    assert {"mine.mod", "Exp2SynFixed.mod"} <= made
