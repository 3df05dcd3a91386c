"""The command ``colonnade``: its words, its help, new projects, and what a run shows."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

import colonnade
from colonnade.command.display import Display, check_cache
from colonnade.command.main import COMMANDS, OWN, WORDS, main
from colonnade.command.project import experiments
from colonnade.errors import InputError
from colonnade.experiment import Experiment, Plan
from colonnade.experiment.user_file_checks import missing_files
from colonnade.places import project_file, project_folder

ROOT = Path(__file__).resolve().parents[2]


def call(*words, folder: Path | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "colonnade", *map(str, words)], cwd=folder, capture_output=True, text=True
    )


def test_the_help_names_every_word_and_the_exit_codes():
    said = call("--help").stdout
    for word in WORDS:
        assert re.search(rf"^  {word} ", said, re.MULTILINE)
    assert "exit codes:" in said
    assert call().stdout == said


@pytest.fixture
def call_here(monkeypatch):
    """Return a function which runs the command in this process, where nothing has to be imported again."""

    def run(*words) -> None:
        monkeypatch.setattr(sys, "argv", ["colonnade", *map(str, words)])
        monkeypatch.setattr(sys, "path", list(sys.path))
        main()

    return run


@pytest.mark.parametrize("word", COMMANDS)
def test_a_word_says_what_its_program_says_and_gives_examples(word, call_here, capsys):
    by_hand = [sys.executable, ROOT / "scripts" / f"{COMMANDS[word].program}.py", "--help"]
    program = subprocess.run(by_hand, capture_output=True, text=True, check=True).stdout
    with pytest.raises(SystemExit):
        call_here(word, "--help")
    ours, examples = capsys.readouterr().out.split("\nexamples:\n")
    assert ours.startswith(f"usage: colonnade {word} ")

    def words(text: str) -> list[str]:  # the usage is broken into lines by the length of the name
        return text.split()

    assert words(ours.replace(f"colonnade {word}", f"{COMMANDS[word].program}.py")) == words(program)
    assert f"colonnade {word}" in examples


@pytest.mark.parametrize("word", OWN)
def test_a_word_without_a_program_says_what_it_does_and_gives_examples(word, call_here, capsys):
    with pytest.raises(SystemExit):
        call_here(word, "--help")
    said, examples = capsys.readouterr().out.split("\nexamples:\n")
    assert said.startswith(f"usage: colonnade {word} ")
    assert OWN[word].does[1:] in " ".join(said.split())
    assert f"colonnade {word}" in examples


def test_a_mistyped_word_gets_the_nearest_one():
    answer = call("chek")
    assert answer.returncode == 2
    assert "Did you mean 'check'" in answer.stderr


def test_small_answers():
    assert call("--version").stdout == f"colonnade {colonnade.__version__}\n"
    assert Path(call("snakefile").stdout.strip()) == project_file("Snakefile")
    assert json.loads(call("schema").stdout)["properties"]["experiment"]


@pytest.mark.parametrize("origin", experiments())
def test_a_new_project_is_a_valid_experiment_of_its_own_name(origin, tmp_path, monkeypatch, call_here):
    monkeypatch.chdir(tmp_path)
    call_here("init", "demo", "--from", origin)
    folder = tmp_path / "demo"
    text = (folder / "config.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=config.schema.json\n")
    values = yaml.safe_load(text)
    assert values["experiment"] == "demo"
    schema = json.loads((folder / "config.schema.json").read_text())
    jsonschema.validate(values, schema)
    monkeypatch.chdir(folder)
    assert list(missing_files(Plan(Experiment(values), project_folder()))) == []
    assert "config/experiments" not in text
    assert {"own_functions.py", "README.md", "Snakefile", ".gitignore"} <= {path.name for path in folder.iterdir()}
    assert "colonnade run" in (folder / "README.md").read_text()


def test_nothing_is_written_over_and_an_unknown_experiment_gets_the_nearest_name(tmp_path):
    (tmp_path / "config.yaml").write_text("mine")
    answer = call("init", folder=tmp_path)
    assert answer.returncode == 2
    assert "is there already" in answer.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]
    answer = call("init", "new", "--from", "ei_colum", folder=tmp_path)
    assert answer.returncode == 2
    assert "Did you mean 'ei_column'" in answer.stderr


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("colonnade wh", ["whence"]),
        ("colonnade whence --js", ["--json"]),
        ("colonnade run mi", ["mine", "mine.yaml", "mine two.yml"]),
        ("colonnade check mi", ["mine", "mine.json", "mine.yaml", "mine two.yml"]),
        ("colonnade completion f", ["fish"]),
    ],
)
def test_a_shell_completes_words_options_and_the_files_that_a_word_takes(typed, completed, tmp_path):
    (tmp_path / "mine").mkdir()
    for name in ("mine.json", "mine.yaml", "mine two.yml", "mine.h5"):
        (tmp_path / name).touch()
    (tmp_path / "colonnade").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m colonnade "$@"\n')
    (tmp_path / "colonnade").chmod(0o755)
    words = typed.split()
    lines = [
        call("completion", "bash").stdout,
        f"COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _colonnade",
        "printf '%s\\n' \"${COMPREPLY[@]}\"",
    ]
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    said = subprocess.run(
        [shutil.which("bash"), "-c", "\n".join(lines)], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert sorted(said.stdout.splitlines()) == sorted(completed), said.stderr
    assert call("completion", "tcsh").returncode == 2


SAID = """Building DAG of jobs...
Job stats:
job           count
----------  -------
build_nodes       2
simulate          1
all               1
total             4

