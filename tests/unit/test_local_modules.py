"""What a file of the user's own functions imports from its own folder is found, counts, and comes along."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from colonnade.code_facts import with_local_modules
from colonnade.command.project import new_project
from colonnade.errors import InputError
from colonnade.experiment import Experiment, Plan
from colonnade.experiment.user_file_checks import files_of_user, missing_files
from colonnade.places import project_folder
from colonnade.user_functions import load_function

SMALL = project_folder() / "tests" / "workflow" / "experiment.yaml"
OWN = "import os\nfrom helper import LEVEL\n\n\ndef panel(result, axes):\n    return LEVEL\n"
CELLS = "def process(hobj, cell, dynamics_params):\n    from parts.channels import block\n\n    return block(hobj)\n"


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A folder with an experiment whose panel and cells are of functions that import from there."""
    folder = tmp_path / "study"
    files = {
        "own.py": OWN, "helper.py": "LEVEL = 1\n", "stranger.py": "", "cells.py": CELLS, "parts/__init__.py": "",
        "parts/channels.py": "from . import names\nfrom .deep.more import x\n\n\ndef block(hobj):\n    return hobj\n",
        "parts/names.py": "", "parts/deep/more.py": "x = 1\n", "parts/unused.py": "",
    }  # fmt: skip
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    config = yaml.safe_load(SMALL.read_text())
    config["figures"]["mine"] = {"kind": "own", "function": "own.py:panel"}
    config["networks"]["cells"]["nodes"][0]["model_processing"] = "aibs_perisomatic, cells.py:process"
    (folder / "models").symlink_to(SMALL.parent / "models")
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    monkeypatch.chdir(folder)
    return folder


def plan_here() -> Plan:
    return Plan(Experiment(yaml.safe_load(Path("config.yaml").read_text())), project_folder())


def test_imports_are_followed_within_the_folder_only(study):
    assert with_local_modules("own.py") == ["own.py", "helper.py"]
    inside = ["__init__.py", "channels.py", "deep/more.py", "names.py"]
    assert with_local_modules("cells.py") == ["cells.py", *(f"parts/{name}" for name in inside)]
    assert with_local_modules("../study/own.py") == ["../study/own.py", "../study/helper.py"]
    assert with_local_modules("none.py") == ["none.py"]


def test_they_are_inputs_of_the_steps_and_code_of_the_simulation(study):
    plan = plan_here()
    assert plan.inputs("figures/{figure}")({"figure": "mine"})["functions"] == ["own.py", "helper.py"]
    assert {"helper.py", "cells.py", "parts/channels.py"} <= set(plan.user_files())
    before = plan.code_of("simulation")({})
    channels = study / "parts" / "channels.py"
    channels.write_text("# A comment.\n" + channels.read_text())
    assert plan_here().code_of("simulation")({}) == before
    channels.write_text(channels.read_text().replace("return hobj", "return 1"))
    assert plan_here().code_of("simulation")({}) != before


def test_one_that_is_no_python_is_named_before_anything_runs(study):
    (study / "helper.py").write_text("LEVEL = = 1\n")
    with pytest.raises(InputError, match=r"helper\.py, line 1"):
        load_function("own.py:panel", "function")
    assert any("helper.py: figures.mine.function: cannot be read" in str(error) for error in missing_files(plan_here()))


def test_archive_and_new_projects_have_them_and_the_functions_of_cells(study):
    expected = {"own.py", "helper.py", "cells.py", "parts/channels.py", "models/morphologies/ball_and_stick.swc"}
    assert expected <= {path.as_posix() for path in files_of_user(plan_here())}
    new_project(Path("../new"), "config.yaml")
    for name in expected:
        assert Path("../new", name).read_bytes() == Path(name).read_bytes()
    assert not Path("../new/stranger.py").exists()


def test_functions_import_from_their_own_folder_at_once_and_when_they_are_called(study, tmp_path):
    """Also a module that is called like one of Colonnade's programs, or like one beside another file."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "helper.py").write_text("LEVEL = 2\n")
    (other / "plot.py").write_text("LEVEL = 3\n")
    (other / "own.py").write_text(OWN + "\n\ndef late():\n    from plot import LEVEL\n    return LEVEL\n")
    code = (
        "from colonnade.user_functions import load_function\n"
        f"places = ['own.py:panel', '{other}/own.py:panel', 'own.py:panel']\n"
        "print([load_function(place, 'x')(0, 0) for place in places])\n"
        "print(load_function(places[1], 'x').__globals__['late']())\n"
        "print(load_function('cells.py:process', 'x')(7, 0, 0))\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.splitlines() == ["[1, 2, 1]", "3", "7"], answer.stderr
    assert not list(tmp_path.rglob("helper*.pyc"))
