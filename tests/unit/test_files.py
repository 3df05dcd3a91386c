"""Locks of files: one holder at a time, also when a holder deletes the file that others wait for."""

import subprocess
import sys

import pytest

from colonnade.files import file_lock

COUNT = """
import sys, time
from pathlib import Path
from colonnade.files import file_lock
count = Path("count")
for _ in range(20):
    with file_lock("lock"):
        number = int(count.read_text())
        time.sleep(0.001)
        count.write_text(str(number + 1))
"""
HOLD = """
import time
from colonnade.files import file_lock
with file_lock("lock"):
    print("held", flush=True)
    time.sleep(600)
"""


def test_processes_that_wait_for_the_same_lock_never_hold_it_together(tmp_path):
    (tmp_path / "count").write_text("0")
    running = [subprocess.Popen([sys.executable, "-c", COUNT], cwd=tmp_path) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert (tmp_path / "count").read_text() == "60"
    assert not (tmp_path / "lock").exists()


def test_who_does_not_wait_is_told_the_holder_and_a_killed_holder_keeps_nobody_out(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLD], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BlockingIOError, match=f"process {holder.pid} on"), file_lock(tmp_path / "lock", wait=False):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with file_lock(tmp_path / "lock", wait=False) as held:
        assert held
