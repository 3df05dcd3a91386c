"""Files and folders that are no config: ``make run`` and ``check.py`` name what is wrong in one line."""

import shutil
import subprocess
import sys

import pytest

from colonnade.places import project_folder

ROOT = project_folder()
SMALL = (ROOT / "tests" / "workflow" / "experiment.yaml").read_bytes()
LINES = SMALL.count(b"\n")

# Content of the file (None: see the test), words of the one line.
TRIALS = {
    "utf16": (SMALL.decode().encode("utf-16"), "utf16.yaml:1: is no text in UTF-8"),
    "latin1": (SMALL + "title: µm\n".encode("latin-1"), f"latin1.yaml:{LINES + 1}: is no text in UTF-8"),
    "binary": (bytes(range(256)) * 4, "is no text in UTF-8"),
    "self": (b"experiment: &a\n  b: *a\n", "self.yaml:1: an alias holds itself"),
    "within": (SMALL + b"title: &a [*a]\n", f"within.yaml:{LINES + 1}: an alias holds itself"),
    "empty": (b"", "must be a mapping"),
    "word": (b"chapter3\n", "must be a mapping"),
    "list": (b"- 1\n- 2\n", "must be a mapping"),
    "tab": (b"experiment: a\n\tseed: 1\n", "not valid YAML"),
    "folder": (None, "folder.yaml: is a folder"),
    "dangling": (None, "dangling.yaml: the link leads nowhere (found 'nowhere.yaml')"),
    "loop": (None, "loop.yaml: the link leads nowhere"),
    "utf": (None, "utf.yaml: no such config file (found 'utf.yaml'). Did you mean 'utf16.yaml'?"),
}
PLAIN = ("within", "empty", "word", "list")  # Snakemake itself can read these, or says in a line that it cannot


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    shutil.copytree(ROOT / "tests" / "workflow" / "models", folder / "models")
    for name, (content, _) in TRIALS.items():
        if content is not None:
            (folder / f"{name}.yaml").write_bytes(content)
    (folder / "folder.yaml").mkdir()
    (folder / "dangling.yaml").symlink_to("nowhere.yaml")
    (folder / "loop.yaml").symlink_to("loop.yaml")
    return folder


def answer(folder, *command) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *map(str, command)], cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize("name", TRIALS)
def test_it_is_named_in_one_line(name, folder):
    run = answer(folder, ROOT / "scripts" / "run_experiment.py", f"{name}.yaml")
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 1
    assert not run.stdout
    assert TRIALS[name][1] in run.stderr
    check = answer(folder, ROOT / "scripts" / "check.py", f"{name}.yaml")
    if not (folder / f"{name}.yaml").is_file():
        assert (check.returncode, check.stdout, check.stderr) == (2, "", run.stderr)
        return
    assert check.returncode == 1
    assert len(check.stdout.splitlines()) == 2
    assert not check.stderr
    assert TRIALS[name][1] in check.stdout


@pytest.mark.parametrize("name", PLAIN)
def test_plain_snakemake_says_it_without_a_traceback_where_it_reads_the_file(name, folder):
    run = answer(folder, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--configfile", f"{name}.yaml",
                 "--cores", "1", "--dry-run")  # fmt: skip
    said = run.stdout + run.stderr
    assert run.returncode != 0
    assert "Traceback" not in said
    assert len(said.splitlines()) < 8
    assert TRIALS[name][1] in said or "keys at top level" in said


@pytest.mark.parametrize("name", ["latin1", "folder"])
def test_what_snakemake_cannot_read_ends_it_before_any_job(name, folder):
    """Nothing of ours can run earlier: Snakemake reads a --configfile before the Snakefile."""
    run = answer(folder, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--configfile", f"{name}.yaml",
                 "--cores", "1")  # fmt: skip
    assert run.returncode != 0
    assert not (folder / "results").exists()


def test_the_config_of_a_clone_that_is_no_utf8_is_named_by_plain_snakemake(tmp_path):
    """Without --configfile it is our Snakefile that has it read."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.yaml").write_bytes(TRIALS["latin1"][0])
    run = answer(tmp_path, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--cores", "1", "--dry-run")
    said = run.stdout + run.stderr
    assert run.returncode != 0
    assert f"config/config.yaml:{LINES + 1}: is no text in UTF-8" in said
    assert "Traceback" not in said
