"""The cache: a folder is made once, by one process, and is there whole or not at all."""

import errno
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
    assert (tmp_path / "thing" / "whole").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["thing"]


def test_what_a_killed_process_left_is_cleared(tmp_path):
    (tmp_path / ".thing-abc").mkdir()
    make_cached(tmp_path / "thing", lambda new: None)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["thing"]


def test_a_folder_that_is_there_needs_no_right_to_write(tmp_path, monkeypatch):
    make_cached(tmp_path / "thing", lambda new: (new / "content").touch())
    with monkeypatch.context() as patch:
        patch.setattr("colonnade.cache.file_lock", pytest.fail)
        assert make_cached(tmp_path / "thing", pytest.fail) == tmp_path / "thing"


@pytest.mark.parametrize("damage", ["truncated", "deleted", "added", "no checksums"])
def test_what_is_damaged_is_made_anew(damage, tmp_path):
    folder = make_cached(tmp_path / "thing", lambda new: (new / "content").write_text("good"))
    match damage:
        case "truncated":
            (folder / "content").write_text("go")
        case "deleted":
            (folder / "content").unlink()
        case "added":
            (folder / "more").touch()
        case "no checksums":
            (folder / "checksums.json").unlink()
    make_cached(folder, lambda new: (new / "content").write_text("anew"))
    assert (folder / "content").read_text() == "anew"
    assert not (folder / "more").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["thing"]


def test_a_file_system_without_locks_gets_a_warning_and_the_folder(tmp_path, monkeypatch, caplog):
    def no_lock(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_lock)
    assert make_cached(tmp_path / "thing", lambda new: (new / "content").touch()).is_dir()
    assert "has no locks" in caplog.text


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