Job 1: Build the cells of a
Reason: Missing output files: {paths}
Finished jobid: 1 (Rule: build_nodes)
1 of 4 steps (25%) done
Finished jobid: 2 (Rule: build_nodes)
Job 3: Simulate
"""


def shown(text: str, logs: Path) -> tuple[Display, list[str]]:
    stream = io.StringIO()
    display = Display(logs, stream)
    for line in text.splitlines(keepends=True):
        display.take(line)
    return display, stream.getvalue().splitlines()


def test_a_run_shows_a_line_a_kind_of_step_and_no_reasons(tmp_path):
    display, lines = shown(SAID.format(paths="x, " * 5000), tmp_path)
    assert [line.split("s  ")[1] for line in lines] == ["build nodes, 2 times"]
    assert display.failure() == []


def test_of_a_failed_step_the_end_of_its_log_is_shown_once(tmp_path):
    log = tmp_path / "simulate.log"
    log.write_text("".join(f"line {number}\n" for number in range(100)) + "error: the cell has no soma\n")
    error = (
        f"Error in rule simulate:\n    jobid: 3\n    log: {log} (check log file(s) for error details)\n    shell: x\n"
    )
    display, _ = shown(SAID + f"WorkflowError:\n{error}" * 2, tmp_path)
    failure = display.failure()
    assert failure[0] == f"simulate failed; the end of {log}:"
    assert failure[-1] == "    error: the cell has no soma"
    assert len(failure) < 20


def test_an_error_of_the_config_is_shown_without_snakemakes_files(tmp_path):
    text = 'WorkflowError in file "/x/common.smk", line 5:\nconfig.yaml: no such key\n  File "/x/common.smk", line 5\n'
    assert shown(text, tmp_path)[0].failure() == ["config.yaml: no such key"]


def test_the_running_simulation_is_seen_through_its_log(tmp_path):
    display, _ = shown(SAID, tmp_path)
    (tmp_path / "simulate.log").write_text("running\n  1200.0 of 3000 ms    207.3 ms/s  0:00:05 remaining\n")
    assert display._simulated() == (0.4, "0:00:05")


def test_of_many_steps_each_quarter_is_told(tmp_path):
    table = "Job stats:\njob    count\n---\nsimulate  40\nall  1\ntotal  41\n\n"
    ends = "".join(f"Finished jobid: {number} (Rule: simulate)\n" for number in range(40))
    _, lines = shown(table + ends, tmp_path)
    assert [line.split("s  ")[1] for line in lines] == [
        "simulate: 10 of 40", "simulate: 20 of 40", "simulate: 30 of 40", "simulate, 40 times",
    ]  # fmt: skip


def test_a_home_that_cannot_be_written_is_named_before_snakemake_starts(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "cache"))
    with pytest.raises(InputError, match=r"Snakemake cannot make its cache.*XDG_CACHE_HOME"):
        check_cache()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "new" / "cache"))
    check_cache()
