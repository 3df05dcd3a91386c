"""The set-up names what is missing on a machine, with the command that installs it, before anything else starts."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tools(tmp_path):
    """Return a function that runs the check of the tools with only the named programs on the PATH."""

    def check(*programs, python=sys.executable):
        for program in ("sh", "make", *programs):
            (tmp_path / program).symlink_to(shutil.which(program))
        command = [shutil.which("make"), "-C", str(ROOT), "tools", f"PYTHON={python}"]
        return subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True)

    return check


def test_a_missing_compiler_is_named_with_its_command(tools):
    answer = tools()
    assert answer.returncode != 0
    assert "error: no C++ compiler" in answer.stderr
    assert "sudo apt-get install g++" in answer.stderr


def test_a_missing_python_is_named_with_its_command(tools):
    answer = tools("g++", python="")
    assert answer.returncode != 0
    assert "error: no Python 3.11 or newer: sudo apt-get install python3" in answer.stderr


def test_a_complete_machine_passes(tools):
    answer = tools("g++")
    assert answer.returncode == 0, answer.stderr
