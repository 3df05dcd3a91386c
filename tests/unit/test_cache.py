"""The cache: a folder is made once, by one process, and is there whole or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from colonnade.cache import cache_folder, make_cached
from colonnade.errors import InputError

SLOWLY = """
import sys, time
from pathlib import Path
from colonnade.cache import make_cached
def make(new):
    with open("calls", "a") as file:
        file.write("x")
    time.sleep(0.5)
    (new / "content").write_text("whole")
print((make_cached(Path("cache/thing"), make) / "content").read_text())
"""


def test_several_processes_make_it_once_and_all_get_it(tmp_path):
    running = [
        subprocess.Popen([sys.executable, "-c", SLOWLY], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [process.communicate()[0].strip() for process in running] == ["whole"] * 3
    assert (tmp_path / "calls").read_text() == "x"


def test_a_failed_make_leaves_nothing_and_can_be_repeated(tmp_path):
    def fail(new):
        (new / "half").touch()
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        make_cached(tmp_path / "thing", fail)
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []
    make_cached(tmp_path / "thing", lambda new: (new / "whole").touch())
    assert [path.name for path in (tmp_path / "thing").iterdir()] == ["whole"]


def test_what_a_killed_process_left_is_cleared(tmp_path):
    (tmp_path / ".thing-abc").mkdir()
    make_cached(tmp_path / "thing", lambda new: None)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["thing"]


def test_a_folder_that_is_there_needs_no_right_to_write(tmp_path):
    (tmp_path / "thing").mkdir()
    assert make_cached(tmp_path / "thing", pytest.fail) == tmp_path / "thing"
    assert [path.name for path in tmp_path.iterdir()] == ["thing"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="set COLONNADE_CACHE"):
        make_cached(tmp_path / "file" / "thing", lambda new: None)


def test_the_place_is_the_users_choice(monkeypatch):
    monkeypatch.setenv("COLONNADE_CACHE", "~/somewhere")
    assert cache_folder("a", "b") == Path.home() / "somewhere" / "a" / "b"
    monkeypatch.delenv("COLONNADE_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == Path.home() / ".cache" / "colonnade"
